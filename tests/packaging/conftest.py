"""The distribution, built once, and the vendors that its taps are tried on."""

import contextlib
import importlib
import subprocess
import sys

import pytest

from hub.about import TAPS
from sandbox import Sandbox
from tests.support import ROOT


@pytest.fixture(scope="session")
def distribution(tmp_path_factory):
    """The folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--installer", "uv", "--outdir", folder, ROOT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.fixture(scope="session")
def sites():
    """A small site of each vendor, as the settings of its tap."""
    with contextlib.ExitStack() as stack:
        settings = {}
        for tap in TAPS:
            module = importlib.import_module(f"sandbox.{tap.removeprefix('tap-')}")
            sandbox = stack.enter_context(Sandbox(module.build()))
            settings[tap] = module.config(sandbox.url)
        yield settings
