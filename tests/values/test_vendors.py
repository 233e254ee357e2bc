"""Whatever a vendor has in its rows: a run goes on, and what it writes fits and loads."""

from __future__ import annotations

import re

import pytest

from sandbox import Sandbox
from tests.support import discover, run_tap
from tests.values.loading import Table, complaint
from tests.values.vendors import VENDORS, Odd, mutation


def check(run, database):
    """Let a database load what a run wrote."""
    schemas = {message["stream"]: message for message in run.of("SCHEMA")}
    complaints = [
        f"{message['stream']}: {found}"
        for message in run.of("RECORD")
        if (found := complaint(schemas[message["stream"]]["schema"], message["record"]))
    ]
    assert complaints == []
    for name, message in schemas.items():
        table = Table(database, name, message["schema"], message["key_properties"])
        table.load(run.records(name))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("tap", VENDORS)
def test_odd_values_at_all_depths_end_nothing(tap, seed, database):
    vendor, config = VENDORS[tap]()
    with Sandbox(Odd(vendor, mutation(seed, 0.03))) as sandbox:
        settings = {**config(sandbox.url), "denied_streams": "skip", "max_wait": 0}
        names = [entry["tap_stream_id"] for entry in discover(tap, settings)["streams"]]
        run = run_tap(tap, settings, select=names)
    assert "Please report it" not in run.stderr
    assert "Traceback" not in run.stderr
    check(run, database)
    assert re.search(r"values? mended in \d+ columns?", run.stderr)
