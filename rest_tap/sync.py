"""The main thread's part of a run: it writes what the threads fetched, and moves bookmarks."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rest_tap.errors import DeniedError, StreamError
from rest_tap.frozen_bookmarks import FrozenBookmarks, lineage, partition_of
from rest_tap.lookups import LookupStream
from rest_tap.stream import UNEXPECTED_FORM, RestStream
from rest_tap.timestamps import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rest_tap.frozen_bookmarks import Partition
    from rest_tap.tap import RestTap
    from rest_tap.worker_pool import Page, Walk

STATE_EVERY = 1.0  # Seconds between two STATE messages of a bookmark that moves
GIVE_UP_AFTER = 3  # Lists in a row that fail: the rest of the stream would, too
FINISH_EVERY = 10.0  # Seconds that a stream's end may wait for more ids to look up with its own
LONGEST_WHERE = 200  # Characters of a message that say for which context
STATE_SHARE = 100  # Bytes of output for each byte of STATE


class Sync:
    """Reads top-level streams with all that is below them.

    The order is the same in every run: the children of a page's rows, child stream by child
    stream, then the page's rows, then their bookmark. So a bookmark never claims what was not
    written before it.
    """

    def __init__(self, tap: RestTap) -> None:
        self._tap = tap
        self._newest: dict[Partition, datetime] = {}
        self._moving: tuple[RestStream, Mapping[str, Any], datetime] | None = None
        self._told_state_at = 0.0
        self._announced: set[str] = set()
        self._incomplete: set[str] = set()
        self._frozen = FrozenBookmarks(tap)
        self._closed: list[RestStream] = []
        self._finished_at = time.monotonic()
        self._is_trial = False

    def read(self, root: RestStream) -> None:
        """Read a top-level stream and its children; what fails is told, not raised."""
        self._tap.summary.current = root.name
        self._is_trial = root.ABORT_AT_RECORD_COUNT is not None
        if self._is_trial:
            self._tap.pool.buffer_bytes = 0
        for member in root.family:
            self.announce(member)
        try:
            if not isinstance(root, LookupStream):
                self._read_partitions(root)
            elif self._is_trial:
                self.flush_lookups()
        except StreamError as error:
            self._fail(root, error)
            self._tap.pool.cancel(self._tap.root_key(root))
        self._moving = None
        if not isinstance(root, LookupStream):
            self.close(root)

    def start_lookup(self, stream: LookupStream) -> None:
        """Let a stream of seen ids begin, for its rows come between those of others."""
        for member in stream.family:
            self.announce(member)
        stream.add_ids(stream.known_ids())

    def announce(self, stream: RestStream) -> None:
        """Tell a stream's schema, once a run."""
        if stream.name in self._announced:
            return
        self._announced.add(stream.name)
        # SQL targets fail on ACTIVATE_VERSION where a column has the name of their parameter
        can_be_told = stream.reads_all and "version" not in stream.schema["properties"]
        is_wanted = stream.selected and self._tap.config["emit_activate_version_messages"]
        if can_be_told and is_wanted:
            stream.version = self._tap.initialized_at
        if stream.parent is not None or isinstance(stream, LookupStream):
            stream.write_schema()

    def flush_lookups(self) -> None:
        """Write the rows of all ids that were seen so far."""
        for stream in self._tap.lookup_streams:
            if not stream.stats.failure:
                self._read_walks(stream, stream.take_walks(), frozenset())

    def close(self, stream: RestStream) -> None:
        """Let a stream and its children end; see `finish_closed`."""
        self._closed.append(stream)
        waits = any(seen.has_pending for seen in self._tap.lookup_streams)
        if self._is_trial or not waits or time.monotonic() - self._finished_at >= FINISH_EVERY:
            self.finish_closed()

    def finish_closed(self) -> None:
        """End the streams that closed: bookmarks, what vanished, and a STATE.

        Ids that their rows mention are looked up first, for several streams in one request.
        """
        self.flush_lookups()
        self._finished_at = time.monotonic()
        closed, self._closed = self._closed, []
        for stream in closed:
            for member in stream.family:
                self._check_denials(member)
            for member in stream.family:
                self._end(member)
        self._tap.write_state()

    def _check_denials(self, stream: RestStream) -> None:
        """Take a stream that was denied for all that was ever asked as denied itself."""
        stats = stream.stats
        # The few parents of a later run may be of those that are denied by themselves
        tells = isinstance(stream, LookupStream) or not stream.initial_state
        if stats.last_denial and stats.denied == stats.asked and tells:
            message = f"denied for every parent, {stats.denied} in all: {stats.last_denial}"
            self._fail(stream, DeniedError(message, stats.last_denial.status))

    def _end(self, stream: RestStream) -> None:
        if self._is_trial or any(map(self._frozen.is_incomplete, lineage(stream))):
            self._incomplete.add(stream.name)
            return
        if not stream.state_partitioning_keys:
            self._commit(stream, {})
        if not self._frozen.is_frozen(stream, {}):
            stream.stream_done()
        if stream.stats.skipped or (stream.parent and stream.parent.name in self._incomplete):
            self._incomplete.add(stream.name)
        else:
            stream.write_activate_version()

    def _read_partitions(self, root: RestStream) -> None:
        plan = self._tap.plans.pop(root.name, None) or self._tap.plan(root)
        for page in self._tap.pool.pages(plan, self.tick):
            for stream, walks in page.children:
                self._read_roots(stream, walks)
        while late := self._late_partitions(root):
            self._read_roots(root, self._tap.walks(root, late))

    def _late_partitions(self, root: RestStream) -> Sequence[Mapping[str, Any]]:
        if root.stats.failure or (root.stats.failed and not root.late_despite_failures):
            return ()
        try:
            return root.late_partitions()
        except UNEXPECTED_FORM as error:
            raise root.unexpected_form("what tells its lists", error) from error

    def _read_roots(self, root: RestStream, walks: list[Walk]) -> None:
        for walk in walks:
            is_single = root.is_single(walk.context)
            root.stats.asked += is_single
            try:
                self._read_walk(root, walk, frozenset())
                root.stats.failed_in_a_row = 0
            except DeniedError as error:
                if is_single and not error.everywhere:
                    self._skip(root, walk, error)
                elif not error.is_forbidden and root.missing_is_empty(walk.context):
                    continue
                elif root.partition_may_be_missing:
                    self._miss(root, walk, error)
                else:
                    raise
            except StreamError as error:
                if len(walks) == 1 and not is_single:
                    raise
                self._lose(root, walk, error)
                if root.stats.failure:
                    self._tap.pool.cancel(self._tap.root_key(root))
                    return

    def _read_walks(self, stream: RestStream, walks: Iterable[Walk], outer: frozenset[str]) -> bool:
        """Read one child stream's walks; True if none of it failed, and not all were denied."""
        # Once it was given up, or was denied, no walks are begun that could fail
        clean = stream.stats.failure is None or self._frozen.is_accepted(stream)
        read, denied = 0, 0
        for walk in walks:
            if stream.stats.failure or self._is_enough(stream):
                self._tap.pool.cancel(walk.key)
                clean = False
                continue
            stream.stats.asked += 1
            try:
                clean = self._read_walk(stream, walk, outer) and clean
                read += 1
                stream.stats.failed_in_a_row = 0
            except DeniedError as error:
                denied += error.is_forbidden
                if error.everywhere:
                    clean = False
                    self._fail(stream, error)
                else:
                    self._skip(stream, walk, error)
            except StreamError as error:
                clean = False
                self._lose(stream, walk, error)
        return clean and (read > 0 or denied == 0)

    def _read_walk(self, stream: RestStream, walk: Walk, outer: frozenset[str]) -> bool:
        clean = True
        moves = bool(stream.replication_key) and stream.bookmark_moves(walk.context)
        for page in self._tap.pool.pages(walk.first, self.tick):
            if page.total and walk.parent is None:
                stream.stats.total = (stream.stats.total or 0) + page.total
            inner = frozenset(walk.context)
            for child, walks in page.children:
                self._note_parent_cursor(child, page, walk)
                clean = self._read_walks(child, walks, inner) and clean
            if page.newest:
                self._note_newest(stream, walk.context, page.newest)
            self._write(stream, walk, page)
            if moves and page.newest:
                self._moving = (stream, walk.context, page.newest)
                self._move()
            if self._is_enough(stream):
                return False
        self._frozen.note_read(stream, walk.context)
        if clean:
            stream.walk_done(walk.context, walk.parent)
            if type(stream).walk_done is not RestStream.walk_done:
                self._write_state_if_due()
        self._commit_partitions(stream, walk.context, outer)
        return clean

    def _write(self, stream: RestStream, walk: Walk, page: Page) -> None:
        self.tick()
        rows = stream.news(page.rows, walk.context)
        for seen in self._tap.lookup_streams:
            if stream.selected or stream.name in seen.sources:
                noted = page.rows if seen.is_behind(stream, walk.context) else rows
                seen.add_rows(noted, stream.mentions.get(seen.name, ()))
        if not stream.selected:
            return
        for key in stream.primary_keys:
            if None in [row.get(key) for row in rows]:  # Targets would fail on it
                what = f"row without {key}"
                rows = [r for r in rows if r.get(key) is not None or stream.leave_out(what)]
        if (limit := stream.ABORT_AT_RECORD_COUNT) is not None:
            rows = rows[: max(0, limit - stream.stats.records)]
        stream.stats.add(records=len(rows))
        self._tap.writer.write_lines(stream.encoder.lines(rows, datetime.now(UTC)))

    def _is_enough(self, stream: RestStream) -> bool:
        """Tell whether a trial run has what it wants of this stream."""
        limit = stream.ABORT_AT_RECORD_COUNT
        return limit is not None and stream.selected and stream.stats.records >= limit

    # Bookmarks

    def _note_newest(self, stream: RestStream, context: Mapping[str, Any], at: datetime) -> None:
        key = partition_of(stream, context)
        self._newest[key] = max(at, self._newest.get(key, at))

    def _note_parent_cursor(self, child: RestStream, page: Page, walk: Walk) -> None:
        """Note the newest of the moments by which a child, and what is below it, is read."""
        if child.parent_cursor is None:
            return
        members = [member for member in child.family if member.tracks_runs]
        for row in page.rows:
            if changed := parse_timestamp(row.get(child.parent_cursor)):
                for member in members:
                    self._note_newest(member, {**walk.context, **row}, changed)

    def _commit(self, stream: RestStream, context: Mapping[str, Any]) -> None:
        if not stream.selected or self._frozen.is_frozen(stream, context):
            return
        newest = self._newest.get(partition_of(stream, context))
        stream.advance(context, newest)
        if stream.tracks_runs:
            stream.complete(context, newest)

    def _commit_partitions(
        self, stream: RestStream, context: Mapping[str, Any], outer: frozenset[str]
    ) -> None:
        """Commit the streams whose partition this walk was, its children's included."""
        if self._is_trial:
            return
        done = [
            member
            for member in stream.family
            if (keys := context.keys() & set(member.state_partitioning_keys)) and not keys <= outer
        ]
        if done:
            self.flush_lookups()
        for member in done:
            partition = member.state_partitioning_keys
            self._commit(member, {key: context[key] for key in partition if key in context})
        if done:
            self._write_state_if_due()

    def _move(self) -> None:
        """Move the bookmark of a walk from old to new, when a STATE may be told."""
        if self._moving is None or not self._state_is_due() or self._is_trial:
            return
        stream, context, newest = self._moving
        self._moving = None
        self.flush_lookups()
        if not stream.selected or self._frozen.is_frozen(stream, context):
            return
        stream.advance(context, newest)
        self._write_state()

    def _state_is_due(self) -> bool:
        if time.monotonic() - self._told_state_at < STATE_EVERY:
            return False
        return self._tap.writer.bytes_since_state >= STATE_SHARE * self._tap.state_size

    def _write_state_if_due(self) -> None:
        if self._state_is_due() and not self._is_trial:
            self.flush_lookups()
            self._write_state()

    def _write_state(self) -> None:
        self._told_state_at = time.monotonic()
        self._tap.write_state()

    # What goes wrong, and what goes on meanwhile

    def _miss(self, stream: RestStream, walk: Walk, error: DeniedError) -> None:
        name = ", ".join(str(value) for value in walk.context.values())
        stream.stats.missing.append(name)
        stream.logger.warning("%s: %s cannot be read: %s", stream.name, name, error)

    def _skip(self, stream: RestStream, walk: Walk, error: DeniedError) -> None:
        if not error.is_forbidden and stream.missing_is_empty(walk.context):
            return
        is_partition = stream.parent is None and not stream.is_single(walk.context)
        if stream.partition_may_be_missing and is_partition:
            self._miss(stream, walk, error)
            return
        stats = stream.stats
        stats.skip(error.reason)
        stats.denied += error.is_forbidden
        stats.last_denial = error
        if error.is_forbidden:
            self._frozen.note_denied(stream, walk.context)
        stream.logger.warning("%s: skipped for %s: %s", stream.name, _where(walk), error)

    def _lose(self, stream: RestStream, walk: Walk, error: StreamError) -> None:
        """Go on after a list that failed, but not if those before it failed, too."""
        stats = stream.stats
        stats.failed += 1
        stats.failed_in_a_row += 1
        stats.last_failure = error
        if stats.failed_in_a_row >= GIVE_UP_AFTER:
            self._fail(stream, error)
            return
        self._frozen.freeze(stream, walk.context)
        stream.logger.error("%s: not read for %s: %s", stream.name, _where(walk), error)

    def _fail(self, stream: RestStream, error: StreamError) -> None:
        if stream.stats.failure:
            return
        stream.stats.failure = error
        stream.logger.error(
            "%s: %s. Its bookmark stays where it was; the other streams go on", stream.name, error
        )
        if not self._frozen.is_accepted(stream):
            self._frozen.freeze(stream, None)

    def tick(self) -> None:
        """Look at signals, at what ends the run, at progress and at lines that wait."""
        self._tap.check()
        self._tap.summary.log_progress()
        self._tap.writer.flush_if_due()


def _where(walk: Walk) -> str:
    return ", ".join(f"{key} {value}" for key, value in walk.context.items())[:LONGEST_WHERE]
