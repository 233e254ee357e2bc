"""Settings by environment variables, such as TAP_GITBOOK_MAX_WAIT=60, for --config=ENV."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import msgspec

from rest_tap.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def settings_of_environment(
    properties: Mapping[str, Mapping[str, Any]], prefix: str
) -> dict[str, Any]:
    """Read the settings that the environment gives: texts as they are, all others as JSON.

    Raises:
        ConfigError: Naming the variable that is not of its setting's type.
    """
    found = {}
    for name, told in properties.items():
        text = os.environ.get(prefix + name.upper())
        if text is not None:
            found[name] = _value(prefix + name.upper(), text, told)
    return found


def _value(variable: str, text: str, told: Mapping[str, Any]) -> Any:
    types = told["type"]
    (kind,) = [types] if isinstance(types, str) else (name for name in types if name != "null")
    if kind == "string":
        return text
    if kind == "boolean" and text.lower() in BOOLEANS:
        return BOOLEANS[text.lower()]
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        example = told.get("examples", [told.get("default")])[0]
        hint = "" if example is None else f", such as {msgspec.json.encode(example).decode()}"
        raise ConfigError(f"{variable}: it must be JSON, of type {kind}{hint}") from error
