"""Whether a database takes records as their schemas have them."""

from __future__ import annotations

import functools
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import jsonschema
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

SQL_TYPES = {
    "string": "text",
    "number": "numeric",
    "integer": "bigint",
    "boolean": "boolean",
    "object": "jsonb",
    "array": "jsonb",
}
FORMATS = {"date-time": "timestamp with time zone", "uuid": "uuid"}
CHECKER = jsonschema.Draft202012Validator.FORMAT_CHECKER


@functools.cache
def _validator(schema: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(schema), format_checker=CHECKER)


def complaint(schema: dict[str, Any], record: dict[str, Any]) -> str | None:
    """Say why a record is not what its schema has, formats included."""
    assert {"date-time", "uuid"} <= CHECKER.checkers.keys(), "formats would not be checked"
    for error in _validator(json.dumps(schema)).iter_errors(record):
        return f"{error.json_path}: {error.message[:200]}"
    return None


def sql_type(schema: dict[str, Any]) -> str:
    """Name the type that loaders give a column."""
    named = schema.get("type", [])
    types = [name for name in ([named] if isinstance(named, str) else named) if name != "null"]
    if len(types) != 1:
        return "jsonb"
    return FORMATS.get(schema.get("format", ""), SQL_TYPES[types[0]])


class Table:
    """A table as a loader makes it of a SCHEMA message."""

    def __init__(
        self, database: psycopg.Connection, name: str, schema: dict[str, Any], keys: Sequence[str]
    ) -> None:
        self._database = database
        self._name = sql.Identifier(name)
        columns = [
            sql.SQL(f"{{}} {sql_type(kind)}").format(sql.Identifier(column))
            for column, kind in schema["properties"].items()
        ]
        columns += [
            sql.SQL("check ({}::text <> '')").format(sql.Identifier(column)) for column in keys
        ]
        names = sql.SQL(", ").join(map(sql.Identifier, keys))
        columns.append(sql.SQL("primary key ({})").format(names))
        database.execute(sql.SQL("drop table if exists {}").format(self._name))
        database.execute(
            sql.SQL("create table {} ({})").format(self._name, sql.SQL(", ").join(columns))
        )
        self._dates = [
            column
            for column, kind in schema["properties"].items()
            if kind.get("format") == "date-time"
        ]

    def load(self, records: list[dict[str, Any]]) -> int:
        """Insert records, of a key the first; tell how many rows there are."""
        for record in records:
            for column in self._dates:
                if record.get(column) is not None:
                    datetime.fromisoformat(record[column])  # As the loaders of the SDK read it
        self._database.execute(
            sql.SQL(
                "insert into {0} select * from jsonb_populate_recordset(null::{0}, %s::jsonb) "
                "on conflict do nothing"
            ).format(self._name),
            [json.dumps(records)],
        )
        found = self._database.execute(sql.SQL("select count(*) from {}").format(self._name))
        return int(found.fetchone()[0])
