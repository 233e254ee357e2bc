"""Around a page or blog post: children, likes, restrictions, views.

One request each, so these are not selected by default, and are asked only for what changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import StreamError, json_of
from tap_confluence import schemas
from tap_confluence.client import ConfluenceStream, ConfluenceV1Stream, next_link
from tap_confluence.streams.content import BlogPosts, Pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import requests
    from singer_sdk.helpers.types import Record

    from rest_tap import Listing, Row


class ChildPages(ConfluenceStream):
    """Direct children of a page: pages, folders, whiteboards, ... (getPageDirectChildren)."""

    name = "child_pages"
    path = "/pages/{page_id}/direct-children"
    parent_stream_type = Pages
    primary_keys = ("page_id", "id")
    selected_by_default = False
    parent_cursor = "modified_at"
    needs = "the scope read:hierarchical-content:confluence"
    schema = th.PropertiesList(
        schemas.identifier("page_id", "ID of the page whose child it is."),
        schemas.identifier("id", "ID of the child."),
        schemas.STATUS,
        schemas.TITLE,
        th.Property(
            "type", th.StringType, description="page, folder, whiteboard, database, embed."
        ),
        schemas.SPACE_ID,
        th.Property("child_position", th.IntegerType, description="Place among its siblings."),
    ).to_dict()


class _LikeStream(ConfluenceStream):
    """Who likes one thing."""

    selected_by_default = False
    parent_cursor = "modified_at"
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("account_id",)}
    needs = "the scope read:page:confluence"


def _like_schema(parent: str) -> dict[str, Any]:
    return th.PropertiesList(
        schemas.identifier(f"{parent}_id", f"ID of the {parent.replace('_', ' ')}."),
        schemas.identifier("account_id", "Account ID of who likes it."),
    ).to_dict()


class PageLikes(_LikeStream):
    """Who likes a page (getPageLikeUsers)."""

    name = "page_likes"
    path = "/pages/{page_id}/likes/users"
    parent_stream_type = Pages
    primary_keys = ("page_id", "account_id")
    schema = _like_schema("page")


class BlogPostLikes(_LikeStream):
    """Who likes a blog post (getBlogPostLikeUsers)."""

    name = "blog_post_likes"
    path = "/blogposts/{blog_post_id}/likes/users"
    parent_stream_type = BlogPosts
    primary_keys = ("blog_post_id", "account_id")
    schema = _like_schema("blog_post")


_KINDS = ("user", "group")
_EXPAND = {"expand": "restrictions.user,restrictions.group"}


class RestrictionStream(ConfluenceV1Stream):
    """Who alone may read and who alone may edit one thing: a row for each of the two."""

    paged = False
    selected_by_default = False
    parent_cursor = "modified_at"
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
            while places := max(_places(part.get(kind) or {}) for kind in _KINDS):
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


def _places(part: Mapping[str, Any]) -> int:
    """Count the places that a part of a list takes, if the list goes on after it; else 0."""
    size = len(part.get("results") or ())
    start, limit, total = (part.get(name) or 0 for name in ("start", "limit", "totalSize"))
    goes_on = next_link(part) or 0 < limit <= size or start + size < total
    return max(size, limit) if goes_on else 0


def _restriction_schema(parent: str) -> dict[str, Any]:
    return th.PropertiesList(
        schemas.identifier(f"{parent}_id", f"ID of the {parent.replace('_', ' ')}."),
        schemas.identifier("operation", "read or update."),
        th.Property(
            "restrictions",
            th.ObjectType(
                th.Property("user", schemas.open_object(), description="The users, in results."),
                th.Property("group", schemas.open_object(), description="The groups, in results."),
                th.Property(
                    "_expandable",
                    th.ObjectType(
                        th.Property("user", th.StringType, description="Path of the users."),
                        th.Property("group", th.StringType, description="Path of the groups."),
                    ),
                    description="What was left out.",
                ),
            ),
            description="Who alone may do it; nobody listed means that everybody may.",
        ),
        th.Property("content", schemas.open_object(), description="What it is about."),
        th.Property(
            "_expandable",
            th.ObjectType(
                th.Property("restrictions", th.StringType, description="Path of the restrictions."),
                th.Property("content", th.StringType, description="Path of the content."),
            ),
            description="What was left out.",
        ),
        th.Property("_links", schemas.open_object(), description="Paths in the API."),
    ).to_dict()


class PageRestrictions(RestrictionStream):
    """Restrictions of pages (getRestrictionsByOperation)."""

    name = "page_restrictions"
    path = "/content/{page_id}/restriction/byOperation"
    parent_stream_type = Pages
    primary_keys = ("page_id", "operation")
    child_keys: ClassVar[Mapping[str, str]] = {"operation": "operation"}
    schema = _restriction_schema("page")


class BlogPostRestrictions(RestrictionStream):
    """Restrictions of blog posts (getRestrictionsByOperation)."""

    name = "blog_post_restrictions"
    path = "/content/{blog_post_id}/restriction/byOperation"
    parent_stream_type = BlogPosts
    primary_keys = ("blog_post_id", "operation")
    child_keys: ClassVar[Mapping[str, str]] = {"operation": "operation"}
    schema = _restriction_schema("blog_post")


class PageViews(ConfluenceV1Stream):
    """How often a page was viewed in all (getViews)."""

    name = "page_views"
    path = "/analytics/content/{page_id}/views"
    parent_stream_type = Pages
    primary_keys = ("page_id",)
    records_key = None
    paged = False
    selected_by_default = False
    parent_cursor = "modified_at"
    needs = "the scope read:analytics.content:confluence"
    schema = th.PropertiesList(
        schemas.identifier("page_id", "ID of the page."),
        th.Property("id", th.IntegerType, description="The same as a number."),
        th.Property("count", th.IntegerType, description="How often it was viewed."),
    ).to_dict()
