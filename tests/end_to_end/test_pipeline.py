"""The whole way, twice: a played vendor, the tap, Meltano, target-postgres, a real PostgreSQL.

What is in the tables is compared with what the vendor holds, by counts and by values in SQL.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from random import Random

import pytest
from psycopg import sql

from demo.pipeline import Meltano
from demo.plays import circleci_play, confluence_play, gitbook_play
from sandbox import Sandbox, circleci, gitbook
from tests.end_to_end.conftest import MELTANO
from tests.examples.test_who_may_read import FILE, STREAMS, entangle, what_the_site_says

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]
SIDE_BY_SIDE = re.compile(r"## Side by side.*?```console\n(.*?)```", re.DOTALL)
TAPS = ("tap-confluence", "tap-circleci", "tap-gitbook")


@pytest.fixture(scope="module")
def meltano(tmp_path_factory, database):
    """Make a Meltano with the settings of a play; its plugins are installed once."""
    if not MELTANO.exists():
        pytest.skip("Meltano is not installed: make .venv-meltano/ready")
    folder = tmp_path_factory.mktemp("meltano")
    environment = {
        "MELTANO_DATABASE_URI": f"sqlite:///{folder}/meltano.db",
        "TARGET_POSTGRES_SQLALCHEMY_URL": database.sqlalchemy_url,
    }
    installed = Meltano(MELTANO, ROOT, environment)("install", *TAPS, "target-postgres")
    assert installed.status == 0, installed.output

    def make(play, url):
        prefix = play.tap.replace("-", "_").upper()
        settings = {
            f"{prefix}_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in play.config(url).items()
        }
        return Meltano(MELTANO, ROOT, {**environment, **settings})

    return make


def rows(database, statement):
    return database.query(sql.SQL(statement))


def deleted(database, schema):
    """Count the rows that are marked as deleted, table by table."""
    tables = rows(
        database,
        f"select table_name from information_schema.tables where table_schema = '{schema}'",
    )
    counts = {}
    for (table,) in tables:
        ((count,),) = rows(database, f"select count(_sdc_deleted_at) from {schema}.{table}")
        counts[table] = count
    assert counts
    return {table: count for table, count in counts.items() if count}


def load_twice(play, meltano, database, check):
    """Run a play with its edits in between; check the tables after both runs."""
    with Sandbox(play.vendor) as sandbox:
        run = meltano(play, sandbox.url)
        first = run("run", play.tap, "target-postgres")
        assert first.status == 0, first.output
        check()
        asked = len(sandbox.requests)
        sandbox.clear()
        play.edit()
        since = database.now()
        second = run("run", play.tap, "target-postgres")
        assert second.status == 0, second.output
        check()
        loaded = database.tables(play.tap.replace("-", "_"), since)
    return asked, len(sandbox.requests), loaded


def test_confluence(meltano, database):
    play = confluence_play(pages=200)
    site = play.vendor.site

    def check():
        truth = site.truth()
        for table in ("pages", "blog_posts", "attachments", "footer_comments", "inline_comments"):
            loaded = rows(database, f"select id, status from tap_confluence.{table}")
            assert sorted(loaded) == sorted(
                (key[0], row["status"]) for key, row in truth[table].items()
            )
        versions = rows(database, "select id, (version->>'number')::int from tap_confluence.pages")
        assert dict(versions) == {
            key[0]: row["version_number"] for key, row in truth["pages"].items()
        }
        labels = rows(
            database,
            "select page_id, label_id from tap_confluence.page_labels "
            "where _sdc_deleted_at is null",
        )
        assert set(labels) == set(truth["page_labels"])
        ((orphans,),) = rows(
            database,
            "select count(*) from tap_confluence.pages p "
            "left join tap_confluence.spaces s on s.id = p.space_id where s.id is null",
        )
        assert orphans == 0

    first, second, loaded = load_twice(play, meltano, database, check)
    assert second < first + 10
    assert loaded["pages"][0] < 40


def test_who_may_read_what_target_postgres_has_loaded(meltano, database):
    play = confluence_play(pages=60)
    site = play.vendor.site
    entangle(site, Random(1))
    with Sandbox(play.vendor) as sandbox:
        run = meltano(play, sandbox.url)
        run.environment["TAP_CONFLUENCE__SELECT"] = json.dumps([f"{name}.*" for name in STREAMS])
        run.environment["TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA"] = "readers"
        outcome = run("run", "--full-refresh", play.tap, "target-postgres")
    assert outcome.status == 0, outcome.output
    rows(database, f"set search_path = readers; {FILE.read_text()}")
    found = rows(database, "select page_id, account_id from readers.who_may_read")
    assert sorted(found) == sorted(what_the_site_says(site))


def test_circleci(meltano, database):
    play = circleci_play(pipelines=45)
    world = play.vendor.world

    def check():
        truth = circleci.truth(world)
        for table, keys in {
            "pipelines": "id::text, state",
            "workflows": "id::text, status",
            "jobs": "id::text, workflow_id::text, status",
        }.items():
            loaded = rows(database, f"select {keys} from tap_circleci.{table}")
            expected = [(*key, row[keys.rpartition(" ")[2]]) for key, row in truth[table].items()]
            assert sorted(loaded) == sorted(expected)
        ((orphans,),) = rows(
            database,
            "select count(*) from tap_circleci.jobs j left join tap_circleci.workflows w "
            "on w.id = j.workflow_id and w.pipeline_id = j.pipeline_id "
            "and w.project_slug = j.project_slug where w.id is null",
        )
        assert orphans == 0

    first, second, loaded = load_twice(play, meltano, database, check)
    assert second < first
    assert loaded["pipelines"][0] < 10


def test_gitbook(meltano, database):
    play = gitbook_play(pages=6)

    def check():
        truth = gitbook.truth(play.vendor)
        for table in ("spaces", "org_members", "change_requests", "comments", "comment_replies"):
            ((count,),) = rows(
                database,
                f"select count(*) from tap_gitbook.{table} where _sdc_deleted_at is null",
            )
            assert count == len(truth[table]), table
        titles = rows(database, "select space_id, id, title from tap_gitbook.pages")
        expected = {(row["space_id"], row["id"], row["title"]) for row in truth["pages"]}
        assert expected <= set(titles)

    first, second, _ = load_twice(play, meltano, database, check)
    assert second < first


def test_parts_side_by_side_as_the_documentation_tells_it(meltano, database):
    play = confluence_play(pages=100)
    spaces = sorted(space.key for space in play.vendor.site.spaces.items.values())
    (told,) = SIDE_BY_SIDE.findall((ROOT / "docs" / "operating.md").read_text())
    script = re.sub(r"^[$>] ", "", told, flags=re.MULTILINE)
    for name, key in zip(("OPS", "ENG", "HR"), spaces, strict=False):
        script = script.replace(f'["{name}"]', f'["{key}"]')
    with Sandbox(play.vendor, latency=0.05) as sandbox:
        environment = {
            **meltano(play, sandbox.url).environment,
            "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": "side_by_side",
        }
        environment["PATH"] = f"{MELTANO.parent}:{environment['PATH']}"
        run = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    assert run.returncode == 0, run.stdout
    assert run.stdout.count("Block run completed") == 3, run.stdout
    assert "[error" not in run.stdout, run.stdout
    loaded = rows(
        database,
        "select p.id from side_by_side.pages p join side_by_side.spaces s on s.id = p.space_id",
    )
    truth = play.vendor.site.truth()
    wanted = {key[0] for key, row in truth["spaces"].items() if row["key"] in spaces[:3]}
    assert sorted(loaded) == sorted(
        (key[0],) for key, row in truth["pages"].items() if row["space_id"] in wanted
    )
    assert deleted(database, "side_by_side") == {}
