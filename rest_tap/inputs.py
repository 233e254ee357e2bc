"""The files that a run is given: settings, state and catalog, whatever is in them."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.singerlib import Catalog

from rest_tap import redaction
from rest_tap.errors import ConfigError
from rest_tap.state import NO_STATE

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import BinaryIO

LARGEST = 100_000_000  # Bytes. A state has thousands, a catalog a million


class _Schema(msgspec.Struct):
    properties: dict[str, dict[str, Any]] = {}
    type: str | list[str] | None = None


class _Metadata(msgspec.Struct):
    breadcrumb: list[str]
    metadata: dict[str, Any]


class _Entry(msgspec.Struct):
    """What the SDK trusts of a stream in a catalog."""

    tap_stream_id: str
    schema: _Schema
    metadata: list[_Metadata]
    stream: str | None = None
    key_properties: list[str] | None = None
    replication_key: str | None = None
    replication_method: str | None = None


class _TwiceError(Exception):
    """A name stands twice in one object of JSON, so that nobody knows which value is meant."""


def read_config(name: str, secrets: Collection[str]) -> dict[str, Any]:
    """Read a file of settings, once: it may be a pipe. Warn if others can read its secrets.

    Raises:
        ConfigError: If it cannot be read, or is not an object of JSON.
    """
    path = Path(name)
    try:
        with path.open("rb") as file:
            config = _read("--config", path, file)
        if not isinstance(config, dict):
            raise ConfigError(f"--config: {path} must hold one JSON object of settings")
        if any(name in config for name in secrets):
            redaction.warn_if_exposed("--config", path)
    except (OSError, ValueError) as error:  # A name with a NUL in it is a ValueError
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"--config: {path} cannot be read: {reason}") from error
    return config


def read_state(file: Any) -> dict[str, Any] | None:
    """Read what --state names; None if it was not given.

    Raises:
        ConfigError: If it is not an object of JSON.
    """
    if file is None:
        return None
    state = _read("--state", file.name, file.buffer)
    if not isinstance(state, dict):
        raise ConfigError(NO_STATE)
    return state


def read_catalog(file: Any) -> dict[str, Any] | None:
    """Read what --catalog names; None if it was not given.

    Raises:
        ConfigError: If it is not a catalog.
    """
    if file is None:
        return None
    catalog = _read("--catalog", file.name, file.buffer)
    try:
        found = {"streams": catalog["streams"]}
        msgspec.convert(found, dict[str, list[_Entry]])
        for entry in found["streams"]:
            entry["schema"].setdefault("properties", {})
        Catalog.from_dict(found)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        expected = 'expected {"streams": [...]}, as --discover prints it'
        raise ConfigError(f"--catalog: {expected} ({type(error).__name__}: {error})") from error
    names = [entry["tap_stream_id"] for entry in found["streams"]]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ConfigError(f"--catalog: it has {', '.join(sorted(twice))} more than once")
    return found


def _read(option: str, name: object, file: BinaryIO) -> Any:
    try:
        content = file.read(LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"{option}: {name} cannot be read: {error.strerror}") from error
    if len(content) > LARGEST:
        raise ConfigError(f"{option}: {name} has more than {LARGEST:,} bytes; is it another file?")
    content = content.removeprefix(codecs.BOM_UTF8)  # Which some editors write before all else
    try:
        value = msgspec.json.decode(content)
        json.loads(content, object_pairs_hook=_once)
    except _TwiceError as error:
        raise ConfigError(f"{option}: {name} has {error} twice in one object") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{option}: {name} is not JSON in UTF-8: {error}") from error
    return value


def _once(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise _TwiceError(repr(next(name for name in names if names.count(name) > 1)))
