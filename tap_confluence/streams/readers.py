"""Whom restrictions name, a row each: what SQL needs to tell who may read a page.

The view that puts these tables together with spaces, roles and groups is in
examples/sql/who_may_read.sql.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_tap import columns
from tap_confluence.client import ConfluenceV1Stream
from tap_confluence.streams import containers, restrictions
from tap_confluence.walking import WalkedStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import timedelta

    from rest_tap import Listing, Row

NAMELESS = "-"
"""In place of a user or group of which the API tells neither id nor name, as keys need one."""


def _subjects(key: str, restrictions: Iterable[Row]) -> Iterator[Row]:
    """Name the users and groups of restrictions, which may be groups that were deleted."""
    for row in restrictions:
        lists = row.get("restrictions") or {}
        for kind, field in (("user", "accountId"), ("group", "id")):
            for who in (lists.get(kind) or {}).get("results") or ():
                subject = who.get(field) or who.get("name") or NAMELESS
                yield {
                    key: row[key],
                    "operation": row["operation"],
                    "kind": kind,
                    "subject": subject,
                }


class _SubjectStream(WalkedStream, ConfluenceV1Stream):
    """Whom the restrictions of one kind of content name: all but its parent follows from it."""

    def __init_subclass__(cls, of: str = "", **kwargs: Any) -> None:
        """Declare the stream of a kind such as `blog_post`; without one, a base of streams."""
        super().__init_subclass__(**kwargs)
        if not of:
            return
        declared = {
            "name": f"{of}_restriction_subjects",
            "path": f"/content/{{{of}_id}}/restriction/byOperation",
            "primary_keys": (f"{of}_id", "operation", "kind", "subject"),
            "schema": columns.table(
                columns.key(f"{of}_id", f"ID of the {of.replace('_', ' ')}."),
                columns.key("operation", "read or update: what only those who are named may do."),
                columns.key("kind", "user or group."),
                columns.key("subject", "Account ID of the user, or ID of the group."),
            ),
        }
        for name, value in declared.items():
            setattr(cls, name, value)


class _KnownSubjects(_SubjectStream):
    """Whom the rows of another stream name: they cost no request."""

    paged = False
    selected_by_default = False
    needs = restrictions.RestrictionStream.needs

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing:
        """Take the users and groups out of a restriction."""
        key = self.primary_keys[0]
        known = list(_subjects(key, [{**row, key: keys[key]}]))
        return self.listing_below(above, row, keys, known=known)


class PageRestrictionSubjects(_KnownSubjects, of="page"):
    """Users and groups that restrictions of pages name (getRestrictionsByOperation)."""

    parent_stream_type = restrictions.PageRestrictions


class BlogPostRestrictionSubjects(_KnownSubjects, of="blog_post"):
    """Users and groups that restrictions of blog posts name (getRestrictionsByOperation)."""

    parent_stream_type = restrictions.BlogPostRestrictions


class _ContainerSubjects(_SubjectStream, restrictions.RestrictionStream):
    """Whom the restrictions of something in the page tree name: a page inherits them."""

    @property
    def lookback(self) -> timedelta:
        """Look back as far as the stream whose rows these are on."""
        return max(super().lookback, containers.INDEX_LAG)

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Take the users and groups out of the restrictions."""
        return list(_subjects(self.primary_keys[0], super().post_process_page(rows, listing)))


class WhiteboardRestrictionSubjects(_ContainerSubjects, of="whiteboard"):
    """Users and groups that restrictions of whiteboards name (getRestrictionsByOperation)."""

    parent_stream_type = containers.Whiteboards


class DatabaseRestrictionSubjects(_ContainerSubjects, of="database"):
    """Users and groups that restrictions of databases name (getRestrictionsByOperation)."""

    parent_stream_type = containers.Databases


class FolderRestrictionSubjects(_ContainerSubjects, of="folder"):
    """Users and groups that restrictions of folders name (getRestrictionsByOperation)."""

    parent_stream_type = containers.Folders


class EmbedRestrictionSubjects(_ContainerSubjects, of="embed"):
    """Users and groups that restrictions of embeds name (getRestrictionsByOperation)."""

    parent_stream_type = containers.Embeds
