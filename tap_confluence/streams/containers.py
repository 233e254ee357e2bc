"""Whiteboards, databases, folders and embeds, for which the API has no lists.

Search (CQL) finds their ids and dates; then each one that changed is read by itself. The index
behind search lags by minutes, so it is asked again for what changed in the last day.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from rest_tap import Cost, columns, parse_timestamp
from tap_confluence import schemas
from tap_confluence.client import ConfluenceStream
from tap_confluence.walking import MOST_EACH_RUN, WalkedStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rest_tap import Listing

INDEX_LAG = timedelta(days=1)


class ContainerStream(ConfluenceStream):
    """Things in the page tree that are not pages."""

    primary_keys = ("id",)
    replication_key = "modified_at"
    records_key = None
    paged = False
    selected_by_default = False
    lifts: ClassVar[Mapping[str, str]] = {"modified_at": "version.createdAt"}
    if_forbidden = Cost.LIST
    if_missing = Cost.NOTHING  # Search may still find what is deleted
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
        changed: list[dict[str, str]] = []
        others: list[dict[str, str]] = []
        for row in self.search(cql=cql, includeArchivedSpaces="true"):
            if content := row.get("content"):
                at = parse_timestamp(row.get("lastModified"))
                is_old = since and at and at < since
                (others if is_old else changed).append({"id": content["id"]})
        below = {"all_children": self._reads_restrictions_whole(len(changed) + len(others))}
        yield [self.listing(keys=key, is_one_row=True, **below) for key in changed]
        if below["all_children"]:
            known = {"for_children_only": True, **below}
            yield [self.listing(keys=key, known=[{**key}], **known) for key in others]

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
