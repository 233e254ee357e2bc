"""What a page, blog post or attachment has of its own: versions and properties.

One request each, so these are not selected by default, and are asked only for what changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import columns
from tap_confluence import schemas
from tap_confluence.client import ConfluenceStream
from tap_confluence.streams.content import Attachments, BlogPosts, Pages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_tap import Listing, Row


class _VersionStream(ConfluenceStream):
    """All versions of one thing, the newest included."""

    selected_by_default = False
    parent_cursor = "modified_at"
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("author_id",)}
    entity: ClassVar[str]

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for the text of each version too."""
        return {"body-format": self.body_format}

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Take the only version of what was never edited from its own row."""
        listing = super().listing_for(row, keys, above)
        if listing and (row.get("version") or {}).get("number") == 1:
            listing.known = self._only_version(row)
        return listing

    def _only_version(self, row: Row) -> list[Row]:
        version = row["version"]
        entity = {key: row[key] for key in ("id", "title", "body") if row.get(key)}
        return [
            {
                "created_at": version.get("createdAt"),
                "message": version.get("message"),
                "number": 1,
                "minor_edit": version.get("minorEdit"),
                "author_id": version.get("authorId"),
                self.entity: entity,
            }
        ]


def _version_schema(parent: str, entity: str) -> dict[str, Any]:
    thing = parent.replace("_", " ")
    return columns.table(
        columns.key(f"{parent}_id", f"ID of the {thing}."),
        columns.key("number", "1 for the first version.", th.IntegerType),
        columns.timestamp("created_at", "When this version was saved."),
        columns.text("message", "What its author noted about it."),
        columns.boolean("minor_edit", "Saved without telling watchers."),
        columns.text("author_id", "Account ID of who saved it."),
        columns.nested(
            entity,
            f"The {thing} as it was in this version.",
            columns.text("id", f"ID of the {thing}."),
            columns.text("title", "Its title in this version."),
            columns.column(
                "body", schemas.body_in("storage", "atlas_doc_format"), "Its text in this version."
            ),
        ),
    )


class PageVersions(_VersionStream):
    """Versions of pages (getPageVersions)."""

    name = "page_versions"
    path = "/pages/{page_id}/versions"
    parent_stream_type = Pages
    primary_keys = ("page_id", "number")
    entity = "page"
    needs = "the scope read:page:confluence"
    schema = _version_schema("page", "page")


class BlogPostVersions(_VersionStream):
    """Versions of blog posts (getBlogPostVersions)."""

    name = "blog_post_versions"
    path = "/blogposts/{blog_post_id}/versions"
    parent_stream_type = BlogPosts
    primary_keys = ("blog_post_id", "number")
    entity = "blogpost"
    needs = "the scope read:page:confluence"
    schema = _version_schema("blog_post", "blogpost")


class AttachmentVersions(_VersionStream):
    """Versions of attachments (getAttachmentVersions)."""

    name = "attachment_versions"
    path = "/attachments/{attachment_id}/versions"
    parent_stream_type = Attachments
    primary_keys = ("attachment_id", "number")
    entity = "attachment"
    has_body = False
    needs = "the scope read:attachment:confluence"
    schema = _version_schema("attachment", "attachment")


class _PropertyStream(ConfluenceStream):
    """What apps and users stored with one thing."""

    selected_by_default = False
    parent_cursor = "modified_at"
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("version.authorId",)}


def _property_schema(parent: str) -> dict[str, Any]:
    return columns.table(
        columns.key(f"{parent}_id", f"ID of the {parent.replace('_', ' ')}."),
        columns.key("id", "ID of the property."),
        *schemas.CONTENT_PROPERTY,
    )


class PageContentProperties(_PropertyStream):
    """Properties of pages (getPageContentProperties)."""

    name = "page_content_properties"
    path = "/pages/{page_id}/properties"
    parent_stream_type = Pages
    primary_keys = ("page_id", "id")
    needs = "the scope read:page:confluence"
    schema = _property_schema("page")


class BlogPostContentProperties(_PropertyStream):
    """Properties of blog posts (getBlogpostContentProperties)."""

    name = "blog_post_content_properties"
    path = "/blogposts/{blog_post_id}/properties"
    parent_stream_type = BlogPosts
    primary_keys = ("blog_post_id", "id")
    needs = "the scope read:page:confluence"
    schema = _property_schema("blog_post")


class AttachmentContentProperties(_PropertyStream):
    """Properties of attachments (getAttachmentContentProperties)."""

    name = "attachment_content_properties"
    path = "/attachments/{attachment_id}/properties"
    parent_stream_type = Attachments
    primary_keys = ("attachment_id", "id")
    needs = "the scope read:attachment:confluence"
    schema = _property_schema("attachment")
