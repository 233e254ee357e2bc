"""Answers of servers that are out of step, out of bounds, or out of their minds."""

from __future__ import annotations

import functools
import gzip
import re
import time as clocks
import zlib

import pytest

from rest_tap import TapError, json_of
from rest_tap.http.client import MAX_TRIES
from tests.rest_tap.wire import Wire, answer

packed = functools.partial(gzip.compress, mtime=0)  # For names of tests that do not change
PATHS = [f"/books/{number}" for number in range(12)]


def told(number):
    return answer(b'{"rows": [%d]}' % number)


def interim(status, *headers):
    return "\r\n".join((f"HTTP/1.1 {status} Wait", *headers, "", "")).encode()


@pytest.fixture
def read_all(client_of, stats):
    """Ask for all paths, one after another, of a server that answers as a test says.

    The test gives what the server says to the request of a path when it is asked for it at first;
    later it answers as it should.
    """

    def read_all(say, pause=0, **limits):
        asked = set()

        def speak(connection):
            while True:
                path = connection.hear().split(" ")[1]
                number = int(path.rpartition("/")[2])
                if path in asked:
                    connection.say(told(number))
                else:
                    asked.add(path)
                    say(connection, number)

        with Wire(speak) as wire:
            client = client_of(wire.url, **limits)
            rows = []
            for url in [wire.url + path for path in PATHS]:
                answered = client.send(lambda url=url: client.request("GET", url), stats)
                rows += json_of(answered)["rows"]
                clocks.sleep(pause)
        return rows

    return read_all


