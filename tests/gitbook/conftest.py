"""A GitBook to read, and a way to read it."""

import copy
import signal
import tempfile
import time
from pathlib import Path

import pytest

from sandbox import Sandbox
from sandbox.gitbook import build, config
from tap_gitbook.streams import STREAMS
from tests.support import Run, discover, run_tap, start_tap

ALL = tuple(stream.name for stream in STREAMS if stream.name != "insights_traffic")


@pytest.fixture(scope="session")
def catalog():
    return discover("gitbook", {"access_token": "any"})


class Reader:
    """Reads a vendor again and again, as a scheduler does: each run has the state of the last."""

    def __init__(self, sandbox, catalog):
        self.sandbox = sandbox
        self.vendor = sandbox.vendor
        self.world = sandbox.vendor.world
        self._catalog = catalog
        self.state = None
        self.tables = None
        self.run = None

    def __call__(self, *select, **settings):
        """Run the tap with these streams, all by default, and load what it writes."""
        self.sandbox.clear()
        self.world.tick(minutes=1)  # Whatever happened did so before the run
        self.run = run_tap(
            "gitbook",
            {**config(self.sandbox.url), "max_concurrency": 4, **settings},
            state=self.state,
            catalog=self._selected(select or ALL),
        )
        self.state = self.run.state or self.state
        self.tables = self.run.load(self.tables)
        return self.run

    def _selected(self, names):
        catalog = copy.deepcopy(self._catalog)
        for entry in catalog["streams"]:
            for metadata in entry["metadata"]:
                if not metadata["breadcrumb"]:
                    metadata["metadata"]["selected"] = entry["tap_stream_id"] in names
        return catalog

    def stop(self, after):
        """Start a run of everything, and stop it as an orchestrator does when so much was asked."""
        with tempfile.TemporaryDirectory() as folder:
            process = start_tap(
                "gitbook",
                {**config(self.sandbox.url), "max_concurrency": 4},
                folder=Path(folder),
                catalog=self._selected(ALL),
            )
            while len(self.sandbox.requests) <= after:
                time.sleep(0.05)
            process.terminate()
            stdout, stderr = process.communicate(timeout=60)
        assert process.returncode == 128 + signal.SIGTERM
        self.run = Run(stdout, stderr.decode(), process.returncode)
        self.state = self.run.state
        self.tables = self.run.load()

    def asked(self, end=""):
        """The paths that were asked and end so, without the version prefix."""
        paths = [asked.path.removeprefix("/v1") for asked in self.sandbox.requests]
        return [path for path in paths if path.endswith(end)]

    def rows(self, stream):
        return [without_nulls(row) for row in self.tables[stream].values()]


def without_nulls(row):
    return {name: value for name, value in row.items() if value is not None and name != "_version"}


@pytest.fixture
def vendor():
    return build()


@pytest.fixture
def reader(vendor, catalog):
    with Sandbox(vendor) as sandbox:
        yield Reader(sandbox, catalog)
