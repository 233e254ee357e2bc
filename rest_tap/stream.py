"""What every stream of the three taps is: a declaration, and which lists it is read from."""

from __future__ import annotations

import functools
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from rest_tap.bookmarks import Bookmarks, ValidFor
from rest_tap.conformance import Conformer, with_extra_fields
from rest_tap.last_rows import last_row, with_deleted_at
from rest_tap.listing import Cost, Listing, Order
from rest_tap.reconciling import Reconciliation
from rest_tap.requesting import RequestingStream
from rest_tap.timestamps import format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import requests
    from singer_sdk.pagination import BaseAPIPaginator

    from rest_tap.errors import DeniedError
    from rest_tap.listing import Row
    from rest_tap.state import Kind


class RestStream(RequestingStream):
    """A stream of a REST API, read list by list and page by page on threads.

    A subclass says what it is: `name`, `path`, `primary_keys`, `schema`, and where they apply
    `replication_key`, `parent_stream_type`, `child_keys`, `parent_cursor`, `needs`. Docs:
    docs/contributing.md.
    """

    child_keys: ClassVar[Mapping[str, str]] = {}
    """What a row gives to the keys of its children's lists: key -> column."""

    lifts: ClassVar[Mapping[str, str]] = {}
    """Columns that stand inside of an object: column -> dotted path, such as `user.id`."""

    newest_first: bool = False
    """Rows come in descending order of the replication key: reading stops at the first old one."""

    parent_cursor: str | None = None
    """The parent's timestamp column that moves when this child must be read for it again."""

    keeps_last_run: bool = False
    """Keep `last_run`; implied by `parent_cursor`."""

    is_read_when_due: bool = False
    """Nothing tells of all its changes: it is read whole once a day, by the setting `reconcile`.

    In between it is read for parents that `parent_cursor` tells changed, if at all. What is below
    such a stream is so, too. At the top level, `rounds` yields what `is_whole` asks for.
    """

    rows_stay_true: bool = False
    """A row that is listed no more has not vanished: an event, or the figures of a past day."""

    state_partitioning_keys: tuple[str, ...] = ()
    """One bookmark for the stream; or one a project, an organisation, a space."""

    bookmark_depends_on: tuple[str, ...] = ()
    """The settings that decide what a list holds: with others it is read from the beginning."""

    state_keys: ClassVar[Mapping[str, Kind]] = {}
    """What the stream keeps in its state beside bookmarks, at the stream or at a partition."""

    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Ids in the rows that another stream looks up: stream -> dotted paths into the row."""

    key_defaults: ClassVar[Mapping[str, str]] = {}
    """What stands in columns of the key where the vendor sends nothing: a key is never empty."""

    derived_columns: tuple[str, ...] | None = None
    """The columns that the stream's own code makes, if the others shall fit before it sees them.

    None: that code takes whatever a vendor sends, and all columns are made to fit after it.
    """

    row_number_column: str | None = None
    """A column that counts the rows of a list from 0, for rows that have no key of their own."""

    optional_params: ClassVar[frozenset[str]] = frozenset()
    """Parameters that ask for more of each row; left out for a row that breaks its page."""

    if_forbidden: Cost | None = None
    if_missing: Cost | None = None
    """What a denied list costs; None: the stream at the top level, the list alone below it."""

    is_read_last: bool = False
    """Read after the other streams, for it builds on what they have shown; else in turn."""

    rounds_go_on: bool = False
    """Further rounds are read though a list failed."""

    tells_vanished: bool = False
    """What has vanished is told by last rows, which a listing may have among its rows."""
    goes_with_parent: bool = False
    """`listing_for` is asked for last rows of the parent, too, for those of what went with it."""

    internal_columns: ClassVar[frozenset[str]] = frozenset()
    """Columns that only children look at; they are never written."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.vendor_names: dict[str, str] = {}  # Of columns that have another name
        if self.tells_vanished:
            vars(self)["schema"] = with_deleted_at(self.schema)  # Instead of the class's
        if self.config["extra_fields"] == "keep":
            vars(self)["schema"] = with_extra_fields(self.schema)

    # What a run reads of it

    @functools.cached_property
    def reads_all(self) -> bool:
        """Whether a run that reads the stream whole lists everything that exists."""
        if self.rows_stay_true or self.replication_key or (self.tracks_runs and not self.waits):
            return False
        return self.waits or self.parent is None or self.parent.reads_all

    @functools.cached_property
    def waits(self) -> bool:
        """Whether the stream is read whole only when it is due."""
        return self.is_read_when_due or bool(self.parent and self.parent.waits)

    @functools.cached_property
    def reconciliation(self) -> Reconciliation:
        """When the stream is due."""
        return Reconciliation(self, self.run)

    @functools.cached_property
    def is_whole(self) -> bool:
        """Whether this run reads the stream for all parents; a stream may set it otherwise."""
        if not self.waits:
            return True
        return any(each.selected and each.reconciliation.is_due for each in self.family)

    @property
    def is_incremental(self) -> bool:
        """Whether runs after the first one read what changed, and only the first reads all."""
        has_bookmark = self.replication_key or (self.tracks_runs and not self.waits)
        return bool(has_bookmark) and not self.rows_stay_true

    @property
    def reads_all_now(self) -> bool:
        """Whether this run lists everything that exists, so that the rest has vanished."""
        return self.reads_all and self.is_whole

    # Where it starts, and what it remembers

    @functools.cached_property
    def bookmarks(self) -> Bookmarks:
        """The stream's bookmarks."""
        return Bookmarks(self, self.run)

    @functools.cached_property
    def valid_for(self) -> ValidFor:
        """What the bookmarks are bookmarks of: the settings that the topmost stream names."""
        *_, top = lineage(self)
        return ValidFor.settings(self.run, top.bookmark_depends_on)

    @property
    def lookback(self) -> timedelta:
        """How far before a bookmark a list starts, for rows that appear late."""
        return timedelta(seconds=self.config.get("lookback") or 0)

    @property
    def tracks_runs(self) -> bool:
        """Whether the stream keeps `last_run`."""
        return self.keeps_last_run or self.parent_cursor is not None

    @functools.cached_property
    def run_trackers(self) -> list[Bookmarks]:
        """The bookmarks of what is read through this stream, where they keep `last_run`."""
        below = [
            stream
            for stream in (self, *self.descendent_streams)
            if isinstance(stream, RestStream) and stream.selected
        ]
        mentioned = {name for stream in below for name in stream.mentions}
        found = [stream for name, stream in self.run.streams.items() if name in mentioned]
        return [
            stream.bookmarks
            for stream in (*below, *found)
            if isinstance(stream, RestStream) and stream.selected and stream.tracks_runs
        ]

    # Which lists there are

    def listing(self, **given: Any) -> Listing:
        """Describe a list: as the stream declares it, where nothing else is given."""
        cost = Cost.STREAM if self.parent_stream_type is None else Cost.LIST
        given.setdefault("start", functools.partial(self.bookmarks.start, given.get("keys", {})))
        given.setdefault("order", Order.NEWEST_FIRST if self.newest_first else Order.UNKNOWN)
        given.setdefault("if_forbidden", self.if_forbidden or cost)
        given.setdefault("if_missing", self.if_missing or cost)
        return Listing(**given)

    def rounds(self) -> Iterator[Iterable[Listing]]:
        """Yield the lists of a top-level stream, in rounds.

        The first round is planned on a worker thread; each further one on the main thread, when
        the one before is written. Where a list failed, no further one is asked for: what must
        happen at the end belongs in `stream_done`.
        """
        yield [self.listing()] if self.is_whole else []

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Describe the list of a parent's row; None if there is nothing to ask for.

        Args:
            row: The parent's row.
            keys: What the list above and the row hand down.
            above: The list that the row is of.
        """
        if not above.all_children and not self.may_have_changed(row, keys):
            return None
        return self.listing_below(above, row, keys)

    def listing_below(
        self, above: Listing, row: Row, keys: Mapping[str, Any], **given: Any
    ) -> Listing:
        """Describe the list of a parent's row, with what is handed down.

        One that an earlier run could not read is read whole, whatever its dates say.
        """
        all_children = above.all_children or keys in self._keys_unread
        down = {"all_children": all_children, "purpose": above.purpose}
        return self.listing(keys=keys, parent=row, **{**down, **given})

    @functools.cached_property
    def _keys_unread(self) -> list[Mapping[str, Any]]:
        """The keys of the lists that earlier runs could not read; see `UnreadLists`."""
        return [each["keys"] for each in self.bookmarks.held().get("unread", ()) if "keys" in each]

    def may_have_changed(self, parent: Row, keys: Mapping[str, Any]) -> bool:
        """Tell by `parent_cursor` whether there may be anything new to read for a parent."""
        if self.parent_cursor is None:
            is_new = self.keeps_last_run and self.bookmarks.last_run(keys) is None
            return self.is_whole or is_new
        # What a stream below this one needs is found only through it
        changed = parse_timestamp(parent.get(self.parent_cursor))
        start = self.bookmarks.earliest_run(keys)
        if changed is None:
            return self.is_whole
        return start is None or changed >= start - self.lookback

    def has_children(self, row: Row, listing: Listing) -> bool:  # noqa: ARG002
        """Tell whether the lists below a row are read."""
        return self.run.passes_filter(self, row)

    def keys_for_children(self, row: Row, listing: Listing) -> Mapping[str, Any]:
        """Hand down the keys of the list and those of this row."""
        return {**listing.keys, **{key: row.get(name) for key, name in self.child_keys.items()}}

    def denied(self, listing: Listing, error: DeniedError) -> Cost:
        """Say what it costs that a list was denied; this may tell the user more."""
        return listing.if_forbidden if error.is_forbidden else listing.if_missing

    def stream_done(self) -> None:
        """Do something after the stream was read completely."""

    # What is asked, and what is answered

    def get_new_paginator(self) -> BaseAPIPaginator[Any] | None:
        """Page through a list; None for a list of one page."""
        return None

    def page_params(self, token: Any) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for one page by parameters; the token of the first one is None."""
        return {}

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Describe a list by parameters; what is None is left out."""
        return listing.params

    def payload(self, listing: Listing, token: Any) -> object:  # noqa: ARG002
        """Make the JSON to send along; None for none."""
        return None

    def url_of(self, listing: Listing) -> str:
        """Find a list's address, without parameters."""
        return self.get_url(listing.keys) if listing.path is None else self.url_base + listing.path

    def rest_of(self, listing: Listing, last: Row) -> Iterator[Row | str] | None:  # noqa: ARG002
        """Read on another way where a page of a list cannot be had; None if there is none.

        It yields the rows after the last one of the pages before, and for each that cannot be had
        its path, which the next run asks.
        """
        return None

    def full_page(self, listing: Listing) -> int | None:
        """Tell how many rows a page of a list has at most; None where none can be asked for."""
        size = None if listing.is_one_row else self.page_params(None).get("limit")
        return size if isinstance(size, int) else None

    def request_for(
        self, listing: Listing, token: Any, *, size: int | None = None, is_lean: bool = False
    ) -> requests.PreparedRequest:
        """Prepare the request for one page of a list, with the credentials of this moment.

        Args:
            listing: The list.
            token: Of the page; None for the first one.
            size: Rows to ask for; None for a full page.
            is_lean: Leave out what `optional_params` ask for.
        """
        paging = {} if listing.is_one_row else self.page_params(token)
        params = {**paging, **self.query(listing)}
        if size:
            params["limit"] = size
        left_out = self.optional_params if is_lean else ()
        named = {
            name: value
            for name, value in params.items()
            if value is not None and name not in left_out
        }
        return self.build_prepared_request(
            self.http_method,
            self.url_of(listing),
            params=urlencode(named, doseq=True),
            json=self.payload(listing, token),
        )

    def last_row(self, **key: Any) -> Row:
        """Make the row that says of a key that what it names has vanished.

        It is written as it is: nothing is asked for below it, and no hook for rows sees it.
        """
        return last_row(self.schema, key, format_timestamp(self.run.began))

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:  # noqa: ARG002
        """Change or note the rows of a page together; it may ask for more with `get_json`."""
        return rows

    @functools.cached_property
    def conformer(self) -> Conformer:
        """Makes values what their columns say."""
        return Conformer(
            self.effective_schema,
            self.primary_keys,
            self.key_defaults,
            on_mended=self._note_mended,
            on_left_out=self.count_skipped,
        )

    def _note_mended(self, column: str, count: int, how: str) -> None:
        if self.stats.mend(column, count):
            self.logger.warning("%s: %s: %s; the summary counts them", self.name, column, how)

    # On their way out, on the main thread

    def rows_to_write(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Pick the rows to write. The children of the others are considered all the same."""
        return self.bookmarks.not_older(rows, listing.keys) if self.newest_first else rows

    # The family

    @functools.cached_property
    def needed_keys(self) -> frozenset[str]:
        """What of the keys must be known: what is in the path or in the primary key."""
        return frozenset([*self.placeholders, *self.primary_keys])

    @functools.cached_property
    def parent(self) -> RestStream | None:
        """The stream whose rows this one's lists belong to."""
        for stream in self.run.streams.values():
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


def lineage(stream: RestStream) -> Iterator[RestStream]:
    """Yield a stream, its parent, and so on."""
    yield stream
    while stream.parent:
        yield (stream := stream.parent)
