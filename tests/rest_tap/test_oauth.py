"""OAuth 2.0: tokens in time, one request for all threads and runs, and no refresh token lost."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from rest_tap import StreamError, TapError
from rest_tap.http import asking, oauth
from rest_tap.http.limits import Limits
from rest_tap.http.oauth import OAuth, TokenEndpoint
from rest_tap.http.session import Session
from rest_tap.http.token_file import TokenFile, Tokens
from sandbox import Fault, Response, Sandbox
from sandbox.oauth import TokenServer

CLIENT = {"client_id": "app", "client_secret": "the app's secret"}
HOUR = 3600


class Clock:
    """A time of day that a test sets."""

    def __init__(self):
        self.now = 1e9

    def __call__(self):
        return self.now


class LogIn:
    """A log-in server that has nothing but the token endpoint."""

    def __init__(self, clock):
        self.tokens = TokenServer(*CLIENT.values(), clock)
        self.tokens.leeway = 0
        self.answer = None
        self.bodies = []

    def handle(self, request):
        self.bodies.append(request.content.decode())
        if request.path != "/token":
            return Response(404, {"error": "nothing is here"})
        answer = self.tokens.token(request)
        return self.answer(answer) if self.answer else answer


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(oauth, "time", SimpleNamespace(time=clock, monotonic=clock))
    return clock


@pytest.fixture
def log_in(clock):
    with Sandbox(LogIn(clock)) as sandbox:
        yield sandbox


@pytest.fixture
def server(log_in):
    return log_in.vendor.tokens


@pytest.fixture
def path(tmp_path):
    return tmp_path / "token.json"


@pytest.fixture
def app(log_in, path, server):
    """Make the credentials of a run; all of them share a file."""
    given = server.refresh_token

    def make(*, body="form", **more):
        endpoint = TokenEndpoint(f"{log_in.url}/token", CLIENT, body)
        config = {"refresh_token": given, "oauth_token_file": str(path), **more}
        session = Session(limits=Limits(answer_bytes=20_000))
        return OAuth("client_id and refresh_token", endpoint, config, lambda: session)

    return make


def in_file(path):
    return json.loads(path.read_text())["refresh_token"]


def test_a_token_is_replaced_shortly_before_it_ends(app, server, clock):
    run = app()
    first = run.header()
    clock.now += HOUR - oauth.EARLY - 1
    assert run.header() == first
    clock.now += 2
    assert run.header() != first
    assert (server.issued, server.reused) == (2, 0)


def test_threads_that_come_together_ask_once(app, server, log_in):
    log_in.latency = 0.05
    run = app()
    with ThreadPoolExecutor(8) as threads:
        headers = set(threads.map(lambda _: run.header(), range(8)))
    assert len(headers) == 1
    (refused,) = headers
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(run.renew, [refused] * 8))
    assert server.issued == 2


def test_two_runs_share_a_file_for_hours(app, server, clock, path):
    runs = [app(), app()]
    for _ in range(40):
        for run in runs:
            assert server.knows(run.header().removeprefix("Bearer "))
        clock.now += 300
    assert server.reused == 0
    assert server.issued == 4, "the runs do not share the access token"
    assert in_file(path) == server.refresh_token


def test_a_refused_token_is_replaced_by_what_another_run_got_meanwhile(app, server):
    one, other = app(), app()
    refused = one.header()
    assert other.header() == refused
    server.expire()
    assert one.renew(refused)
    assert other.renew(refused)
    assert one.header() == other.header() != refused
    assert server.issued == 2


def test_a_later_run_goes_on_with_the_token_that_is_still_good(app, server, clock):
    first = app().header()
    clock.now += 600
    assert app().header() == first
    clock.now += HOUR
    assert app().header() != first
    assert (server.issued, server.reused) == (2, 0)


def test_a_clock_that_was_set_back_makes_no_token_last_for_ever(app, clock):
    first = app().header()
    clock.now -= 1e8
    run = app()
    assert run.header() == first
    clock.now += oauth.LONGEST + 1
    assert run.header() != first


def changed(**more):
    """The vendor's answer, with some of it changed; None takes a field away."""

    def change(answer):
        body = {**answer.body, **more}
        return Response(200, {key: value for key, value in body.items() if value is not None})

    return change


