"""What every stream of the three taps is: a declaration that this module makes rows of."""

from __future__ import annotations

import contextlib
import functools
import itertools
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.pagination import SinglePagePaginator

from rest_tap.bookmarks import BookmarkedStream
from rest_tap.errors import ConfigError, StreamError, TransientError
from rest_tap.http.decoding import RowDecoder, json_of
from rest_tap.names import snake_case
from rest_tap.timestamps import latest, parse_timestamp
from rest_tap.worker_pool import Page, Row, Task, Walk
from rest_tap.writing import RowEncoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import requests
    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.pagination import BaseAPIPaginator
    from singer_sdk.singerlib import Catalog

ROW_SIZE = 1_000  # Bytes that a row is taken to weigh where no answer tells
UNEXPECTED_FORM = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError)
STALE = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.GONE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


class RestStream(BookmarkedStream):
    """A stream of a REST API, read page by page on threads.

    A subclass says what it is: `name`, `path`, `primary_keys`, `schema`, and where they apply
    `replication_key`, `parent_stream_type`, `child_keys`, `parent_cursor`, `needs`. Docs:
    docs/contributing.md.
    """

    records_key: str | None = None
    """The key of the list in an answer; None if the answer is the list, or one row."""

    child_keys: ClassVar[Mapping[str, str]] = {}
    """What a row gives to the contexts of its children: context key -> column."""

    row_number_column: str | None = None
    """A column that counts the rows of a walk from 0, for rows that have no key of their own."""

    partition_may_be_missing: bool = False
    """A partition that the API denies or lacks costs only itself, and is named."""

    late_despite_failures: bool = False
    """Late partitions are asked for though a list failed: they do not depend on the others."""

    internal_columns: ClassVar[frozenset[str]] = frozenset()
    """Columns that only children look at; they are never written."""

    def apply_catalog(self, catalog: Catalog) -> None:
        """Take over what a user chose; only the replication key is not to be chosen.

        Raises:
            ConfigError: If it is another one.
        """
        own = self.replication_key
        super().apply_catalog(catalog)
        chosen, self.replication_key = self.replication_key, own
        if chosen and chosen != own:
            hint = f"its replication key is {own}" if own else "it has no replication key"
            raise ConfigError(f"--catalog: {self.name} cannot be read by {chosen}: {hint}")

    # Declared by streams

    @functools.cached_property
    def reads_all(self) -> bool:
        """Whether a complete run lists everything that exists, so that the rest has vanished."""
        if self.replication_key or self.tracks_runs:
            return False
        return self.parent is None or self.parent.reads_all

    def get_child_context(self, record: Record, context: Context | None) -> Context | None:
        """Hand down the parents' keys and this row's; None if the row has no children."""
        handed = {key: record.get(column) for key, column in self.child_keys.items()}
        return {**(context or {}), **handed}

    def derived(self, parent: Row, context: Mapping[str, Any]) -> list[Row] | None:  # noqa: ARG002
        """List rows that the parent's row already tells; None to ask the API."""
        return None

    def post_process_page(
        self,
        rows: list[Row],
        context: Mapping[str, Any],  # noqa: ARG002
    ) -> list[Row]:
        """Change the rows of a page together; it may ask for more with `get_json`."""
        return rows

    def total(self, response: requests.Response) -> int | None:  # noqa: ARG002
        """Read how many rows the whole list has, where an answer tells."""
        return None

    def walk_done(self, context: Mapping[str, Any], parent: Row | None) -> None:
        """Do something after all rows of a walk were written, such as moving a bookmark."""

    def is_single(self, context: Mapping[str, Any]) -> bool:  # noqa: ARG002
        """Tell whether a walk of a top-level stream asks for one thing, whose denial is its own."""
        return False

    def missing_is_empty(self, context: Mapping[str, Any]) -> bool:  # noqa: ARG002
        """Tell whether 404 and 410 just mean that a walk has no rows."""
        return False

    def late_partitions(self) -> Sequence[Mapping[str, Any]]:
        """List walks that are known only after the others were written; asked until none is."""
        return ()

    def stream_done(self) -> None:
        """Do something after the stream was read completely."""

    # From an answer to a page of rows, on any thread

    def get_new_paginator(self) -> BaseAPIPaginator[Any] | None:
        """Page through the list; None for a list of one page."""
        return None

    def pages(self, context: Mapping[str, Any]) -> Iterator[list[Record]] | None:  # noqa: ARG002
        """Yield a walk's pages where they are not answers to requests one after another.

        The iterator is advanced on one thread at a time, page by page as they are needed.
        """
        return None

    def parse_response(self, response: requests.Response) -> Iterable[Record]:
        """Take the list out of an answer.

        Raises:
            TransientError: If it is not there.
        """
        body = json_of(response)
        if self.records_key is not None:
            body = body.get(self.records_key) if isinstance(body, dict) else None
            if not isinstance(body, list):
                raise TransientError(f"the answer has no list {self.records_key!r}", response)
        return body if isinstance(body, list) else [body]

    @functools.cached_property
    def _decoder(self) -> RowDecoder | None:
        return RowDecoder(self.records_key) if self.records_key else None

    def start(self, walk: Walk) -> Task:
        """Begin a walk: with the rows that are known already, or with a request."""
        known = None if walk.parent is None else self.derived(walk.parent, walk.context)
        if known is None:
            fetch = functools.partial(self._fetch, walk)
            return self._tap.pool.submit(walk.key, fetch, leads_on=bool(self.active_children))
        task = Task(walk.key, functools.partial(self._fetch, walk))
        task.started = True
        rows = self._finish_rows(walk, known)
        task.future.set_result(Page(rows, children=self._start_children(walk, rows)))
        return task

    def _fetch(self, walk: Walk) -> Page:
        """Fetch a walk's next page, and start what follows from it."""
        if self.stats.failure:
            raise StreamError("given up")
        try:
            return self._fetch_page(walk)
        except UNEXPECTED_FORM as error:
            raise self.unexpected_form(
                f"an answer to {self.get_url(walk.context)}", error
            ) from error
        except StreamError as error:
            # A cursor can go stale, and rights can go, when some pages are written already
            if walk.restarted:
                message = f"{error}, after rows of the same list had been read"
                raise StreamError(message, error.status) from error
            if walk.pages == 0 or error.status not in STALE:
                raise
            walk.restarted, walk.rows = True, 0
            walk.tokens.clear()
            walk.paginator = self.get_new_paginator()
            walk.source = self.pages(walk.context)  # What has raised would tell that all was read
            return self._fetch(walk)

    def leave_out(self, what: str) -> bool:
        """Count what cannot be read or written, for it lacks what it needs; never true."""
        if self.stats.skip(what) == 1:
            self.logger.warning("%s: a %s is left out; the summary counts them", self.name, what)
        return False

    def unexpected_form(self, what: str, error: Exception) -> StreamError:
        """Say that something is not as the vendor's document has it, which all else trusts."""
        self.logger.debug("%s: it was raised here", self.name, exc_info=error)
        return StreamError(
            f"{what} is not of the documented form ({type(error).__name__}: {error}). "
            "Please report it with the traceback that LOGLEVEL=DEBUG shows"
        )

    def _fetch_page(self, walk: Walk) -> Page:
        page, more = self._next_page(walk)
        if self.replication_key:
            more = self._cut_old(page, walk.context) and more
        page.children = self._start_children(walk, page.rows)
        if more:
            # Before this page's children: parents must never run out while threads idle
            key = (*walk.key, walk.pages, -1)
            page.following = self._tap.pool.submit_next(key, functools.partial(self._fetch, walk))
        walk.pages += 1
        return page

    def _next_page(self, walk: Walk) -> tuple[Page, bool]:
        """Get a walk's next rows, and whether there may be more."""
        if walk.source is not None:
            found = next(walk.source, None)
            page = Page(self._rows(walk, found or ()), size=ROW_SIZE * len(found or ()))
            return page, found is not None
        context, paginator = walk.context, walk.paginator or SinglePagePaginator()
        token = hash(str(paginator.current_value))
        if token in walk.tokens:
            raise StreamError(f"{self.get_url(context)}: a next page was one that had been read")
        walk.tokens.add(token)
        named: list[Row] | None = None
        records: Iterable[Record] = ()

        def read(response: requests.Response) -> None:
            nonlocal named, records
            named = self._decoder.decode(response) if self._decoder else None
            records = self.parse_response(response)

        response = self.send(lambda: self.page_request(context, paginator), read)
        if named is not None and records is named:
            rows = self._finish_rows(walk, named)
        else:
            rows = self._rows(walk, records)
        with contextlib.suppress(RuntimeError):  # The SDK's word for a token that repeats itself
            paginator.advance(response)
        page = Page(rows, size=len(response.content))
        if walk.pages == 0:
            page.total = self.total(response)
        return page, not paginator.finished

    def _rows(self, walk: Walk, records: Iterable[Any]) -> list[Row]:
        raws = [raw for raw in records if raw is not None or self.leave_out("row that is null")]
        fields = set[str]().union(*raws)
        renamed = [
            (field, name) for field in sorted(fields) if (name := snake_case(field)) != field
        ]
        rows = []
        for raw in raws:
            row = {**raw}  # What an answer was decoded to is looked at again, and may be no row
            for field, column in renamed:
                if field in row:
                    row[column] = row.pop(field)
            rows.append(row)
        return self._finish_rows(walk, rows)

    def _finish_rows(self, walk: Walk, rows: list[Row]) -> list[Row]:
        context, properties = walk.context, self.schema["properties"]
        if self.row_number_column:
            for row in rows:
                row[self.row_number_column] = walk.rows
                walk.rows += 1
        keys = {key: value for key, value in context.items() if key in properties}
        if keys:
            for row in rows:
                for key, value in keys.items():
                    if row.get(key) is None:
                        row[key] = value
        if type(self).post_process is not RestStream.post_process:
            done = (self.post_process(row, context) for row in rows)
            rows = [row for row in done if row is not None]
        return self.post_process_page(rows, context)

    def _cut_old(self, page: Page, context: Mapping[str, Any]) -> bool:
        """Note the newest row, and drop what is older than the walk's start; False to stop."""
        key = self.replication_key or ""
        goes_on = True
        if start := self.since(context) if self.is_newest_first(context) else None:
            changed = (parse_timestamp(row.get(key)) for row in page.rows)
            is_new = [at is None or at >= start for at in changed]
            page.rows = list(itertools.compress(page.rows, is_new))
            goes_on = not is_new or any(is_new[-2:])  # One alone may be out of place
        page.newest = latest([row.get(key) for row in page.rows])
        return goes_on

    def _start_children(self, walk: Walk, rows: list[Row]) -> list[tuple[RestStream, list[Walk]]]:
        children = self.active_children
        if not children:
            return []
        started: list[tuple[RestStream, list[Walk]]] = [(child, []) for child in children]
        for number, row in enumerate(rows):
            context = self.get_child_context(row, walk.context)
            if context is None or not self._tap.passes_filter(self, row):
                continue
            for order, (child, walks) in enumerate(started):
                if child.stats.failure or not child.wanted(row, context):
                    continue
                if lacking := [key for key in child.needed_keys if context.get(key, "") is None]:
                    child.leave_out(f"parent without {', '.join(lacking)}")
                    continue
                key = (*walk.key, walk.pages, order, number)
                walks.append(Walk(child, context, key, row))
        for child, walks in started:
            for child_walk in walks:
                child_walk.first = child.start(child_walk)
        return started

    # On their way out, on the main thread

    @property
    def partitions(self) -> list[dict[str, Any]] | None:
        """The contexts of a top-level stream's walks; None for one walk."""
        return None

    @functools.cached_property
    def encoder(self) -> RowEncoder:
        """Makes lines of rows."""
        return RowEncoder(self)

    def read(self) -> None:
        """Read the stream and all below it."""
        try:
            self._tap.engine.read(self)
        except Exception as error:  # noqa: BLE001 - kept for the tap, past the SDK's own report
            self._tap.fatal = error

    # The family

    @functools.cached_property
    def needed_keys(self) -> frozenset[str]:
        """What of a context must be known: what is in the path or in the primary key."""
        return frozenset([*self.placeholders, *self.primary_keys])

    @functools.cached_property
    def parent(self) -> RestStream | None:
        """The stream whose rows this one's lists belong to."""
        for stream in self._tap.streams.values():
            if isinstance(stream, RestStream) and type(stream) is self.parent_stream_type:
                return stream
        return None

    @functools.cached_property
    def active_children(self) -> list[RestStream]:
        """The children that are read in this run: selected, or needed by one that is."""
        return [
            child
            for child in self.child_streams
            if isinstance(child, RestStream) and child.is_active
        ]

    @functools.cached_property
    def is_active(self) -> bool:
        """Whether the stream is read in this run: selected, or needed by one that is."""
        return self.selected or self.has_selected_descendents

    @property
    def family(self) -> list[RestStream]:
        """This stream and all below it that are read in this run."""
        return [self, *(member for child in self.active_children for member in child.family)]
