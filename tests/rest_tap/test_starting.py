"""A tap starts at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support import ROOT

HEAVY = ("faker", "pytest", "sandbox", "sqlalchemy", "yaml")


def python(*lines):
    """Run a program in a process that has imported nothing yet."""
    program = [sys.executable, "-c", "\n".join(lines)]
    run = subprocess.run(program, capture_output=True, cwd=ROOT, check=False, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


@pytest.mark.parametrize("tap", ["circleci", "confluence", "gitbook"])
def test_a_tap_imports_nothing_that_only_targets_need(tap):
    lines = ["import sys", f"import tap_{tap}.tap", f"print({{*{HEAVY}}} & set(sys.modules))"]
    assert python(*lines) == "set()"


def test_the_collector_works_again_after_the_imports():
    assert python("import gc", "import rest_tap", "print(gc.isenabled())") == "True"


@pytest.mark.parametrize("option", ["--version", "--discover"])
@pytest.mark.parametrize("tap", ["CircleCI", "Confluence", "GitBook"])
def test_a_start_takes_less_than_a_second(tap, option):
    """In time of the processor, the least of three: others may use the machine."""
    lines = [
        "import contextlib, io, sys, time",
        "with contextlib.redirect_stdout(io.StringIO()):",
        f"    from tap_{tap.lower()}.tap import Tap{tap}",
        f"    Tap{tap}.cli(['{option}'], standalone_mode=False)",
        "print(time.process_time())",
    ]
    assert min(float(python(*lines)) for _ in range(3)) < 1
