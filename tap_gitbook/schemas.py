"""How the streams describe their columns, and the parts that several of them share.

Top-level columns are in snake_case; what stands inside an object keeps the vendor's names.
"""

from __future__ import annotations

from singer_sdk import typing as th

from rest_tap import columns


def strings(*names: str) -> th.ObjectType:
    """An object of texts."""
    return th.ObjectType(*(columns.text(name) for name in names))


def booleans(*names: str) -> th.ObjectType:
    """An object of truth values."""
    return th.ObjectType(*(columns.boolean(name) for name in names))


def numbers(*names: str) -> th.ObjectType:
    """An object of numbers."""
    return th.ObjectType(*(columns.number(name) for name in names))


def urls(*names: str) -> columns.Column:
    """The `urls` of a row."""
    return columns.column("urls", strings(*names), "Where the thing is found, by kind of place.")


def permissions(*names: str) -> columns.Column:
    """The `permissions` of a row."""
    return columns.column("permissions", booleans(*names), "What the token's owner may do with it.")


OBJECT = columns.text("object", "Name of the row's kind in GitBook's API.")
ORGANIZATION_ID = columns.text("organization_id", "ID of the organization that it was listed in.")
SPACE_ID = columns.text("space_id", "ID of the space that it was listed in.")
CREATED_AT = columns.timestamp("created_at", "When it was created.")
UPDATED_AT = columns.timestamp("updated_at", "When it last changed, as GitBook counts changes.")

TEXTS = th.ArrayType(th.StringType)
TRANSLATED = th.ObjectType(additional_properties=th.StringType)
"""Texts by language code."""

USER = th.ObjectType(
    columns.text("object"),
    columns.text("id"),
    columns.text("displayName"),
    columns.text("email"),
    columns.text("photoURL"),
    columns.column("urls", strings("location")),
)
JSON_DOCUMENT = th.ObjectType(
    columns.text("object"),
    columns.free_form("data"),
    columns.free_forms("nodes"),
    columns.free_form("meta"),
)
DOCUMENT = th.ObjectType(
    columns.text("markdown"),
    columns.column("document", JSON_DOCUMENT),
)
"""Rich text in the format that was asked for."""

TEAM = th.ObjectType(
    columns.text("object"),
    columns.text("id"),
    columns.text("title"),
    columns.integer("members"),
    columns.number("spaces"),
    columns.timestamp("createdAt"),
    columns.column("permissions", booleans("admin", "view")),
)
REACTIONS = th.ArrayType(
    th.ObjectType(
        columns.text("emoji"),
        columns.number("count"),
        columns.nested_list(
            "users", None, columns.column("user", USER), columns.timestamp("reactedAt")
        ),
    )
)
GIT_BLOB = strings("oid", "path")
GIT_SYNC_PARTS = (
    columns.text("repoName"),
    columns.text("installationStatus"),
    columns.text("installationProvider"),
    columns.text("integration"),
    columns.text("installationId"),
    columns.text("parentInstallationId"),
    columns.text("url"),
)
GIT_OPERATION = th.ObjectType(
    columns.text("state"),
    columns.text("direction"),
    columns.timestamp("startedAt"),
    columns.timestamp("endedAt"),
    columns.text("error"),
    columns.column("errorAction", strings("label", "url")),
)
GIT_SYNC = th.ObjectType(
    *GIT_SYNC_PARTS,
    columns.column("operation", GIT_OPERATION),
    columns.integer("operationTimeout"),
    columns.timestamp("updatedAt"),
)
IMPORT_SOURCE = th.ObjectType(
    columns.text("type"),
    columns.text("url"),
    columns.texts("files"),
)
IMPORT_TARGET = strings("space", "changeRequest", "page")
IMPORT_PAGES = th.ArrayType(strings("id", "sourceURL", "type", "status"))
IMPORT_RUN = th.ObjectType(
    columns.text("object"),
    columns.text("id"),
    columns.timestamp("startedAt"),
    columns.timestamp("completedAt"),
    columns.timestamp("createdAt"),
    columns.timestamp("updatedAt"),
    columns.text("status"),
    columns.text("reason"),
    columns.column("source", IMPORT_SOURCE),
    columns.column("target", IMPORT_TARGET),
    columns.text("site"),
    columns.text("createdBy"),
    columns.column("urls", strings("location")),
    columns.column("pages", IMPORT_PAGES),
)
MERGE_RULES = th.ObjectType(
    columns.text("type"),
    columns.nested_list(
        "rules",
        None,
        columns.text("rule"),
        columns.texts("users"),
        columns.text("expression"),
        columns.text("message"),
    ),
)
CONTENT_REF = strings(
    "kind",
    "file",
    "url",
    "page",
    "anchor",
    "user",
    "collection",
    "space",
    "reusableContent",
    "tag",
    "spec",
)
"""A reference to something in GitBook, or to a URL; `kind` says which of the others are set."""
