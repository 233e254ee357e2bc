"""Columns of a stream, and properties of the objects in them: a line each.

Every column may be null, for vendors leave out what their documents promise; only those of the
primary key may not.
"""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

Column = th.Property[Any]

ANY_TYPE: list[str] = ["string", "number", "boolean", "object", "array", "null"]
FREE_FORM = th.ObjectType(additional_properties=True)
"""An object whose properties the vendor leaves open, or that another stream describes."""


def table(*columns: Column) -> dict[str, Any]:
    """Make the schema of a stream of its columns."""
    return th.PropertiesList(*columns).to_dict()


def key(name: str, description: str, kind: Any = th.StringType) -> Column:
    """Describe a column of the primary key, which is a text if nothing else is said."""
    return th.Property(name, kind, required=True, description=description)


def column(name: str, kind: Any, description: str | None = None) -> Column:
    """Describe a column of any other kind, such as an array of texts."""
    return th.Property(name, kind, description=description)


def text(name: str, description: str | None = None) -> Column:
    """Describe a text."""
    return column(name, th.StringType, description)


def uuid(name: str, description: str | None = None) -> Column:
    """Describe an id of the form that UUIDs have."""
    return column(name, th.UUIDType, description)


def timestamp(name: str, description: str | None = None) -> Column:
    """Describe a moment."""
    return column(name, th.DateTimeType, description)


def boolean(name: str, description: str | None = None) -> Column:
    """Describe a truth value."""
    return column(name, th.BooleanType, description)


def integer(name: str, description: str | None = None) -> Column:
    """Describe a whole number."""
    return column(name, th.IntegerType, description)


def number(name: str, description: str | None = None) -> Column:
    """Describe a number that may have a fraction."""
    return column(name, th.NumberType, description)


def texts(name: str, description: str | None = None) -> Column:
    """Describe a list of texts."""
    return column(name, th.ArrayType(th.StringType), description)


def free_form(name: str, description: str | None = None) -> Column:
    """Describe an object whose properties the vendor leaves open."""
    return column(name, FREE_FORM, description)


def free_forms(name: str, description: str | None = None) -> Column:
    """Describe a list of such objects."""
    return column(name, th.ArrayType(FREE_FORM), description)


def any_json(name: str, description: str | None = None) -> Column:
    """Describe whatever JSON an app or a user stored there."""
    return column(name, th.CustomType({"type": ANY_TYPE}), description)


def nested(name: str, description: str | None, *properties: Column) -> Column:
    """Describe an object by its properties, which keep the vendor's names."""
    return column(name, th.ObjectType(*properties), description)


def nested_list(name: str, description: str | None, *properties: Column) -> Column:
    """Describe a list of objects by their properties."""
    return column(name, th.ArrayType(th.ObjectType(*properties)), description)