def literally(expires_in):
    """The vendor's answer with a number that is none in JSON."""

    def change(answer):
        body = json.dumps({**answer.body, "expires_in": 0})
        return Response(
            200, body.replace('"expires_in": 0', f'"expires_in": {expires_in}').encode()
        )

    return change


GOOD = {
    "expires_in is a text": changed(expires_in="abc"),
    "expires_in is a number in a text": changed(expires_in="3600"),
    "expires_in is missing": changed(expires_in=None),
    "expires_in is negative": changed(expires_in=-1),
    "expires_in is zero": changed(expires_in=0),
    "expires_in is true": changed(expires_in=True),
    "expires_in is a list": changed(expires_in=[3600]),
    "expires_in is NaN": literally("NaN"),
    "expires_in is infinite": literally("Infinity"),
    "expires_in is huge": literally("9" * 5000),
    "token_type is missing": changed(token_type=None),
    "token_type is bearer": changed(token_type="bearer"),
    "a line end after the token": lambda answer: changed(
        access_token=answer.body["access_token"] + "\r\n"
    )(answer),
    "fields that nobody knows": changed(scope="offline_access", id_token={"a": [1]}),
}


@pytest.mark.parametrize("case", GOOD)
def test_an_odd_answer_that_has_a_token_is_used_and_kept(app, server, log_in, path, case):
    log_in.vendor.answer = GOOD[case]
    run = app()
    assert server.knows(run.header().removeprefix("Bearer "))
    assert run.header() == run.header()
    assert server.issued == 1, "a token is not asked for again and again"
    assert in_file(path) == server.refresh_token


