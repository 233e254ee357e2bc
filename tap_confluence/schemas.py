"""Parts of schemas that several streams share.

Top-level columns are in snake_case; what stands inside an object keeps the vendor's names.
"""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

ANY_TYPE: list[str] = ["string", "number", "boolean", "object", "array", "null"]


def any_json() -> th.CustomType:
    """Whatever JSON value an app or a user stored there."""
    return th.CustomType({"type": ANY_TYPE})


def open_object() -> th.ObjectType:
    """An object whose properties the vendor does not list."""
    return th.ObjectType(additional_properties=True)


def identifier(name: str, description: str) -> th.Property[Any]:
    """A column of the primary key."""
    return th.Property(name, th.StringType, required=True, description=description)


_BODY = th.ObjectType(
    th.Property(
        "representation", th.StringType, description="Format that the value is written in."
    ),
    th.Property("value", th.StringType, description="The text in that format."),
)


def body_in(*formats: str) -> th.ObjectType:
    """A body, one property for each format that it may be asked in."""
    return th.ObjectType(
        *(th.Property(name, _BODY, description=f"The body as {name}.") for name in formats)
    )


BODY_MARKDOWN = th.Property(
    "body_markdown",
    th.StringType,
    description="Its text as Markdown, if the setting body_format is markdown.",
)


def links(*names: str) -> th.Property[Any]:
    """The `_links` of a row."""
    return th.Property(
        "_links",
        th.ObjectType(
            *(
                th.Property(name, th.StringType, description=f"Path of its {name}.")
                for name in names
            )
        ),
        description="Paths below the site where people see the thing.",
    )


VERSION_PARTS = (
    th.Property("createdAt", th.DateTimeType, description="When this version was saved."),
    th.Property("message", th.StringType, description="What its author noted about the change."),
    th.Property("number", th.IntegerType, description="1 for the first version."),
    th.Property("minorEdit", th.BooleanType, description="Saved without telling watchers."),
    th.Property("authorId", th.StringType, description="Account ID of who saved it."),
)
VERSION = th.ObjectType(*VERSION_PARTS)

CONTENT_PROPERTY = (
    th.Property("key", th.StringType, description="Name that the app or user gave it."),
    th.Property("value", any_json(), description="Its value: any JSON."),
    th.Property("version", VERSION, description="Its newest version."),
)

# Columns that every kind of content has, under the same names.
STATUS = th.Property("status", th.StringType, description="current, archived, trashed, ...")
TITLE = th.Property("title", th.StringType, description="Title.")
SPACE_ID = th.Property("space_id", th.StringType, description="ID of the space it is in.")
AUTHOR_ID = th.Property("author_id", th.StringType, description="Account ID of who created it.")
CREATED_AT = th.Property("created_at", th.DateTimeType, description="When it was created.")
VERSION_COLUMN = th.Property(
    "version",
    th.ObjectType(
        *VERSION_PARTS,
        th.Property(
            "ncsStepVersion", th.StringType, description="Step of the editor that it was saved at."
        ),
    ),
    description="Its newest version.",
)
MODIFIED_AT = th.Property(
    "modified_at",
    th.DateTimeType,
    description="When its newest version was saved (version.createdAt): the bookmark.",
)
PAGE_ID = th.Property("page_id", th.StringType, description="ID of the page it is on.")
BLOG_POST_ID = th.Property("blog_post_id", th.StringType, description="ID of its blog post.")
CUSTOM_CONTENT_ID = th.Property(
    "custom_content_id", th.StringType, description="ID of the custom content it is on."
)
PARENT_ID = th.Property("parent_id", th.StringType, description="ID of its parent in the tree.")
PARENT_TYPE = th.Property(
    "parent_type", th.StringType, description="page, folder, whiteboard, database or embed."
)
POSITION = th.Property("position", th.IntegerType, description="Place among its siblings.")
OWNER_ID = th.Property("owner_id", th.StringType, description="Account ID of its owner.")
