"""Around a page or blog post: children, likes, views.

One request each, so these are not selected by default, and are asked only for what changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rest_tap import columns
from tap_confluence import schemas
from tap_confluence.client import ConfluenceStream, ConfluenceV1Stream
from tap_confluence.streams.content import BlogPosts, Pages

if TYPE_CHECKING:
    from collections.abc import Mapping


class ChildPages(ConfluenceStream):
    """Direct children of a page: pages, folders, whiteboards, ... (getPageDirectChildren)."""

    name = "child_pages"
    path = "/pages/{page_id}/direct-children"
    parent_stream_type = Pages
    primary_keys = ("page_id", "id")
    selected_by_default = False
    parent_cursor = "modified_at"
    needs = "the scope read:hierarchical-content:confluence"
    schema = columns.table(
        columns.key("page_id", "ID of the page whose child it is."),
        columns.key("id", "ID of the child."),
        schemas.STATUS,
        schemas.TITLE,
        columns.text("type", "page, folder, whiteboard, database, embed."),
        schemas.SPACE_ID,
        columns.integer("child_position", "Place among its siblings."),
    )


class _LikeStream(ConfluenceStream):
    """Who likes one thing."""

    selected_by_default = False
    parent_cursor = "modified_at"
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("account_id",)}
    needs = "the scope read:page:confluence"


def _like_schema(parent: str) -> dict[str, Any]:
    return columns.table(
        columns.key(f"{parent}_id", f"ID of the {parent.replace('_', ' ')}."),
        columns.key("account_id", "Account ID of who likes it."),
    )


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
    schema = columns.table(
        columns.key("page_id", "ID of the page."),
        columns.integer("id", "The same as a number."),
        columns.integer("count", "How often it was viewed."),
    )
