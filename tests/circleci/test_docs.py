"""docs/circleci.md tells the truth about the streams and settings."""

import re

import pytest

from rest_tap import shared_settings
from tap_circleci.settings import SETTINGS
from tap_circleci.streams import STREAMS
from tests.circleci.conftest import WAITING
from tests.support import ROOT

TEXT = (ROOT / "docs" / "circleci.md").read_text()


def table(first_column):
    """The rows of the table whose first column is headed so, as lists of cells."""
    lines = TEXT[TEXT.index(f"| {first_column} |") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def names(cell):
    return re.findall(r"`([^`]+)`", cell)


ROWS = {names(row[0])[0]: row for row in table("stream")}


def test_all_streams_are_there():
    assert ROWS.keys() == {stream.name for stream in STREAMS}


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_a_stream_is_as_the_table_says(stream):
    first, endpoint, key, bookmark, cost, _ = ROWS[stream.name]
    assert first.endswith("*") != stream.selected_by_default
    assert names(key) == [*stream.primary_keys]
    assert names(endpoint)[0] == stream.path
    has_key = isinstance(stream.replication_key, str)
    assert names(bookmark) == ([stream.replication_key] if has_key else [])
    assert ("last run" in bookmark) == stream.keeps_last_run
    assert bookmark.startswith("none") != (has_key or stream.keeps_last_run)
    assert ("when due" in bookmark) == (stream.name in WAITING)
    if bookmark.startswith("none: seen"):
        assert stream.rows_stay_true
    assert cost


def test_all_settings_are_told():
    known = {setting.name for setting in [*SETTINGS, *shared_settings("tap-circleci")]}
    assert {name for name in known if f"`{name}`" not in TEXT} == set()
    assert {name for row in table("setting") for name in names(row[0])} <= known


def test_every_other_connectors_stream_has_one_of_ours():
    ours = {stream.name for stream in STREAMS}
    for theirs, our_names in table("theirs"):
        found = [name for name in names(our_names) if name in ours]
        assert found or {*names(theirs)} <= ours, theirs
