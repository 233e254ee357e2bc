"""A small site of each vendor, and its tap."""

import importlib
import os

import pytest

from hub.about import TAPS, about
from rest_tap.stats import StreamStats
from sandbox import Sandbox
from tests.support import run_tap, secrets_of

NETWORK = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
# The machine's own authority and proxy are not what is tested
NEUTRAL = {name: "" for name in os.environ if name.upper() in NETWORK}


class Site:
    """A vendor, its tap's settings, and the values among them that are secret."""

    def __init__(self, tap):
        self.tap = tap.removeprefix("tap-")
        self.module = importlib.import_module(f"sandbox.{self.tap}")
        self.sandbox = Sandbox(self.module.build())

    @property
    def config(self):
        return self.config_at(self.sandbox.url)

    def config_at(self, url):
        return self.module.config(url)

    @property
    def schema(self):
        """The tap's settings, as it tells them."""
        return about(f"tap-{self.tap}")["settings"]["properties"]

    @property
    def secrets(self):
        return secrets_of(self.tap, self.config)

    def run(self, *arguments, at=None, more=None, env=None):
        """Run the tap, with its site at another address and with more settings."""
        config = {**self.config_at(at or self.sandbox.url), **(more or {})}
        return run_tap(self.tap, config, *arguments, env={**NEUTRAL, **(env or {})})


@pytest.fixture(params=TAPS)
def site(request):
    site = Site(request.param)
    with site.sandbox:
        yield site


@pytest.fixture
def confluence():
    site = Site("tap-confluence")
    with site.sandbox:
        yield site


@pytest.fixture
def stats():
    return StreamStats("books")
