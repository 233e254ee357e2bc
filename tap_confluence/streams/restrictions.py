"""Who alone may read, and who alone may edit, a page or a blog post."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rest_tap import StreamError, columns, json_of
from tap_confluence.client import ConfluenceV1Stream, places_after
from tap_confluence.streams.ancestors import PageAncestors
from tap_confluence.walking import BLOG_POST, PAGE, OnContentStream, Way

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import requests
    from singer_sdk.helpers.types import Record

    from rest_tap import Listing, Row

_KINDS = ("user", "group")
_EXPAND = {"expand": "restrictions.user,restrictions.group"}


class RestrictionStream(ConfluenceV1Stream):
    """Who alone may read and who alone may edit one thing: a row for each of the two."""

    paged = False
    selected_by_default = False
    parent_cursor: str | None = "modified_at"
    needs = "the scope read:content-details:confluence (or the classic read:confluence-content.all)"

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for users and groups."""
        return _EXPAND

    def parse_response(self, response: requests.Response) -> Iterable[Record]:
        """Take the operations out of an object that has one property for each."""
        return [part for part in json_of(response).values() if part and "operation" in part]

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Read on where there are more users or groups than an answer holds."""
        for row in rows:
            lists = part = row.get("restrictions") or {}
            start = 0
            while places := max(places_after(part.get(kind) or {}) for kind in _KINDS):
                start += places
                url = f"{self.url_of(listing)}/{row['operation']}"
                before = part
                part = self.get_json(url, {**_EXPAND, "start": start, "limit": self.limit})
                part = part["restrictions"]
                if part == before:
                    raise StreamError(f"{url}: a next page was one that had been read")
                for kind in _KINDS:
                    results = [*_results(lists, kind), *_results(part, kind)]
                    lists[kind] = {"results": results, "start": 0, "size": len(results)}
        return rows


def _results(lists: Mapping[str, Any], kind: str) -> list[Any]:
    return (lists.get(kind) or {}).get("results") or []


def _restriction_schema(parent: str) -> dict[str, Any]:
    return columns.table(
        columns.key(f"{parent}_id", f"ID of the {parent.replace('_', ' ')}."),
        columns.key("operation", "read or update."),
        columns.nested(
            "restrictions",
            "Who alone may do it; nobody listed means that everybody may.",
            columns.free_form("user", "The users, in results."),
            columns.free_form("group", "The groups, in results."),
            columns.nested(
                "_expandable",
                "What was left out.",
                columns.text("user", "Path of the users."),
                columns.text("group", "Path of the groups."),
            ),
        ),
        columns.free_form("content", "What it is about."),
        columns.nested(
            "_expandable",
            "What was left out.",
            columns.text("restrictions", "Path of the restrictions."),
            columns.text("content", "Path of the content."),
        ),
        columns.free_form("_links", "Paths in the API."),
    )


class _OnContent(OnContentStream, RestrictionStream):
    """Restrictions of one kind of content: what restricts nobody has no row where all is read."""

    parent_stream_type = PageAncestors
    primary_keys: tuple[str, ...]
    child_keys: ClassVar[Mapping[str, str]] = {"operation": "operation"}
    parent_cursor = None
    needs_each_content = True
    expand = tuple(
        f"restrictions.{operation}.restrictions.{kind}"
        for operation in ("read", "update")
        for kind in _KINDS
    )

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Take the restrictions out of a content, or ask for them."""
        if above.purpose is Way.LABELS or not self.is_below(above):
            return None
        known = None
        if isinstance(row.get("restrictions"), dict):
            parts = row["restrictions"].values()
            named = [part for part in parts if isinstance(part, dict) and "operation" in part]
            if not (known := self._told(named)):
                return None  # As most contents have none
        return self.listing_below(above, row, keys, known=known, new_pass=lambda: self._told)

    def _told(self, rows: list[Row]) -> list[Row]:
        """Keep the restrictions that name somebody, where those that were lifted vanish."""
        if not self.is_whole:
            return rows
        return [
            row
            for row in rows
            if any(_results(row.get("restrictions") or {}, kind) for kind in _KINDS)
        ]


class PageRestrictions(_OnContent):
    """Restrictions of pages (getRestrictionsByOperation)."""

    name = "page_restrictions"
    path = "/content/{page_id}/restriction/byOperation"
    kind = PAGE
    primary_keys = ("page_id", "operation")
    schema = _restriction_schema("page")


class BlogPostRestrictions(_OnContent):
    """Restrictions of blog posts (getRestrictionsByOperation)."""

    name = "blog_post_restrictions"
    path = "/content/{blog_post_id}/restriction/byOperation"
    kind = BLOG_POST
    primary_keys = ("blog_post_id", "operation")
    schema = _restriction_schema("blog_post")
