"""docs/gitbook.md tells of the streams and settings as they are."""

import logging
import re

import pytest

from tap_gitbook.settings import SETTINGS
from tap_gitbook.tap import TapGitBook
from tests.support import ROOT

PAGE = (ROOT / "docs" / "gitbook.md").read_text()


def table(first_column):
    """The rows of the table that begins with this column."""
    lines = iter(PAGE.splitlines())
    next(line for line in lines if line.startswith(f"| {first_column} |"))
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            return rows
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


@pytest.fixture(scope="module")
def streams():
    logging.disable(logging.INFO)
    yield TapGitBook(config={"access_token": "any"}).streams
    logging.disable(logging.NOTSET)


def test_every_stream_stands_in_the_table_as_it_is(streams):
    told = {row[0].split("`")[1]: row for row in table("stream")}
    assert told.keys() == streams.keys()
    for name, stream in streams.items():
        label, endpoint, key, bookmark = told[name][:4]
        assert label.endswith("*") == (not stream.selected_by_default), name
        assert stream.path in endpoint, name
        assert tuple(re.findall(r"`(\w+)`", key)) == tuple(stream.primary_keys), name
        if stream.replication_key:
            assert stream.replication_key in bookmark, name
        assert ("none: all" in bookmark) == stream.reads_all or "derived" in bookmark, name


def test_every_scope_of_a_stream_is_told(streams):
    told = {row[0].split("`")[1]: row[4] for row in table("stream")}
    for name, stream in streams.items():
        scope = re.search(r"OAuth scope ([\w:]+)", stream.needs)
        if scope and not told[name].startswith("as "):
            assert scope[1] in told[name], name


def test_every_setting_stands_in_the_table():
    assert [row[0].strip("`") for row in table("setting")] == [
        *(setting.name for setting in SETTINGS),
        "start_date",
    ]
