"""A full refresh tells a real PostgreSQL what vanished of streams that read only changes."""

from __future__ import annotations

import pytest
from psycopg import sql

from sandbox import Sandbox, confluence
from tests.support import run_tap

pytestmark = pytest.mark.e2e

STREAMS = ["tasks", "page_versions", "page_labels"]


@pytest.mark.parametrize("hard_delete", [False, True])
def test_what_was_purged_meanwhile_is_marked_and_nothing_else(load, database, hard_delete):
    schema = f"refreshed_{hard_delete}".lower()
    site = confluence.Site.generate(3, pages=30)
    with Sandbox(confluence.Confluence(site)) as sandbox:
        known = sandbox.vendor.credentials
        config = {
            "base_url": f"{sandbox.url}/wiki",
            "email": known.email,
            "api_token": known.api_token,
        }

        def sync(state=None):
            run = run_tap("confluence", config, select=STREAMS, state=state)
            assert run.status == 0, run.stderr
            load(run, hard_delete=hard_delete, default_target_schema=schema)
            return run.state

        def rows(table, *key):
            """The keys of a table, and whether they are marked."""
            names = sql.SQL(", ").join(map(sql.Identifier, key))
            query = sql.SQL("select {}, _sdc_deleted_at is not null from {}.{}")
            found = database.query(
                query.format(names, sql.Identifier(schema), sql.Identifier(table))
            )
            return {row[:-1]: row[-1] for row in found}

        sync()
        before = rows("page_versions", "page_id", "number")
        purged = next(page for page in site.pages.items.values() if page.status == "trashed")
        site.purge(purged)
        task = next(iter(site.tasks.items.values()))
        site.remove_task(task)
        state = sync()
        after = rows("page_versions", "page_id", "number")
        gone = {key for key in before if key[0] == purged.id}
        assert gone
        if hard_delete:
            assert after.keys() == before.keys() - gone
        else:
            assert {key for key, is_marked in after.items() if is_marked} == gone
        marked = rows("tasks", "id")
        assert marked.get((task.id,)) is (None if hard_delete else True)
        sync(state)  # Which is incremental
        assert rows("page_versions", "page_id", "number") == after
        assert rows("tasks", "id") == marked
