"""What vendors send beyond their contracts loads into a real PostgreSQL by a real loader."""

from __future__ import annotations

import json
import subprocess

import pytest

from demo.pipeline import Database, Meltano
from sandbox import Sandbox
from tests.support import ROOT, discover, run_tap
from tests.values.vendors import VENDORS, Odd, mutation

pytestmark = pytest.mark.e2e

MELTANO = ROOT / ".venv-meltano" / "bin" / "meltano"
TARGET = ROOT / ".meltano" / "loaders" / "target-postgres" / "venv" / "bin" / "target-postgres"


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with Database(tmp_path_factory.mktemp("postgres")) as database:
        yield database


@pytest.fixture(scope="module")
def load(database, tmp_path_factory):
    """Load what a run wrote, by a loader that does not look at it before."""
    if not MELTANO.exists():
        pytest.skip("Meltano is not installed: make .venv-meltano/ready")
    folder = tmp_path_factory.mktemp("loader")
    environment = {"MELTANO_DATABASE_URI": f"sqlite:///{folder}/meltano.db"}
    installed = Meltano(MELTANO, ROOT, environment)("install", "target-postgres")
    assert installed.status == 0, installed.output

    def load(run, **settings):
        config = folder / "config.json"
        address = {"sqlalchemy_url": database.sqlalchemy_url, "validate_records": False}
        config.write_text(json.dumps({**address, **settings}))
        done = subprocess.run(
            [TARGET, "--config", config], input=run.stdout, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()[-2000:]

    return load


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
