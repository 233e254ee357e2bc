"""What a state may hold: checked before anything is asked or written.

A state goes through many hands. One that was damaged must neither end a run in the middle nor,
worse, let it pass over rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from rest_tap.errors import ConfigError
from rest_tap.last_runs import SIZE
from rest_tap.redaction import LONGEST_VALUE, shown
from rest_tap.timestamps import latest, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

NO_STATE = '--state: expected a JSON object {"bookmarks": {...}}'
AHEAD = timedelta(days=1)  # By which clocks may differ
FIRST_YEAR = 1970


@dataclass(frozen=True)
class Kind:
    """What a key of a stream's state holds; it may be null, which is as good as absent.

    Args:
        name: As a message has it, after "must be".
        fits: Tells whether a value is of the kind.
        is_spare: Without it more is read and nothing is lost, so that a damaged one is left out.
    """

    name: str
    fits: Callable[[Any], bool]
    is_spare: bool = False

    def spare(self) -> Kind:
        """Make a kind that is left out where it is damaged."""
        return replace(self, is_spare=True)


def _is_moment(value: Any) -> bool:
    at = parse_timestamp(value)
    return at is not None and at.year >= FIRST_YEAR


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


def _map_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(map(fits, value.values()))


def _is_seconds(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e9  # noqa: PLR2004 - some thirty years


def _are_last_runs(value: Any) -> bool:
    if not isinstance(value, dict) or not all(map(_is_moment, value)):
        return False
    return all(isinstance(marks, str) and not len(marks) % SIZE for marks in value.values())


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1e14  # noqa: PLR2004 - milliseconds


def _is_version(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_unread(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() - {"path", "keys", "denied"}:
        return False
    path, keys, denied = (value.get(name) for name in ("path", "keys", "denied"))
    is_path = isinstance(path, str) and path.startswith("/")  # Else it might name another host
    are_keys = isinstance(keys, dict) and all(isinstance(key, (str, int)) for key in keys.values())
    is_count = denied is None or (isinstance(denied, int) and denied >= 0)
    return is_count and (is_path if keys is None else are_keys and path is None)


TEXT = Kind("a text", _is_text)
TEXT_LIST = Kind("a list of texts", _list_of(_is_text))
TEXT_MAP = Kind("an object of texts", _map_of(_is_text))
MOMENT = Kind("a timestamp such as 2026-01-31T00:00:00Z", _is_moment)
MOMENT_MAP = Kind("an object of timestamps", _map_of(_is_moment))
SECONDS = Kind("a number of seconds", _is_seconds)
NUMBERS_MAP = Kind("an object of lists of numbers", _map_of(_list_of(_is_number)))
LAST_RUNS = Kind("an object of texts by timestamps", _are_last_runs)
VERSION = Kind("a number of milliseconds", _is_version)
OBJECT = Kind("an object", lambda value: isinstance(value, dict))
UNREAD = Kind('a list of objects that have "keys" or a "path"', _list_of(_is_unread))

COMMON: Mapping[str, Kind] = {
    "replication_key": TEXT,
    "replication_key_value": MOMENT,
    "last_run": MOMENT,
    "last_runs": LAST_RUNS,
    "progress_markers": OBJECT,
    "unread": UNREAD,
    "reconciled": MOMENT.spare(),
    "version": VERSION.spare(),
}
"""Keys that the state of any stream may have."""


def kinds_of(stream: type) -> dict[str, Kind]:
    """Collect the keys that a class of streams and those above it declare in `state_keys`."""
    kinds: dict[str, Kind] = {}
    for base in reversed(stream.__mro__):
        kinds |= vars(base).get("state_keys", {})
    return kinds


def check_state(
    state: Mapping[str, Any], streams: Mapping[str, Mapping[str, Kind]]
) -> Iterator[str]:
    """Check the state of an earlier run; say what was left out of it.

    Args:
        state: The object that has `bookmarks`.
        streams: For each stream of the tap, the keys that are its own.

    Raises:
        ConfigError: If it is not a state, is another tap's, is damaged, or comes from the future.
    """
    bookmarks = state.get("bookmarks", {})
    if not isinstance(bookmarks, dict):
        raise ConfigError(NO_STATE)
    if state and "bookmarks" not in state:
        hint = " (take what stands in singer_state)" if "singer_state" in state else ""
        raise ConfigError(f'--state: it has no "bookmarks"{hint}')
    unknown = [name for name in bookmarks if name not in streams]
    if len(unknown) > len(bookmarks) / 2:
        named = ", ".join(shown(name, LONGEST_VALUE) for name in sorted(unknown)[:3])
        raise ConfigError(
            f"--state: most of its streams are not this tap's ({named}): is it another tap's state?"
        )
    for name, entry in bookmarks.items():
        if not isinstance(entry, dict):
            raise ConfigError(f"--state: the bookmark of {_named(name)} must be a JSON object")
        parts = entry.get("partitions", [])
        if not (isinstance(parts, list) and all(map(_is_partition, parts))):
            raise ConfigError(
                f"--state: the partitions of {_named(name)} must be a list of JSON objects with a "
                "context"
            )
        for part in (entry, *parts):
            yield from _check(name, part, {**COMMON, **streams.get(name, {})})


def _is_partition(part: object) -> bool:
    return isinstance(part, dict) and isinstance(part.get("context"), dict)


def _check(stream: str, entry: dict[str, Any], kinds: Mapping[str, Kind]) -> Iterator[str]:
    for key, kind in kinds.items():
        value = entry.get(key)
        if value is None:
            continue
        if not kind.fits(value):
            where = f"--state: {key} of {_named(stream)}"
            complaint = f"{where} must be {kind.name}, and is {_named(repr(value))}"
            if not kind.is_spare:
                raise ConfigError(f"{complaint}. Correct it, or remove it to read all again")
            del entry[key]
            yield f"{complaint}. It is left out: what it stands for is read again"
            continue
        moments = [*value] if kind is LAST_RUNS else [value] if kind is MOMENT else []
        at = latest(moments)
        if at and at > datetime.now(UTC) + AHEAD:
            raise ConfigError(
                f"--state: {key} of {_named(stream)} is in the future ({_named(str(value))}): "
                "nothing would ever be read. Correct or remove it"
            )


def _named(text: str) -> str:
    return shown(text, LONGEST_VALUE)
