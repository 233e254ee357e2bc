"""Each mistake is told in one line that names the setting, with exit status 1."""

import pytest

from sandbox.faults import Fault
from tap_confluence.address import Address
from tests.support import run_tap

TOKEN = {"email": "ada@acme.example", "api_token": "very-secret-token"}
SITE = {"domain": "acme.atlassian.net"}


def url(value):
    return {**TOKEN, "base_url": value}


MISTAKES = {
    "no credentials": (SITE, "api_token", "no credentials"),
    "half of them": ({**SITE, "email": "a@b.example"}, "api_token", "not set"),
    "two kinds": ({**SITE, **TOKEN, "access_token": "another-secret"}, "api_token", "two kinds"),
    "no address": (TOKEN, "base_url", "no address"),
    "two addresses": ({**SITE, **url("https://acme.atlassian.net")}, "base_url", "domain"),
    "no scheme": (url("acme.atlassian.net/wiki"), "base_url", "https://"),
    "http": (url("http://acme.atlassian.net"), "base_url", "https"),
    "path of v1": (
        url("https://acme.atlassian.net/wiki/rest/api"),
        "base_url",
        "https://acme.atlassian.net/wiki instead",
    ),
    "path of v2": (
        url("https://acme.atlassian.net/wiki/api/v2/"),
        "base_url",
        "https://acme.atlassian.net/wiki instead",
    ),
    "a space's address": (
        url("https://acme.atlassian.net/wiki/spaces/ENG"),
        "base_url",
        "https://acme.atlassian.net/wiki instead",
    ),
    "another product": (
        url("https://acme.atlassian.net/jira"),
        "base_url",
        "https://acme.atlassian.net/wiki instead",
    ),
    "path behind the gateway": (
        url("https://api.atlassian.com/ex/confluence/0a1b/wiki/api/v2"),
        "base_url",
        "https://api.atlassian.com/ex/confluence/0a1b/wiki instead",
    ),
    "domain with scheme": ({**TOKEN, "domain": "https://acme.atlassian.net"}, "domain", "host"),
    "domain with a blank": ({**TOKEN, "domain": "acme .atlassian.net"}, "domain", "host"),
    "domain with a user": ({**TOKEN, "domain": "ada@acme.atlassian.net"}, "domain", "host"),
    "domain of one word": ({**TOKEN, "domain": "acme"}, "domain", "host"),
    "cloud id with a slash": ({**TOKEN, "cloud_id": "../0a1b"}, "cloud_id", "tenant_info"),
    "cloud id with a blank": ({**TOKEN, "cloud_id": "0a1b 2c3d"}, "cloud_id", "tenant_info"),
    "space without a key": ({**SITE, **TOKEN, "spaces": ["ENG", " "]}, "spaces", "empty"),
    "gateway without scheme": ({**SITE, **TOKEN, "gateway_url": "x"}, "gateway_url", "https://"),
    "start date": ({**SITE, **TOKEN, "start_date": "yesterday"}, "start_date", "yesterday"),
    "status": ({**SITE, **TOKEN, "page_statuses": ["gone"]}, "page_statuses", "gone"),
    "no status": ({**SITE, **TOKEN, "page_statuses": []}, "page_statuses", "empty"),
    "format": ({**SITE, **TOKEN, "body_format": "html"}, "body_format", "html"),
    "refresh token alone": (
        {**SITE, **TOKEN, "refresh_token": "secret-too"},
        "refresh_token",
        "client_id",
    ),
    "token file": (
        {
            **SITE,
            "client_id": "a",
            "client_secret": "secret-b",
            "oauth_token_file": "/nowhere/token.json",
        },
        "oauth_token_file",
        "/nowhere",
    ),
    "unresolved host": (
        url("https://no-such-host.invalid/wiki"),
        "base_url",
        "resolve",
    ),
}


def told(run, *parts):
    assert run.status == 1
    assert "Traceback" not in run.stderr
    errors = [line for line in run.errors if all(part in line for part in parts)]
    assert len(errors) == 1, run.stderr
    assert "secret" not in errors[0].replace("client_secret", "")


@pytest.mark.parametrize(("config", "setting", "hint"), MISTAKES.values(), ids=MISTAKES)
def test_settings(config, setting, hint):
    told(run_tap("confluence", config), f"{setting}", hint)


@pytest.mark.parametrize(
    ("path", "wiki"),
    [
        ("", "/wiki"),
        ("/wiki/", "/wiki"),
        ("/ex/confluence/0a1b", "/ex/confluence/0a1b/wiki"),
        ("/ex/confluence/0a1b/wiki", "/ex/confluence/0a1b/wiki"),
        ("/through/a/proxy/wiki", "/through/a/proxy/wiki"),
    ],
)
def test_a_site_is_found_however_its_address_is_written(path, wiki):
    assert Address(url(f"https://wiki.example{path}")).wiki == f"https://wiki.example{wiki}"


def test_several_unknown_spaces_are_listed(play):
    story = play(pages=5)
    run = story.run("pages", "labels", status=1, spaces=["SP0", "NOPE", "NADA"])
    told(run, "spaces: no space has the key 'NOPE', 'NADA'")


def test_blanks_around_settings_are_no_part_of_them(play):
    story = play(pages=30)
    story.sync("pages", spaces=[" SP0\n"])
    assert story.tables["pages"]
    assert Address({"domain": " acme.atlassian.net\n"}).wiki == "https://acme.atlassian.net/wiki"
    assert Address({"cloud_id": " 0a1b-2c3d\n"}).wiki.endswith("/ex/confluence/0a1b-2c3d/wiki")


@pytest.mark.parametrize(
    ("state", "hint"),
    [
        ("{", "not JSON"),
        ({"bookmarks": {"pipelines": {}}}, "another tap"),
        (
            {
                "bookmarks": {
                    "pages": {
                        "replication_key": "modified_at",
                        "replication_key_value": "2999-01-01T00:00:00+00:00",
                    }
                }
            },
            "future",
        ),
    ],
)
def test_state(state, hint):
    told(run_tap("confluence", {**SITE, **TOKEN}, state=state), "--state", hint)


def test_a_catalog_with_an_unknown_stream():
    entry = {"tap_stream_id": "nothing", "stream": "nothing", "schema": {}, "metadata": []}
    run = run_tap("confluence", {**SITE, **TOKEN}, catalog={"streams": [entry]})
    told(run, "--catalog", "nothing")


def test_a_server_that_answers_html(play):
    story = play(pages=5)
    story.sandbox.fault = lambda request, number: Fault.html()
    told(story.run("pages", status=1), "base_url", "HTML")


def test_a_server_without_tls(play):
    story = play(pages=5)
    secure = story.sandbox.url.replace("http", "https")
    run = story.run("pages", status=1, base_url=secure)
    told(run, "base_url")


def test_nothing_is_asked_before_the_settings_are_checked(play):
    story = play(pages=5)
    story.run("pages", status=1, access_token="another")
    assert story.sandbox.requests == []
