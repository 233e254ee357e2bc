"""Where a stream starts and what it remembers: change capture on APIs that have no `since`."""

from __future__ import annotations

import functools
import itertools
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE

from rest_tap.requesting import RequestingStream
from rest_tap.timestamps import format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_tap.listing import Row
    from rest_tap.state import Kind


class BookmarkedStream(RequestingStream):
    """Reads bookmarks as they stood when the run began, and moves them after rows are written.

    Two bookmarks exist. `replication_key_value` is the newest value of the replication key that
    was written, never later than the run's beginning. `last_run` is the beginning of the last run
    that read the stream completely, in the vendor's clock: what happened later has not been seen.
    """

    newest_first: bool = False
    """Rows come in descending order of the replication key: reading stops at the first old one."""

    parent_cursor: str | None = None
    """The parent's timestamp column that moves when this child must be read for it again."""

    keeps_last_run: bool = False
    """Keep `last_run`; implied by `parent_cursor`."""

    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Ids in the rows that another stream looks up: stream -> dotted paths into the row."""

    state_keys: ClassVar[Mapping[str, Kind]] = {}
    """What the stream keeps in its state beside bookmarks, at the stream or at a partition."""

    state_partitioning_keys: tuple[str, ...] = ()
    """One bookmark for the stream; or one a project, an organisation, a space."""

    @property
    def initial_state(self) -> Mapping[str, Any]:
        """The stream's bookmarks as they stood when the run began."""
        state: Mapping[str, Any] = self._tap.initial_state.get(self.name, {})
        return state

    @property
    def lookback(self) -> timedelta:
        """How far before a bookmark a list starts, for rows that appear late."""
        return timedelta(seconds=self.config.get("lookback") or 0)

    # Read on any thread: nothing here changes during a run

    def bookmark_start(self, keys: Mapping[str, Any]) -> datetime | None:
        """Find where this stream's own rows start; None for the very beginning."""
        start = self._tap.start_date
        if not self.replication_key or self.replication_method == REPLICATION_FULL_TABLE:
            return start
        state = self._partition(self.initial_state, keys)
        if state.get("replication_key") != self.replication_key:
            return start
        bookmark = parse_timestamp(state.get("replication_key_value"))
        if bookmark is None:
            return start
        bookmark -= self.lookback
        return max(bookmark, start) if start else bookmark

    def start_of(self, keys: Mapping[str, Any]) -> datetime | None:
        """Find where a list starts: the earliest that this stream or a selected follower needs."""
        starts = [self.bookmark_start(keys)] if self.selected and self.replication_key else []
        start_date = self._tap.start_date
        for run in self._last_runs(keys):
            start = run - self.lookback if run else start_date
            starts.append(max(start, start_date) if start and start_date else start)
        return _earliest(starts)

    def earliest_run(self, keys: Mapping[str, Any]) -> datetime | None:
        """Find the earliest `last_run` of this stream and the selected ones below it.

        None if one of them never ran.
        """
        return _earliest(self._last_runs(keys))

    def _last_runs(self, keys: Mapping[str, Any]) -> list[datetime | None]:
        return [stream.last_run(keys) for stream in self._run_trackers]

    @functools.cached_property
    def _run_trackers(self) -> list[BookmarkedStream]:
        """What is read through this stream: of what is selected, all that keeps `last_run`."""
        below = [
            stream
            for stream in (self, *self.descendent_streams)
            if isinstance(stream, BookmarkedStream) and stream.selected
        ]
        mentioned = {name for stream in below for name in stream.mentions}
        found = [seen for seen in self._tap.lookup_streams if seen.name in mentioned]
        return [stream for stream in (*below, *found) if stream.selected and stream.tracks_runs]

    def bookmarks(self, keys: Mapping[str, Any]) -> list[datetime]:
        """List the bookmarks as they stood when the run began."""
        state = self._partition(self.initial_state, keys)
        values = (state.get("replication_key_value"), state.get("last_run"))
        return [at for value in values if (at := parse_timestamp(value))]

    @property
    def tracks_runs(self) -> bool:
        """Whether the stream keeps `last_run`."""
        return self.keeps_last_run or self.parent_cursor is not None

    def last_run(self, keys: Mapping[str, Any]) -> datetime | None:
        """Find when the last complete run of this stream began; None if there was none."""
        return parse_timestamp(self._partition(self.initial_state, keys).get("last_run"))

    def since_bookmark(self, rows: list[Row], keys: Mapping[str, Any]) -> list[Row]:
        """Pick the rows that are not older than the bookmark."""
        start = self.bookmark_start(keys)
        if start is None or not self.replication_key:
            return rows
        changes = (parse_timestamp(row.get(self.replication_key)) for row in rows)
        return list(itertools.compress(rows, (at is None or at >= start for at in changes)))

    # Moved on the main thread, after rows were written

    def advance(self, keys: Mapping[str, Any], newest: datetime | None) -> None:
        """Let the replication key's bookmark be the newest value written; it never goes back."""
        if newest is None or not self.replication_key:
            return
        state = self.get_context_state(keys)
        newest = min(newest, self._tap.began)
        known = parse_timestamp(state.get("replication_key_value"))
        if known is None or state.get("replication_key") != self.replication_key or newest > known:
            state["replication_key"] = self.replication_key
            state["replication_key_value"] = format_timestamp(newest)

    def complete(self, keys: Mapping[str, Any], newest: datetime | None) -> None:
        """Let `last_run` be the beginning of this run, or the moment after what was seen.

        The clock of the rows may be behind that of the answers, so the newest row tells best, and
        where there is none, nothing has happened. With a look-back that would read the same again
        and again, so it is asked only where they differ by more than that.
        """
        began = self._tap.began
        if newest is None:
            began = self.last_run(keys) or began
        elif not self.lookback or newest < began - max(self.lookback, timedelta(days=1)):
            began = min(began, newest + timedelta(microseconds=1))
        self.get_context_state(keys)["last_run"] = format_timestamp(began)

    def _partition(self, state: Mapping[str, Any], keys: Mapping[str, Any]) -> Mapping[str, Any]:
        wanted = {key: keys[key] for key in self.state_partitioning_keys if key in keys}
        if not wanted:
            return state
        partitions = state.get("partitions", ())
        return next((found for found in partitions if found.get("context") == wanted), {})


def _earliest(moments: list[datetime | None]) -> datetime | None:
    known = [at for at in moments if at]
    return min(known) if known and len(known) == len(moments) else None
