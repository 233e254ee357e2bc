"""Asking without a stream: what is tried again, what is given up, and what a user is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from rest_tap import DeniedError, StreamError, TapError
from rest_tap.http.checks import check_file
from rest_tap.http.client import MAX_TRIES
from rest_tap.stats import StreamStats
from tests.rest_tap.conftest import REFUSED
from tests.rest_tap.wire import Wire, answer, in_turn

OK = answer(b'{"rows": [1]}')


def check_one_retry(ask, stats, time, speak):
    began = time.now
    assert ask(speak) == {"rows": [1]}
    assert stats.retries == 1
    assert stats.waited == pytest.approx(time.now - began)


@pytest.mark.parametrize(
    "bad",
    [
        answer(b'{"message": "down"}', status="500 Internal Server Error"),
        answer(b"<html>", status="502 Bad Gateway"),
        *(answer(b'{"rows": ['), answer(b""), answer(b"null"), answer(b"<html>")),
    ],
)
def test_an_answer_that_may_pass_is_asked_for_again(ask, stats, time, bad):
    check_one_retry(ask, stats, time, in_turn(bad, OK))


@pytest.mark.parametrize("bad", [OK[:-3], OK[:20], b"", b"what?\r\n\r\n"])
def test_a_connection_that_breaks_is_opened_again(ask, stats, time, bad):
    def speak(connection):
        connection.hear()
        connection.say(OK if connection.number > 1 else bad)

    check_one_retry(ask, stats, time, speak)


def test_what_does_not_pass_is_told_without_its_query(ask, stats, time):
    with pytest.raises(StreamError) as caught:
        ask(in_turn(OK[:-3] + b"[,}", answer(b'{"message": "Down."}', status="500 Oh")))
    assert str(caught.value) == (
        f"GET /books failed {MAX_TRIES} times: GET /books answered 500 Oh: Down."
    )
    assert stats.requests == MAX_TRIES
    assert 0 < time.now - 100 < 40


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_denial_is_not_asked_again(ask, stats, status):
    with pytest.raises(DeniedError, match=f"GET /books answered {status} No: staff only"):
        ask(in_turn(answer(b'{"message": "staff only"}', status=f"{status} No")))
    assert stats.requests == 1


def test_a_pause_is_kept_and_counted(ask, stats, time):
    busy = answer(b"{}", "Retry-After: 30", status="429 Too Many Requests")
    assert ask(in_turn(busy, busy, OK)) == {"rows": [1]}
    assert time.now - 100 == stats.waited == 60
    assert (stats.requests, stats.retries) == (3, 2)


def test_a_pause_beyond_max_wait_is_an_error(ask, time):
    busy = answer(b"{}", "Retry-After: 30", status="429 Too Many Requests")
    with pytest.raises(StreamError, match=r"60 s in all, longer than max_wait \(50 s\)"):
        ask(in_turn(busy), max_wait=50)
    assert time.now == 130


def test_a_busy_host_of_files_lets_only_the_file_wait(client_of, stats, time):
    busy = answer(b"slow down", "Retry-After: 30", status="503 Slow Down")
    with Wire(in_turn(busy, OK)) as wire:
        client = client_of(wire.url)
        client.send(lambda: client.file_request(f"{wire.url}/file"), stats, None, check_file)
        assert time.now == 130
        assert stats.waited == 30
        client.rate_limiter.acquire()
    assert time.now == 130


def test_nobody_there_is_told_once(client_of, stats):
    with Wire(in_turn(OK)) as wire:
        pass
    client = client_of(wire.url)
    with pytest.raises(TapError, match=r"base_url: [0-9.:]+ cannot be reached") as caught:
        client.send(lambda: client.request("GET", f"{wire.url}/books"), stats)
    assert not isinstance(caught.value, StreamError)


def test_credentials_go_where_they_belong(client_of):
    client = client_of("https://api.example")
    assert client.request("GET", "https://api.example/books").headers["X-Token"] == "t-0"
    assert "X-Token" not in client.request("GET", "https://api.example.org/books").headers
    assert "X-Token" not in client.file_request("https://api.example/books").headers


# Refusals

REFUSAL = answer(b'{"message": "who are you?"}', status="401 Unauthorized")


def test_a_refusal_that_passes_is_asked_again(ask, stats):
    assert ask(in_turn(REFUSAL, OK)) == {"rows": [1]}
    assert (stats.requests, stats.retries) == (2, 1)


def test_credentials_that_never_worked_end_the_run(ask, stats):
    with pytest.raises(TapError) as caught:
        ask(in_turn(REFUSAL))
    assert not isinstance(caught.value, StreamError)
    assert str(caught.value) == REFUSED
    assert stats.requests == 2


def test_a_refusal_of_one_thing_costs_that(ask_paths):
    with pytest.raises(StreamError) as caught:
        ask_paths({"/books": OK, "/loans": REFUSAL}, "/books", "/loans")
    assert str(caught.value) == (
        "GET /loans answered 401 Unauthorized: who are you?. The same credentials are taken "
        "elsewhere: check what they may read"
    )


def test_a_refusal_of_all_that_is_asked_ends_the_run(ask_paths):
    told = {"/books": OK, **dict.fromkeys(["/loans", "/fines", "/rooms"], REFUSAL)}
    with pytest.raises(TapError, match=REFUSED) as caught:
        ask_paths(told, "/books", "/loans", "/fines", "/rooms")
    assert not isinstance(caught.value, StreamError)


def test_what_is_answered_in_between_clears_the_credentials(ask_paths):
    told = {"/books": OK, **dict.fromkeys(["/loans", "/fines", "/rooms"], REFUSAL)}
    with pytest.raises(StreamError):
        ask_paths(told, "/books", "/loans", "/fines", "/books", "/rooms")


def test_a_refusal_at_the_host_of_a_file_says_nothing_of_the_credentials(client_of, stats):
    with Wire(in_turn(REFUSAL)) as wire:
        client = client_of(wire.url)
        with pytest.raises(StreamError, match=r"GET /file answered 401 .* at 127.0.0.1:\d+$"):
            client.send(
                lambda: client.file_request(f"{wire.url}/file?signature=7"), stats, None, check_file
            )


@pytest.fixture
def ask_paths(client_of):
    """Ask for paths in turn, each for a stream of its own, of a server that answers by path."""

    def ask_paths(told, *paths):
        def speak(connection):
            while True:
                connection.say(told[connection.hear().split(" ")[1]])

        with Wire(speak) as wire:
            client = client_of(wire.url)
            failures = []
            for path in paths:
                try:
                    client.send(
                        lambda path=path: client.request("GET", wire.url + path), StreamStats(path)
                    )
                except StreamError as error:
                    failures.append(error)
        if failures:
            raise failures[-1]

    return ask_paths


@pytest.mark.parametrize("times", [1, MAX_TRIES])
def test_a_web_page_of_an_edge_is_no_denial(ask, times):
    edge = answer(b"<!DOCTYPE html><title>Blocked</title>", status="403 Forbidden")
    if times == 1:
        assert ask(in_turn(edge, OK)) == {"rows": [1]}
        return
    with pytest.raises(StreamError, match="with a web page, which is not the API's own") as caught:
        ask(in_turn(edge))
    assert not isinstance(caught.value, DeniedError)


def test_an_answer_for_which_there_is_no_memory_costs_itself(client_of, stats):
    def read(response):
        raise MemoryError

    with Wire(in_turn(OK)) as wire:
        client = client_of(wire.url)
        with pytest.raises(StreamError) as caught:
            client.send(lambda: client.request("GET", f"{wire.url}/books"), stats, read)
    assert str(caught.value) == "GET /books: the answer is too large for the memory that there is"
    assert stats.requests == 1


# Clocks


@pytest.mark.parametrize("hours", [-20, 20, 0])
def test_a_client_knows_when_it_began_by_the_servers_clock(client_of, stats, time, hours):
    date = datetime(2026, 11, 21, 12, tzinfo=UTC) + timedelta(hours=hours)
    with Wire(in_turn(answer(b"[1]", f"Date: {format_datetime(date, usegmt=True)}"))) as wire:
        client = client_of(wire.url)
        time.now += 90
        client.send(lambda: client.request("GET", f"{wire.url}/books"), stats)
    assert client.began == date - timedelta(seconds=90)
