"""The commands of the README are run as they stand there; the vendors are played on localhost."""

import json
import os
import re
import shlex
import subprocess
import tempfile
from pathlib import Path

import pytest

from demo.pipeline import Database
from hub.about import ROOT, TAPS
from tests.support import run_tap

pytestmark = pytest.mark.slow

README = (ROOT / "README.md").read_text()
QUICK_START = README[README.index("## Quick start") : README.index("## How it compares")]
BLOCK = re.compile(r"^```console\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
BLOCKS = {  # What stands in one block only
    "install": r"bin/pip install target-jsonl",
    **{tap: rf"\| target-jsonl.*{tap[4:]}.json" for tap in TAPS},
    "empty folder": r"meltano install",
    "project": r"meltano add",
}


GIVEN = {  # What a reader has, or does, of whom the block speaks
    "new project": f"export PATH={ROOT}/.venv-meltano/bin:$PATH; meltano init project; cd project",
    "run": "meltano run tap-gitbook target-postgres",
}


def block(name):
    """The commands of one block."""
    if name in GIVEN:
        return GIVEN[name]
    (found,) = [text for text in BLOCK.findall(QUICK_START) if re.search(BLOCKS[name], text)]
    return re.sub(r"^\$ ", "", found, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def database():
    """A server; its own user must get into the folder, which pytest's folders do not allow."""
    with tempfile.TemporaryDirectory() as folder, Database(Path(folder) / "data") as database:
        yield database


@pytest.fixture
def follow(sites, database, tmp_path):
    """Run commands in an empty folder, with the sites, the clone and the database of here."""
    folder = tmp_path / "folder"
    folder.mkdir()
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTHONPATH", "VIRTUAL_ENV", "PIP_CONSTRAINT", "UV_CONSTRAINT"}
    }
    environment["MELTANO_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    environment["TARGET_POSTGRES_SQLALCHEMY_URL"] = database.sqlalchemy_url
    for tap, settings in sites.items():
        for name, value in settings.items():
            environment[variable(tap, name)] = (
                value if isinstance(value, str) else json.dumps(value)
            )

    def follow(*names):
        script = "\n".join(map(block, names)).replace("/srv/devdocs-taps", str(ROOT))
        script = script.replace("postgresql+psycopg://...", f"'{database.sqlalchemy_url}'")
        for tap, settings in sites.items():
            for name, value in settings.items():
                script = with_setting(script, tap, name, value)
        assert "..." not in script
        run = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert run.returncode == 0, f"{script}\n{run.stdout}"
        return folder

    return follow


def variable(tap, setting):
    return f"{tap}_{setting}".replace("-", "_").upper()


def with_setting(script, tap, name, value):
    """Write a value where the README has an example or dots."""
    text = shlex.quote(value if isinstance(value, str) else json.dumps(value))
    for place in (f"{variable(tap, name)}=", f"config set {tap} {name} "):
        script = re.sub(rf"{place}('[^']*'|\S+)", lambda _, place=place: place + text, script)
    return script


def expected(tap, sites):
    """How many rows each table has."""
    tables = run_tap(tap.removeprefix("tap-"), sites[tap]).load()
    return {name: len(rows) for name, rows in tables.items() if rows}


def test_each_tap_writes_files_and_goes_on_from_its_state(follow, sites):
    folder = follow("install", *TAPS)
    for tap in TAPS:
        state = json.loads((folder / f"{tap.removeprefix('tap-')}.json").read_text())
        assert state["bookmarks"]
        for stream in expected(tap, sites):
            assert list(folder.glob(f"{stream}-*.jsonl")), stream


def test_an_empty_folder_becomes_a_project_that_loads_a_database(follow, sites, database):
    database.drop("tap_gitbook")
    follow("empty folder")
    assert loaded(database) == expected("tap-gitbook", sites)


def test_definitions_are_added_to_a_project(follow, sites, database):
    database.drop("tap_gitbook")
    follow("new project", "project", "run")
    tables = expected("tap-gitbook", sites)
    assert loaded(database) == {name: tables[name] for name in ("pages", "spaces")}


def loaded(database):
    found = database.tables("tap_gitbook", since=database.now())
    return {name: total for name, (_, total) in found.items() if total}
