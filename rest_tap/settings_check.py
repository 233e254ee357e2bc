"""Settings are checked, each by its schema and by what no schema says, in a line each."""

from __future__ import annotations

import difflib
import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from singer_sdk.plugin_base import JSONSchemaValidator

from rest_tap.redaction import CONTROLS, LONGEST_SECRET, LONGEST_VALUE, shown
from rest_tap.timestamps import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema import ValidationError

LIKENESS = 0.75  # Of two names, of which one may be the other misspelled


def check_settings(settings: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """Complete settings by their defaults, and say what is wrong with them, never with a secret.

    Args:
        settings: They are changed: null is as good as absent, 8.0 is 8, texts lose line ends.
        schema: The settings that there are.
    """
    properties = schema["properties"]
    wrong: dict[str, str] = {}
    for name, value in list(settings.items()):
        if value is None:
            del settings[name]  # So that its default counts
        elif isinstance(value, float | Decimal) and not math.isfinite(value):
            wrong[name] = f"{name}: {value} is not a number to reckon with"
            settings[name] = 0  # Which can be compared with limits
        elif isinstance(value, float | Decimal):
            settings[name] = float(value) if value % 1 else int(value)
        elif name in properties and (complaint := _unusable(name, value, properties[name])):
            wrong[name] = complaint
        elif isinstance(value, str) and name in properties and _is_header(name, properties[name]):
            settings[name] = value.strip()  # A file leaves a line end at a token
    missing = []
    for error in JSONSchemaValidator(schema).iter_errors(settings):
        if error.path:
            name = str(error.path[0])
            is_secret = properties.get(name, {}).get("secret")
            wrong.setdefault(name, _complaint(name, error, is_secret=bool(is_secret)))
        else:
            missing.append(shown(error.message))
    return [*wrong.values(), *missing]


def _is_header(name: str, told: Mapping[str, Any]) -> bool:
    return bool(told.get("secret")) or name == "user_agent"


def _unusable(name: str, value: object, told: Mapping[str, Any]) -> str | None:
    """Say what no header and no address can hold."""
    texts = value if isinstance(value, list) else [value]
    longest = max((len(text) for text in texts if isinstance(text, str)), default=0)
    if longest > LONGEST_SECRET:
        return f"{name}: it has {longest:,} characters; look for what was pasted there"
    if isinstance(value, str) and _is_header(name, told):
        header = value.strip()
        if header.isascii() and header.isprintable():
            return None
        return f"{name}: it must be one line of ASCII characters; look for what was pasted with it"
    for text in (text for text in texts if isinstance(text, str)):
        if CONTROLS.search(text.strip()):
            return f"{name}: {_named(text)} has characters that cannot be seen; write it anew"
        if isinstance(value, list) and not text.strip():
            return f"{name}: one of its entries is empty"
    return None


def _complaint(name: str, error: ValidationError, *, is_secret: bool) -> str:
    if is_secret:
        return f"{name}: it must be text of the form that its description gives"
    value = str(repr(error.instance))
    return f"{name}: {error.message.replace(value, _named(value), 1)}"


def check_start_date(start_date: str | None) -> str | None:
    """Say what is wrong with the start date; None if nothing is."""
    if not start_date:
        return None
    if not (at := parse_timestamp(start_date)):
        named = _named(repr(start_date))
        return f"start_date: {named} is not a date; write it as 2026-01-31T00:00:00Z"
    if at > datetime.now(UTC):
        return f"start_date: {start_date} is in the future: nothing would be read"
    return None


def guesses(settings: Mapping[str, Any], schema: Mapping[str, Any], tap: str) -> Iterator[str]:
    """Say of settings that do not exist what may be meant."""
    known = schema["properties"]
    for name in sorted(settings.keys() - known.keys()):
        near = difflib.get_close_matches(name, known, 1, LIKENESS)
        hint = f": is {near[0]} meant?" if near else ""
        yield f"{_named(name)} is no setting of {tap} and does nothing{hint}"


def _named(text: str) -> str:
    return shown(text, LONGEST_VALUE)
