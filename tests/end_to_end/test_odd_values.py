"""What vendors send beyond their contracts loads into a real PostgreSQL by a real loader."""

from __future__ import annotations

import pytest

from sandbox import Sandbox
from tests.support import discover, run_tap
from tests.values.vendors import VENDORS, Odd, mutation

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("tap", VENDORS)
def test_odd_values_load_though_the_loader_checks_nothing(tap, load, database):
    vendor, config = VENDORS[tap]()
    with Sandbox(Odd(vendor, mutation(7, 0.05))) as sandbox:
        more = {"denied_streams": "skip", "extra_fields": "keep", "max_wait": 0}
        settings = {**config(sandbox.url), **more}
        names = [entry["tap_stream_id"] for entry in discover(tap, settings)["streams"]]
        run = run_tap(tap, settings, select=names)
    written = {name for name in names if run.records(name)}
    assert len(written) > 20
    for use_copy in (True, False):
        schema = f"odd_{tap}_{use_copy}".lower()
        load(run, use_copy=use_copy, default_target_schema=schema)
        found = database.tables(schema, "2000-01-01")
        assert {name for name, (count, _) in found.items() if count} == written
