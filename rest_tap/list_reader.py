"""Reads a list page by page on worker threads, and begins the lists below it.

Everything in here runs on whichever thread has the list's next page; no two threads ever have the
same list. On that thread are called, of the stream: `get_new_paginator`, `page_params`, `query`,
`payload`, `parse_response`, `rest_of`, `post_process`, `post_process_page`, `has_children`, and of
its children `listing_for`; of the listing: `pages`, `new_pass` and `start`.
"""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from singer_sdk.pagination import SinglePagePaginator

from rest_tap.endless import EndGuard
from rest_tap.errors import RetriesExhaustedError, StreamError
from rest_tap.http.client import MAX_TRIES
from rest_tap.http.decoding import json_of
from rest_tap.last_rows import is_last, split, unmark
from rest_tap.listing import Order
from rest_tap.names import each, snake_case
from rest_tap.page_size import PageSize
from rest_tap.requesting import UNEXPECTED_FORM
from rest_tap.timestamps import AHEAD, latest, parse_timestamp
from rest_tap.worker_pool import Result, Task, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    import requests

    from rest_tap.listing import Listing, Row
    from rest_tap.stream import RestStream
    from rest_tap.worker_pool import Key, WorkerPool

ROW_SIZE = 1_000  # Bytes that a row is taken to weigh where no answer tells
QUICK_TRIES = 4  # Where less can be asked for; that takes its time, too
FEW_TRIES = 2  # Where it is known what fails
STALE = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.GONE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


@dataclass(slots=True, kw_only=True)
class Page(Result):
    """What one answer brought: rows, and the lists of their children."""

    rows: list[Row] = field(default_factory=list)
    broken: list[Any] = field(default_factory=list)
    """The ids of rows that were asked for without what is heavy in them, or paths of lost ones."""
    newest: datetime | None = None
    children: list[tuple[RestStream, list[ListReader]]] = field(default_factory=list)


