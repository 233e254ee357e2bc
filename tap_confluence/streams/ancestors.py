"""What is above each page, and the one walk that brings labels and restrictions with it.

Labels and restrictions change while what they are on stays the same, so they are read whole. API
v2 lists what a label is on, a request for each label, and API v1 has restrictions, a request for
each page; but v1's search shows 200 contents a request with all of that expanded. So the streams
of labels and restrictions are children of one stream, which finds the way for each kind of
content, by counts:

search   contents as search finds them. The index behind it lags, so what it lacks of the list of
         API v2 is asked for by id, and then alone, before anything is told as vanished
labels   labels, each of which is asked for what it is on, where that takes fewer requests
changed  what changed since the last run, asked for alone, where the credentials may not search
"""

from __future__ import annotations

import json
from functools import cached_property, partial
from itertools import compress
from math import ceil
from typing import TYPE_CHECKING, Any

from rest_tap import Cost, DeniedError, columns, format_timestamp, parse_timestamp
from tap_confluence import schemas
from tap_confluence.client import SEARCH_LIMIT, ConfluenceV1Stream
from tap_confluence.listed_ids import ListedIds
from tap_confluence.space_filter import IDS_A_REQUEST, joined
from tap_confluence.walking import (
    KINDS,
    MOST_EACH_RUN,
    PAGE,
    Kind,
    OnContentStream,
    WalkedStream,
    Way,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from rest_tap import Listing, Row
    from tap_confluence.known_labels import KnownLabels

LISTED_A_REQUEST = 250
SOUGHT_A_REQUEST = 100  # Ids in one question
ALSO_ARCHIVED = {"includeArchivedSpaces": "true"}
MOST_ALONE = 250  # What search lacks, and is asked for alone


class PageAncestors(WalkedStream, ConfluenceV1Stream):
    """What is above each page, from the top down (searchContentByCQL)."""

    name = "page_ancestors"
    path = "/content/search"
    limit = SEARCH_LIMIT
    primary_keys = ("page_id",)
    is_read_last = True
    optional_params = frozenset({"expand"})  # What is missing then is asked for alone
    selected_by_default = False
    needs = "the scope read:content-details:confluence (or the classic search:confluence)"
    schema = columns.table(
        columns.key("page_id", "ID of the page."),
        schemas.STATUS,
        schemas.SPACE_ID,
        columns.texts(
            "ancestor_ids", "IDs of the pages, folders, ... above it, the topmost first."
        ),
    )

    # Which lists there are

    def rounds(self) -> Iterator[Iterable[Listing]]:
        """Read all by the cheapest way; then what search lacks, by id, and then alone."""
        sizes = self._sizes()
        if sizes and self._is_by_count and not self.run.streams["labels"].selected:
            self._labels.look_up(self, max(sizes.values()))
        # The labels, and what lists the content, stand before this stream: they are read by now
        yield []
        if sizes is None:
            yield [*self._by_labels(self._labelled), *self._changed()]
            return
        walked = [kind for kind, requests in sizes.items() if self._is_walked(kind, requests)]
        by_labels = [kind for kind in self._labelled if kind not in walked]
        cost = sum(map(sizes.__getitem__, walked)) + len(by_labels) * len(self._labels.rows)
        if not self._is_whole_at(cost):
            walked, by_labels = list(self._below), []
        lacking = {kind: self._lacking(kind) for kind in walked}
        unlisted = [kind for kind in walked if not lacking[kind].is_complete]
        yield [
            *(self._found(kind, lacking[kind]) for kind in walked if self.is_whole),
            *(part for kind in unlisted for part in self._listed(kind, lacking[kind])),
            *self._by_labels(by_labels),
        ]
        yield [part for kind in walked for part in self._sought(kind, lacking[kind])]
        yield [part for kind in walked for part in self._archived(kind, lacking[kind])]
        yield [part for kind in walked for part in self._alone(kind, lacking[kind])]

    def _is_whole_at(self, requests: int) -> bool:
        """Tell whether all is read in this run: else what changed, until all is due again."""
        if requests <= MOST_EACH_RUN or self.is_whole:
            for stream in self._walked:
                stream.is_whole = True
            return True
        self.logger.info(
            "%s: all of it would take %d requests and is not due until %s: what changed is read",
            self.name,
            requests,
            format_timestamp(min(s.reconciliation.due_at for s in self._walked if s.selected)),
        )
        return False

    @property
    def _walked(self) -> list[WalkedStream]:
        return [stream for stream in self.family if isinstance(stream, WalkedStream)]

    @cached_property
    def _below(self) -> dict[Kind, list[OnContentStream]]:
        """What is read in this run of each kind of content."""
        found: dict[Kind, list[OnContentStream]] = {PAGE: []} if self.selected else {}
        for child in self.active_children:
            if isinstance(child, OnContentStream):
                found.setdefault(child.kind, []).append(child)
        return found

    @cached_property
    def _labelled(self) -> list[Kind]:
        """The kinds of content whose labels are read."""
        return [
            kind
            for kind, children in self._below.items()
            if any(not child.needs_each_content for child in children)
        ]

    @property
    def _is_by_count(self) -> bool:
        """Whether the number of labels decides on anything."""
        return any(not self._needs_each(kind) for kind in self._labelled)

    def _needs_each(self, kind: Kind) -> bool:
        is_own = kind is PAGE and self.selected
        return is_own or any(child.needs_each_content for child in self._below[kind])

    @property
    def _labels(self) -> KnownLabels:
        return self.run.known_labels

    def _lacking(self, kind: Kind) -> ListedIds:
        """Hold what is listed against what is found; it may have been listed in this run."""
        empty = ListedIds(kind.id_prefix)
        return self.run.listed_ids.pop(kind.path, empty) if self.is_whole else empty

    # By counts

    def _sizes(self) -> dict[Kind, int] | None:
        """Find how many requests it takes to walk each kind; None if search is denied."""
        try:
            self._ask_search("/content/search", {"cql": "type=page"})
            return {kind: self._size(kind) for kind in self._below}
        except DeniedError as error:
            self.logger.warning(
                "%s: %s. Labels are asked for one by one, and restrictions of what changed",
                self.name,
                error,
            )
            return None

    def _size(self, kind: Kind) -> int:
        answer = self._ask_search("/search", {**self._question(kind), **ALSO_ARCHIVED})
        count = int(answer.get("totalSize") or 0)
        return ceil(count / self.limit) + ceil(count / LISTED_A_REQUEST)

    def _ask_search(self, path: str, question: Mapping[str, str]) -> Any:
        return self.get_json(f"{self.url_base}{path}", {**question, "limit": 1})

    def _question(self, kind: Kind, cql: str = "") -> dict[str, str]:
        """Ask for content of a kind outside of the trash."""
        context = json.dumps({"contentStatuses": kind.statuses})
        return {"cql": cql or self._cql(f"type={kind.name}"), "cqlcontext": context}

    def _cql(self, clause: str) -> str:
        keys = ",".join(f'"{key}"' for key in self.space_filter.true_keys(self))
        return f"{clause} and space in ({keys})" if keys else clause

    def _is_walked(self, kind: Kind, requests: int) -> bool:
        """Tell whether each content of a kind is looked at; the log says so."""
        is_walked = self._needs_each(kind) or not self._labels.are_fewer_than(requests)
        way = f"each {kind.name} is searched" if is_walked else "each label is asked for"
        counts = f"{requests} requests for search, {len(self._labels.rows)} labels"
        self.logger.info("%s: %s: %s (%s)", self.name, kind.name, way, counts)
        return is_walked

    # One way

    def _found(self, kind: Kind, lacking: ListedIds, cql: str = "") -> Listing:
        """Search for contents with all that is wanted of them."""

        def note(rows: list[Row]) -> list[Row]:
            lacking.found(row["id"] for row in rows)
            return rows

        wanted = {name for child in self._below[kind] for name in child.expand}
        if kind is PAGE and self.selected:
            wanted.add("ancestors")
        expand = ",".join(sorted({"space", *wanted}))
        params = {**self._question(kind, cql), "expand": expand}
        path = "/rest/api/content/search"
        return self._list(Way.SEARCH, [kind], path, params, new_pass=lambda: note)

    def _listed(self, kind: Kind, lacking: ListedIds) -> list[Listing]:
        """List all of a kind, without bodies, or what changed, to know what to search for."""

        def note(rows: list[Row]) -> list[Row]:
            kept = rows if kind.takes_ids else self.space_filter.kept(self, rows)
            lacking.listed(row["id"] for row in kept)
            return []

        path = f"/api/v2{kind.path}"
        return [
            self._list(None, [kind], path, part, new_pass=lambda: note)
            if self.is_whole
            else self._list(
                None,
                [kind],
                "",
                pages=partial(self._changed_pages, kind, part),
                new_pass=lambda: note,
            )
            for part in self._parts(kind)
        ]

    def _sought(self, kind: Kind, lacking: ListedIds) -> list[Listing]:
        """Search by id for what moved in the index while it was searched."""
        batches = joined(lacking.lacking, SOUGHT_A_REQUEST)
        return [self._found(kind, lacking, f"id in ({batch})") for batch in batches]

    def _archived(self, kind: Kind, lacking: ListedIds) -> list[Listing]:
        """Search archived spaces too, which the other endpoint cannot be told to do."""
        ids = lacking.lacking if len(lacking.lacking) > MOST_ALONE else ()
        lists = [
            self._found(kind, lacking, f"id in ({batch})")
            for batch in joined(ids, SOUGHT_A_REQUEST)
        ]
        for listing in lists:
            names = (f"content.{name}" for name in listing.params["expand"].split(","))
            listing.params = {**listing.params, **ALSO_ARCHIVED, "expand": ",".join(names)}
            listing.path = "/rest/api/search"
        return lists

    def _alone(self, kind: Kind, lacking: ListedIds) -> list[Listing]:
        """Ask for what the index does not know yet."""
        ids = lacking.lacking
        if len(ids) > MOST_ALONE:
            self.logger.warning(
                "%s: search lacks %d of kind %s, more than can be asked for alone: labels and "
                "restrictions of these follow in a later run, and nothing is told as vanished",
                self.name,
                len(ids),
                kind.name,
            )
            self._read_in_part(self._below[kind], itself=kind is PAGE)
            return []
        path = f"/api/v2{kind.path}"
        if kind.takes_ids:
            statuses = ",".join(kind.statuses)
            return [
                self._list(Way.ALONE, [kind], path, {"id": batch, "status": statuses})
                for batch in joined(ids, IDS_A_REQUEST)
            ]
        alone = partial(self._list, Way.ALONE, [kind], is_one_row=True)
        gone = Cost.NOTHING
        return [alone(f"{path}/{i}", if_missing=gone, if_forbidden=gone) for i in ids]

    # The other ways

    def _by_labels(self, kinds: Sequence[Kind]) -> list[Listing]:
        if not kinds:
            return []
        known = self._labels.rows if self._labels.is_complete else None
        return [self._list(Way.LABELS, kinds, "/api/v2/labels", known=known)]

    def _changed(self) -> list[Listing]:
        """List what changed, to be asked for restrictions; this tells nothing of the rest."""
        kinds = [kind for kind in self._below if self._needs_each(kind)]
        for kind in kinds:
            of_each = [child for child in self._below[kind] if child.needs_each_content]
            self._read_in_part(of_each, itself=kind is PAGE)
        return [
            self._list(Way.CHANGED, [kind], "", pages=partial(self._changed_pages, kind, part))
            for kind in kinds
            for part in self._parts(kind)
        ]

    def _changed_pages(self, kind: Kind, part: Mapping[str, str]) -> Iterator[list[Row]]:
        start, newest_first = self._last_time(kind), {**part, "sort": "-modified-date"}
        for rows in self.ask_pages(f"/api/v2{kind.path}", **newest_first):
            dates = [parse_timestamp((row.get("version") or {}).get("createdAt")) for row in rows]
            is_new = [at is None or start is None or at >= start for at in dates]
            yield list(compress(rows, is_new))
            if is_new and not any(is_new[-2:]):  # One alone may be out of place
                return

    def _last_time(self, kind: Kind) -> datetime | None:
        """Find from when on changes of a kind matter, whatever is read whole besides."""
        streams = [stream for child in self._below[kind] for stream in child.family]
        streams += [self] if kind is PAGE else []
        runs = [stream.bookmarks.last_run() for stream in streams if stream.selected]
        known = [run - self.lookback for run in runs if run]
        return min(known) if len(known) == len(runs) else self.run.start_date

    def _read_in_part(self, children: Iterable[OnContentStream], *, itself: bool) -> None:
        """Let nothing of some streams be told as vanished, for not all was read."""
        concerned = {member.name for child in children for member in child.family}
        concerned |= {self.name} if itself else set()
        for stream in self._walked:
            if stream.name in concerned:
                stream.is_whole = False

    def _parts(self, kind: Kind) -> list[dict[str, str]]:
        """List the parameters of the lists that have all of a kind between them."""
        whole = {"limit": str(LISTED_A_REQUEST), "status": ",".join(kind.statuses)}
        return [{**whole, **part} for part in self.space_filter.parts(self) if kind.takes_ids] or [
            whole
        ]

    def _list(
        self,
        way: Way | None,
        kinds: Sequence[Kind],
        path: str,
        params: Mapping[str, Any] | None = None,
        **given: Any,
    ) -> Listing:
        is_told = way in {Way.SEARCH, Way.ALONE} and PAGE in kinds
        return self.listing(
            keys={"kinds": ",".join(kind.name for kind in kinds)},
            path=path,
            params=params or {},
            purpose=way,
            for_children_only=not is_told,
            **given,
        )

    # What becomes of rows

    def url_of(self, listing: Listing) -> str:
        """Lists of both APIs lead to labels and restrictions."""
        return f"{self.run.address.wiki}{listing.path}"

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Derive the columns, where rows are contents; keep what is in the wanted spaces."""
        if listing.purpose is Way.SEARCH:
            rows = [row.get("content") or row for row in rows]
            for row in rows:
                row["space_id"] = str((row.get("space") or {}).get("id") or "") or None
                row["ancestor_ids"] = self._ancestors_in(row)
            statuses = KINDS[listing.keys["kinds"]].statuses
            is_wanted = self.space_filter.has
            rows = [
                row
                for row in rows
                if row.get("status") in statuses and is_wanted(self, row["space_id"])
            ]
        elif listing.purpose is Way.ALONE and not listing.for_children_only and self.selected:
            for row in rows:
                row["ancestor_ids"] = self._ancestors_of(row["id"])
        if not listing.for_children_only:  # Else they may be no pages
            for row in rows:
                row["page_id"] = row.get("id")
        return rows

    def rows_to_write(self, rows: list[Row], listing: Listing) -> list[Row]:  # noqa: ARG002
        """Write of pages only what is told here: the rest of the row is for the children."""
        columns = self.schema["properties"]
        return [{name: row.get(name) for name in columns} for row in rows]

    def _ancestors_in(self, page: Row) -> list[str]:
        if self.selected and page.get("type") == PAGE.name and "ancestors" not in page:
            return self._ancestors_of(page["id"])
        return [above["id"] for above in page.get("ancestors") or ()]

    def _ancestors_of(self, page: str) -> list[str]:
        return [above["id"] for above in self.ask_list(f"/pages/{page}/ancestors", limit="250")]

    def keys_for_children(self, row: Row, listing: Listing) -> Mapping[str, Any]:
        """Hand down the content, or the label."""
        if listing.purpose is Way.LABELS:
            return {"label_id": row["id"], "name": row.get("name"), "prefix": row.get("prefix")}
        return {KINDS[listing.keys["kinds"]].key: row["id"]}
