from __future__ import annotations

import psycopg
import pytest

from demo.pipeline import Database


@pytest.fixture(scope="session")
def database(tmp_path_factory):
    """A real PostgreSQL."""
    with (
        Database(tmp_path_factory.mktemp("postgres")) as server,
        psycopg.connect(server.uri, autocommit=True) as connection,
    ):
        yield connection
