"""When bookmarks move, and when a STATE tells it: never before what they claim is written."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rest_tap.frozen_bookmarks import partition_of
from rest_tap.listing import Order
from rest_tap.timestamps import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from rest_tap.engine_run import EngineRun
    from rest_tap.frozen_bookmarks import FrozenBookmarks, Partition
    from rest_tap.list_reader import Page
    from rest_tap.listing import Listing
    from rest_tap.stream import RestStream

STATE_EVERY = 1.0  # Seconds between two STATE messages of a bookmark that moves
STATE_SHARE = 100  # Bytes of output for each byte of STATE


class Checkpoints:
    """Moves bookmarks on the main thread, after the rows that they stand for.

    Args:
        run: The run.
        frozen: Which bookmarks stay where they are.
        flush_lookups: Writes the rows of all ids that were noted: a bookmark that moved past a row
            which mentions an id must not leave that id behind.
    """

    def __init__(
        self, run: EngineRun, frozen: FrozenBookmarks, flush_lookups: Callable[[], None]
    ) -> None:
        self._run = run
        self._frozen = frozen
        self._flush_lookups = flush_lookups
        self._newest: dict[Partition, datetime] = {}
        self._moving: dict[Partition, tuple[RestStream, Mapping[str, Any], datetime]] = {}
        self._written_at = 0.0

    def note_parents(self, child: RestStream, page: Page, listing: Listing) -> None:
        """Note the newest of the moments by which a child, and what is below it, is read."""
        if child.parent_cursor is None:
            return
        members = [member for member in child.family if member.tracks_runs]
        for row in page.rows:
            if changed := parse_timestamp(row.get(child.parent_cursor)):
                for member in members:
                    self._note_newest(member, {**listing.keys, **row}, changed)

    def note_written(self, stream: RestStream, listing: Listing, page: Page) -> None:
        """Note the newest row of a page; from old to new, the bookmark moves with the page."""
        if page.newest is None:
            return
        self._note_newest(stream, listing.keys, page.newest)
        if stream.replication_key and listing.order is Order.OLDEST_FIRST:
            part = partition_of(stream, listing.keys)
            self._moving[part] = (stream, listing.keys, page.newest)
            self._move()

    def _note_newest(self, stream: RestStream, keys: Mapping[str, Any], at: datetime) -> None:
        part = partition_of(stream, keys)
        self._newest[part] = max(at, self._newest.get(part, at))

    def _move(self) -> None:
        """Move the bookmarks of lists from old to new, when a STATE may be told."""
        if not self._is_due():
            return
        self._flush_lookups()
        moving, self._moving = self._moving, {}
        for stream, keys, newest in moving.values():
            if stream.selected and not self._frozen.is_frozen(stream, keys):
                stream.bookmarks.advance(keys, newest)
        self._write()

    def stop_moving(self, root: RestStream) -> None:
        """Leave the bookmarks of the lists that were read last to their streams' end."""
        for part in [part for part, (stream, *_) in self._moving.items() if stream in root.family]:
            del self._moving[part]

    def commit(self, stream: RestStream, keys: Mapping[str, Any]) -> None:
        """Move the bookmarks of what was read completely."""
        if not stream.selected or self._frozen.is_frozen(stream, keys):
            return
        newest = self._newest.get(partition_of(stream, keys))
        stream.bookmarks.advance(keys, newest)
        if stream.tracks_runs:
            stream.bookmarks.complete(keys, newest)

    def commit_partitions(
        self, stream: RestStream, keys: Mapping[str, Any], outer: frozenset[str]
    ) -> None:
        """Commit the streams whose partition a list was, those below it included."""
        done = [
            member
            for member in stream.family
            if (found := keys.keys() & set(member.state_partitioning_keys)) and not found <= outer
        ]
        if done:
            self._flush_lookups()
        for member in done:
            partition = member.state_partitioning_keys
            self.commit(member, {key: keys[key] for key in partition if key in keys})
        if done:
            self.write_if_due()

    def write_if_due(self) -> None:
        """Write a STATE, if there is enough output since the last one."""
        if self._is_due():
            self._flush_lookups()
            self._write()

    def _is_due(self) -> bool:
        if time.monotonic() - self._written_at < STATE_EVERY:
            return False
        return self._run.writer.bytes_since_state >= STATE_SHARE * self._run.state_size

    def _write(self) -> None:
        self._written_at = time.monotonic()
        self._run.write_state()
