"""Where a stream starts and what it remembers: change capture on APIs that have no `since`."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE

from rest_tap.last_runs import by_mark, mark_of, put
from rest_tap.timestamps import format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rest_tap.listing import Row
    from rest_tap.run import Run

NO_KEYS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ValidFor:
    """What bookmarks are bookmarks of: where that is another, reading starts anew.

    Args:
        value: What the settings ask for now.
        key: Where the state holds it.
        if_absent: What a state without the key was valid for.
    """

    value: Any
    key: str = "narrowed"
    if_absent: Any = ""

    @classmethod
    def settings(cls, run: Run, names: Sequence[str]) -> ValidFor:
        """Take the values of some settings; nothing for the usual ones."""
        asked = {name: run.config.get(name) for name in names}
        usual = run.config_jsonschema["properties"]
        if all(value == usual[name].get("default") for name, value in asked.items()):
            return cls("")
        return cls(hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:8])


class Bookmarked(Protocol):
    """What bookmarks know of their stream."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def replication_key(self) -> str | None: ...  # noqa: D102
    @property
    def replication_method(self) -> str: ...  # noqa: D102
    @property
    def selected(self) -> bool: ...  # noqa: D102
    @property
    def state_partitioning_keys(self) -> Sequence[str] | None: ...  # noqa: D102
    @property
    def lookback(self) -> timedelta: ...  # noqa: D102
    @property
    def valid_for(self) -> ValidFor: ...  # noqa: D102
    @property
    def reads_all_now(self) -> bool: ...  # noqa: D102
    @property
    def run_trackers(self) -> Iterable[Bookmarks]: ...  # noqa: D102
    def get_context_state(self, context: Any) -> dict[str, Any]: ...  # noqa: D102


