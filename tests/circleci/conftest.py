"""A CircleCI to read, and a way to read it."""

import contextlib
import copy
import functools
import time
from datetime import UTC, datetime

import pytest

from rest_tap.http.rate_limiter import RateLimiter
from sandbox import Sandbox
from sandbox.circleci import CircleCI, config, differences, generate
from tap_circleci.streams import STREAMS
from tap_circleci.tap import TapCircleCI
from tests.support import TapProcess, discover

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
BUILDS = ("pipelines", "workflows", "jobs")
DETAILS = (
    *(*BUILDS, "job_details", "job_steps", "tests", "artifacts"),
    *("pipeline_values", "pipeline_configs"),
)
HOUR, DAY = 3600, 86_400


def waits(stream):
    """Tell whether a stream is read whole only when it is due."""
    return stream is not None and (stream.is_read_when_due or waits(stream.parent_stream_type))


WAITING = [stream.name for stream in STREAMS if waits(stream)]


@pytest.fixture(scope="session")
def catalog():
    return discover("circleci", {"token": "any"})


def choose(catalog, select):
    """A catalog in which just these streams are selected."""
    chosen = copy.deepcopy(catalog)
    for entry in chosen["streams"]:
        for metadata in entry["metadata"]:
            if not metadata["breadcrumb"]:
                metadata["metadata"]["selected"] = entry["tap_stream_id"] in select
    return chosen


class TapInAHurry(TapCircleCI):
    """The tap, which backs off a tenth as long: for requests that fail for ever."""

    @functools.cached_property
    def rate_limiter(self):
        return RateLimiter(sleep=lambda seconds: time.sleep(seconds / 10))


class Reader:
    """Reads a world again and again, as a scheduler does: each run has the state of the last."""

    def __init__(self, sandbox, catalog, folder):
        self.sandbox = sandbox
        self.vendor = sandbox.vendor
        self.world = sandbox.vendor.world
        self.catalog = catalog
        self.folder = folder
        self.state = None
        self.tables = None
        self.run = None
        self.gone = set()
        self.tap = "circleci"

    def hurry(self):
        """Let requests that fail for ever be given up sooner."""
        self.tap = "tests.circleci.conftest:TapInAHurry"

    def settings(self, **settings):
        start = {"start_date": "2026-01-01T00:00:00Z", "max_concurrency": 4}
        start["reconcile_always"] = WAITING
        chosen = {**config(self.sandbox.url), **start, **settings}
        return {name: value for name, value in chosen.items() if value is not None}

    def __call__(self, *select, **settings):
        """Run the tap with these streams, and load what it writes."""
        self.sandbox.clear()
        self.run = self.start(*select, **settings).wait()
        self.state = self.run.state or self.state
        self.tables = self.run.load(self.tables)
        return self.run

    def start(self, *select, **settings):
        """Begin a run from the state of the last."""
        chosen = choose(self.catalog, select or BUILDS)
        files = {"config": self.settings(**settings), "state": self.state, "catalog": chosen}
        return TapProcess(self.tap, self.folder, **files)

    def later(self, seconds=HOUR):
        self.world.advance(seconds)

    def delete(self, pipeline):
        self.gone.add(pipeline.row["id"])
        self.world.delete(pipeline)

    def asked(self, end=""):
        """The paths that were asked and end so, without the version prefix."""
        paths = [asked.path.removeprefix("/api/v2") for asked in self.sandbox.requests]
        return [path for path in paths if path.endswith(end)]

    @property
    def targets(self):
        """What was asked, with its parameters."""
        return [(asked.path, asked.query) for asked in self.sandbox.requests]

    def ids(self, stream):
        return [record["id"] for record in self.run.records(stream)]

    def differences(self):
        return differences(self.tables, self.world, self.gone)


@pytest.fixture
def play(catalog, tmp_path):
    """Play a world; it ends with the test."""
    with contextlib.ExitStack() as opened:

        def start(world=None, **sizes):
            world = world or generate(1, now=NOW, **{"pipelines": 12, **sizes})
            return Reader(opened.enter_context(Sandbox(CircleCI(world))), catalog, tmp_path)

        yield start


def table(read, stream):
    return list(read.tables[stream].values())


def vanished(run):
    """The streams of which the run says that it has read all there is."""
    return {message["stream"] for message in run.of("ACTIVATE_VERSION")}
