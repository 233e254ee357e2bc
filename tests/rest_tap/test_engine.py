from __future__ import annotations

from sandbox import Sandbox
from tests.rest_tap.library import Library, config
from tests.support import run_tap

TAP = "tests.rest_tap.library:TapLibrary"


def test_reads_three_levels_with_parents_keys():
    with Sandbox(Library(shelves=12, books=7, copies=2)) as sandbox:
        run = run_tap(TAP, config(sandbox.url))
        tables = run.load()
    assert run.status == 0, run.stderr
    assert len(tables["shelves"]) == len(tables["catalogue"]) == 12
    assert len(tables["books"]) == 84
    assert tables["copies"]["s3b6c1",].items() >= {"shelf_id": "s3", "book_id": "s3b6"}.items()
    assert set(tables["keepers"]) == {(f"k{n}",) for n in range(10)}