class ListReader:
    """Reads one list.

    Args:
        stream: Whose rows these are.
        listing: What is read.
        key: Where the rows stand in the output, in their turn.
        pool: The threads.
        turn: When they are written; a list that takes turns goes on with the next at each page.
    """

    __slots__ = (
        *("stream", "listing", "key", "first", "_pool", "_turn", "_page_number", "_row_number"),
        *("_paginator", "_pages", "_pass", "_guard", "_size", "_is_second_try", "_last", "_rest"),
    )

    def __init__(
        self, stream: RestStream, listing: Listing, key: Key, pool: WorkerPool, turn: Turn
    ) -> None:
        self.stream = stream
        self.listing = listing
        self.key = key
        self.first: Task[Page] | None = None
        self._pool = pool
        self._turn = turn
        self._page_number = 0
        self._is_second_try = False

    def start(self) -> None:
        """Begin to read: with the rows that are known already, or with a request."""
        if self.listing.known is None:
            leads_on = bool(self.stream.active_children)
            self.first = self._pool.submit(self.key, self._read, self._turn, leads_on=leads_on)
        else:
            self._begin()
            rows = self._finished(self.listing.known)
            page = Page(rows=rows, children=self._start_children(rows))
            self.first = Task.of(self.key, page)

    def _begin(self) -> None:
        """Begin at the first page, the first time or anew."""
        listing = self.listing
        self._paginator = self.stream.get_new_paginator() or SinglePagePaginator()
        self._pages = listing.pages() if listing.pages else None
        self._pass = listing.new_pass() if listing.new_pass else None
        self._row_number = 0
        self._last: Row | None = None
        self._rest: Iterator[Row | str] | None = None
        if listing.pages is None and listing.known is None:
            self._guard = EndGuard(self.stream.url_of(listing))
            self._size = PageSize(self.stream.full_page(listing))

    def _read(self) -> Page:
        """Read the next page, and start what follows from it."""
        if self.stream.stats.failure:
            raise StreamError("given up")
        try:
            if self._page_number == 0:
                self._begin()
            return self._read_page()
        except UNEXPECTED_FORM as error:
            raise self.stream.unexpected_form(f"an answer to {self._url}", error) from error
        except StreamError as error:
            # A cursor can go stale, and rights can go, when some pages are written already
            if self._is_second_try:
                message = f"{error}, after rows of the same list had been read"
                raise StreamError(message, error.status) from error
            if self._page_number == 0 or error.status not in STALE:
                raise
            self._is_second_try = True
            self._begin()
            return self._read()

    @property
    def _url(self) -> str:
        """Where the rows come from, for messages."""
        try:
            return self.stream.url_of(self.listing)
        except LookupError:  # A list that is read by `pages` has none of its own
            return self.stream.path

    def _read_page(self) -> Page:
        if self._rest is not None:
            page, more = self._next_of_rest(self._rest)
        else:
            page, more = self._next_page() if self._pages is None else self._next_of(self._pages)
        if self.stream.replication_key:
            more = self._cut_old(page) and more
        page.children = self._start_children(page.rows)
        number = self._page_number
        self._page_number += 1
        if more:
            # Before this page's children: parents must never run out while threads idle
            key = (*self.key, number, -1)
            page.following = self._pool.submit_next(key, self._read, self._turn)
            if not self._turn.is_below:
                self._turn = Turn(self._turn.number + 1)
        return page

    def _next_of(self, pages: Iterable[list[Row]]) -> tuple[Page, bool]:
        found = next(iter(pages), None)
        rows = found or []
        return Page(rows=self._rows(rows), size=ROW_SIZE * len(rows)), found is not None

    def _next_of_rest(self, rest: Iterator[Row | str]) -> tuple[Page, bool]:
        """Take the next row of a list whose pages cannot be had any more."""
        found = next(rest, None)
        if isinstance(found, str):
            return Page(broken=[found]), True
        rows = [] if found is None else [found]
        return Page(rows=self._rows(rows), size=ROW_SIZE * len(rows)), found is not None

    def _next_page(self) -> tuple[Page, bool]:
        """Ask for the next page; tell whether there may be more."""
        stream, listing, paginator = self.stream, self.listing, self._paginator
        self._guard.check_token(paginator.current_value)
        decoded: list[Row] | None = None
        records: list[Any] = []

        def read(response: requests.Response) -> None:
            nonlocal decoded, records
            if listing.is_one_row:
                records = [json_of(response)]
                unmark(records)
                return
            decoded = stream.decoder.decode(response) if stream.decoder else None
            found = stream.parse_response(response)
            records = found if isinstance(found, list) else [*found]
            unmark(records)

        try:
            response, is_lean = self._answer(read)
        except RetriesExhaustedError:
            self._rest = stream.rest_of(listing, self._last) if self._last else None
            if self._rest is None:
                raise
            return self._next_of_rest(self._rest)
        self._guard.check_page(records)
        self._size.passed(len(records))
        if decoded is not None and records is decoded:
            rows = self._finished(decoded)
        else:
            rows = self._rows(records)
        self._last = rows[-1] if rows else self._last
        broken = [row.get("id") for row in rows] if is_lean else []
        with contextlib.suppress(RuntimeError):  # The SDK's word for a token that repeats itself
            paginator.advance(response)
        page = Page(rows=rows, size=len(response.content), broken=broken)
        return page, not paginator.finished

    def _answer(self, read: Callable[[requests.Response], None]) -> tuple[requests.Response, bool]:
        """Get the next page: whole, or a smaller one, or a single row without what is heavy.

        Returns:
            The answer, and whether something of its row was left out.
        """
        stream, listing, size = self.stream, self.listing, self._size
        ask = partial(stream.request_for, listing, self._paginator.current_value)
        has_lean = bool(stream.optional_params & stream.query(listing).keys())
        while True:
            tries = QUICK_TRIES if size.can_shrink or has_lean else MAX_TRIES
            try:
                build = partial(ask, size=size.wanted)
                tries = min(tries, QUICK_TRIES) if stream.stats.failed_in_a_row else tries
                return stream.send(build, read, FEW_TRIES if size.is_sure else tries), False
            except RetriesExhaustedError:
                if not (size.can_shrink or has_lean):
                    raise
            if not size.can_shrink:
                lean = partial(ask, size=size.wanted, is_lean=True)
                return stream.send(lean, read, FEW_TRIES if size.is_sure else MAX_TRIES), True
            size.shrink()

    def _rows(self, records: Iterable[Any]) -> list[Row]:
        """Make rows of what was decoded: copies, their fields under the names of columns."""
        given = [*records]
        raws = [record for record in given if isinstance(record, dict)]
        if given and not raws and given.count(None) < len(given):
            raise TypeError(f"no row is an object, but {type(given[0]).__name__}")
        if len(raws) < len(given):
            for record in given:
                if not isinstance(record, dict):
                    kind = "null" if record is None else "no object"
                    self.stream.count_skipped(f"row that is {kind}")
        fields = set[str]().union(*raws)
        renamed = [
            (field, name) for field in sorted(fields) if (name := snake_case(field)) != field
        ]
        if self.stream.config["extra_fields"] == "keep":
            self.stream.vendor_names.update((name, field_) for field_, name in renamed)
        rows = []
        for raw in raws:
            row = {**raw}  # What an answer was decoded to is looked at again, and may be no row
            for field_, column in renamed:
                if field_ in row:
                    row[column] = row.pop(field_)
            rows.append(row)
        return self._finished(rows)

    def _finished(self, rows: list[Row]) -> list[Row]:
        stream, listing = self.stream, self.listing
        rows, last = split(rows)
        self._add_columns(rows)
        derived = stream.derived_columns
        if derived is not None:
            rows = stream.conformer.conform(rows)
        done = map(stream.post_process, rows, itertools.repeat(listing.keys))
        rows = [row for row in done if row is not None]
        rows = stream.post_process_page(rows, listing)
        rows = self._pass(rows) if self._pass else rows
        return [*stream.conformer.conform(rows, derived), *last]

    def _add_columns(self, rows: list[Row]) -> None:
        """Add the columns that rows have of their place, of their list, and of objects in them."""
        stream, properties = self.stream, self.stream.schema["properties"]
        if stream.row_number_column:
            for row in rows:
                row[stream.row_number_column] = self._row_number
                self._row_number += 1
        for key, value in self.listing.keys.items():
            if key in properties:
                for row in rows:
                    if row.get(key) is None:
                        row[key] = value
        for column, path in stream.lifts.items():
            values: list[Any] = rows
            for name in path.split("."):
                values = each(values, name)
            for row, value in zip(rows, values, strict=True):
                row[column] = value

    def _cut_old(self, page: Page) -> bool:
        """Note the newest row, and drop what is older than the list's start; False to stop."""
        key = self.stream.replication_key or ""
        goes_on = True
        if start := self.listing.start() if self.listing.order is Order.NEWEST_FIRST else None:
            changed = (parse_timestamp(row.get(key)) for row in page.rows)
            is_new = [at is None or at >= start for at in changed]
            page.rows = list(itertools.compress(page.rows, is_new))
            goes_on = not is_new or any(is_new[-2:])  # One alone may be out of place
        page.newest = latest(each(page.rows, key), until=self.stream.run.began + AHEAD)
        return goes_on

    def _start_children(self, rows: list[Row]) -> list[tuple[RestStream, list[ListReader]]]:
        stream, listing = self.stream, self.listing
        turn = self._turn._replace(is_below=True)
        started: list[tuple[RestStream, list[ListReader]]] = [
            (child, []) for child in stream.active_children
        ]
        if not started:
            return started
        for number, row in enumerate(rows):
            if not (is_gone := is_last(row)) and not stream.has_children(row, listing):
                continue
            keys = stream.keys_for_children(row, listing)
            for order, (child, readers) in enumerate(started):
                is_left_out = child.stats.failure or (is_gone and not child.goes_with_parent)
                below = None if is_left_out else child.listing_for(row, keys, listing)
                if below is None:
                    continue
                if lacking := [key for key in child.needed_keys if keys.get(key, "") is None]:
                    child.count_skipped(f"parent without {', '.join(lacking)}")
                    continue
                key = (*self.key, self._page_number, order, number)
                readers.append(ListReader(child, below, key, self._pool, turn))
        for _, readers in started:
            for reader in readers:
                reader.start()
        return started
