"""What a vendor echoes, what stands in addresses and in the environment, shows in no log."""

import base64
import json
from urllib.parse import quote

import pytest

from sandbox import Fault
from tests.rest_tap.wire import Wire
from tests.support import run_tap

LEVELS = ["DEBUG", "INFO"]
PASSWORD = "pro/xy-7301"


def echo(connection):
    """Answer each request with its credentials in a line that is no header."""
    while True:
        head = connection.hear()
        said = [line for line in head.split("\r\n") if "uthorization" in line or "Token" in line]
        broken = "".join(line.partition(":")[2].strip() + "\r\n" for line in said)
        connection.say(f"HTTP/1.1 200 OK\r\n{broken}Content-Length: 2\r\n\r\n{{}}".encode())


@pytest.mark.parametrize("level", LEVELS)
def test_a_header_that_cannot_be_read_is_not_logged_with_what_it_echoes(site, level):
    """urllib3 logs it with a traceback; the run raises if it finds a secret in the output."""
    with Wire(echo) as wire:
        run = site.run(at=wire.url, env={"LOGLEVEL": level})
    assert wire.heard, "nothing was asked: nothing was tested"
    assert_hidden(site, run)
    assert level == "DEBUG" or "Traceback" not in run.stderr


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_a_body_that_echoes_credentials_in_any_form_is_hidden(site, status):
    seen = []

    def echo_body(request, number):
        seen.append(request)
        if number == 1:
            return None
        told = [value for name, value in request.headers.items() if "oken" in name or "uth" in name]
        forms = [quote(text, safe="") for text in told] + [json.dumps(text) for text in told]
        return Fault.status(status, body={"message": " ".join((*told, *forms))})

    site.sandbox.fault = lambda request, number: echo_body(request, number) if number < 30 else None
    run = site.run(env={"LOGLEVEL": "DEBUG"})
    assert seen
    assert_hidden(site, run)


def test_a_proxy_that_cannot_be_reached_is_told_without_its_credentials(site):
    address = f"http://ada:{quote(PASSWORD, safe='')}@127.0.0.1:9"
    env = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), address)
    run = site.run(at="https://wiki.acme.example", env={**env, "LOGLEVEL": "DEBUG"}, more=FAST)
    assert run.status == 1
    for form in (PASSWORD, quote(PASSWORD, safe="")):
        assert form not in run.stderr


FAST = {"request_timeout": 1, "max_wait": 1}


def test_the_query_of_an_address_is_not_logged(site):
    run = site.run(env={"LOGLEVEL": "DEBUG"})
    asked = [line for line in run.stderr.splitlines() if "HTTP/1.1" in line]
    assert any("?(hidden)" in line for line in asked)
    assert not any("=" in line.partition("HTTP/1.1")[0].partition('"')[2] for line in asked)


def test_names_of_a_vendor_neither_forge_lines_nor_steer_a_terminal(site):
    forged = "x\n2026-01-01 00:00:00,000 | ERROR    | tap | all is lost\x1b[2J\x9b31m\u202e"

    def forge(request, number):
        return Fault.status(403, body={"message": forged, "error": forged}) if number > 3 else None

    site.sandbox.fault = forge
    run = site.run(env={"LOGLEVEL": "DEBUG"})
    assert "all is lost" in run.stderr
    assert not any(line.startswith("2026-01-01 00:00:00") for line in run.stderr.splitlines())
    for acting in ("\x1b", "\x9b", "\u202e"):
        assert acting not in run.stderr
    assert all(line[:2] == "20" for line in run.stderr.splitlines())


def test_settings_that_are_wrong_do_not_show_secrets(site):
    for name, told in site.schema.items():
        if told.get("secret"):
            secret = "very-secret-7301"
            run = site.run(more={name: [secret]})
            assert run.status == 1
            assert secret not in run.stderr
            run = run_tap(site.tap, json.dumps({name: secret})[:-1])
            assert run.status == 1
            assert secret not in run.stderr


def assert_hidden(site, run):
    """Neither the secrets nor what a Basic header makes of them stand in the log."""
    for secret in site.secrets:
        email = site.config.get("email", "")
        basic = base64.b64encode(f"{email}:{secret}".encode()).decode()
        for form in (secret, quote(secret, safe=""), basic, basic.rstrip("=")):
            assert form not in run.stderr
