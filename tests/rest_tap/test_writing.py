"""The quick way to the output gives the SDK's own bytes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from singer_sdk.contrib.msgspec import serialize_jsonl

from rest_tap.writing import MOST_UNKNOWN, RowEncoder
from tests.rest_tap.library import TapLibrary, config

NOW = datetime(2026, 11, 21, 12, 30, 1, 250_000, tzinfo=UTC)
ROWS = [
    {"id": "b1", "shelf_id": "s1", "is_out": True},
    {"id": "b2", "shelf_id": "s1", "is_out": None},
    {"id": 'b"3', "shelf_id": "Straße \u2028", "is_out": False},
    {"id": "b4", "shelf_id": None},
    {"id": "b5", "is_out": True, "shelf_id": {"nested": [1, 2.5, float("nan")]}},
    {"id": "b6", "shelf_id": "s1", "is_out": False, "colour": "red"},
]


def stream_of(catalog=None, **more):
    return TapLibrary(config=config("http://localhost", **more), catalog=catalog).streams["books"]


def sdk_lines(stream, rows):
    lines = []
    for row in rows:
        for message in stream._generate_record_messages(row):
            message.time_extracted = NOW
            lines.append(bytes(serialize_jsonl(message.to_dict())))
    return lines


def copies():
    return [json.loads(json.dumps(row)) for row in ROWS]


def deselected(*breadcrumbs):
    catalog = json.loads(TapLibrary(config=config("http://localhost")).catalog_json_text)
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            metadata["metadata"]["selected"] = True
        entry["metadata"] += [
            {"breadcrumb": breadcrumb, "metadata": {"selected": False}}
            for breadcrumb in breadcrumbs
            if entry["tap_stream_id"] == "books"
        ]
    return catalog


@pytest.mark.parametrize(
    ("catalog", "more"),
    [
        (None, {}),
        (deselected(["properties", "shelf_id"]), {}),
        (deselected(["properties", "shelf_id", "properties", "nested"]), {}),
        (None, {"flattening_enabled": True, "flattening_max_depth": 2}),
        (None, {"stream_maps": {"books": {"upper": "id.upper()", "__alias__": "tomes"}}}),
        (None, {"stream_maps": {"books": {"__filter__": "id != 'b2'"}}}),
        (None, {"stream_maps": {"books": {"n": "id.lower()"}, "tomes": {"__source__": "books"}}}),
        (None, {"stream_maps": {"books": None}}),
    ],
    ids=[
        *("plain", "a column deselected", "a nested one", "flattened", "mapped", "filtered"),
        *("written twice", "removed"),
    ],
)
@pytest.mark.parametrize("version", [None, 1_795_000_000_000])
def test_the_same_bytes_as_the_sdk(catalog, more, version):
    stream = stream_of(catalog, **more)
    if version:
        stream.version = version
    expected = sdk_lines(stream, copies())
    assert RowEncoder(stream).lines(copies(), NOW) == b"".join(expected)


def test_what_is_deselected_stays_in_the_row_that_others_share():
    stream = stream_of(deselected(["properties", "shelf_id", "properties", "nested"]))
    rows = copies()
    RowEncoder(stream).lines(rows, NOW)
    assert str(rows) == str(copies())


def test_nul_is_removed_at_any_depth_and_names_stay_apart(caplog):
    stream = stream_of()
    rows = [
        {"id": "b\x001", "shelf_id": {"a\0": ["\0", {"a": 1}], "a": 2, "b\0": 3}},
        {"id": "\0", "shelf_id": "\\u0000"},
    ]
    lines = RowEncoder(stream).lines(rows, NOW).splitlines()
    assert [json.loads(line)["record"] for line in lines] == [
        {"id": "b1", "shelf_id": {"a_": ["", {"a": 1}], "a": 2, "b": 3}},
        {"id": "-", "shelf_id": "\\u0000"},
    ]
    assert stream.stats.mended == {"id": 2, "shelf_id": 3}
    warnings = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert "books: id: NUL characters, which databases refuse, are removed" in warnings[0]


def test_secrets_are_masked_before_maps_see_them(caplog):
    row = {"id": "b1", "shelf_id": "https://acme.example/?token=s1"}
    for more in ({}, {"stream_maps": {"books": {"shelf_id": "shelf_id.upper()"}}}):
        stream = stream_of(**more)
        assert b"s1" not in RowEncoder(stream).lines([dict(row)], NOW).lower()
        assert stream.stats.masked == {"shelf_id": 1}
    assert "secrets in the data are masked; mask_secrets switches it off" in caplog.text
    stream = stream_of(mask_secrets=False)
    assert b"token=s1" in RowEncoder(stream).lines([dict(row)], NOW)


def test_what_the_schema_lacks_can_be_kept(caplog):
    stream = stream_of(extra_fields="keep")
    stream.vendor_names["book_colour"] = "bookColour"
    rows = [{"id": "b1", "book_colour": "red", "api_token": "s1"}, {"id": "b2"}]
    lines = RowEncoder(stream).lines(rows, NOW).splitlines()
    assert [json.loads(line)["record"]["extra_fields"] for line in lines] == [
        {"bookColour": "red", "api_token": "***"},
        None,
    ]
    assert "lacks, they are kept in extra_fields: api_token, book_colour" in caplog.text
    assert "extra_fields" in stream.schema["properties"]
    assert "extra_fields" not in stream_of().schema["properties"]


def test_what_the_schema_lacks_is_left_out_with_one_warning(caplog):
    stream = stream_of()
    encoder = RowEncoder(stream)
    encoder.lines(copies(), NOW)
    encoder.lines(copies(), NOW)
    warnings = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert warnings == [
        "books: the API sends fields that the schema lacks, they are left out: colour"
    ]


def test_fields_that_are_made_up_without_end_are_told_up_to_a_bound(caplog):
    encoder = RowEncoder(stream_of())
    for number in range(MOST_UNKNOWN + 50):
        encoder.lines([{"id": "b1", f"made_up_{number}": 1}], NOW)
    warnings = [r for r in caplog.records if r.levelname == "WARNING"]
    assert len(warnings) == MOST_UNKNOWN
