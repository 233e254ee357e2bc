from __future__ import annotations

import functools

import pytest

from sandbox import Sandbox
from tests.rest_tap.library import TOKEN, Library, config
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
    """Run the library's tap; the token must never come out."""

    @functools.wraps(run_tap)
    def run(*arguments, more=None, secrets=(TOKEN,), **options):
        settings = {**config(sandbox.url), **(more or {})}
        return run_tap(TAP, settings, *arguments, secrets=secrets, **options)

    return run
