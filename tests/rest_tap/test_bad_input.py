"""What users see when what they give cannot be used: one line, and exit status 1."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from sandbox import Fault
from tests.rest_tap.conftest import TAP
from tests.rest_tap.library import CLI, TOKEN, call, config, told
from tests.support import discover, run_tap

NOT_OURS = (
    "--state: most of its streams are not this tap's (commits, issues): is it another tap's state?"
)
FUTURE = (
    "--state: replication_key_value of shelves is in the future (2999-01-01T00:00:00Z): "
    "nothing would ever be read. Correct or remove it"
)
PARTS = "--state: the partitions of shelves must be a list of JSON objects with a context"
ONE_LINE = "{}: it must be one line of ASCII characters; look for what was pasted with it"


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ([], '--state: expected a JSON object {"bookmarks": {...}}'),
        ({"bookmarks": []}, '--state: expected a JSON object {"bookmarks": {...}}'),
        (
            {"singer_state": {"bookmarks": {}}},
            '--state: it has no "bookmarks" (take what stands in singer_state)',
        ),
        (
            {"bookmarks": {"commits": {}, "issues": {}}},
            NOT_OURS,
        ),
        (
            {"bookmarks": {"shelves": {"replication_key_value": "2999-01-01T00:00:00Z"}}},
            FUTURE,
        ),
        (
            {"bookmarks": {"shelves": {"last_runs": {"2999-01-01T00:00:00Z": "abcdef"}}}},
            (
                "--state: last_runs of shelves is in the future "
                "({'2999-01-01T00:00:00Z': 'abcdef'}): nothing would ever be read. Correct or "
                "remove it"
            ),
        ),
        (
            {"bookmarks": {"shelves": {"last_runs": {"2026-01-01T00:00:00Z": "abc"}}}},
            (
                "--state: last_runs of shelves must be an object of texts by timestamps, and is "
                "{'2026-01-01T00:00:00Z': 'abc'}. Correct it, or remove it to read all again"
            ),
        ),
        *(
            ({"bookmarks": {"shelves": {"partitions": parts}}}, PARTS)
            for parts in (None, {}, [1], [{}])
        ),
    ],
)
def test_a_state_that_cannot_be_used(run, state, message):
    assert told(run(state=state)) == message


def test_a_state_that_is_not_json(tmp_path):
    settings, state = tmp_path / "config.json", tmp_path / "state.json"
    settings.write_text(json.dumps(config("http://localhost:1")))
    settings.chmod(0o600)
    state.write_text('{"bookmarks": ')
    done = call("--config", settings, "--state", state)
    assert done.returncode == 1
    assert "state.json is not JSON" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_catalog_with_a_stream_that_does_not_exist(run):
    schema = {"properties": {}}
    entry = {"tap_stream_id": "dragons", "stream": "dragons", "schema": schema, "metadata": []}
    assert told(run(catalog={"streams": [entry]})) == (
        "--catalog: tap-library has no stream 'dragons'; "
        "make the catalog anew with --discover and the same settings"
    )


@pytest.mark.parametrize(
    "catalog", [{"flows": []}, {"streams": None}, {"streams": [{}]}, {"streams": [3]}, [1]]
)
def test_a_catalog_that_is_none(run, catalog):
    assert told(run(catalog=catalog)).startswith(
        '--catalog: expected {"streams": [...]}, as --discover prints it'
    )


def test_a_config_file_that_is_absent_or_broken(tmp_path):
    done = call("--config", tmp_path / "nowhere.json")
    assert done.returncode == 1
    assert f"--config: {tmp_path}/nowhere.json cannot be read: No such file" in done.stderr
    broken = tmp_path / "broken.json"
    broken.write_text("{token: 1}")
    done = call("--config", broken)
    assert done.returncode == 1
    assert "broken.json is not JSON" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"max_concurrency": 0}, "max_concurrency: 0 is less than the minimum of 1"),
        ({"max_concurrency": "8"}, "max_concurrency: '8' is not of type 'integer', 'null'"),
        ({"denied_streams": "ignore"}, "denied_streams: 'ignore' is not one of ['fail', 'skip']"),
        (
            {"start_date": "last week"},
            "start_date: 'last week' is not a date; write it as 2026-01-31T00:00:00Z",
        ),
        (
            {"start_date": "2999-01-01T00:00:00Z"},
            "start_date: 2999-01-01T00:00:00Z is in the future: nothing would be read",
        ),
        ({"token": "hush-hush-1\nhush-hush-2"}, ONE_LINE.format("token")),
        ({"token": "hush-hush-\u201c1"}, ONE_LINE.format("token")),
        ({"user_agent": "me\r\nCookie: 1"}, ONE_LINE.format("user_agent")),
    ],
)
def test_a_setting_that_cannot_be_used(run, more, message):
    assert told(run(more=more)) == message


def test_a_line_end_after_a_token_is_taken_off(run):
    assert run(more={"token": f"{TOKEN}\n"}).status == 0


def test_a_setting_that_is_null_has_its_default(run):
    nothing = dict.fromkeys(["max_concurrency", "request_timeout", "max_wait", "user_agent"])
    assert run(more=nothing).status == 0


def test_a_setting_that_does_not_exist_is_named(run):
    written = run(more={"max_concurency": 2, "colour": "red"})
    assert written.status == 0
    assert "max_concurency is no setting of tap-library and does nothing: is max_" in written.stderr
    assert "colour is no setting of tap-library and does nothing\n" in written.stderr


def test_a_misspelled_setting_is_named_beside_the_required_one_that_lacks():
    run = run_tap(TAP, {"tokn": TOKEN, "base_url": "http://localhost:1"})
    assert run.status == 1
    assert "'token' is a required property" in run.stderr
    assert "tokn is no setting of tap-library and does nothing: is token meant?" in run.stderr


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_config_that_comes_through_a_pipe(sandbox, mark):
    settings = {**config(sandbox.url), "requests_per_second": 99.5, "max_concurrency": 2.0}
    program = [sys.executable, "-c", CLI, "--config", "/dev/stdin"]
    content = mark + json.dumps(settings).encode()
    done = subprocess.run(program, input=content, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(b'"RECORD"') > 30


@pytest.mark.parametrize("option", ["--config", "--state", "--catalog"])
def test_a_file_in_another_encoding(tmp_path, sandbox, option):
    (tmp_path / "wide.json").write_bytes("{}".encode("utf-16"))
    (tmp_path / "config.json").write_text(json.dumps(config(sandbox.url)))
    (tmp_path / "config.json").chmod(0o600)
    done = call("--config", tmp_path / "config.json", option, tmp_path / "wide.json")
    assert done.returncode == 1
    assert f"{option}: {tmp_path}/wide.json is not JSON in UTF-8" in done.stderr
    assert "Unexpected" not in done.stderr


@pytest.mark.parametrize(
    ("maps", "message"),
    [
        ({"x": "((("}, "stream_maps: Failed to parse expression (((."),
        ({"x": "1/0"}, "a row of shelves cannot be mapped: ZeroDivisionError: division by zero"),
        ({"x": "nobody(id)"}, "a row of shelves cannot be mapped: MapExpressionError"),
        ({"__filter__": "1/0"}, "a row of shelves cannot be mapped: ZeroDivisionError"),
        ({"id": None}, "stream_maps: Removing key property 'id' is not permitted"),
    ],
)
def test_a_stream_map_that_cannot_be_used(run, maps, message):
    assert message in told(run(more={"stream_maps": {"shelves": maps}}))


def test_a_replication_key_that_is_not_the_streams_own(run, sandbox):
    catalog = discover(TAP, config(sandbox.url))
    entries = {entry["tap_stream_id"]: entry for entry in catalog["streams"]}
    entries["shelves"]["replication_key"] = "id"
    assert told(run(catalog=catalog)) == (
        "--catalog: shelves cannot be read by id: its replication key is moved_at"
    )


def test_a_server_that_does_not_speak_tls(sandbox):
    run = run_tap(TAP, config(sandbox.url.replace("http:", "https:")))
    assert "does not speak TLS as it should" in told(run)


def test_a_proxy_of_an_unknown_kind():
    env = {"HTTP_PROXY": "socks5://127.0.0.1:9", "NO_PROXY": ""}
    written = run_tap(TAP, config("http://library.example"), env=env)
    reason = "the proxy in HTTPS_PROXY is of a kind that is not supported"
    assert f"GET /shelves: {reason}" in written.stderr
    assert written.status == 1


def test_what_is_on_this_machine_is_reached_without_a_proxy(run):
    written = run(env={"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""})
    assert written.status == 0, written.stderr


def test_a_secret_of_the_wrong_type_is_not_shown(run):
    wrong = run(more={"token": ["hush-hush-1"]})
    assert "hush-hush-1" not in wrong.stderr
    assert told(wrong) == "token: it must be text of the form that its description gives"


def test_a_host_that_does_not_resolve():
    run = run_tap(TAP, config("http://library.invalid"))
    assert told(run) == (
        "base_url: library.invalid cannot be reached (its name does not resolve). "
        "Check the address, the network and HTTPS_PROXY"
    )


def test_a_server_that_answers_html(run, sandbox):
    sandbox.fault = lambda request, number: Fault.html(200)
    assert "answers HTML where the API answers JSON. Check that base_url" in told(run())


def test_a_port_where_nobody_listens():
    run = run_tap(TAP, config("http://127.0.0.1:9"), timeout=90)
    assert "cannot be reached (connection refused)" in told(run)


def test_secrets_stand_in_no_output(run, sandbox):
    """A server that echoes the token in an error body must not bring it into a log."""
    sandbox.fault = lambda request, number: (
        Fault.status(400, body={"message": f"bad token {TOKEN}"})
        if request.path == "/shelves/s1/books"
        else None
    )
    written = run(env={"LOGLEVEL": "DEBUG"})
    assert "bad token (hidden)" in written.stderr
