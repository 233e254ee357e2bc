"""docs/state.md lists what the code keeps in a state, and where."""

from __future__ import annotations

import json
import re

import pytest

from rest_tap.state import COMMON, kinds_of
from tap_circleci.streams import STREAMS as CIRCLECI
from tap_confluence.streams import STREAMS as CONFLUENCE
from tap_gitbook.streams import STREAMS as GITBOOK
from tests.states.test_states import FILES
from tests.support import ROOT

STREAMS = (*CIRCLECI, *CONFLUENCE, *GITBOOK)
PAGE = (ROOT / "docs" / "state.md").read_text()


def rows_below(heading):
    table = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    cells = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| `")]
    return {row[0].strip(" `"): row for row in cells}


def test_each_key_that_a_stream_declares_is_told_and_no_other():
    declared = {*COMMON, *(key for stream in STREAMS for key in kinds_of(stream))}
    assert set(rows_below("Keys")) == declared


def test_each_name_of_a_partition_is_told_and_no_other():
    declared = {name for stream in STREAMS for name in stream.state_partitioning_keys or ()}
    assert set(rows_below("Partitions")) == declared


@pytest.mark.parametrize("key", rows_below("Keys"))
def test_who_writes_and_reads_a_key_names_it(key):
    *_, where = rows_below("Keys")[key]
    for module in re.findall(r"`([\w/]+\.py)`", where):
        assert re.search(rf"\b{key}\b", (ROOT / module).read_text()), module


def test_states_in_the_wild_hold_nothing_else():
    known = {*rows_below("Keys"), "partitions", "context"}
    for path in FILES:
        for stream in json.loads(path.read_text())["state"]["bookmarks"].values():
            for part in (stream, *stream.get("partitions", ())):
                assert part.keys() <= known
                assert part.get("context", {}).keys() <= rows_below("Partitions").keys()
