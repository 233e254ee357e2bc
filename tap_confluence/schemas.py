"""Parts of schemas that several streams share.

Top-level columns are in snake_case; what stands inside an object keeps the vendor's names.
"""

from __future__ import annotations

from singer_sdk import typing as th

from rest_tap import columns

_BODY = th.ObjectType(
    columns.text("representation", "Format that the value is written in."),
    columns.text("value", "The text in that format."),
)


def body_in(*formats: str) -> th.ObjectType:
    """A body, one property for each format that it may be asked in."""
    return th.ObjectType(*(columns.column(name, _BODY, f"The body as {name}.") for name in formats))


BODY_MARKDOWN = columns.text(
    "body_markdown", "Its text as Markdown, if the setting body_format is markdown."
)


def links(*names: str) -> columns.Column:
    """The `_links` of a row."""
    return columns.nested(
        "_links",
        "Paths below the site where people see the thing.",
        *(columns.text(name, f"Path of its {name}.") for name in names),
    )


VERSION_PARTS = (
    columns.timestamp("createdAt", "When this version was saved."),
    columns.text("message", "What its author noted about the change."),
    columns.integer("number", "1 for the first version."),
    columns.boolean("minorEdit", "Saved without telling watchers."),
    columns.text("authorId", "Account ID of who saved it."),
)
VERSION = th.ObjectType(*VERSION_PARTS)

CONTENT_PROPERTY = (
    columns.text("key", "Name that the app or user gave it."),
    columns.any_json("value", "Its value: any JSON."),
    columns.column("version", VERSION, "Its newest version."),
)

# Columns that every kind of content has, under the same names.
STATUS = columns.text("status", "current, archived, trashed, ...")
TITLE = columns.text("title", "Title.")
SPACE_ID = columns.text("space_id", "ID of the space it is in.")
AUTHOR_ID = columns.text("author_id", "Account ID of who created it.")
CREATED_AT = columns.timestamp("created_at", "When it was created.")
VERSION_COLUMN = columns.nested(
    "version",
    "Its newest version.",
    *VERSION_PARTS,
    columns.text("ncsStepVersion", "Step of the editor that it was saved at."),
)
MODIFIED_AT = columns.timestamp(
    "modified_at", "When its newest version was saved (version.createdAt): the bookmark."
)
PAGE_ID = columns.text("page_id", "ID of the page it is on.")
BLOG_POST_ID = columns.text("blog_post_id", "ID of its blog post.")
CUSTOM_CONTENT_ID = columns.text("custom_content_id", "ID of the custom content it is on.")
PARENT_ID = columns.text("parent_id", "ID of its parent in the tree.")
PARENT_TYPE = columns.text("parent_type", "page, folder, whiteboard, database or embed.")
POSITION = columns.integer("position", "Place among its siblings.")
OWNER_ID = columns.text("owner_id", "Account ID of its owner.")
