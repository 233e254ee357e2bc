"""Asking without a stream: what is tried again, what is given up, and what a user is told."""

from __future__ import annotations

import pytest

from rest_tap import DeniedError, HeaderCredentials, StreamError, TapError, json_of
from rest_tap.http.client import MAX_TRIES, ApiClient
from rest_tap.http.limits import Limits
from rest_tap.http.rate_limiter import RateLimiter
from rest_tap.http.session import Session
from rest_tap.stats import StreamStats
from tests.rest_tap.test_rate_limiter import Time
from tests.rest_tap.wire import Wire, answer, in_turn

OK = answer(b'{"rows": [1]}')
REFUSED = "token: the library does not know it"


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def stats():
    return StreamStats("books")


@pytest.fixture
def client_of(time):
    """Make a client of an API whose time passes only when somebody sleeps."""

    def client_of(url, **limits):
        credentials = HeaderCredentials(lambda: f"{url}/", "X-Token", lambda: "t-0", REFUSED)
        limiter = RateLimiter(clock=time.clock, sleep=time.sleep)
        return ApiClient(Session(), limiter, credentials, "tests", Limits(**limits))

    return client_of


@pytest.fixture
def ask(client_of, stats):
    """Ask a server that speaks in a certain way for `/books`; return what it told."""

    def ask(speak, client=None, **limits):
        with Wire(speak) as wire:
            client = client or client_of(wire.url, **limits)
            return json_of(
                client.send(lambda: client.request("GET", f"{wire.url}/books?s=1"), stats)
            )

    return ask


@pytest.mark.parametrize(
    "bad",
    [
        answer(b'{"message": "down"}', status="500 Internal Server Error"),
        answer(b"<html>", status="502 Bad Gateway"),
        *(answer(b'{"rows": ['), answer(b""), answer(b"null"), answer(b"<html>")),
        OK[:-3],  # And then the rest, which is no answer
        b"what?\r\n\r\n",
    ],
)
def test_what_may_pass_is_asked_again(ask, stats, time, bad):
    def speak(connection):
        for said in (bad, OK) if connection.number == 1 else (OK,):
            connection.hear()
            connection.say(said)
            if said is bad:
                connection.socket.close()
                return

    began = time.now
    assert ask(speak) == {"rows": [1]}
    assert stats.retries == 1
    assert stats.waited == pytest.approx(time.now - began)


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
