"""What has vanished is marked in a real PostgreSQL, by rows that say so and by versions alike."""

from __future__ import annotations

import pytest
from psycopg import sql

from sandbox import Sandbox, confluence
from tests.support import run_tap

pytestmark = pytest.mark.e2e

STREAMS = ["pages", "labels"]


def rows(database, schema, table, what):
    return dict(database.query(sql.SQL(f"select id, {what} from {schema}.{table}")))


@pytest.mark.parametrize("use_copy", [True, False])
def test_a_purged_page_is_marked_and_one_that_comes_back_is_not(load, database, use_copy):
    schema = f"losses_{use_copy}".lower()
    site = confluence.Site.generate(3, pages=30)
    gone, hidden, *_ = [page for page in site.pages.items.values() if page.status == "trashed"]
    with Sandbox(confluence.Confluence(site)) as sandbox:
        known = sandbox.vendor.credentials
        config = {
            "base_url": f"{sandbox.url}/wiki",
            "email": known.email,
            "api_token": known.api_token,
        }
        state = None

        def sync():
            nonlocal state
            run = run_tap("confluence", config, select=STREAMS, state=state)
            assert run.status == 0, run.stderr
            load(run, use_copy=use_copy, default_target_schema=schema)
            state = run.state

        sync()
        site.purge(gone)
        site.hide(hidden)
        sync()
        marked = rows(database, schema, "pages", "_sdc_deleted_at is not null")
        assert {page for page, is_marked in marked.items() if is_marked} == {gone.id, hidden.id}
        assert rows(database, schema, "pages", "status")[gone.id] == "purged"
        assert rows(database, schema, "pages", "title")[gone.id] is None
        moments = rows(database, schema, "pages", "_sdc_deleted_at")
        site.show(hidden)
        sync()  # ACTIVATE_VERSION of labels, which are read whole, follows each time
        later = rows(database, schema, "pages", "_sdc_deleted_at")
    assert later == {**moments, hidden.id: None}
    assert rows(database, schema, "pages", "status")[hidden.id] == "trashed"
