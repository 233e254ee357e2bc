from __future__ import annotations

import functools

import pytest

from sandbox import Sandbox
from tests.rest_tap.library import Library, config
from tests.support import run_tap

TAP = "tests.rest_tap.library:TapLibrary"


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
    def run(*arguments, more=None, **options):
        return run_tap(TAP, {**config(sandbox.url), **(more or {})}, *arguments, **options)

    return run
