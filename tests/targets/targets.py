"""Loaders from the index: how each is installed and read, and what becomes of values in it."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from rest_tap import snake_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from demo.pipeline import Database

Row = dict[str, Any]
Schema = dict[str, Any]


@dataclass
class Place:
    """Where a loader puts the tables of one tap."""

    folder: Path
    database: Database
    schema: str
    environment: Path

    @property
    def settings(self) -> Row:
        """What stands in docs/targets.md as an example, as it is here."""
        return {
            "sqlalchemy_url": self.database.sqlalchemy_url,
            "host": self.database.uri.partition("host=")[2],
            "user": "postgres",
            "dbname": "postgres",
            "default_target_schema": self.schema,
            "destination_path": str(self.folder),
            "output_path": str(self.folder),
            "database": str(self.folder / "warehouse.db"),
            "path": str(self.folder / "warehouse.duckdb"),
        }


def typed(value: Any, schema: Schema) -> Any:
    """A value that is kept as it is; moments, however they are written, are compared as moments."""
    if schema.get("format") != "date-time" or value is None:
        return value
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def is_text(schema: Schema) -> bool:
    """Whether a column holds texts."""
    return set(schema["type"]) <= {"string", "null"} and "format" not in schema


def without_empty_texts(value: Any, schema: Schema) -> Any:
    """An empty text becomes null."""
    return None if value == "" else typed(value, schema)


def escaped(value: Any, schema: Schema) -> Any:
    """A line end in a text becomes a backslash and a letter, and so do its like."""
    if is_text(schema) and value:
        value = json.dumps(value, ensure_ascii=False)[1:-1]
        return value.replace('\\"', '"').replace("\\\\", "\\")
    return without_empty_texts(value, schema)


def as_text(value: Any, schema: Schema) -> Any:
    """Everything is a text, as Python writes it; fractions as decimals."""
    value = json.loads(json.dumps(value), parse_float=Decimal)
    return "" if value is None else typed(str(value), schema)


def as_column(value: Any, schema: Schema) -> Any:
    """What is nested and no object with columns of its own is a text, as Python writes it."""
    return str(value) if isinstance(value, (dict, list)) else typed(value, schema)


def columns(row: Row, schema: Schema) -> Iterator[tuple[str, Any, Schema]]:
    """List the columns of a row."""
    for name, kind in schema["properties"].items():
        yield name, row.get(name), kind


def flat_columns(row: Row, schema: Schema) -> Iterator[tuple[str, Any, Schema]]:
    """List the columns of a row whose nested objects become columns."""
    for name, value, kind in columns(row, schema):
        column = snake_case(name)
        if "object" in kind["type"] and "properties" in kind:
            for inner, found, inner_kind in flat_columns(value or {}, kind):
                yield f"{column}__{inner}", found, inner_kind
        else:
            yield column, value, kind


def read_postgres(place: Place, stream: str) -> list[Row]:
    """Read the rows that are not marked as deleted."""
    query = sql.SQL("select * from {} where _sdc_deleted_at is null")
    with psycopg.connect(place.database.uri, row_factory=dict_row) as connection:
        return connection.execute(query.format(sql.Identifier(place.schema, stream))).fetchall()


def read_jsonl(place: Place, stream: str) -> list[Row]:
    """Read the files of all runs."""
    files = sorted(place.folder.glob(f"{stream}-2*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def read_csv(place: Place, stream: str) -> list[Row]:
    """Read the files of all runs."""
    rows: list[Row] = []
    csv.field_size_limit(1 << 30)
    for file in sorted(place.folder.glob(f"{stream}-2*.csv")):
        with file.open(newline="") as content:
            rows += csv.DictReader(content)
    return rows


def read_sqlite(place: Place, stream: str) -> list[Row]:
    """Read a table."""
    connection = sqlite3.connect(place.folder / "warehouse.db")
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(f'select * from "{stream}"')]
    finally:
        connection.close()


def read_duckdb(place: Place, stream: str) -> list[Row]:
    """Read a table, with the library that the loader has."""
    program = (
        "import duckdb, json, sys\n"
        "found = duckdb.connect(sys.argv[1], read_only=True).execute(sys.argv[2])\n"
        "names = [column[0] for column in found.description]\n"
        "print(json.dumps([dict(zip(names, row)) for row in found.fetchall()], default=str))"
    )
    query = f'select * from "{place.schema}"."{stream}"'
    arguments = [place.folder / "warehouse.duckdb", query]
    done = subprocess.run(
        [place.environment / "bin" / "python", "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows: list[Row] = json.loads(done.stdout)
    return rows


@dataclass(frozen=True)
class Target:
    """A loader.

    Args:
        heading: Of its settings in docs/targets.md.
        executable: The program.
        read: Reads the rows of a table.
        kept: Says what becomes of a value.
        columns: Says which columns become of a row.
        appends: Whether it keeps each record, instead of one for each key.
        deletes: Whether it knows ACTIVATE_VERSION.
        nested_is_json: Whether what is nested comes back as the text of JSON.
        needs_texts: Whether the tap must write texts in columns that take anything.
    """

    heading: str
    executable: str
    read: Callable[[Place, str], list[Row]]
    kept: Callable[[Any, Schema], Any] = typed
    columns: Callable[[Row, Schema], Iterator[tuple[str, Any, Schema]]] = columns
    appends: bool = False
    deletes: bool = False
    nested_is_json: bool = False
    needs_texts: bool = False


TARGETS = (
    Target("target-postgres", "target-postgres", read_postgres, deletes=True),
    Target(
        "target-postgres of pipelinewise",
        "target-postgres",
        read_postgres,
        escaped,
        needs_texts=True,
    ),
    Target("target-jsonl", "target-jsonl", read_jsonl, appends=True),
    Target("target-csv", "target-csv", read_csv, as_text, appends=True),
    Target(
        "target-sqlite", "target-sqlite", read_sqlite, as_column, flat_columns, needs_texts=True
    ),
    Target(
        "target-duckdb",
        "target-duckdb",
        read_duckdb,
        without_empty_texts,
        nested_is_json=True,
        needs_texts=True,
    ),
)
