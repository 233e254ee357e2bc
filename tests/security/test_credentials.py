"""Credentials reach the vendor, and nobody and nothing else."""

import json

import pytest
import requests

from rest_tap.http.session import CREDENTIALS, MovedError, Session
from rest_tap.http.token_file import TokenFile, Tokens
from sandbox import Fault, Response, Sandbox
from tests.support import run_tap

HEADERS = {name: f"secret of {name}" for name in CREDENTIALS}


class Stranger:
    """Another host: answers whatever it is asked."""

    def handle(self, request):
        return Response(200, {"hello": "stranger"})


@pytest.fixture
def stranger():
    with Sandbox(Stranger()) as sandbox:
        yield sandbox


def seen_by(sandbox):
    """All that a host could read of the requests that it got."""
    return " ".join(f"{a.path} {dict(a.query)} {dict(a.headers)}" for a in sandbox.requests)


def leads_to(url, status=302):
    return lambda request, number: Fault.status(status, {"Location": url})


@pytest.mark.parametrize("status", [301, 302, 307])
def test_rows_are_not_read_from_where_nobody_said(site, stranger, status):
    site.sandbox.fault = leads_to(f"{stranger.url}/elsewhere?token=7", status)
    run = site.run()
    assert run.status == 1
    assert stranger.requests == []
    assert run.of("RECORD") == []
    (line,) = run.errors
    assert f"to {stranger.url}, which is not read because nobody set it" in line
    assert "elsewhere" not in run.stderr


def test_rows_are_not_read_elsewhere_later_either(site, stranger):
    site.sandbox.fault = lambda request, number: (
        Fault.status(302, {"Location": stranger.url}) if number > 4 else None
    )
    run = site.run()
    assert run.status == 1
    assert stranger.requests == []
    assert "which is not read because nobody set it" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("header", CREDENTIALS)
def test_a_file_may_be_elsewhere_and_sees_no_credentials_there(stranger, header):
    with Sandbox(Stranger()) as home:
        home.fault = leads_to(f"{stranger.url}/")
        request = requests.Request("GET", home.url, headers=HEADERS).prepare()
        with pytest.raises(MovedError):
            Session().send(request)
        assert Session().send(request, stream=True).json() == {"hello": "stranger"}
        assert home.requests[0].headers[header] == HEADERS[header]
    assert header not in stranger.requests[0].headers


@pytest.mark.parametrize(
    "location",
    ["http://wiki.acme.example/", "ftp://127.0.0.1/", "http://[::1", "//", "https://../", "/../a"],
)
def test_a_redirect_to_nowhere_is_not_followed(location):
    with Sandbox(Stranger()) as home:
        home.fault = leads_to(location)
        with pytest.raises((MovedError, requests.TooManyRedirects)):
            Session().send(requests.Request("GET", home.url).prepare())


def test_a_file_is_never_led_from_https_to_http():
    response = requests.Response()
    response.status_code = 302
    response.headers["Location"] = "http://files.example/file"
    request = requests.Request("GET", "https://files.example/file").prepare()
    with pytest.raises(MovedError):
        Session()._following(request, response, is_file=True)
    response.headers["Location"] = "https://other.example/file"
    assert Session()._following(request, response, is_file=True).url == "https://other.example/file"


def test_a_question_that_changes_something_is_not_made_another():
    with Sandbox(Stranger()) as home:
        home.fault = lambda request, number: (
            Fault.status(302, {"Location": "/moved"}) if request.path != "/moved" else None
        )
        request = requests.Request("POST", f"{home.url}/", json={"a": 1}).prepare()
        assert Session().send(request).status_code == 302
        home.fault = lambda request, number: (
            Fault.status(307, {"Location": "/moved"}) if request.path != "/moved" else None
        )
        assert Session().send(request).json() == {"hello": "stranger"}
        assert home.requests[-1].method == "POST"


