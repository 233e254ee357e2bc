"""Where the vendor keeps its rows, its clock and its IDs."""

from __future__ import annotations

import string
import threading
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.gitbook.objects import Row

LETTERS = string.ascii_letters + string.digits


class World:
    """Tables of rows: table -> ID of whom the rows belong to -> ID of the row -> row.

    Edits are made through the methods of the classes below, each of which says in a line what
    happens. They hold the lock, as the server does while it answers.
    """

    def __init__(self, seed: int = 1, now: datetime | None = None) -> None:
        self.lock = threading.RLock()
        self.clock = now or a_month_ago()
        self.tables: dict[str, dict[str, dict[str, Row]]] = defaultdict(lambda: defaultdict(dict))
        self._ids = Random(seed)

    def tick(self, **time: float) -> None:
        """Let time pass, such as `tick(hours=1)`."""
        self.clock += timedelta(**time)

    @property
    def now(self) -> str:
        """The clock as the API writes it."""
        return written(self.clock)

    def new_id(self) -> str:
        """Return an ID that nothing has yet."""
        return "".join(self._ids.choices(LETTERS, k=20))

    def add(self, table: str, owner: str, row: Row, key: str | None = None) -> Row:
        """Put a row into a table; its key is its `id` unless told."""
        self.tables[table][owner][key or row["id"]] = row
        return row

    def rows(self, table: str, owner: str) -> list[Row]:
        """The rows of one owner, in the order in which they came."""
        return list(self.tables[table][owner].values()) if owner in self.tables[table] else []

    def every(self, table: str) -> list[Row]:
        """The rows of all owners."""
        return [row for rows in self.tables[table].values() for row in rows.values()]

    def owner(self, table: str, row_id: str) -> str:
        """Find out whom a row belongs to."""
        return next(owner for owner, rows in self.tables[table].items() if row_id in rows)

    def find(self, table: str, row_id: str) -> Row:
        """Find a row, whomever it belongs to."""
        return self.tables[table][self.owner(table, row_id)][row_id]

    def remove(self, table: str, row_id: str) -> None:
        """Take a row away."""
        del self.tables[table][self.owner(table, row_id)][row_id]


def a_month_ago() -> datetime:
    """Begin in the past, with room for what is still to happen."""
    today = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
    return today - timedelta(days=30)


def written(at: datetime) -> str:
    """Write a moment as the API does."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
