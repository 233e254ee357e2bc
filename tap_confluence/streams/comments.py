"""Comments on pages, blog posts, attachments and custom content, replies included."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rest_tap import columns
from tap_confluence import schemas
from tap_confluence.feeds import FeedStream

if TYPE_CHECKING:
    from collections.abc import Mapping


def _part(of: str, *row: columns.Column, more: tuple[columns.Column, ...] = ()) -> columns.Column:
    """Describe a list inside the row; the API only fills it where one comment is asked for."""
    return columns.nested(
        of,
        f"Its {of}, where the API sends them along.",
        columns.nested_list("results", f"The {of}.", *row),
        columns.nested(
            "meta",
            "Whether there are more.",
            columns.boolean("hasMore", "Whether this is not all."),
            columns.text("cursor", "Where the rest begins."),
        ),
        columns.nested("_links", "Where the rest is.", columns.text("self", "Path of the rest.")),
        *more,
    )


_PROPERTY_ID = columns.text("id", "ID of the property.")
_OPERATIONS = _part(
    "operations",
    columns.text("operation", "read, update, delete, ..."),
    columns.text("targetType", "What it may be done to."),
)
_LIKES = _part("likes", columns.text("accountId", "Account ID of who likes it."))
_VERSIONS = _part("versions", *schemas.VERSION_PARTS)
_BODY = columns.column(
    "body",
    schemas.body_in("storage", "atlas_doc_format", "view"),
    "Its text, in the format that the setting body_format names.",
)
_PARENT_COMMENT_ID = columns.text("parent_comment_id", "ID of the comment that it replies to.")


_RESOLUTION_STATUS = columns.text(
    "resolution_status", "open, reopened, resolved, or dangling where its text is gone."
)


class _CommentStream(FeedStream):
    """Comments have no filter for status or space."""

    takes_spaces = False
    takes_ids = False
    bookmark_depends_on = ("spaces",)
    differs_by = (
        *("status", "page_id", "blog_post_id", "attachment_id", "custom_content_id"),
        *("parent_comment_id", "resolution_status", "resolution_last_modified_at"),
    )


class FooterComments(_CommentStream):
    """Comments below the content (getFooterComments)."""

    name = "footer_comments"
    sketch_rows = (14, 14, 14, 14)
    path = "/footer-comments"
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("version.authorId",)}
    needs = "the scope read:comment:confluence"
    schema = columns.table(
        columns.key("id", "ID of the comment."),
        schemas.STATUS,
        schemas.TITLE,
        schemas.BLOG_POST_ID,
        schemas.PAGE_ID,
        columns.text("attachment_id", "ID of the attachment it is on."),
        schemas.CUSTOM_CONTENT_ID,
        _PARENT_COMMENT_ID,
        schemas.VERSION_COLUMN,
        schemas.MODIFIED_AT,
        _RESOLUTION_STATUS,
        _part("properties", _PROPERTY_ID, *schemas.CONTENT_PROPERTY),
        _OPERATIONS,
        _LIKES,
        _VERSIONS,
        _BODY,
        schemas.BODY_MARKDOWN,
        schemas.links("webui"),
    )


class InlineComments(_CommentStream):
    """Comments on a piece of the text (getInlineComments)."""

    name = "inline_comments"
    path = "/inline-comments"
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "users": ("version.authorId", "resolution_last_modifier_id")
    }
    needs = "the scope read:comment:confluence"
    schema = columns.table(
        columns.key("id", "ID of the comment."),
        schemas.STATUS,
        schemas.TITLE,
        schemas.BLOG_POST_ID,
        schemas.PAGE_ID,
        _PARENT_COMMENT_ID,
        schemas.VERSION_COLUMN,
        schemas.MODIFIED_AT,
        _BODY,
        schemas.BODY_MARKDOWN,
        columns.text(
            "resolution_last_modifier_id", "Account ID of who resolved or reopened it last."
        ),
        columns.timestamp("resolution_last_modified_at", "When it was resolved or reopened last."),
        _RESOLUTION_STATUS,
        _part(
            "properties",
            _PROPERTY_ID,
            *schemas.CONTENT_PROPERTY,
            more=(
                columns.text("inlineMarkerRef", "Mark of its text in the body."),
                columns.text("inlineOriginalSelection", "The text it is on."),
            ),
        ),
        _OPERATIONS,
        _LIKES,
        _VERSIONS,
        schemas.links("webui"),
    )
