"""Answers are decoded the same, however often the decoder has seen their like."""

from __future__ import annotations

import json

import pytest
import requests

from rest_tap.errors import TransientError
from rest_tap.http.decoding import RowDecoder, json_of
from rest_tap.names import snake_case

KEY = "results"
ROW = {
    "id": "1",
    "spaceId": 2**70,
    "version": {"createdAt": "x", "n": 1.5},
    "_links": [],
    "from": None,
}


def answer(body):
    response = requests.Response()
    response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response.status_code = 200
    return response


def page(*rows, size=200, **more):
    return {KEY: [*rows, *({**ROW, "id": str(n)} for n in range(size - len(rows)))], **more}


def in_columns(body):
    rows = [row and {snake_case(name): value for name, value in row.items()} for row in body[KEY]]
    return {**body, KEY: rows}


@pytest.fixture
def decoder():
    decoder = RowDecoder(KEY)
    decoder.decode(answer(page(_links={"next": "/2"})))
    return decoder


def decoded(decoder, body):
    response = answer(body)
    decoder.decode(response)
    return json_of(response)


def test_rows_like_those_before_have_their_columns_names(decoder):
    body = page({**ROW, "id": "é\n"}, _links={"next": "/3"})
    assert decoded(decoder, body) == in_columns(body) != body


def test_rows_that_have_their_columns_names_are_told_from_others(decoder):
    like = answer(page(_links={}))
    assert decoder.decode(like) is json_of(like)[KEY]
    assert decoder.decode(answer(page({**ROW, "new": 1}, _links={}))) is None


@pytest.mark.parametrize(
    "body",
    [
        page({**ROW, "new": 1}, _links={}),
        page({"id": "1"}, _links={}),
        page({**ROW, "space_id": 3}, _links={}),
        page(None, _links={}),
        page("text", _links={}),
        page(_links={}, next_page_token="t"),
        page(),
        {KEY: [], "_links": {}, "more": 1},
        {KEY: None, "_links": {}},
        {"id": "1"},
        [ROW],
        "text",
    ],
)
def test_what_is_otherwise_loses_nothing(decoder, body):
    assert decoded(decoder, body) == body
    like = page(_links={"next": "/3"})
    assert decoded(decoder, like) in (like, in_columns(like))
    assert decoded(decoder, like) == in_columns(like)


@pytest.mark.parametrize("field", ["@type", "2nd", "__slots__", "__x", "a b", ""])
def test_fields_that_are_no_names_are_left_as_they_are(field):
    decoder = RowDecoder(KEY)
    body = {KEY: [{field: n} for n in range(200)]}
    for _ in range(3):
        assert decoded(decoder, body) == body


def test_two_fields_of_one_column_are_both_seen():
    decoder = RowDecoder(KEY)
    body = {KEY: [{"spaceId": n, "space_id": -n} for n in range(200)]}
    for _ in range(3):
        assert decoded(decoder, body) == body


@pytest.mark.parametrize("content", [b"", b"{", b"null", b"<html>", b'{"results": [}', b'"\xff"'])
def test_what_is_not_json_is_told(decoder, content):
    with pytest.raises(TransientError):
        decoder.decode(answer(content))


def test_half_a_surrogate_pair_becomes_a_question_mark(decoder):
    body = page({**ROW, "id": "\ud83d"}, _links={})
    assert decoded(decoder, body)[KEY][0]["id"] == "?"


TEXT = '{"results": [{"id": "Straße"}]}'
LATIN = "application/json; charset=ISO-8859-1"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (TEXT.encode("utf-8-sig"), "application/json"),
        (TEXT.encode("utf-16"), "application/json"),
        (TEXT.encode("utf-16-le"), "application/json"),
        (TEXT.encode("utf-32"), "application/json; charset=utf-32"),
        (TEXT.encode("latin-1"), LATIN),
        (TEXT.encode("latin-1"), 'application/json;Charset="latin1"'),
        (TEXT.encode(), LATIN),  # Which says so, and is UTF-8 nevertheless
    ],
)
def test_an_encoding_that_is_told_is_taken(decoder, content, content_type):
    response = answer(content)
    response.headers["Content-Type"] = content_type
    assert json_of(response) == json.loads(TEXT)


def test_bytes_of_no_known_encoding_are_told_with_their_place():
    with pytest.raises(TransientError, match="bytes that are no UTF-8, from byte 25 on"):
        json_of(answer(TEXT.encode("latin-1")))


def test_numbers_that_are_none_become_null(decoder):
    body = b'{"results": [{"a": NaN, "b": -Infinity, "c": 1e999, "d": -1e999, "e": 1e308}]}'
    row = {**dict.fromkeys("abcd"), "e": 1e308}
    assert json_of(answer(body)) == {"results": [row]}


@pytest.mark.parametrize(
    ("text", "value"),
    [(b'"a\nb"', "a\nb"), (b'"a\x00b"', "a\0b"), (b"1" * 5000, None), (b"12", 12)],
    ids=["line end", "NUL", "5,000 digits", "two digits"],
)
def test_what_is_nearly_json_costs_itself(text, value):
    assert json_of(answer(b'{"odd": ' + text + b', "half": "\\ud800"}'))["odd"] == value


def test_of_a_field_that_comes_twice_the_last_counts(decoder):
    content = json.dumps(page(_links={})).encode()
    twice = content.replace(b'"id": "0", ', b'"id": "x", "id": "0", ')
    assert twice != content
    assert decoder.decode(answer(twice))[0]["id"] == "0"
    assert json_of(answer(twice))[KEY][0]["id"] == "0"


def test_what_is_nested_too_deeply_is_no_bad_luck(decoder):
    """A later try would not mend it; a client tells of it as what it is."""
    with pytest.raises(RecursionError):
        decoder.decode(answer(b"[" * 100_000 + b"]" * 100_000))
