"""examples/airflow: two parts of a site, side by side, load the same tables as one run."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from psycopg import sql

from demo.pipeline import Database, Meltano
from sandbox import Sandbox, confluence
from tests.support import ROOT

pytestmark = pytest.mark.slow

BIN = ROOT / ".venv-airflow" / "bin"
MELTANO = ROOT / ".venv-meltano" / "bin" / "meltano"
PATIENCE = 900  # Seconds
DAGS = ROOT / "examples" / "airflow" / "dags"
PARTS = "in_parts"  # The schema
DAG = "devdocs_shards"
DELETED = "_sdc_deleted_at"


@pytest.fixture
def database():
    with tempfile.TemporaryDirectory() as folder, Database(Path(folder) / "data") as database:
        yield database


@pytest.fixture
def site():
    with Sandbox(confluence.build(), latency=0.1) as sandbox:
        yield sandbox


@pytest.fixture
def environment(site, database, tmp_path):
    """What the workers of Airflow, and a run by hand, find in their environment."""
    settings = confluence.config(site.url)
    return {
        **os.environ,
        **{f"TAP_CONFLUENCE_{name.upper()}": value for name, value in settings.items()},
        "TARGET_POSTGRES_SQLALCHEMY_URL": database.sqlalchemy_url,
        "MELTANO_PROJECT_ROOT": str(ROOT),
        "MELTANO_DATABASE_URI": f"sqlite:///{tmp_path}/meltano.db",
        "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
        "PATH": f"{MELTANO.parent}:{os.environ['PATH']}",
    }


class Airflow:
    """Airflow with all its parts in one process tree, as `airflow standalone` starts them."""

    def __init__(self, home, environment):
        self.home = home
        port = free_port()
        self.environment = {
            **environment,
            "PATH": f"{BIN}:{environment['PATH']}",
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "false",  # Runs begin when the test says so
        }

    def __call__(self, *arguments):
        done = subprocess.run(
            [BIN / "airflow", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def __enter__(self):
        self("db", "migrate")
        self.log = (self.home / "standalone.log").open("w")
        self._process = subprocess.Popen(
            [BIN / "airflow", "standalone"],
            env=self.environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        return self

    def __exit__(self, *error):
        """End all parts: told alone, the first one leaves its children behind."""
        os.killpg(self._process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self.log.close()

    def ask(self, query, *values):
        """Ask Airflow's own database."""
        connection = sqlite3.connect(f"file:{self.home}/airflow.db?mode=ro", uri=True, timeout=30)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def wait_for(self, query, *values):
        """Wait until a query has an answer."""
        deadline = time.monotonic() + PATIENCE
        while not (found := self.ask(query, *values)):
            assert time.monotonic() < deadline, f"no answer to {query} {values}"
            assert self._process.poll() is None, "Airflow ended"
            time.sleep(1)
        return found


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def airflow(environment, site, tmp_path):
    """Airflow with the DAG of the example, and its plan for the spaces of this site."""
    keys = sorted(space.key for space in site.vendor.site.spaces.items.values())
    plan = json.loads((DAGS / "shards.json").read_text()) | {
        "first": {"spaces": keys[:1]},
        "shards": {"even": {"spaces": keys[2::2]}, "odd": {"spaces": keys[1::2]}},
    }
    file = tmp_path / "shards.json"
    file.write_text(json.dumps(plan))
    settings = {"DEVDOCS_SHARDS": str(file), "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": PARTS}
    home = tmp_path / "airflow"
    home.mkdir()
    with Airflow(home, environment | settings) as airflow:
        yield airflow


def tables(database, schema):
    """All rows of a schema, without what the loader notes of its own work, deletions aside."""
    names = database.query(
        sql.SQL("select table_name from information_schema.tables where table_schema = {}").format(
            sql.Literal(schema)
        )
    )
    found = {}
    for (name,) in sorted(names):
        rows = database.query(
            sql.SQL("select to_jsonb(t) from {} t").format(sql.Identifier(schema, name))
        )
        kept = [
            {k: v for k, v in row.items() if k == DELETED or not k.startswith("_sdc")}
            for (row,) in rows
        ]
        found[name] = sorted(json.dumps(row, sort_keys=True) for row in kept)
    return found


def test_two_parts_at_once_load_the_same_tables_as_one_run(environment, airflow, database):
    meltano = Meltano(MELTANO, ROOT, environment)
    installed = meltano("install", "tap-confluence", "target-postgres")
    assert installed.status == 0, installed.output
    whole = meltano("run", "tap-confluence", "target-postgres")
    assert whole.status == 0, whole.output

    airflow.wait_for("select 1 from dag where dag_id = ?", DAG)
    assert airflow.ask("select * from import_error") == []
    airflow("pools", "set", "devdocs", "2", "parts that are read at once")
    airflow("dags", "unpause", DAG)
    airflow("dags", "trigger", DAG)
    ((state,),) = airflow.wait_for(
        "select state from dag_run where dag_id = ? and state in ('success', 'failed')", DAG
    )
    assert state == "success", [p.read_text()[-3000:] for p in airflow.home.rglob("attempt=*.log")]

    spans = airflow.ask(
        "select start_date, end_date from task_instance where dag_id = ? and task_id = 'read'", DAG
    )
    assert len(spans) == 2
    assert max(start for start, _ in spans) < min(end for _, end in spans), "one after the other"
    in_parts, in_one = tables(database, PARTS), tables(database, "tap_confluence")
    assert in_parts.keys() == in_one.keys()
    for name, rows in in_one.items():
        assert in_parts[name] == rows, name