class Bookmarks:
    """The bookmarks of one stream: read as they stood when the run began, moved after its rows.

    Two exist. `replication_key_value` is the newest value of the replication key that was written,
    never later than the run's beginning. `last_run` is the beginning of the last run that read the
    stream completely, in the vendor's clock: what happened later has not been seen. `keys` are
    those of a list: where a stream has `state_partitioning_keys`, they name a part of its state.

    Args:
        stream: Whose bookmarks these are.
        run: The run that it is read in.
    """

    def __init__(self, stream: Bookmarked, run: Run) -> None:
        self._stream = stream
        self._run = run
        self.version: int | None = None
        """What a first run gives its rows; it comes into the state with the first bookmark."""

    # Read on any thread: nothing here changes during a run

    @property
    def initial(self) -> Mapping[str, Any]:
        """All that the state held of the stream."""
        state: Mapping[str, Any] = self._run.initial_state.get(self._stream.name, {})
        return state

    def held(self, keys: Mapping[str, Any] = NO_KEYS) -> Mapping[str, Any]:
        """Get what the state held; nothing if it was of another reading (see `ValidFor`)."""
        found = self._part(keys)
        return found if self._is_of_this_reading(found) else {}

    def _is_of_this_reading(self, state: Mapping[str, Any]) -> bool:
        valid = self._stream.valid_for
        return bool(state.get(valid.key, valid.if_absent) == valid.value)

    def own_start(self, keys: Mapping[str, Any] = NO_KEYS) -> datetime | None:
        """Find where the stream's own rows start; None for the very beginning."""
        start, key = self._run.start_date, self._stream.replication_key
        if not key or self._stream.replication_method == REPLICATION_FULL_TABLE:
            return start
        held = self.held(keys)
        bookmark = parse_timestamp(held.get("replication_key_value"))
        if bookmark is None or held.get("replication_key") != key:
            return start
        bookmark -= self._stream.lookback
        return max(bookmark, start) if start else bookmark

    def start(self, keys: Mapping[str, Any] = NO_KEYS) -> datetime | None:
        """Find where a list starts: the earliest that the stream, or what is below it, needs."""
        stream, start_date = self._stream, self._run.start_date
        starts = [self.own_start(keys)] if stream.selected and stream.replication_key else []
        for run in self._last_runs(keys):
            start = run - stream.lookback if run else start_date
            starts.append(max(start, start_date) if start and start_date else start)
        return _earliest(starts)

    def last_run(self, keys: Mapping[str, Any] = NO_KEYS) -> datetime | None:
        """Find when the last complete run of the stream began; None if there was none."""
        return parse_timestamp(self.held(keys).get("last_run"))

    def earliest_run(self, keys: Mapping[str, Any] = NO_KEYS) -> datetime | None:
        """Find the earliest `last_run` of the stream and of what is read through it.

        None if one of them never ran.
        """
        return _earliest(self._last_runs(keys))

    def _last_runs(self, keys: Mapping[str, Any]) -> list[datetime | None]:
        return [
            None if bookmarks.reads_all_now else bookmarks.last_run(keys)
            for bookmarks in self._stream.run_trackers
        ]

    @property
    def reads_all_now(self) -> bool:
        """Whether this run reads the stream from its very beginning, whatever was remembered."""
        return self._stream.reads_all_now

    def moments(self, keys: Mapping[str, Any] = NO_KEYS) -> list[datetime]:
        """List what was remembered."""
        held = self.held(keys)
        values = (held.get("replication_key_value"), held.get("last_run"))
        return [at for value in values if (at := parse_timestamp(value))]

    def not_older(self, rows: list[Row], keys: Mapping[str, Any] = NO_KEYS) -> list[Row]:
        """Pick the rows that are not older than where the stream starts."""
        start, key = self.own_start(keys), self._stream.replication_key
        if start is None or not key:
            return rows
        changes = (parse_timestamp(row.get(key)) for row in rows)
        return list(itertools.compress(rows, (at is None or at >= start for at in changes)))

    def mark(self, keys: Mapping[str, Any]) -> str:
        """Tell the partition of a list from others by a few characters."""
        return mark_of(self._context(keys))

    def _context(self, keys: Mapping[str, Any]) -> dict[str, Any]:
        names = self._stream.state_partitioning_keys or ()
        return {name: keys[name] for name in names if name in keys}

    def _part(self, keys: Mapping[str, Any]) -> Mapping[str, Any]:
        wanted = self._context(keys)
        if not wanted:
            return self.initial
        parts = self.initial.get("partitions", ())
        own: Mapping[str, Any] = next((part for part in parts if part.get("context") == wanted), {})
        shared = self._shared_runs.get(mark_of(wanted)) if self._shared_runs else None
        return {"last_run": shared, **own} if shared else own

    @cached_property
    def _shared_runs(self) -> Mapping[str, str]:
        return by_mark(self.initial.get("last_runs") or {})

    # Moved on the main thread, after rows were written

    def state(self, keys: Mapping[str, Any] = NO_KEYS) -> dict[str, Any]:
        """Get the state to write to.

        What is of another reading goes before anything of this one comes, for a run may be stopped
        at any time.
        """
        state = self._stream.get_context_state(keys)
        if not self._is_of_this_reading(state):
            for name in state.keys() - {"context"}:
                del state[name]
            state[self._stream.valid_for.key] = self._stream.valid_for.value
        return state

    def keep_last_run(self, keys: Mapping[str, Any], at: datetime) -> None:
        """Let `last_run` be a moment; it stands once for all partitions that have the same."""
        state, moment = self.state(keys), format_timestamp(at)
        if "context" not in state:
            state["last_run"] = moment
            return
        state.pop("last_run", None)
        shared = self._stream.get_context_state(NO_KEYS).setdefault("last_runs", {})
        put(shared, mark_of(state["context"]), moment)
        self.tidy(keys)

    def tidy(self, keys: Mapping[str, Any]) -> None:
        """Take a partition out of the state that has nothing of its own."""
        state = self.state(keys)
        if state.keys() == {"context"}:
            whole = self._stream.get_context_state(NO_KEYS)
            whole["partitions"].remove(state)
            if not whole["partitions"]:
                del whole["partitions"]

    def _keep_version(self) -> None:
        if self.version is not None:
            self.state()["version"] = self.version

    def advance(self, keys: Mapping[str, Any], newest: datetime | None) -> None:
        """Let the replication key's bookmark be the newest value written; it never goes back."""
        key = self._stream.replication_key
        if not key or (newest is None and self._is_of_this_reading(self._part(keys))):
            return
        state = self.state(keys)
        if newest is None:
            return
        newest = min(newest, self._run.began)
        known = parse_timestamp(state.get("replication_key_value"))
        if known is None or state.get("replication_key") != key or newest > known:
            state["replication_key"] = key
            state["replication_key_value"] = format_timestamp(newest)
        self._keep_version()

    def complete(self, keys: Mapping[str, Any], newest: datetime | None) -> None:
        """Let `last_run` be the beginning of this run, or the moment after what was seen.

        The clock of the rows may be behind that of the answers, so the newest row tells best, and
        where there is none, nothing has happened. With a look-back that would read the same again
        and again, so it is asked only where they differ by more than that.
        """
        began, lookback = self._run.began, self._stream.lookback
        if newest is None:
            began = self.last_run(keys) or began
        elif not lookback or newest < began - max(lookback, timedelta(days=1)):
            began = min(began, newest + timedelta(microseconds=1))
        self.keep_last_run(keys, began)
        self._keep_version()


def _earliest(moments: list[datetime | None]) -> datetime | None:
    known = [at for at in moments if at]
    return min(known) if known and len(known) == len(moments) else None
