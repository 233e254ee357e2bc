"""The spaces that the setting `spaces` asks for, and which content lies in them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from rest_tap import ConfigError, DeniedError

if TYPE_CHECKING:
    from collections.abc import Iterable, KeysView, Sequence

    from rest_tap import Row
    from tap_confluence.client import ConfluenceStream

IDS_A_REQUEST = 250
SPACES_A_REQUEST = 100
KNOWN_AT_MOST = 200_000  # Parents whose space is remembered

# Where a row is: the column, and the list that tells the spaces of many such parents at once
_LISTS = {"page_id": "/pages", "blog_post_id": "/blogposts"}
# Parents that the API shows one at a time
_SINGLES = {"custom_content_id": "/custom-content", "attachment_id": "/attachments"}
_COLUMNS = (*_LISTS, *_SINGLES, "parent_comment_id")
_FIELDS = {
    "page_id": "pageId",
    "blog_post_id": "blogPostId",
    "custom_content_id": "customContentId",
    "attachment_id": "attachmentId",
    "parent_comment_id": "parentCommentId",
}

Parent = tuple[str, str]


def joined(items: Sequence[str], size: int) -> list[str]:
    """Join items with commas, at most so many together."""
    return [",".join(items[at : at + size]) for at in range(0, len(items), size)]


class SpaceFilter:
    """Tells what is in the wanted spaces; everything is, if none are named.

    Lists that can be filtered by space are asked so. For the others, rows are kept by the space
    of what they are on. Each parent is looked up once a run, 250 at a time.

    A space is named by its key, or by the alias that stands in its address instead.

    Raises:
        ConfigError: If a key is empty.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys = list(dict.fromkeys(key.strip() for key in keys))
        if "" in self.keys:
            raise ConfigError("spaces: one of the keys is empty")
        self._spaces: dict[str, str] | None = None
        self._inside: dict[Parent, bool] = {}
        self._lock = threading.RLock()

    def ids(self, stream: ConfluenceStream) -> KeysView[str]:
        """Find the ids of the spaces.

        Raises:
            ConfigError: If there is no space of some key.
        """
        return self._look_up_spaces(stream).keys()

    def true_keys(self, stream: ConfluenceStream) -> list[str]:
        """Find the keys of the spaces, of which some may be named by their alias.

        Raises:
            ConfigError: If there is no space of some key.
        """
        return list(self._look_up_spaces(stream).values())

    def _look_up_spaces(self, stream: ConfluenceStream) -> dict[str, str]:
        """Find the keys of the wanted spaces, by their ids; once a run."""
        with self._lock:
            if self._spaces is None:
                rows = [
                    row
                    for keys in joined(self.keys, IDS_A_REQUEST)
                    for row in stream.ask_list("/spaces", keys=keys)
                ]
                named = {str(row.get("currentActiveAlias")).lower(): row for row in rows}
                named |= {str(row.get("key")).lower(): row for row in rows}
                if unknown := [key for key in self.keys if key.lower() not in named]:
                    raise ConfigError(
                        f"spaces: no space has the key {', '.join(map(repr, unknown))}, or these "
                        "credentials may not see it. Write the keys as they stand in the spaces' "
                        "addresses"
                    )
                wanted = [named[key.lower()] for key in self.keys]
                self._spaces = {row["id"]: row["key"] for row in wanted}
            return self._spaces

    def parts(self, stream: ConfluenceStream) -> list[dict[str, str]]:
        """List filters that name the spaces between them; an empty one if all are wanted."""
        if not self.keys:
            return [{}]
        ids = sorted(self.ids(stream), key=int)
        return [{"space-id": batch} for batch in joined(ids, SPACES_A_REQUEST)]

    def has(self, stream: ConfluenceStream, space_id: str | None) -> bool:
        """Tell whether a space is wanted."""
        return not self.keys or space_id in self.ids(stream)

    def kept(self, stream: ConfluenceStream, rows: list[Row]) -> list[Row]:
        """Keep the rows whose parents are in the wanted spaces."""
        if not self.keys:
            return rows
        with self._lock:  # One thread looks a parent up, the others wait for it
            parents = [_parent({_FIELDS[c]: row.get(c) for c in _COLUMNS}) for row in rows]
            self._look_up(stream, {parent for parent in parents if parent})
            return [
                row
                for row, parent in zip(rows, parents, strict=True)
                if parent and self._inside[parent]
            ]

    def _look_up(self, stream: ConfluenceStream, parents: set[Parent]) -> None:
        unknown = sorted(parents - self._inside.keys())
        self._make_room(parents)
        for column, path in _LISTS.items():
            ids = [of for kind, of in unknown if kind == column]
            for batch in joined(ids, IDS_A_REQUEST):
                spaces = {row["id"]: row.get("spaceId") for row in _rows(stream, path, batch)}
                for of in batch.split(","):
                    self._inside[column, of] = spaces.get(of) in self.ids(stream)
        above = {
            parent: self._look_up_single(stream, parent)
            for parent in unknown
            if parent[0] not in _LISTS
        }
        if above:
            self._look_up(stream, {parent for parent in above.values() if parent})
        for parent, container in above.items():
            if parent not in self._inside:
                self._inside[parent] = container is not None and self._inside[container]

    def _look_up_single(self, stream: ConfluenceStream, parent: Parent) -> Parent | None:
        """Read what a row is on; return what that is on in turn, if it does not tell its space."""
        column, of = parent
        try:
            row = stream.ask(f"{_SINGLES.get(column, stream.path)}/{of}")
        except DeniedError:
            return None
        if "spaceId" in row:
            self._inside[parent] = row["spaceId"] in self.ids(stream)
            return None
        return _parent(row)

    def _make_room(self, needed: set[Parent]) -> None:
        """Forget the parents that were met first, but not those that are needed now."""
        excess = len(self._inside) + len(needed) - KNOWN_AT_MOST
        for parent in list(self._inside)[: max(0, excess)]:
            if parent not in needed:
                del self._inside[parent]


def _parent(row: dict[str, Any]) -> Parent | None:
    """Find what a row is on."""
    for column in _COLUMNS:
        if found := row.get(_FIELDS[column]):
            return column, str(found)
    return None


def _rows(stream: ConfluenceStream, path: str, ids: str) -> list[dict[str, Any]]:
    """Read parents by their ids, in whatever state they are."""
    statuses = "current,deleted,trashed" + (",archived" if path == "/pages" else "")
    return stream.ask_list(path, id=ids, status=statuses)
