"""What the tests of the whole way share: a real PostgreSQL, and a real loader."""

from __future__ import annotations

import json
import subprocess

import pytest

from demo.pipeline import Database, Meltano
from tests.support import ROOT

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
