"""A new, empty Meltano project and a definition of the Hub are enough to load a warehouse."""

import json
import tempfile
from pathlib import Path

import pytest
import yaml

from demo.pipeline import Database, Meltano
from hub.about import ROOT, TAPS
from tests.support import run_tap

pytestmark = pytest.mark.e2e

DEFINITIONS = ROOT / "hub" / "extractors"


@pytest.fixture(scope="module")
def database():
    """A server; its own user must get into the folder, which pytest's folders do not allow."""
    with tempfile.TemporaryDirectory() as folder, Database(Path(folder) / "data") as database:
        yield database


@pytest.fixture(scope="module")
def new_project(distribution, sites, database, tmp_path_factory):
    """An empty project with the loader; packages come from a folder, as they do from a registry."""
    folder = tmp_path_factory.mktemp("meltano") / "project"
    environment = {
        "UV_FIND_LINKS": str(distribution),
        "TARGET_POSTGRES_SQLALCHEMY_URL": database.sqlalchemy_url,
    }
    for tap, settings in sites.items():
        for name, value in settings.items():
            text = value if isinstance(value, str) else json.dumps(value)
            environment[variable(tap, name)] = text
        environment[variable(tap, "max_concurrency")] = "4"
        environment[variable(tap, "requests_per_second")] = "500"
        # What --from-ref leaves out of a definition: else every stream is read, whatever it costs
        definition = yaml.safe_load((DEFINITIONS / f"{tap}.yml").read_text())
        environment[variable(tap, "_select")] = json.dumps(definition["select"])
    program = ROOT / ".venv-meltano" / "bin" / "meltano"
    created = Meltano(program, folder.parent, environment)("init", folder.name)
    assert created.status == 0, created.output
    meltano = Meltano(program, folder, environment)
    loaders = yaml.safe_load((ROOT / "meltano.yml").read_text())["plugins"]["loaders"]
    definition = folder.parent / "target-postgres.yml"
    definition.write_text(yaml.safe_dump(loaders[0]))
    add(meltano, "loader", "target-postgres", definition)
    return meltano


def variable(tap, setting):
    """The environment variable by which Meltano takes a setting."""
    return f"{tap}_{setting}".replace("-", "_").upper()


def add(meltano, kind, name, definition):
    added = meltano("add", "--plugin-type", kind, name, "--from-ref", str(definition))
    assert added.status == 0, added.output


@pytest.mark.parametrize("tap", TAPS)
def test_a_tap_added_from_its_definition_loads_all_its_rows(new_project, database, sites, tap):
    add(new_project, "extractor", tap, DEFINITIONS / f"{tap}.yml")
    run = new_project("run", tap, "target-postgres")
    assert run.status == 0, run.output

    expected = run_tap(tap.removeprefix("tap-"), sites[tap]).load()
    loaded = database.tables(tap.replace("-", "_"), since=database.now())
    assert {name: total for name, (_, total) in loaded.items() if total} == {
        name: len(rows) for name, rows in expected.items() if rows
    }
