"""The main thread's part of a run: it writes what the threads fetched, and moves bookmarks."""

from __future__ import annotations

import itertools
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rest_tap.checkpoints import Checkpoints
from rest_tap.errors import DeniedError, StreamError
from rest_tap.frozen_bookmarks import FrozenBookmarks
from rest_tap.last_rows import split
from rest_tap.list_reader import ListReader, Page
from rest_tap.listing import Cost
from rest_tap.lookups import LookupStream
from rest_tap.requesting import UNEXPECTED_FORM
from rest_tap.stream import lineage
from rest_tap.table_versions import TableVersions
from rest_tap.unread_lists import UnreadLists, denial_of_all
from rest_tap.worker_pool import Turn
from rest_tap.writing import RowEncoder

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from rest_tap.engine_run import EngineRun
    from rest_tap.listing import Listing
    from rest_tap.stream import RestStream
    from rest_tap.worker_pool import Key, Task

GIVE_UP_AFTER = 10  # Lists in a row that fail: the rest of the stream would, too
FINISH_EVERY = 10.0  # Seconds that a stream's end may wait for more ids to look up with its own
BETWEEN_OTHERS = Turn(-1)  # Of what is looked up
LAST_TURNS = 1 << 30  # Of what is read after all others
LONGEST_WHERE = 200  # Characters of a message that say which list


