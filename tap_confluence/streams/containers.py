"""Whiteboards, databases, folders and embeds, for which the API has no lists.

Search (CQL) finds their ids and dates; then each one that changed is read by itself. The index
behind search lags by minutes, so it is asked again for what changed in the last day. When it is due
each is read, for moves leave dates alone, and what search lacks of those known is asked for by its
id before it is told as vanished.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from rest_tap import Cost, columns, parse_timestamp
from tap_confluence import schemas
from tap_confluence.sweep import NO_CHANGES
from tap_confluence.swept import SweptStream
from tap_confluence.walking import MOST_EACH_RUN, WalkedStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rest_tap import DeniedError, Listing

INDEX_LAG = timedelta(days=1)


class ContainerStream(SweptStream):
    """Things in the page tree that are not pages."""

    small_sketch_rows = (2, 2, 2, 2)
    replication_key = "modified_at"
    records_key = None
    paged = False
    selected_by_default = False
    lifts: ClassVar[Mapping[str, str]] = {"modified_at": "version.createdAt"}
    if_forbidden = Cost.LIST
    if_missing = Cost.NOTHING  # Search may still find what is deleted
    _ids: Sequence[str] = ()
    kind: ClassVar[str]
    """Their type in search."""
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "users": ("author_id", "owner_id", "version.authorId")
    }

    @property
    def lookback(self) -> timedelta:
        """Look back for longer than the index can lag."""
        return max(super().lookback, INDEX_LAG)

    def rounds(self) -> Iterator[Iterable[Listing]]:
        """Ask for each one that changed; none at all may have."""
        cql, since = f"type={self.kind}", self.bookmarks.start()
        if keys := self.space_filter.true_keys(self):
            cql += " and space in ({})".format(",".join(f'"{key}"' for key in keys))
        is_counted = since is None or self.is_swept
        # What an earlier version has read is not read again: there is nothing to compare with
        is_all = since is None or (self.is_swept and self.sweep.before is not None)
        found = {
            str(row["content"]["id"]): parse_timestamp(row.get("lastModified"))
            for row in self.search(cql=cql, includeArchivedSpaces="true")
            if row.get("content")
        }
        changed = [i for i, at in found.items() if is_all or not (since and at and at < since)]
        below = {"all_children": self._reads_restrictions_whole(len(found))}
        yield self._each(changed, **below)
        if below["all_children"]:
            known = {"for_children_only": True, **below}
            others = [{"id": i} for i in found if i not in {*changed}]
            yield [self.listing(keys=key, known=[{**key}], **known) for key in others]
        self._ids = list(found)
        if is_counted:
            self.sweep.counting(lambda: lambda rows: rows)()([{"id": i} for i in found])
            self.sweep.is_complete = True
        if since and self.selected:
            yield from self.differing(NO_CHANGES)

    def _each(self, ids: Iterable[str], **given: Any) -> list[Listing]:
        alone = {"is_one_row": True, "new_pass": lambda: self.not_missing, **given}
        return [self.listing(keys={"id": i}, **alone) for i in ids]

    def all_again(self) -> list[Listing]:
        """Read each."""
        return self._each(self._ids)

    def by_id(self, ids: Sequence[str]) -> list[Listing]:
        """Ask for what search lacks: the others were read already."""
        return self._each(i for i in ids if i in self.missing)

    def denied(self, listing: Listing, error: DeniedError) -> Cost:
        """Tell what is missing from what may not be read alone."""
        if error.is_forbidden:
            self.missing.discard(listing.keys.get("id", ""))
        return super().denied(listing, error)

    def _reads_restrictions_whole(self, requests: int) -> bool:
        """Tell whether restrictions are read of those that stayed as they are, too."""
        below = [child for child in self.active_children if isinstance(child, WalkedStream)]
        is_whole = requests <= MOST_EACH_RUN or any(child.is_whole for child in below)
        for child in below:
            child.is_whole = is_whole
        return bool(below) and is_whole


def _schema(thing: str, *more: columns.Column, links: tuple[str, ...]) -> dict[str, Any]:
    return columns.table(
        columns.key("id", f"ID of the {thing}."),
        columns.text("type", "Its type, as the API names it."),
        schemas.STATUS,
        schemas.TITLE,
        schemas.PARENT_ID,
        schemas.PARENT_TYPE,
        schemas.POSITION,
        schemas.AUTHOR_ID,
        schemas.OWNER_ID,
        schemas.CREATED_AT,
        schemas.SPACE_ID,
        schemas.VERSION_COLUMN,
        schemas.MODIFIED_AT,
        *more,
        schemas.links(*links),
    )


class Whiteboards(ContainerStream):
    """Whiteboards: what they are, not what is drawn on them (getWhiteboardById)."""

    name = "whiteboards"
    path = "/whiteboards/{id}"
    kind = "whiteboard"
    child_keys: ClassVar[Mapping[str, str]] = {"whiteboard_id": "id"}
    needs = "the scopes search:confluence and read:whiteboard:confluence"
    schema = _schema("whiteboard", links=("webui", "editui"))


class Databases(ContainerStream):
    """Databases: what they are, not what is in them (getDatabaseById)."""

    name = "databases"
    path = "/databases/{id}"
    kind = "database"
    child_keys: ClassVar[Mapping[str, str]] = {"database_id": "id"}
    needs = "the scopes search:confluence and read:database:confluence"
    schema = _schema("database", links=("webui",))


class Folders(ContainerStream):
    """Folders (getFolderById)."""

    name = "folders"
    path = "/folders/{id}"
    kind = "folder"
    child_keys: ClassVar[Mapping[str, str]] = {"folder_id": "id"}
    needs = "the scopes search:confluence and read:folder:confluence"
    schema = _schema("folder", links=("webui",))


class Embeds(ContainerStream):
    """Smart links in the page tree (getSmartLinkById)."""

    name = "embeds"
    path = "/embeds/{id}"
    kind = "embed"
    child_keys: ClassVar[Mapping[str, str]] = {"embed_id": "id"}
    needs = "the scopes search:confluence and read:embed:confluence"
    schema = _schema(
        "smart link",
        columns.text("embed_url", "Address that it shows."),
        links=("webui",),
    )
