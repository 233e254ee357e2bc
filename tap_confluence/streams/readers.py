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


def _schema(of: str) -> dict[str, Any]:
    return columns.table(
        columns.key(f"{of}_id", f"ID of the {of.replace('_', ' ')}."),
        columns.key("operation", "read or update: what only those who are named may do."),
        columns.key("kind", "user or group."),
        columns.key("subject", "Account ID of the user, or ID of the group."),
    )


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


class _KnownSubjects(WalkedStream, ConfluenceV1Stream):
    """Whom the rows of another stream name: they cost no request."""

    paged = False
    selected_by_default = False
    needs = restrictions.RestrictionStream.needs

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing:
        """Take the users and groups out of a restriction."""
        key = self.primary_keys[0]
        known = list(_subjects(key, [{**row, key: keys[key]}]))
        return self.listing_below(above, row, keys, known=known)


class PageRestrictionSubjects(_KnownSubjects):
    """Users and groups that restrictions of pages name (getRestrictionsByOperation)."""

    name = "page_restriction_subjects"
    path = "/content/{page_id}/restriction/byOperation"
    parent_stream_type = restrictions.PageRestrictions
    primary_keys = ("page_id", "operation", "kind", "subject")
    schema = _schema("page")


class BlogPostRestrictionSubjects(_KnownSubjects):
    """Users and groups that restrictions of blog posts name (getRestrictionsByOperation)."""

    name = "blog_post_restriction_subjects"
    path = "/content/{blog_post_id}/restriction/byOperation"
    parent_stream_type = restrictions.BlogPostRestrictions
    primary_keys = ("blog_post_id", "operation", "kind", "subject")
    schema = _schema("blog_post")


class _ContainerSubjects(WalkedStream, restrictions.RestrictionStream):
    """Whom the restrictions of something in the page tree name: a page inherits them."""

    @property
    def lookback(self) -> timedelta:
        """Look back as far as the stream whose rows these are on."""
        return max(super().lookback, containers.INDEX_LAG)

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Take the users and groups out of the restrictions."""
        return list(_subjects(self.primary_keys[0], super().post_process_page(rows, listing)))


class WhiteboardRestrictionSubjects(_ContainerSubjects):
    """Users and groups that restrictions of whiteboards name (getRestrictionsByOperation)."""

    name = "whiteboard_restriction_subjects"
    path = "/content/{whiteboard_id}/restriction/byOperation"
    parent_stream_type = containers.Whiteboards
    primary_keys = ("whiteboard_id", "operation", "kind", "subject")
    schema = _schema("whiteboard")


class DatabaseRestrictionSubjects(_ContainerSubjects):
    """Users and groups that restrictions of databases name (getRestrictionsByOperation)."""

    name = "database_restriction_subjects"
    path = "/content/{database_id}/restriction/byOperation"
    parent_stream_type = containers.Databases
    primary_keys = ("database_id", "operation", "kind", "subject")
    schema = _schema("database")


class FolderRestrictionSubjects(_ContainerSubjects):
    """Users and groups that restrictions of folders name (getRestrictionsByOperation)."""

    name = "folder_restriction_subjects"
    path = "/content/{folder_id}/restriction/byOperation"
    parent_stream_type = containers.Folders
    primary_keys = ("folder_id", "operation", "kind", "subject")
    schema = _schema("folder")


class EmbedRestrictionSubjects(_ContainerSubjects):
    """Users and groups that restrictions of embeds name (getRestrictionsByOperation)."""

    name = "embed_restriction_subjects"
    path = "/content/{embed_id}/restriction/byOperation"
    parent_stream_type = containers.Embeds
    primary_keys = ("embed_id", "operation", "kind", "subject")
    schema = _schema("embed")