class Sync:
    """Reads top-level streams with all that is below them.

    They are read side by side, a page of each in turn, so that all long lists go on. The order is
    the same in every run: the children of a page's rows, child stream by child stream, then the
    page's rows, then their bookmark. So a bookmark never claims what was not written before it.
    """

    def __init__(self, run: EngineRun) -> None:
        self._run = run
        self._plans: dict[str, Task[Page]] = {}
        self._rounds: dict[str, Iterator[Iterable[Listing]]] = {}
        self._lookups: dict[str, list[ListReader]] = {}
        self._numbers = itertools.count()
        self._encoders: dict[str, RowEncoder] = {}
        self._announced: set[str] = set()
        self._incomplete: set[str] = set()
        self._frozen = FrozenBookmarks(run)
        self._checkpoints = Checkpoints(run, self._frozen, self.flush_lookups)
        self._unread = UnreadLists()
        self._versions = TableVersions(run)
        self._closed: list[RestStream] = []
        self._finished_at = time.monotonic()
        self._is_trial = False

    def read_all(self, roots: Sequence[RestStream]) -> None:
        """Read top-level streams side by side, then one by one those that come last."""
        in_turn = [root for root in roots if not root.is_read_last]
        for group in (in_turn, *([root] for root in roots if root.is_read_last)):
            reading = {root: self.read(root) for root in group}
            self._run.pool.turn = 0 if group is in_turn else LAST_TURNS
            while reading:
                for root, steps in [*reading.items()]:
                    self._run.summary.current = root.name
                    if next(steps, True):  # At its end; each step is None
                        del reading[root]
                self._run.pool.turn += 1

    def plan(self, root: RestStream) -> None:
        """Let the first lists of a top-level stream begin, on the threads."""
        turn = LAST_TURNS if root.is_read_last else 0

        def run() -> Page:
            return Page(children=[(root, self._next_round(root, turn) or [])])

        self._rounds[root.name] = iter(root.rounds())
        self._plans[root.name] = self._run.pool.submit(self.key_of(root), run, Turn(turn))

    def key_of(self, root: RestStream) -> Key:
        """Say where a top-level stream stands in the output."""
        return (list(self._run.streams).index(root.name),)

    def read(self, root: RestStream) -> Iterator[None]:
        """Read a top-level stream and its children, page by page of its own.

        What fails is told, not raised.
        """
        self._is_trial = root.ABORT_AT_RECORD_COUNT is not None
        if self._is_trial:
            self._run.pool.buffer_bytes = 0
        for member in root.family:
            self.announce(member)
        try:
            if not isinstance(root, LookupStream):
                yield from self._read_rounds(root)
            elif self._is_trial:
                self.flush_lookups()
        except StreamError as error:
            self._fail(root, error)
            self._run.pool.cancel(self.key_of(root))
        self._checkpoints.stop_moving(root)
        if not isinstance(root, LookupStream):
            self.close(root)

    def start_lookup(self, stream: LookupStream) -> None:
        """Let a stream that looks up ids begin, for its rows come between those of others."""
        for member in stream.family:
            self.announce(member)
        stream.add_ids(stream.known_ids())
        self._start_lookups(stream, full=True)

    def _start_lookups(self, stream: LookupStream, *, full: bool) -> list[ListReader]:
        """Let the batches of ids that were noted begin; list all that were not taken so far."""
        readers = self._lookups.setdefault(stream.name, [])
        for listing in stream.batches(full=full):
            key = (-1, next(self._numbers))
            reader = ListReader(stream, listing, key, self._run.pool, BETWEEN_OTHERS)
            readers.append(reader)
            reader.start()
        return readers

    def announce(self, stream: RestStream) -> None:
        """Tell a stream's schema, once a run."""
        if stream.name in self._announced:
            return
        self._announced.add(stream.name)
        self._versions.begin(stream)
        stream.write_schema()

    def flush_lookups(self) -> None:
        """Write the rows of all ids that were seen so far."""
        for stream in self._run.lookup_streams:
            if not stream.stats.failure:
                readers = self._start_lookups(stream, full=False)
                self._lookups[stream.name] = []
                _whole(self._read_lists(stream, readers, frozenset()))

    def close(self, stream: RestStream) -> None:
        """Let a stream and its children end; see `finish_closed`."""
        self._closed.append(stream)
        waits = any(
            found.has_pending or self._lookups.get(found.name) for found in self._run.lookup_streams
        )
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
        self._run.write_state()

    def _check_denials(self, stream: RestStream) -> None:
        """Take a stream that was denied for all that was ever asked as denied itself."""
        if denial := denial_of_all(stream):
            message = f"denied for every parent, {stream.stats.denied} in all: {denial}"
            self._fail(stream, DeniedError(message, denial.status))

    def _end(self, stream: RestStream) -> None:
        if self._is_trial or any(map(self._frozen.is_unfinished, lineage(stream))):
            self._incomplete.add(stream.name)
            return
        if not stream.state_partitioning_keys:
            self._checkpoints.commit(stream, {})
        is_frozen = self._frozen.is_frozen(stream, {})
        if not is_frozen:
            stream.stream_done()
        is_incomplete = any(each.stats.is_incomplete for each in lineage(stream))
        self._versions.reconcile(stream, is_complete=not (is_frozen or is_incomplete))
        is_below = stream.parent is not None and stream.parent.name in self._incomplete
        if stream.stats.skipped or is_incomplete or is_below:
            self._incomplete.add(stream.name)
            if any(each.stats.skipped for each in lineage(stream)):  # No run reads that again
                self._versions.drop(stream)
        else:
            self._versions.tell(stream, is_frozen=is_frozen)

    def _read_rounds(self, root: RestStream) -> Iterator[None]:
        if root.name not in self._plans:
            self.plan(root)
        for page in self._run.pool.results(self._plans.pop(root.name), self.tick):
            for stream, readers in page.children:
                yield from self._read_lists(stream, readers, frozenset())
        while not (root.stats.failure or (root.stats.failed and not root.rounds_go_on)):
            readers_of_round = self._next_round(root, self._run.pool.turn)
            if readers_of_round is None:
                break
            yield from self._read_lists(root, readers_of_round, frozenset())
        for member in root.family:
            turn, listings = self._run.pool.turn, self._unread.due(member)
            readers = [self._reader(root, member, each, turn) for each in listings]
            for reader in readers:
                reader.start()
            yield from self._read_lists(member, readers, frozenset())

    def _reader(
        self, root: RestStream, stream: RestStream, listing: Listing, turn: int
    ) -> ListReader:
        """Make the reader of a list that no row of this run leads to."""
        key = (*self.key_of(root), next(self._numbers))
        return ListReader(stream, listing, key, self._run.pool, Turn(turn))

    def _next_round(self, root: RestStream, turn: int) -> list[ListReader] | None:
        """Let the lists of a top-level stream's next round begin; None after the last."""
        try:
            listings = next(self._rounds[root.name], None)
            if listings is None:
                return None
            # One after another, and each has a page at least
            turns = itertools.count(turn)
            readers = [self._reader(root, root, each, next(turns)) for each in listings]
        except UNEXPECTED_FORM as error:
            raise root.unexpected_form("what tells its lists", error) from error
        for reader in readers:
            reader.start()
        return readers

    def _read_lists(
        self, stream: RestStream, readers: list[ListReader], outer: frozenset[str]
    ) -> Generator[None, None, bool]:
        """Read lists of a stream; True if none of them failed, and not all were denied."""
        # Once it was given up, or was denied, no lists are begun that could fail
        clean = stream.stats.failure is None or self._frozen.is_accepted(stream)
        read, forbidden, is_only = 0, 0, len(readers) == 1
        for reader in readers:
            listing = reader.listing
            if stream.stats.failure or self._is_enough(stream):
                self._run.pool.cancel(reader.key)
                clean = False
                continue
            stream.stats.asked += listing.if_forbidden is Cost.LIST
            try:
                clean = (yield from self._read_list(reader, outer)) and clean
                read += 1
                stream.stats.failed_in_a_row = 0
            except DeniedError as error:
                forbidden += error.is_forbidden
                clean = self._go_on(stream, listing, error) and clean
            except StreamError as error:
                if stream.parent is None and is_only and listing.if_forbidden is not Cost.LIST:
                    clean = False
                    self._fail(stream, error)
                else:
                    clean = self._list_failed(stream, listing, error) and clean
        return clean and (read > 0 or forbidden == 0)

    def _read_list(self, reader: ListReader, outer: frozenset[str]) -> Generator[None, None, bool]:
        """Read a list, page by page; True if nothing of it failed."""
        stream, listing, clean = reader.stream, reader.listing, True
        for page in self._run.pool.results(reader.first, self.tick):
            inner = frozenset(listing.keys)
            for child, readers in page.children:
                self._checkpoints.note_parents(child, page, listing)
                clean = _whole(self._read_lists(child, readers, inner)) and clean
            self._write(stream, listing, page)
            for row_id in page.broken:
                clean = self._row_failed(stream, listing, row_id) and clean
            if not self._is_trial:
                self._checkpoints.note_written(stream, listing, page)
            if self._is_enough(stream):
                return False
            yield
        self._frozen.note_read(stream, listing.keys)
        self._unread.note_read(stream, listing)
        if clean and listing.done:
            listing.done()
        if not self._is_trial:
            if clean and listing.done:
                self._checkpoints.write_if_due()
            self._checkpoints.commit_partitions(stream, listing.keys, outer)
        return clean

    def _write(self, stream: RestStream, listing: Listing, page: Page) -> None:
        self.tick()
        others, last = split(page.rows)
        rows = [] if listing.for_children_only else stream.rows_to_write(others, listing)
        for found in self._run.lookup_streams:
            if stream.selected or stream.name in found.sources:
                noted = page.rows if found.is_behind(stream, listing.keys) else rows
                found.add_rows(noted, stream.mentions.get(found.name, ()))
                self._start_lookups(found, full=True)
        if not stream.selected:
            return
        encoder = self._encoders.get(stream.name) or self._encoders.setdefault(
            stream.name, RowEncoder(stream)
        )
        rows = [*stream.conformer.with_keys(rows), *encoder.last_rows(last)]
        if (limit := stream.ABORT_AT_RECORD_COUNT) is not None:
            rows = rows[: max(0, limit - stream.stats.records)]
        stream.stats.add(records=len(rows))
        self._versions.give(stream)
        self._run.writer.write_lines(encoder.lines(rows, datetime.now(UTC)))

    def _is_enough(self, stream: RestStream) -> bool:
        """Tell whether a trial run has what it wants of this stream."""
        limit = stream.ABORT_AT_RECORD_COUNT
        return limit is not None and stream.selected and stream.stats.records >= limit

    # What goes wrong, and what goes on meanwhile

    def _go_on(self, stream: RestStream, listing: Listing, error: DeniedError) -> bool:
        """Go on after a denial, at its cost; False if that is the stream."""
        cost = Cost.STREAM if error.everywhere else stream.denied(listing, error)
        stats, log = stream.stats, stream.logger
        if cost is Cost.STREAM:
            self._fail(stream, error)
        elif cost is Cost.NAMED_LIST:
            name = ", ".join(map(str, listing.keys.values()))
            stats.missing.append(name)
            stats.warn(log, "missing", "%s: %s cannot be read: %s", stream.name, name, error)
        elif cost is Cost.LIST:
            stats.skip(error.reason)
            stats.denied += 1
            stats.last_denial = error
            if error.is_forbidden:
                self._frozen.note_denied(stream, listing.keys)
            again = ". The next run asks again" if self._unread.note_denied(stream, listing) else ""
            kind, told = "skipped for", (stream.name, _where(listing), error, again)
            stats.warn(log, kind, "%s: skipped for %s: %s%s", *told)
        return cost is not Cost.STREAM

    def _list_failed(self, stream: RestStream, listing: Listing, error: StreamError) -> bool:
        """Go on after a list that failed, but not if all before it failed, too.

        Returns:
            Whether bookmarks may move: the next run asks for the list again.
        """
        stats = stream.stats
        stats.failed += 1
        stats.failed_in_a_row += 1
        stats.last_failure = error
        if stats.failed_in_a_row >= GIVE_UP_AFTER:
            self._fail(stream, error)
            return False
        stream.logger.error("%s: not read for %s: %s", stream.name, _where(listing), error)
        if self._unread.note_failed(stream, listing):
            return True
        self._frozen.freeze(stream, listing.keys)
        return False

    def _row_failed(self, stream: RestStream, listing: Listing, row_id: object) -> bool:
        """Go on after a row that cannot be had whole; tell whether bookmarks may move."""
        is_lost = str(row_id).startswith("/")
        stream.stats.lose(f"{row_id}" if is_lost else f"part of {row_id}")
        rest = "It is left out" if is_lost else "It is written without what is heavy in it"
        told = f"%s: %s breaks each answer that it is in. {rest}"
        stream.stats.warn(stream.logger, "row", told, *(stream.name, row_id), level=logging.ERROR)
        if self._unread.note_row_failed(stream, listing, row_id):
            return True
        self._frozen.freeze(stream, listing.keys)
        return False

    def _fail(self, stream: RestStream, error: StreamError) -> None:
        if stream.stats.failure:
            return
        stream.stats.failure = error
        stream.logger.error(
            "%s: %s. Its bookmark stays where it was; the other streams go on", stream.name, error
        )
        if isinstance(error, DeniedError):  # Else lists before it may count as read already
            self._unread.forget(stream)
        if not self._frozen.is_accepted(stream):
            self._frozen.freeze(stream, None)

    def tick(self) -> None:
        """Look at signals, at what ends the run, at progress and at lines that wait."""
        self._run.check()
        self._run.summary.log_progress()
        self._run.writer.flush_if_due()


def _whole(steps: Generator[None, None, bool]) -> bool:
    """Go through all steps at once."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return bool(end.value)


def _where(listing: Listing) -> str:
    return ", ".join(f"{key} {value}" for key, value in listing.keys.items())[:LONGEST_WHERE]