def test_a_redirect_on_the_same_host_keeps_them():
    with Sandbox(Stranger()) as home:
        home.fault = lambda request, number: (
            Fault.status(307, {"Location": "/moved"}) if request.path != "/moved" else None
        )
        Session().send(requests.Request("GET", f"{home.url}/", headers=HEADERS).prepare())
        assert home.requests[-1].path == "/moved"
        for header in ("Authorization", "Circle-Token"):
            assert home.requests[-1].headers[header] == HEADERS[header]


@pytest.mark.parametrize("streamed", [False, True])
def test_redirects_are_followed_to_their_end(streamed):
    with Sandbox(Stranger()) as home:
        ways = {"/": "/a", "/a": "/b", "/b": "/c"}
        home.fault = lambda request, number: (
            Fault.status(302, {"Location": ways[request.path]}) if request.path in ways else None
        )
        request = requests.Request("GET", f"{home.url}/").prepare()
        answer = Session().send(request, stream=streamed)
        assert answer.url == f"{home.url}/c"
        assert answer.json() == {"hello": "stranger"}
        ways["/c"] = "/"
        with pytest.raises(requests.TooManyRedirects):
            Session().send(request, stream=streamed)
        answer = Session().send(request, stream=streamed, allow_redirects=False)
        assert answer.headers["Location"] == "/a"


def test_cookies_of_a_vendor_are_not_sent_back(site):
    """They would tie the requests of a thread together, and lead some hosts to trust them."""
    asked = []

    def disturb(request, number):
        asked.append(request)
        return Fault.status(500, {"Set-Cookie": "session=1"}) if number == 1 else None

    site.sandbox.fault = disturb
    assert site.run().status == 0
    assert not any("Cookie" in request.headers for request in asked)


def test_http_is_for_this_machine_only(site):
    settings = [name for name in site.schema if name.endswith("_url") and name != "auth_url"]
    for setting in settings:
        refused(site, setting, {setting: "http://wiki.acme.example"})


def test_http_is_for_this_machine_only_where_tokens_are_made(confluence):
    app = {"client_id": "app", "client_secret": "app's secret", "email": None, "api_token": None}
    refused(confluence, "auth_url", {**app, "auth_url": "http://auth.acme.example"})


def refused(site, setting, more):
    run = site.run(more=more)
    assert run.status == 1
    (line,) = run.errors
    assert f"{setting}: http would send the credentials in clear text" in line
    assert site.sandbox.requests == []


@pytest.mark.parametrize("status", [None, 400, 401, 403, 500])
def test_secrets_stay_out_of_all_output(site, status):
    """Whatever happens, and even where the vendor says them in its answer."""
    if status:
        fault = Fault.status(status, body={"message": f"not for {', '.join(site.secrets)}"})
        last = 3 if status == 500 else 10**6  # It is tried again, which takes longer each time
        site.sandbox.fault = lambda request, number: fault if 1 < number <= last else None
    run = site.run(env={"LOGLEVEL": "DEBUG"})  # It raises if it finds a secret in the output
    assert run.status == (0 if status in {None, 500} else 1)
    assert "HTTP/1.1" in run.stderr, "nothing of the network was logged: nothing was tested"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o604])
def test_settings_that_others_can_read_are_warned_about(site, tmp_path, mode):
    file = tmp_path / "config.json"
    file.write_text(json.dumps(site.config))
    file.chmod(mode)
    run = run_tap(site.tap, {}, "--config", str(file), "--discover")
    warned = f"--config: {file} holds secrets and others can read it: chmod 600 {file}"
    assert (warned in run.stderr) == (mode != 0o600)


def test_settings_without_secrets_may_be_read_by_all(site, tmp_path):
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"max_concurrency": 2}))
    file.chmod(0o644)
    run = run_tap(site.tap, {}, "--config", str(file), "--discover")
    assert "others can read" not in run.stderr


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_a_token_file_that_others_can_read_is_warned_about(tmp_path, caplog, mode):
    path = tmp_path / "token.json"
    TokenFile(str(path), "the first token").rehearse(Tokens("the second token"))
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(mode)
    assert TokenFile(str(path), "the first token").read() == Tokens("the second token")
    assert ("chmod 600" in caplog.text) == (mode != 0o600)
    assert "the second token" not in caplog.text
