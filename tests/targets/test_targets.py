"""Each loader of docs/targets.md holds the rows that the taps have written, all of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from demo.pipeline import Database
from demo.plays import circleci_play, confluence_play, gitbook_play
from sandbox import Sandbox
from tests.packaging.pythons import pythons
from tests.support import ROOT, discover, run_tap
from tests.targets.targets import TARGETS, Place

pytestmark = pytest.mark.slow

DOCS = (ROOT / "docs" / "targets.md").read_text()
ENVIRONMENTS = ROOT / ".venv-targets"
PLAYS = {
    "confluence": lambda: confluence_play(pages=60),
    "circleci": lambda: circleci_play(pipelines=20),
    "gitbook": lambda: gitbook_play(pages=6),
}
ROW = re.compile(
    r"^\| \[[^]]+\]\(#([a-z-]+)\).*?\| `([^`]+)` \| (3\.\d+)( or older)?", re.MULTILINE
)
CHOSEN = {
    "confluence": {"custom_content_types": ["ac:com.example.diagrams:diagram"]},
    "circleci": {"start_date": (datetime.now(UTC) - timedelta(days=1)).isoformat()},
    "gitbook": {"denied_streams": "skip"},
}


def section(heading):
    """The text below a heading of docs/targets.md."""
    return DOCS.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def examples(text):
    return [json.loads(found) for found in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]


CONFLUENCE, GITBOOK = examples(section("Columns that take anything"))
TEXTS = {"confluence": CONFLUENCE, "gitbook": GITBOOK}


@pytest.fixture(scope="module")
def database():
    """A server; its own user must get into the folder, which pytest's folders do not allow."""
    with tempfile.TemporaryDirectory() as folder, Database(Path(folder) / "data") as database:
        yield database


@pytest.fixture(scope="module")
def written():
    """What the taps write in two runs, with edits in between; the same for all loaders."""
    kept = {}

    def write(tap, needs_texts):
        if (tap, needs_texts) not in kept:
            kept[tap, needs_texts] = read_twice(tap, TEXTS.get(tap, {}) if needs_texts else {})
        return kept[tap, needs_texts]

    return write


def read_twice(tap, settings):
    """Read all streams of a site, and again after people have worked on it."""
    play = PLAYS[tap]()
    if tap == "circleci":
        play.vendor.world.usage_takes = timedelta()
    with Sandbox(play.vendor) as sandbox:
        config = {**play.config(sandbox.url), **CHOSEN[tap], **settings}
        streams = [entry["tap_stream_id"] for entry in discover(tap, config)["streams"]]
        first = run_tap(tap, config, select=streams, timeout=300)
        assert first.status == 0, first.stderr
        play.edit()
        second = run_tap(tap, config, select=streams, state=first.state, timeout=300)
        assert second.status == 0, second.stderr
    return first, second


def environment(target):
    """Make the environment of a loader, with a Python that it runs on."""
    packages, python, is_newest = next(
        row[1:] for row in ROW.findall(DOCS) if row[0] == target.heading.replace(" ", "-")
    )
    found = pythons(oldest=(3, 8))
    fitting = {
        version: program
        for version, program in found.items()
        if version == python or (is_newest and number(version) <= number(python))
    }
    if not fitting:
        pytest.skip(f"{target.heading} needs Python {python}{is_newest}, which is not here")
    program = fitting[max(fitting, key=number)]
    folder = ENVIRONMENTS / target.heading.replace(" ", "-")
    ready = folder / "ready"
    if not ready.exists() or ready.read_text() != packages:
        uv = Path(sys.executable).with_name("uv")
        install = ["pip", "install", "--python", folder / "bin" / "python", *packages.split()]
        unconstrained = {k: v for k, v in os.environ.items() if k != "UV_CONSTRAINT"}
        for arguments in (["venv", "--clear", "--python", program, folder], install):
            done = subprocess.run(
                [uv, *arguments], env=unconstrained, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
        ready.write_text(packages)
    return folder


def number(version):
    return tuple(map(int, version.split(".")))


def load(target, place, run):
    """Load what one run wrote; return the state that the loader prints."""
    (example,) = examples(section(target.heading))
    here = {name: value for name, value in place.settings.items() if name in example}
    file = place.folder / "config.json"
    file.write_text(json.dumps(example | here))
    done = subprocess.run(
        [place.environment / "bin" / target.executable, "--config", file],
        input=run.stdout,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("tap", PLAYS)
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.heading.replace(" ", "-"))
def test_every_row_of_two_runs_is_there(target, tap, written, database, tmp_path):
    schema = f"{target.heading}_{tap}".replace("-", "_").replace(" ", "_")
    place = Place(tmp_path, database, schema, environment(target))
    runs = written(tap, target.needs_texts)
    for run in runs:
        assert load(target, place, run) == run.state
    schemas = {message["stream"]: message for run in runs for message in run.of("SCHEMA")}
    assert len(schemas) > 30
    for stream, told in schemas.items():
        expected = rows_of(target, stream, runs, told["key_properties"])
        found = target.read(place, stream) if expected else []
        compare(target, told, expected, found)


def rows_of(target, stream, runs, keys):
    """The rows that a loader should hold."""
    if target.appends:
        return [row for run in runs for row in run.records(stream)]
    rows = {}
    for message in (message for run in runs for message in run.messages):
        if message.get("stream") != stream:
            continue
        if message["type"] == "RECORD":
            row = message["record"]
            rows[tuple(row[key] for key in keys)] = row, message.get("version")
        elif message["type"] == "ACTIVATE_VERSION" and target.deletes:
            rows = {key: kept for key, kept in rows.items() if kept[1] == message["version"]}
    return [row for row, _ in rows.values()]


def compare(target, told, expected, found):
    """Compare rows value by value; those of a table with keys in the order of the keys."""
    schema = told["schema"]
    theirs = [
        {name: target.kept(value, kind) for name, value, kind in target.columns(row, schema)}
        for row in expected
    ]
    ours = [
        {name: plain(target, row.get(name), kind) for name, _, kind in target.columns({}, schema)}
        for row in found
    ]
    if not target.appends:
        for rows in (theirs, ours):
            rows.sort(key=lambda row: [str(row[key]) for key in told["key_properties"]])
    assert len(ours) == len(theirs), told["stream"]
    for mine, other in zip(ours, theirs, strict=True):
        assert mine == other, told["stream"]


def plain(target, value, kind):
    """What a database gives, as JSON has it."""
    if isinstance(value, Decimal):
        value = int(value) if value == int(value) else float(value)
    elif isinstance(value, UUID):
        value = str(value)
    elif target.nested_is_json and isinstance(value, str) and {"object", "array"} & {*kind["type"]}:
        value = json.loads(value)
    is_moment = kind.get("format") == "date-time" and value not in {None, ""}
    moment = datetime.fromisoformat(value) if is_moment and isinstance(value, str) else value
    return moment.replace(tzinfo=moment.tzinfo or UTC) if is_moment else value
