"""A TLS connection that goes wrong once is opened again; a certificate that is wrong never is."""

from __future__ import annotations

import socket
import ssl
import struct

import pytest

from rest_tap import StreamError, TapError, json_of
from rest_tap.http import session
from rest_tap.http.client import MAX_TRIES
from tests.rest_tap.conftest import Time, client_at
from tests.rest_tap.wire import Wire, answer
from tests.security.network import authority

ROUNDS = 7


def closes(accepted):
    accepted.recv(65536)


def resets(accepted):
    accepted.recv(65536)
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def alerts(accepted):
    accepted.recv(65536)
    accepted.sendall(bytes([21, 3, 3, 0, 2, 2, 80]))  # Fatal: internal error


def answers_in_plain_text(accepted):
    accepted.recv(65536)
    accepted.sendall(answer(b"[]", status="400 Bad Request"))


def stammers(accepted):
    accepted.recv(65536)
    accepted.sendall(b"\x16\x03\x03\x00\x05hello")


@pytest.fixture
def certified(tmp_path, monkeypatch):
    """A context for a server whose certificate is trusted."""
    made, file = authority(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    session._trusted.cache_clear()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert("localhost").configure_cert(context)
    yield context
    session._trusted.cache_clear()


def answers_once(connection):
    connection.hear()
    connection.say(answer(b'{"rows": [1]}', "Connection: close"))


def ask(wire, client, stats, times=1):
    return [
        json_of(client.send(lambda: client.request("GET", f"{wire.url}/books?s=1"), stats))
        for _ in range(times)
    ]


@pytest.mark.parametrize(
    "spoil", [closes, resets, alerts, answers_in_plain_text, stammers], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("first", [0, 1])
def test_one_handshake_of_many_that_fails_is_tried_again(certified, stats, spoil, first):
    def at_times(accepted, number):
        return number % 3 == first and spoil(accepted) is None

    with Wire(answers_once, tls=certified, spoil=at_times) as wire:
        told = ask(wire, client_at(wire.url, Time()), stats, ROUNDS)
    assert told == [{"rows": [1]}] * ROUNDS
    assert 2 <= stats.retries <= 4


def test_garbage_inside_of_a_connection_is_tried_again(certified, stats):
    """What is not encrypted as it should be; it comes in the middle of an answer."""

    def speak(connection):
        connection.hear()
        if connection.number == 2:
            connection.say(answer(b'{"rows": [1]}')[:-5])
            raw = socket.socket(fileno=connection.socket.detach())
            raw.sendall(b"\x17\x03\x03\x00\x20" + b"garbage " * 4)
            raw.close()
            return
        connection.say(answer(b'{"rows": [1]}', "Connection: close"))

    with Wire(speak, tls=certified) as wire:
        assert ask(wire, client_at(wire.url, Time()), stats, 3) == [{"rows": [1]}] * 3
    assert stats.retries == 1


def test_a_host_without_tls_is_told_in_plain_words(certified, stats):
    def always(accepted, _):
        return answers_in_plain_text(accepted) is None

    with Wire(answers_once, tls=certified, spoil=always) as wire, pytest.raises(TapError) as caught:
        ask(wire, client_at(wire.url, Time()), stats)
    assert str(caught.value) == (
        f"base_url: {wire.url.removeprefix('https://')} cannot be reached (it does not speak TLS "
        "as it should). Check the address, the network and HTTPS_PROXY"
    )


def test_tls_that_breaks_for_good_costs_what_was_asked_for(certified, stats):
    def later(accepted, number):
        return number > 1 and closes(accepted) is None

    with Wire(answers_once, tls=certified, spoil=later) as wire:
        client = client_at(wire.url, Time())
        ask(wire, client, stats)
        with pytest.raises(StreamError) as caught:
            ask(wire, client, stats)
    reasons = ("the connection broke", "it does not speak TLS as it should")
    told = [f"GET /books failed {MAX_TRIES} times: {reason}" for reason in reasons]
    assert str(caught.value) in told


@pytest.mark.parametrize("name", ["acme.example", "localhost"])
def test_a_certificate_that_cannot_be_verified_is_not_tried_again(
    certified, stats, name, tmp_path_factory
):
    stranger, _ = authority(tmp_path_factory.mktemp("stranger"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    stranger.issue_cert(name).configure_cert(context)
    with Wire(answers_once, tls=context) as wire, pytest.raises(TapError) as caught:
        ask(wire, client_at(wire.url, Time()), stats)
    assert "cannot be verified" in str(caught.value)
    assert wire.connections == 1
    assert certified is not context
