"""Comments on pages, blog posts, attachments and custom content, replies included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from tap_confluence import schemas
from tap_confluence.feeds import FeedStream

if TYPE_CHECKING:
    from collections.abc import Mapping


def _part(
    of: str, *row: th.Property[Any], more: tuple[th.Property[Any], ...] = ()
) -> th.Property[Any]:
    """Describe a list inside the row; the API only fills it where one comment is asked for."""
    return th.Property(
        of,
        th.ObjectType(
            th.Property("results", th.ArrayType(th.ObjectType(*row)), description=f"The {of}."),
            th.Property(
                "meta",
                th.ObjectType(
                    th.Property("hasMore", th.BooleanType, description="Whether this is not all."),
                    th.Property("cursor", th.StringType, description="Where the rest begins."),
                ),
                description="Whether there are more.",
            ),
            th.Property(
                "_links",
                th.ObjectType(th.Property("self", th.StringType, description="Path of the rest.")),
                description="Where the rest is.",
            ),
            *more,
        ),
        description=f"Its {of}, where the API sends them along.",
    )


_PROPERTY_ID = th.Property("id", th.StringType, description="ID of the property.")
_OPERATIONS = _part(
    "operations",
    th.Property("operation", th.StringType, description="read, update, delete, ..."),
    th.Property("targetType", th.StringType, description="What it may be done to."),
)
_LIKES = _part(
    "likes", th.Property("accountId", th.StringType, description="Account ID of who likes it.")
)
_VERSIONS = _part("versions", *schemas.VERSION_PARTS)
_BODY = th.Property(
    "body",
    schemas.body_in("storage", "atlas_doc_format", "view"),
    description="Its text, in the format that the setting body_format names.",
)
_PARENT_COMMENT_ID = th.Property(
    "parent_comment_id", th.StringType, description="ID of the comment that it replies to."
)


_RESOLUTION_STATUS = th.Property(
    "resolution_status",
    th.StringType,
    description="open, reopened, resolved, or dangling where its text is gone.",
)


class _CommentStream(FeedStream):
    """Comments have no filter for status or space."""

    takes_spaces = False
    bookmark_depends_on = ("spaces",)


class FooterComments(_CommentStream):
    """Comments below the content (getFooterComments)."""

    name = "footer_comments"
    path = "/footer-comments"
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("version.authorId",)}
    needs = "the scope read:comment:confluence"
    schema = th.PropertiesList(
        schemas.identifier("id", "ID of the comment."),
        schemas.STATUS,
        schemas.TITLE,
        schemas.BLOG_POST_ID,
        schemas.PAGE_ID,
        th.Property("attachment_id", th.StringType, description="ID of the attachment it is on."),
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
    ).to_dict()


class InlineComments(_CommentStream):
    """Comments on a piece of the text (getInlineComments)."""

    name = "inline_comments"
    path = "/inline-comments"
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "users": ("version.authorId", "resolution_last_modifier_id")
    }
    needs = "the scope read:comment:confluence"
    schema = th.PropertiesList(
        schemas.identifier("id", "ID of the comment."),
        schemas.STATUS,
        schemas.TITLE,
        schemas.BLOG_POST_ID,
        schemas.PAGE_ID,
        _PARENT_COMMENT_ID,
        schemas.VERSION_COLUMN,
        schemas.MODIFIED_AT,
        _BODY,
        schemas.BODY_MARKDOWN,
        th.Property(
            "resolution_last_modifier_id",
            th.StringType,
            description="Account ID of who resolved or reopened it last.",
        ),
        th.Property(
            "resolution_last_modified_at",
            th.DateTimeType,
            description="When it was resolved or reopened last.",
        ),
        _RESOLUTION_STATUS,
        _part(
            "properties",
            _PROPERTY_ID,
            *schemas.CONTENT_PROPERTY,
            more=(
                th.Property(
                    "inlineMarkerRef", th.StringType, description="Mark of its text in the body."
                ),
                th.Property(
                    "inlineOriginalSelection", th.StringType, description="The text it is on."
                ),
            ),
        ),
        _OPERATIONS,
        _LIKES,
        _VERSIONS,
        schemas.links("webui"),
    ).to_dict()