@pytest.mark.parametrize(
    "before",
    [
        *(interim(status) for status in (100, 101, 102, 103, 150, 199)),
        interim(103, "Link: </style.css>; rel=preload"),
        interim(102) * 3,
        interim(100) + interim(102),
        interim(100) * 50,
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_an_answer_that_follows_an_interim_one_is_never_anothers(read_all, before, late):
    def say(connection, number):
        if number % 3 == 1:
            connection.say(before)
            if late:
                clocks.sleep(0.02)
        connection.say(told(number))

    assert read_all(say) == list(range(12))


def test_a_server_that_always_says_something_before_is_understood(client_of, stats):
    def speak(connection):
        while True:
            number = int(connection.hear().split(" ")[1].rpartition("/")[2])
            connection.say(interim(103) + told(number))

    with Wire(speak) as wire:
        client = client_of(wire.url)
        for number in range(12):
            answered = client.send(
                lambda number=number: client.request("GET", f"{wire.url}/b/{number}"), stats
            )
            assert json_of(answered)["rows"] == [number]
    assert stats.retries == 3


@pytest.mark.parametrize(
    "odd",
    [
        lambda number: told(number) + b"more",
        lambda number: told(number) + told(77),
        lambda number: told(number) + told(77)[:30],
        lambda number: told(number)[:-3],
        lambda number: told(number) + b"\r\n",
        lambda number: _chunked(number, "Content-Length: 3") + told(77),
        lambda number: _chunked(number) + told(77),
        lambda number: _chunked(number).replace(b"\r\n\r\n", b"\r\n\r\n-5\r\n", 1),
        lambda number: _chunked(number).replace(b"\r\n\r\n", b"\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n", 1),
        lambda number: answer(b"{}", "Content-Length: 9"),
        lambda number: answer(b"{}").replace(b"Content-Length: 2", b"Content-Length: two"),
        lambda number: answer(b"{}", "Transfer-Encoding: xchunked"),
        lambda number: b"HTTP/1.1 204 Nothing\r\n\r\n" + told(77),
    ],
)
def test_what_was_not_asked_for_is_never_an_answer(read_all, odd):
    def say(connection, number):
        if number % 3 == 1:
            connection.say(odd(number))
            connection.socket.close() if len(odd(number)) < len(told(number)) else None
        else:
            connection.say(told(number))

    assert read_all(say) == list(range(12))


def _chunked(number, *headers):
    body = b'{"rows": [%d]}' % number
    head = "\r\n".join(("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", *headers)).encode()
    return head + b"\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


def test_an_answer_that_comes_while_nobody_asks_is_dropped(read_all):
    def say(connection, number):
        connection.say(told(number))
        if number % 3 == 1:
            connection.say(told(77))

    assert read_all(say, pause=0.02) == list(range(12))


# Bounds


@pytest.fixture
def fail(client_of, stats):
    """Ask for something of which nothing good comes; return what the user is told."""

    def fail(speak, **limits):
        with Wire(speak) as wire:
            client = client_of(wire.url, **limits)
            with pytest.raises(TapError) as caught:
                client.send(lambda: client.request("GET", f"{wire.url}/books?secret=1"), stats)
        return str(caught.value)

    return fail


@pytest.mark.parametrize(
    "first",
    [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"],
)
def test_an_answer_may_not_come_for_ever(fail, stats, first):
    def speak(connection):
        connection.hear()
        connection.say(first)
        for _ in range(1000):
            connection.say(b"H")
            clocks.sleep(0.01)

    began = clocks.monotonic()
    assert fail(speak, timeout=5, answer_seconds=0.3) == (
        "GET /books: the answer takes longer than max_answer_seconds (0.3): raise it if this is "
        "right"
    )
    assert clocks.monotonic() - began < 2
    assert stats.retries == 0


@pytest.mark.parametrize("packing", ["gzip", "deflate", "gzip, gzip"])
def test_an_answer_may_not_grow_without_bound_when_it_is_unpacked(fail, stats, packing):
    body = b"[" + b" " * 50_000_000 + b"]"
    for coding in packing.split(", "):
        body = packed(body) if coding == "gzip" else zlib.compress(body)

    def speak(connection):
        connection.hear()
        connection.say(answer(body, f"Content-Encoding: {packing}"))

    message = fail(speak, answer_bytes=1_000_000)
    assert message.startswith("GET /books: the answer is larger than max_answer_bytes (1,000,000)")
    assert stats.retries == 0


@pytest.mark.parametrize(
    "head", ["Content-Length: 900000000000", "Transfer-Encoding: chunked", "Connection: close"]
)
def test_an_answer_may_not_be_larger_than_allowed(fail, head):
    piece = b"2710\r\n" + b" " * 10_000 + b"\r\n" if "chunked" in head else b" " * 10_000

    def speak(connection):
        connection.hear()
        connection.say(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode())
        for _ in range(1000):
            connection.say(piece)

    assert "larger than max_answer_bytes (1,000,000)" in fail(speak, answer_bytes=1_000_000)


@pytest.mark.parametrize("lines", [b"X: 1\r\n", b"X: " + b"1" * 100_000, b"X" * 100_000])
def test_a_head_without_end_is_a_broken_connection(fail, lines):
    def speak(connection):
        connection.hear()
        connection.say(b"HTTP/1.1 200 OK\r\n" + lines)
        for _ in range(1000):
            connection.say(lines)

    assert re.search(r"the connection broke|larger than max_answer_bytes", fail(speak))


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (packed(b'{"rows": ') + packed(b"[]}"), ["Content-Encoding: gzip"]),
        (packed(b'{"rows": []}') + b"\0\0\0", ["Content-Encoding: x-gzip"]),
        (zlib.compress(b'{"rows": []}'), ["Content-Encoding: deflate"]),
        (zlib.compress(b'{"rows": []}')[2:-4], ["Content-Encoding: Deflate"]),
        (b'{"rows": []}', ["Content-Encoding: identity"]),
    ],
)
def test_an_answer_is_unpacked_whatever_its_form(ask, body, headers):
    def speak(connection):
        connection.hear()
        connection.say(answer(body, *headers))

    assert ask(speak) == {"rows": []}


@pytest.mark.parametrize(
    ("body", "packing", "reason"),
    [
        (packed(b'{"rows": []}')[:-9], "gzip", "the answer cannot be unpacked"),
        (b'{"rows": []}', "gzip", "the answer cannot be unpacked"),
        (b'{"rows": []}', "br", "the answer cannot be unpacked"),
    ],
)
def test_what_cannot_be_unpacked_is_asked_for_again(fail, body, packing, reason):
    def speak(connection):
        while True:
            connection.hear()
            connection.say(answer(body, f"Content-Encoding: {packing}"))

    assert fail(speak) == f"GET /books failed {MAX_TRIES} times: {reason}"


@pytest.mark.parametrize("depth", [100_000])
def test_an_answer_that_is_nested_too_deeply_costs_itself(fail, stats, depth):
    def speak(connection):
        while True:
            connection.hear()
            connection.say(answer(b"[" * depth + b"]" * depth))

    assert fail(speak) == "GET /books: the answer is nested too deeply"
    assert stats.retries == 0


# Headers


def test_a_line_that_is_no_header_is_not_logged(ask, caplog):
    def speak(connection):
        connection.hear()
        connection.say(
            answer(b'{"rows": []}').replace(b"\r\n\r\n", b"\r\nAuthorization t-0\r\n\r\n", 1)
        )

    caplog.set_level("DEBUG")
    assert ask(speak) == {"rows": []}
    assert "t-0" not in caplog.text


def test_a_line_that_is_no_header_hides_no_length(read_all):
    def say(connection, number):
        wrong = b"HTTP/1.1 200 OK\r\nAuthorization t-0\r\n"
        right = told(number)
        connection.say(right.replace(b"HTTP/1.1 200 OK\r\n", wrong) if number == 1 else right)

    assert read_all(say) == list(range(12))
