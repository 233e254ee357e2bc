"""Whatever stands in whichever column of a stream: what is written fits its schema and loads."""

from __future__ import annotations

import functools
import json
import random
from datetime import UTC, datetime

import pytest

from rest_tap.last_rows import DELETED_AT
from rest_tap.writing import RowEncoder
from tap_circleci.tap import TapCircleCI
from tap_confluence.tap import TapConfluence
from tap_gitbook.tap import TapGitBook
from tests.values import odd
from tests.values.loading import Table, complaint

ROWS = 60
SETTINGS = {
    TapConfluence: {"domain": "acme.atlassian.net", "email": "ada@acme.example", "api_token": "x"},
    TapCircleCI: {"token": "x"},
    TapGitBook: {"access_token": "x"},
}
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@functools.cache
def tap(kind, **more):
    """A tap of which all streams are selected."""
    config = {**SETTINGS[kind], **more}
    catalog = kind(config=config).catalog_dict
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            metadata["metadata"]["selected"] = True
    return kind(config=config, catalog=catalog)


STREAMS = [(kind, name) for kind in SETTINGS for name in tap(kind).streams]


def written(stream, rows):
    """The records that a page of rows becomes."""
    fit = stream.conformer
    lines = RowEncoder(stream).lines(fit.with_keys(fit.conform(rows)), NOW)
    return [json.loads(line)["record"] for line in lines.splitlines()]


@pytest.mark.parametrize(("kind", "name"), STREAMS, ids=lambda part: getattr(part, "name", part))
def test_what_is_written_fits_and_loads(kind, name, database):
    stream = tap(kind, extra_fields="keep").streams[name]
    chance = random.Random(name)
    rows = [
        {
            **{column: odd.nearly(chance, part) for column, part in columns(stream)},
            **{key: f"{key} {number}" for key in stream.primary_keys if chance.random() < 0.5},
            "new_field": odd.value(chance),
        }
        for number in range(ROWS)
    ]
    records = written(stream, rows)
    assert [found for record in records if (found := complaint(stream.schema, record))] == []
    Table(database, name, stream.schema, stream.primary_keys).load(records)


def columns(stream):
    own = {"extra_fields", DELETED_AT}  # No vendor's
    return [item for item in stream.schema["properties"].items() if item[0] not in own]
