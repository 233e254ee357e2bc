"""How content and comments are read: everything once, then only what changed.

The API sorts these lists by date, but knows no `since`. So each of them is read for one of these
reasons, and a method of `FeedStream` says all of each:

everything    oldest first, so that an interrupted first sync keeps what it has
changes       newest first, down to the bookmark
removed       what is archived or trashed, where it is wanted, at a first sync
looked at     the same, only looked through: archiving, trashing and restoring leave the date
              alone, so it is compared with what the last run knew (see removed.py)
swept         all of it, when that is due, only looked through: moves, owners, what is gone or seen
              again leave the date alone, too (see sweep.py)
by id         what the comparisons found, in whatever status it is now
found, alone  the same, among what is removed and one by one, where the list cannot be asked by id
vanished      what of that is not there any more: its last rows, which need no request
again         everything from the start date on, newest first, or some spaces, if the comparisons
              cannot tell
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from rest_tap import Cost, Order
from rest_tap.state import TEXT
from tap_confluence.listed_ids import ListedIds
from tap_confluence.removed import RemovedContent, RemovedSketch
from tap_confluence.space_filter import SPACES_A_REQUEST, joined
from tap_confluence.sweep import NO_CHANGES, Changes
from tap_confluence.swept import SweptStream, batches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from rest_tap import DeniedError, Listing, Row
    from rest_tap.state import Kind
    from tap_confluence.removed import Step

OUTSIDE_OF_TRASH = {"current", "archived"}
DATELESS = {"archived", "trashed"}  # Statuses that come and go while the date stays


class FeedStream(SweptStream):
    """A list that the API sorts by the date of the newest version."""

    replication_key = "modified_at"
    lifts: ClassVar[Mapping[str, str]] = {"modified_at": "version.createdAt"}
    state_keys: ClassVar[Mapping[str, Kind]] = {"removed": TEXT.spare()}

    statuses: tuple[str, ...] = ()
    """What the endpoint's filter for the status knows; empty if it has none."""

    takes_spaces = True
    """The endpoint has a filter for spaces."""

    takes_ids = True
    """The endpoint has a filter for ids; else each is asked for by itself."""

    id_prefix = ""
    """What stands before the number of an id."""

    has_labels = False
    """Labels and restrictions of it are read; see streams/ancestors.py."""

    bookmark_depends_on: tuple[str, ...] = ("spaces", "page_statuses")

    _seen: RemovedContent
    _came: Collection[str] = ()  # Into what is removed
    _listed: ListedIds | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._split: list[Listing] = []
        self._denied: set[str] = set()
        self._counted: dict[Listing, Step] = {}
        self._is_swept_now = False

    # What is read

    def rounds(self) -> Iterator[Iterable[Listing]]:
        """Read what changed, or everything; then what the comparisons found."""
        start = self.bookmarks.start()
        self._seen = RemovedContent(self._watched, start)
        self._is_swept_now = "current" in self._wanted and (start is None or self.is_swept)
        self._listed = ListedIds(self.id_prefix) if self._is_walked else None
        if start is None:
            yield [*self._counted_at_first(), *self._everything()]
        else:
            swept = self._swept(["current"]) if self._is_swept_now else ()
            yield [*self._changes(), *self._looked_at(self._watched), *swept]
        yield from self._splits()
        self.sweep.is_complete = self._is_swept_now
        if self._listed:
            self._listed.is_complete = True
            self.run.listed_ids[self.path] = self._listed
        if self.selected and not self._is_first:
            yield from self._differing()

    def _splits(self) -> Iterator[list[Listing]]:
        while self._split:
            split, self._split = self._split, []
            yield split

    def _counted_at_first(self) -> list[Listing]:
        """Count what is removed, wanted or not: it may be restored."""
        others = [status for status in self._watched if status not in self._removed_wanted]
        counted = [*self._removed(), *self._looked_at(others)]
        if counted and self.selected and "removed" not in self.bookmarks.held():
            counted[-1].done = self._save_removed  # Before anything else is read
        return counted

    def _everything(self) -> list[Listing]:
        current = [status for status in self._wanted if status == "current"]
        # A bookmark can move with a single list, not with some side by side
        order = Order.OLDEST_FIRST if len(self.parts) == 1 else Order.UNKNOWN
        lists = self._lists(current, order=order, new_pass=lambda: self._kept)
        for listing in lists if self._is_swept_now else ():
            listing.new_pass = self.sweep.counting(lambda: self._kept)
        return lists

    def _changes(self) -> list[Listing]:
        def note(rows: list[Row]) -> list[Row]:
            return self._kept(self._seen.changed(rows))

        return self._lists(self._wanted, order=Order.NEWEST_FIRST, new_pass=lambda: note)

    def _removed(self) -> list[Listing]:
        return [self._count(each, self._kept) for each in self._lists(self._removed_wanted)]

    def _looked_at(self, statuses: Collection[str]) -> list[Listing]:
        def look(rows: list[Row]) -> list[Row]:
            self._seen.looked_at(rows)
            return []

        lists = self._lists(statuses if self._compares else (), has_body=False)
        return [self._count(listing, look) for listing in lists]

    def _count(self, listing: Listing, then: Step) -> Listing:
        """Count the rows of a list before they go further."""
        self._counted[listing] = then
        listing.new_pass = self._seen.counting(then)
        if self._is_swept_now:
            listing.new_pass = self.sweep.counting(listing.new_pass)
        return listing

    def _swept(self, statuses: Sequence[str]) -> list[Listing]:
        """List all, in an order that no edit changes."""
        lists = self._lists(statuses, has_body=False, sort="created-date")
        for listing in lists:
            listing.new_pass = self.sweep.counting(lambda: _nothing)
        return lists

    def _differing(self) -> Iterator[Sequence[Listing]]:
        removed = self._came_or_went()
        if removed is None and not self._is_swept_now and self.sweep.before:
            self._is_swept_now = True
            for status in self._readable(["current", *self._watched]):
                yield self._swept([status])
            self.sweep.is_complete = True
        if removed is None and not (self.sweep.is_complete and self.sweep.before):
            self.logger.info(
                "%s: what was archived, trashed or restored since the last run is more than its "
                "state can tell apart: reading everything again",
                self.name,
            )
            yield self.all_again()
        self.can_miss = not self._denied  # What is in a list that is denied is not gone
        yield from self.differing(removed or NO_CHANGES)

    def _came_or_went(self) -> Changes | None:
        """Find what the look through the removed shows; None if it is too much."""
        if not self._compares:
            return NO_CHANGES
        before = RemovedSketch().load(self.bookmarks.held().get("removed"))
        if before is None and self.bookmarks.own_start() == self.run.start_date:
            return NO_CHANGES  # A first run from a start date: there is nothing to compare with
        changes = self._seen.sketch().changes(before) if before else None
        if changes is None:
            return None
        self._came = {self.id_of(number) for number in changes[0]}
        return Changes(*changes)

    def id_of(self, number: int) -> str:
        """Put the prefix before the number."""
        return f"{self.id_prefix}{number}"

    def by_id(self, ids: Sequence[str]) -> list[Listing]:
        """Ask for rows by id, in whatever status; where the list cannot, one by one."""
        if not self.takes_ids:
            # What is in the trash may not be there to be asked for by itself
            alone = [content for content in ids if content not in self._came]
            return [*self._found(self._came), *self._alone(alone)]
        statuses = ",".join(self._readable(["current", *self._watched]))
        given: dict[str, Any] = {"all_children": True, "new_pass": lambda: self.not_missing}
        return [
            self._list({"statuses": statuses, **part}, ids=batch, **given)
            for part in self.id_parts
            for batch in batches(ids)
        ]

    @cached_property
    def id_parts(self) -> list[dict[str, str]]:
        """What a list by ids asks for beside them."""
        return [{}]

    def _found(self, ids: Collection[str]) -> list[Listing]:
        def among(rows: list[Row]) -> list[Row]:
            return [row for row in rows if row["id"] in ids]

        statuses = self._readable(self._watched) if ids else ()
        return self._lists(statuses, all_children=True, new_pass=lambda: among)

    def _alone(self, ids: Collection[str]) -> list[Listing]:
        """Ask for rows one by one: one that may not be seen, or is gone for good, is no error."""
        costs = {"if_forbidden": Cost.LIST, "if_missing": Cost.NOTHING}
        return [
            self.listing(
                keys={"content": content},
                path=f"{self.path}/{content}",
                params={"body-format": self.body_format},
                is_one_row=True,
                all_children=True,
                new_pass=lambda: self.not_missing,
                **costs,
            )
            for content in ids
        ]

    def all_again(self) -> list[Listing]:
        """Read everything from the start date on."""
        return self._again(self.parts)

    def spaces_again(self, spaces: Collection[str]) -> list[Listing]:
        """Read some spaces, where the list takes them."""
        if not self.takes_spaces:
            return self.all_again()
        some = joined(sorted(spaces), SPACES_A_REQUEST)
        return self._again([{**kind, "space-id": part} for kind in self.id_parts for part in some])

    def _again(self, parts: Sequence[dict[str, str]]) -> list[Listing]:
        return self._lists(
            self._readable(self._wanted),
            parts,
            order=Order.NEWEST_FIRST,
            start=lambda: self.run.start_date,
            all_children=True,
            new_pass=lambda: self._kept,
        )

    def _lists(
        self,
        statuses: Collection[str],
        parts: Sequence[dict[str, str]] | None = None,
        **given: Any,
    ) -> list[Listing]:
        """Describe lists that have all rows of some statuses between them; none for no status."""
        parts = (self.parts if parts is None else parts) if statuses else ()
        return [self._list({"statuses": ",".join(statuses), **part}, **given) for part in parts]

    def _list(
        self,
        keys: dict[str, str],
        *,
        ids: str | None = None,
        has_body: bool = True,
        sort: str = "modified-date",
        **given: Any,
    ) -> Listing:
        is_newest_first = given.get("order") is Order.NEWEST_FIRST
        params = {
            "id": ids,
            "space-id": keys.get("space-id"),
            "type": keys.get("type"),
            "status": keys["statuses"] if self.statuses else None,
            "sort": "-modified-date" if is_newest_first else sort,
            "body-format": self.body_format if has_body else None,
        }
        return self.listing(keys=keys, params=params, **given)

    def _readable(self, statuses: Collection[str]) -> list[str]:
        return [status for status in statuses if status not in self._denied]

    def denied(self, listing: Listing, error: DeniedError) -> Cost:
        """Read the other statuses where one of what is removed may not be listed.

        A list of several is read status by status then. Once it may be listed, all that is in it
        counts as having come.
        """
        if error.is_forbidden:
            self.missing.discard(listing.keys.get("content", ""))
        first, *others = listing.keys.get("statuses", "current").split(",")
        if others:
            self._split += [self._with_status(listing, status) for status in (first, *others)]
            return Cost.NOTHING
        if first == "current" or self._denied.issuperset(set(self._wanted) - {first}):
            return super().denied(listing, error)
        if first in self._wanted:
            self.stats.skip(f"list of the {first}")
            if first not in self._denied:
                self.logger.warning(
                    "%s: what is %s is left out, the rest is read: %s. If that is as it should be, "
                    "leave it out of page_statuses",
                    *(self.name, first, error),
                )
        self._denied.add(first)
        return Cost.NOTHING

    def _with_status(self, listing: Listing, status: str) -> Listing:
        keys, params = {**listing.keys, "statuses": status}, {**listing.params, "status": status}
        found = replace(listing, keys=keys, params=params, done=None)
        then = self._counted.get(listing)
        return self._count(found, then) if then else found

    @cached_property
    def parts(self) -> list[dict[str, str]]:
        """What one list can ask for; several lists together ask for all that is wanted."""
        return self.space_filter.parts(self) if self.takes_spaces else [{}]

    @cached_property
    def _wanted(self) -> list[str]:
        """The statuses of rows to write, of those that the list knows."""
        if not self.statuses:
            return ["current"]
        return [status for status in self.config["page_statuses"] if status in self.statuses]

    @cached_property
    def _unwanted(self) -> set[str]:
        return {*self.statuses} - {*self._wanted}

    @cached_property
    def _removed_wanted(self) -> list[str]:
        return [status for status in self._wanted if status != "current"]

    @cached_property
    def _watched(self) -> list[str]:
        """The statuses whose lists tell what came and went."""
        watched = {*DATELESS, *self._removed_wanted}
        return [status for status in self.statuses if status in watched]

    # What becomes of rows

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:  # noqa: ARG002
        """Keep what is in the wanted spaces."""
        if not self.takes_spaces:
            rows = self.space_filter.kept(self, rows)
        if self._listed:
            self._listed.listed(row["id"] for row in rows if row.get("status") in OUTSIDE_OF_TRASH)
        return rows

    def _kept(self, rows: list[Row]) -> list[Row]:
        return [row for row in rows if row.get("status") not in self._unwanted]

    def rows_to_write(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Translate the bodies of what is written, and of nothing else."""
        rows = super().rows_to_write(rows, listing)
        self.add_markdown(rows)
        return rows

    def has_children(self, row: Row, listing: Listing) -> bool:
        """Ask no more for what left the wanted statuses: that it left is told."""
        return row.get("status") not in self._unwanted and super().has_children(row, listing)

    @property
    def _is_walked(self) -> bool:
        """Whether another stream wants to know all that is outside of the trash."""
        walk = self.run.streams["page_ancestors"]
        is_all = self._compares and "current" in self._wanted
        is_read = walk.selected or walk.has_selected_descendents
        return self.has_labels and is_all and is_read and self._is_swept_now

    # What is remembered

    @property
    def _is_first(self) -> bool:
        """Whether everything is read for this stream itself, and not for one that is below it."""
        start_date = self.run.start_date
        return self.bookmarks.start() is None and self.bookmarks.own_start() == start_date

    @cached_property
    def _compares(self) -> bool:
        """Whether what is removed is looked through, for what came and went."""
        return bool(self.selected and self._wanted and self._watched)

    def stream_done(self) -> None:
        """Note what was removed, now that all of its changes are written."""
        super().stream_done()
        if self._compares:
            self._save_removed()

    def _save_removed(self) -> None:
        self.bookmarks.state()["removed"] = self._seen.sketch().dump()


def _nothing(rows: list[Row]) -> list[Row]:  # noqa: ARG001
    return []
