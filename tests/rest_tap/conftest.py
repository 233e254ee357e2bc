from __future__ import annotations

import functools

import pytest

from rest_tap import HeaderCredentials, json_of
from rest_tap.http.client import ApiClient
from rest_tap.http.limits import Limits
from rest_tap.http.rate_limiter import RateLimiter
from rest_tap.http.session import Session
from rest_tap.stats import StreamStats
from sandbox import Sandbox
from tests.rest_tap.library import Library, config
from tests.rest_tap.wire import Wire
from tests.support import run_tap

TAP = "tests.rest_tap.library:TapLibrary"
REFUSED = "token: the library does not know it"


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self):
        self.now = 100.0

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def library():
    return Library()


@pytest.fixture
def sandbox(library):
    with Sandbox(library) as sandbox:
        yield sandbox


@pytest.fixture
def run(sandbox):
    """Run the library's tap."""

    @functools.wraps(run_tap)
    def run(*arguments, more=None, tap=TAP, **options):
        return run_tap(tap, {**config(sandbox.url), **(more or {})}, *arguments, **options)

    return run


@pytest.fixture
def run_in_a_hurry(run):
    """Run it with a tenth of its back-off, for requests that fail for ever."""
    return functools.partial(run, tap="tests.rest_tap.library:TapInAHurry")


# Asking without a tap


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def stats():
    return StreamStats("books")


def client_at(url, time, **limits):
    """Make a client of an API whose time passes only when somebody sleeps."""
    credentials = HeaderCredentials(lambda: f"{url}/", "X-Token", lambda: "t-0", REFUSED)
    limiter = RateLimiter(clock=time.clock, sleep=time.sleep)
    bounds = Limits(**limits)
    return ApiClient(Session(limits=bounds), limiter, credentials, "tests", bounds)


@pytest.fixture
def client_of(time):
    """Make clients whose time is the test's."""
    return functools.partial(client_at, time=time)


@pytest.fixture
def ask(client_of, stats):
    """Ask a server that speaks in a certain way for `/books`; return what it told."""

    def ask(speak, client=None, **limits):
        with Wire(speak) as wire:
            client = client or client_of(wire.url, **limits)
            return json_of(
                client.send(lambda: client.request("GET", f"{wire.url}/books?s=1"), stats)
            )

    return ask
