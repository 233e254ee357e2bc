"""A tap imports what it uses, and the SDK lacks nothing for that."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support import ROOT

HEAVY = ("joblib", "psutil", "upath", "fsspec", "sqlalchemy", "pytest")


def python(*lines):
    """Run a program in a process that has imported nothing yet."""
    program = [sys.executable, "-c", "\n".join(lines)]
    run = subprocess.run(program, capture_output=True, cwd=ROOT, check=False, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


@pytest.mark.parametrize("tap", ["circleci", "confluence", "gitbook"])
def test_a_tap_imports_nothing_that_only_targets_and_batches_need(tap):
    lines = ["import sys", f"import tap_{tap}.tap", f"print({{*{HEAVY}}} & set(sys.modules))"]
    assert python(*lines) == "set()"


def test_targets_in_the_same_process_still_run_in_threads():
    lines = [
        "import rest_tap",
        "from singer_sdk.target_base import Parallel, delayed, parallel_config",
        "with parallel_config(backend='threading', n_jobs=2):",
        "    print(Parallel()(delayed(len)(text) for text in ('a', 'bb')))",
    ]
    assert python(*lines) == "[1, 2]"


def test_batches_in_the_same_process_still_find_their_files():
    lines = [
        "import rest_tap",
        "from singer_sdk.helpers._batch import StorageTarget",
        "print(StorageTarget.split_url('file:///folder/batch.json'))",
    ]
    assert python(*lines) == "('file:///folder', 'batch.json')"


def test_what_is_imported_already_stays():
    lines = ["import joblib, sys", "import rest_tap", "print(sys.modules['joblib'] is joblib)"]
    assert python(*lines) == "True"


@pytest.mark.parametrize("needed", ["jsonpath_ng", "packaging"])
def test_an_sdk_that_needs_more_of_them_is_imported_without_stand_ins(needed):
    lines = [
        "import sys",
        "from rest_tap import light",
        f"for name in [n for n in sys.modules if n.startswith(('singer_sdk', '{needed}'))]:",
        "    del sys.modules[name]",
        f"light.HEAVY = ('{needed}',)",
        "light.import_sdk()",
        "from singer_sdk import Tap",
        f"print(type(sys.modules['{needed}']).__name__)",
    ]
    assert python(*lines) == "module"
