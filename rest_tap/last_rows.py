"""Last rows: how a table learns that something has vanished, where not all of it is read.

A last row has the key, `purged` as its status where the stream has one, and when it was missed;
all else is null. The column is the one that targets know for rows that are deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_tap.listing import Row

DELETED_AT = "_sdc_deleted_at"
PURGED = "purged"


def with_deleted_at(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Add the column that last rows have."""
    column = {
        "type": ["string", "null"],
        "format": "date-time",
        "description": "When it was missed: it is gone, or hidden from these credentials. Then all "
        "other columns but those of the key, and status, are null.",
    }
    return {**schema, "properties": {**schema["properties"], DELETED_AT: column}}


def last_row(schema: Mapping[str, Any], key: Mapping[str, Any], at: str) -> Row:
    """Make the last row of what has vanished.

    Args:
        schema: The stream's, as `with_deleted_at` makes it.
        key: The columns of the primary key.
        at: When it was missed, as RFC 3339 has it.
    """
    columns = schema["properties"]
    status = {"status": PURGED} if "status" in columns else {}
    return {**dict.fromkeys(columns), **status, **key, DELETED_AT: at}


def split(rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """Tell the last rows from the others: these first, which are the same list if they are all."""
    last = [row for row in rows if row.get(DELETED_AT) is not None]
    return ([row for row in rows if not is_last(row)] if last else rows), last


def is_last(row: Row) -> bool:
    """Tell whether a row says that something has vanished."""
    return row.get(DELETED_AT) is not None


def unmark(records: list[Any]) -> None:
    """Take out of what a vendor sends the column that only a last row has."""
    for record in records:
        if isinstance(record, dict):
            record.pop(DELETED_AT, None)
