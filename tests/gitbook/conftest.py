"""A GitBook to read, and a way to read it."""

import copy
import signal
import tempfile
import time
from pathlib import Path

import pytest

from sandbox import Fault, Sandbox
from sandbox.gitbook import build, config
from sandbox.gitbook.objects import nodes
from tap_gitbook.streams import STREAMS
from tests.support import Run, run_tap, start_tap

CONTENT = ("spaces", "content", "pages", "files", "page_documents")
ALL = tuple(stream.name for stream in STREAMS if stream.name != "insights_traffic")


class Reader:
    """Reads a vendor again and again, as a scheduler does: each run has the state of the last."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.vendor = sandbox.vendor
        self.world = sandbox.vendor.world
        self.state = None
        self.tables = None

    def __call__(self, *select, **settings):
        """Run the tap with these streams, all by default, and load what it writes."""
        self.sandbox.clear()
        self.world.tick(minutes=1)  # Whatever happened did so before the run
        settings = {**config(self.sandbox.url), "max_concurrency": 4, **settings}
        return self._load(run_tap("gitbook", settings, state=self.state, select=select or ALL))

    def stop(self, after):
        """Start a run of everything; stop it as an orchestrator does when so much was asked."""
        settings = {**config(self.sandbox.url), "max_concurrency": 4}
        with tempfile.TemporaryDirectory() as folder:
            process = start_tap("gitbook", settings, folder=Path(folder), select=ALL)
            while len(self.sandbox.requests) <= after:
                time.sleep(0.05)
            process.terminate()
            stdout, stderr = process.communicate(timeout=60)
        run = self._load(Run(stdout, stderr.decode(), process.returncode))
        assert run.status == 128 + signal.SIGTERM

    def _load(self, run):
        self.state = run.state or self.state
        self.tables = run.load(self.tables)
        return run

    def asked(self, end=""):
        """The paths that were asked and end so, without the version prefix."""
        paths = [asked.path.removeprefix("/v1") for asked in self.sandbox.requests]
        return [path for path in paths if path.endswith(end)]

    def rows(self, stream):
        return [without_nulls(row) for row in self.tables[stream].values()]


def without_nulls(row):
    return {name: value for name, value in row.items() if value is not None and name != "_version"}


def altered(reader, end, change):
    """Make a fault: the vendor's answers at paths that end so, changed."""

    def fault(request, _):
        if not request.path.endswith(end):
            return None
        answer = copy.deepcopy(reader.vendor.handle(request))
        change(answer.body)
        return Fault("answer", answer)

    return fault


def documents(world, space):
    return [node for node in nodes(world.current(space)["pages"]) if node["type"] == "document"]


def bodies(reader):
    """The pages whose bodies were asked for."""
    return sorted(path.rpartition("/")[2] for path in reader.asked() if "/content/page/" in path)


@pytest.fixture
def vendor():
    return build()


@pytest.fixture
def reader(vendor):
    with Sandbox(vendor) as sandbox:
        yield Reader(sandbox)