BAD = {
    "another type of token": (changed(token_type="mac"), "gave a token of type 'mac'"),
    "a type that is no text": (changed(token_type=["x"]), "gave a token of type"),
    "no access token": (changed(access_token=None), "without an access token"),
    "an empty access token": (changed(access_token=""), "without an access token"),
    "an access token that is a number": (changed(access_token=7), "without an access token"),
    "a line end in the token": (changed(access_token="a\r\nHost: evil"), "without an access token"),
    "no ASCII": (changed(access_token="tökén"), "without an access token"),
    "an error beside the new token": (
        changed(access_token=None, error="server_error"),
        "without an access token",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_an_answer_that_cannot_be_used_loses_no_refresh_token(app, server, log_in, path, case):
    log_in.vendor.answer, told = BAD[case]
    with pytest.raises(TapError, match=told) as error:
        app().header()
    assert str(error.value).startswith("auth_url: ")
    assert len(str(error.value)) <= 300
    assert in_file(path) == server.refresh_token
    log_in.vendor.answer = None
    assert app().header(), "the next run goes on from the token that was kept"


@pytest.mark.parametrize("said", [None, "", 7])
def test_an_answer_without_a_refresh_token_leaves_the_one_that_is_kept(app, log_in, path, said):
    """As RFC 6749 has it, for servers whose refresh tokens do not rotate."""
    run = app()
    log_in.vendor.answer = changed(refresh_token=said)
    assert run.header()
    assert in_file(path) == run._refresh_token == app()._refresh_token


REFUSED = {
    "invalid_grant": (Response(400, {"error": "invalid_grant"}), "refresh_token: .*invalid_grant"),
    "with 403": (Response(403, {"error": "invalid_grant"}), "refresh_token: .*invalid_grant"),
    "with 200": (Response(200, {"error": "invalid_grant"}), "refresh_token: .*invalid_grant"),
    "without a reason": (Response(400, {}), r"refresh_token: .*\(400\)"),
    "a reason that is an object": (Response(400, {"error": {"code": 7}}), "refresh_token: .*code"),
    "a reason that clears the screen": (
        Response(400, {"error": "\x1b[2J\n" * 99}),
        "refresh_token",
    ),
    "the client": (Response(401, {"error": "invalid_client"}), "client_secret: .*invalid_client"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_is_told_once_in_one_line_and_the_file_keeps_what_it_has(app, log_in, path, case):
    answer, told = REFUSED[case]
    log_in.vendor.answer = lambda _: answer
    run = app()
    for _ in range(3):  # As the threads of a run ask, one after another
        with pytest.raises(TapError, match=told) as error:
            run.header()
    line = str(error.value)
    assert len(line) <= 300 + len(str(path))
    assert line.isprintable()
    assert log_in.count() == 1
    assert in_file(path) == run._refresh_token


@pytest.mark.parametrize(
    "fault",
    [
        *(Fault.status(500), Fault.status(503), Fault.reset(), Fault.truncate()),
        *(Fault.html(200), Fault.html(403), Fault.malformed(), Fault.rate_limited(0)),
    ],
    ids=["500", "503", "reset", "cut", "html", "html 403", "broken JSON", "429"],
)
def test_an_answer_that_was_lost_is_asked_for_again(app, server, log_in, path, fault):
    """The server may have replaced the token all the same: it forgives that for some minutes."""
    server.leeway = 600
    log_in.fault = lambda request, number: fault if number == 1 else None
    assert app().header()
    assert in_file(path) == server.refresh_token


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault.status(500), "it answered 500"),
        (Fault.reset(), "the connection broke"),
        (Fault.html(), "it answered 200 without a JSON object"),
        (Fault("answer", Response(200, b" " * 30_000)), "larger than"),
    ],
)
def test_a_server_that_stays_out_of_order_ends_the_run(app, log_in, fault, told, monkeypatch):
    monkeypatch.setattr(asking, "TRIES", 2)
    log_in.fault = lambda request, number: fault
    with pytest.raises(TapError, match=rf"^auth_url: http\S+ gives no token: .*{told}") as error:
        app().header()
    assert not isinstance(error.value, StreamError), "it is the run's affair"
    assert len(str(error.value)) <= 300
    log_in.fault = None
    assert app().header(), "and the next one goes on"


def test_credentials_do_not_follow_a_redirect(app, log_in, path):
    with Sandbox(LogIn(time.monotonic)) as stranger:
        there = stranger.url.replace("127.0.0.1", "localhost")
        log_in.vendor.answer = lambda _: Response(307, None, {"Location": f"{there}/token?a=b"})
        with pytest.raises(TapError, match="leads on to localhost, where the credentials") as error:
            app().header()
        assert "a=b" not in str(error.value)
        assert stranger.requests == []


def test_a_token_that_another_machine_replaced_is_looked_for_in_the_file(app, server, log_in, path):
    """As where the file is on a disk whose locks do not reach from one machine to the other."""
    run = app()
    run.header()
    server.expire()
    old, elsewhere = server.refresh_token, app()

    def answer(told):
        if log_in.count() == 2:  # The other machine has just used the token, and keeps the next
            log_in.vendor.answer = None
            server.refresh_token = server._fresh("refresh")
            elsewhere._file.rehearse(Tokens(old))
            elsewhere._file.write(Tokens(server.refresh_token))
            return Response(403, {"error": "invalid_grant"})
        return told

    log_in.vendor.answer = answer
    assert run.renew(run._header)
    assert server.knows(run.header().removeprefix("Bearer "))
    assert in_file(path) == server.refresh_token


def test_what_cannot_be_kept_is_not_asked_for(app, log_in, path):
    run = app()
    path.with_name(".token.json.new").mkdir()
    with pytest.raises(TapError, match=r"^oauth_token_file: .*No token was asked for"):
        run.header()
    assert log_in.requests == []


def test_without_a_file_the_loss_is_told_once(app, server, caplog):
    run = app(oauth_token_file=None)
    for _ in range(3):
        run.renew(run.header())
    assert server.issued == 4
    assert caplog.text.count("oauth_token_file is not set") == 1
    assert "token-0" not in caplog.text


@pytest.mark.parametrize(
    ("body", "begins"), [("json", '{"'), ("form", "grant_type=refresh_token&refresh_token=")]
)
def test_the_body_is_what_the_vendor_takes(app, log_in, body, begins):
    app(body=body).header()
    assert log_in.vendor.bodies[0].startswith(begins)


def test_an_app_without_a_user_needs_no_file(app, server, path, clock):
    run = app(refresh_token=None)
    run.header()
    clock.now += HOUR
    run.header()
    assert server.issued == 2
    assert not path.exists()


def test_the_lock_is_free_again_after_a_failure(app, log_in, path):
    log_in.vendor.answer = lambda _: Response(400, {"error": "invalid_grant"})
    with pytest.raises(TapError):
        app().header()
    freed = threading.Event()

    def lock():
        with TokenFile(str(path), "any").locked():
            freed.set()

    threading.Thread(target=lock, daemon=True).start()
    assert freed.wait(5)
