"""How the streams describe their columns, and the parts that several of them share.

Top-level columns are in snake_case; what stands inside an object keeps the vendor's names.
"""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

Column = th.Property[Any]
OPEN = th.ObjectType(additional_properties=True)
"""An object whose properties the vendor leaves open, or that another stream describes."""


def key(name: str, description: str) -> Column:
    """Describe a column of the primary key."""
    return th.Property(name, th.StringType, required=True, description=description)


def text(name: str, description: str) -> Column:
    """Describe a column of text."""
    return th.Property(name, th.StringType, description=description)


def moment(name: str, description: str) -> Column:
    """Describe a column of timestamps."""
    return th.Property(name, th.DateTimeType, description=description)


def flag(name: str, description: str) -> Column:
    """Describe a column of truth values."""
    return th.Property(name, th.BooleanType, description=description)


def number(name: str, description: str) -> Column:
    """Describe a column of numbers."""
    return th.Property(name, th.NumberType, description=description)


def whole(name: str, description: str) -> Column:
    """Describe a column of whole numbers."""
    return th.Property(name, th.IntegerType, description=description)


def part(name: str, kind: Any, description: str) -> Column:
    """Describe a column that holds an object or an array."""
    return th.Property(name, kind, description=description)


def strings(*names: str) -> th.ObjectType:
    """An object of texts."""
    return th.ObjectType(*(th.Property(name, th.StringType) for name in names))


def booleans(*names: str) -> th.ObjectType:
    """An object of truth values."""
    return th.ObjectType(*(th.Property(name, th.BooleanType) for name in names))


def numbers(*names: str) -> th.ObjectType:
    """An object of numbers."""
    return th.ObjectType(*(th.Property(name, th.NumberType) for name in names))


def urls(*names: str) -> Column:
    """The `urls` of a row."""
    return part("urls", strings(*names), "Where the thing is found, by kind of place.")


def permissions(*names: str) -> Column:
    """The `permissions` of a row."""
    return part("permissions", booleans(*names), "What the token's owner may do with it.")


OBJECT = text("object", "Name of the row's kind in GitBook's API.")
ORGANIZATION_ID = text("organization_id", "ID of the organization that it was listed in.")
SPACE_ID = text("space_id", "ID of the space that it was listed in.")
CREATED_AT = moment("created_at", "When it was created.")
UPDATED_AT = moment("updated_at", "When it last changed, as GitBook counts changes.")

TEXTS = th.ArrayType(th.StringType)
TRANSLATED = th.ObjectType(additional_properties=th.StringType)
"""Texts by language code."""

USER = th.ObjectType(
    th.Property("object", th.StringType),
    th.Property("id", th.StringType),
    th.Property("displayName", th.StringType),
    th.Property("email", th.StringType),
    th.Property("photoURL", th.StringType),
    th.Property("urls", strings("location")),
)
JSON_DOCUMENT = th.ObjectType(
    th.Property("object", th.StringType),
    th.Property("data", OPEN),
    th.Property("nodes", th.ArrayType(OPEN)),
    th.Property("meta", OPEN),
)
DOCUMENT = th.ObjectType(
    th.Property("markdown", th.StringType),
    th.Property("document", JSON_DOCUMENT),
)
"""Rich text in the format that was asked for."""

TEAM = th.ObjectType(
    th.Property("object", th.StringType),
    th.Property("id", th.StringType),
    th.Property("title", th.StringType),
    th.Property("members", th.IntegerType),
    th.Property("spaces", th.NumberType),
    th.Property("createdAt", th.DateTimeType),
    th.Property("permissions", booleans("admin", "view")),
)
REACTIONS = th.ArrayType(
    th.ObjectType(
        th.Property("emoji", th.StringType),
        th.Property("count", th.NumberType),
        th.Property(
            "users",
            th.ArrayType(
                th.ObjectType(
                    th.Property("user", USER),
                    th.Property("reactedAt", th.DateTimeType),
                )
            ),
        ),
    )
)
GIT_BLOB = strings("oid", "path")
GIT_SYNC_PARTS = (
    th.Property("repoName", th.StringType),
    th.Property("installationStatus", th.StringType),
    th.Property("installationProvider", th.StringType),
    th.Property("integration", th.StringType),
    th.Property("installationId", th.StringType),
    th.Property("parentInstallationId", th.StringType),
    th.Property("url", th.StringType),
)
GIT_OPERATION = th.ObjectType(
    th.Property("state", th.StringType),
    th.Property("direction", th.StringType),
    th.Property("startedAt", th.DateTimeType),
    th.Property("endedAt", th.DateTimeType),
    th.Property("error", th.StringType),
    th.Property("errorAction", strings("label", "url")),
)
GIT_SYNC = th.ObjectType(
    *GIT_SYNC_PARTS,
    th.Property("operation", GIT_OPERATION),
    th.Property("operationTimeout", th.IntegerType),
    th.Property("updatedAt", th.DateTimeType),
)
IMPORT_SOURCE = th.ObjectType(
    th.Property("type", th.StringType),
    th.Property("url", th.StringType),
    th.Property("files", TEXTS),
)
IMPORT_TARGET = strings("space", "changeRequest", "page")
IMPORT_PAGES = th.ArrayType(strings("id", "sourceURL", "type", "status"))
IMPORT_RUN = th.ObjectType(
    th.Property("object", th.StringType),
    th.Property("id", th.StringType),
    th.Property("startedAt", th.DateTimeType),
    th.Property("completedAt", th.DateTimeType),
    th.Property("createdAt", th.DateTimeType),
    th.Property("updatedAt", th.DateTimeType),
    th.Property("status", th.StringType),
    th.Property("reason", th.StringType),
    th.Property("source", IMPORT_SOURCE),
    th.Property("target", IMPORT_TARGET),
    th.Property("site", th.StringType),
    th.Property("createdBy", th.StringType),
    th.Property("urls", strings("location")),
    th.Property("pages", IMPORT_PAGES),
)
MERGE_RULES = th.ObjectType(
    th.Property("type", th.StringType),
    th.Property(
        "rules",
        th.ArrayType(
            th.ObjectType(
                th.Property("rule", th.StringType),
                th.Property("users", TEXTS),
                th.Property("expression", th.StringType),
                th.Property("message", th.StringType),
            )
        ),
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
