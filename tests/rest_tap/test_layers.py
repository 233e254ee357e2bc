"""Each module of the engine imports only from those above it, imports for types included."""

from __future__ import annotations

import ast
from collections import defaultdict
from graphlib import TopologicalSorter

import pytest

from tests.support import ROOT

LAYERS = {
    "values": {
        "light",
        "sdk",
        "errors",
        "timestamps",
        "names",
        "redaction",
        "listing",
        "last_runs",
        "last_rows",
        "shielding",
        "state",
        "stats",
        "kinds",
        "conformance",
        "secret_names",
        "masking",
        "characters",
        "columns",
        "sketch",
    },
    "http": {"http"},
    "streams": {"run", "requesting", "bookmarks", "reconciling", "stream", "lookups"},
    "engine": {
        "output",
        "endless",
        "page_size",
        "engine_run",
        "table_versions",
        "checkpoints",
        "worker_pool",
        "list_reader",
        "frozen_bookmarks",
        "unread_lists",
        "writing",
        "sync",
    },
    "front": {
        "logs",
        "ends",
        "inputs",
        "settings",
        "settings_check",
        "environment",
        "command_line",
        "stream_maps",
        "tap",
    },
}
LONGEST = 400  # Lines of a module; most have far fewer
PRODUCT = ("rest_tap", "tap_circleci", "tap_confluence", "tap_gitbook")


def modules(*folders):
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def imported(path):
    """List the modules of rest_tap that one imports, at its top or anywhere else."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rest_tap."):
            yield node.module.removeprefix("rest_tap.")
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names]
            base = "rest_tap." if getattr(node, "module", None) == "rest_tap" else ""
            found = [base + name for name in names if (base + name).startswith("rest_tap.")]
            yield from (name.removeprefix("rest_tap.") for name in found)


def edges():
    for path in modules("rest_tap"):
        name = ".".join(path.relative_to(ROOT / "rest_tap").with_suffix("").parts)
        name = name.removesuffix(".__init__")
        yield from ((name, above) for above in imported(path) if name != "__init__")


def layer(module):
    """Say how far down a module stands; a package stands where its modules stand."""
    name = module.partition(".")[0]
    found = [place for place, names in enumerate(LAYERS.values()) if name in names]
    assert found, f"rest_tap.{module} is in no layer: write it into one"
    return found[0]


def test_each_module_imports_only_from_layers_above_it():
    broken = {f"{name} -> {above}" for name, above in edges() if layer(above) > layer(name)}
    assert broken == set(), "these import from a layer below their own"


def test_no_two_modules_import_each_other():
    above = defaultdict(set)
    for name, other in edges():
        above[name].add(other)
    TopologicalSorter(above).prepare()  # Its CycleError names them


@pytest.mark.parametrize(
    "path", modules(*PRODUCT), ids=lambda path: f"{path.parent.name}.{path.stem}"
)
def test_a_module_has_at_most_400_lines(path):
    assert len(path.read_text().splitlines()) <= LONGEST


def test_most_modules_have_fewer_than_250_lines():
    lengths = [len(path.read_text().splitlines()) for path in modules(*PRODUCT)]
    assert sum(length < 250 for length in lengths) > 0.8 * len(lengths)


@pytest.mark.parametrize("tap", PRODUCT[1:])
def test_a_tap_imports_no_other_tap_and_the_engine_imports_none(tap):
    others = {*PRODUCT[1:], "sandbox", "tests", "benchmarks"}
    for path in modules("rest_tap", tap):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            roots = {name.partition(".")[0] for name in names}
            allowed = {tap} if tap in path.parts else set()
            assert not roots & (others - allowed), f"{path.relative_to(ROOT)} imports {roots}"
