"""An OAuth application's tokens: made from a refresh token, renewed, and kept."""

import json

import pytest

from sandbox import Fault
from sandbox.gitbook import config
from tests.support import run_tap


@pytest.fixture
def log_in(reader):
    reader.vendor.log_in.leeway = 0
    return reader.vendor.log_in


@pytest.fixture
def app(reader, log_in, tmp_path):
    """Run the tap as the application."""
    settings = {
        "base_url": config(reader.sandbox.url)["base_url"],
        "auth_url": reader.sandbox.url,
        "client_id": "gb-app",
        "client_secret": "gb-secret-2c7d",
        "refresh_token": log_in.refresh_token,
        "oauth_token_file": str(tmp_path / "token.json"),
        "max_concurrency": 4,
    }

    def run(*select, **more):
        chosen = {name: value for name, value in {**settings, **more}.items() if value is not None}
        return run_tap("gitbook", chosen, select=list(select) or ["organizations", "spaces"])

    run.kept = tmp_path / "token.json"
    return run


def in_file(app):
    return json.loads(app.kept.read_text())["refresh_token"]


def test_an_application_reads_and_its_newest_refresh_token_is_kept(app, reader, log_in):
    run = app()
    assert run.status == 0, run.stderr
    assert run.records("spaces")
    assert in_file(app) == log_in.refresh_token
    asked = [asked for asked in reader.sandbox.requests if asked.path == "/token"]
    assert [each.headers["Content-Type"] for each in asked] == ["application/x-www-form-urlencoded"]
    assert "Authorization" not in asked[0].headers
    log_in.expire()
    assert app().status == 0
    assert (log_in.issued, log_in.reused) == (2, 0)
    assert in_file(app) == log_in.refresh_token


def test_a_token_that_ends_in_the_middle_is_renewed_once(app, reader, log_in):
    reader.sandbox.latency = 0.02
    reader.sandbox.fault = lambda request, number: log_in.expire() if number == 6 else None
    run = app("organizations", "spaces", "org_members", "teams", "sites", "collections")
    assert run.status == 0, run.stderr
    assert log_in.issued == 2
    refused = [asked for asked in reader.sandbox.requests if asked.status == 401]
    assert 1 <= len(refused) <= 4


def test_a_refresh_token_that_is_not_replaced_stays_the_one(app, reader, log_in):
    """The contract tells nothing of rotation."""

    def keep(request, number):
        if request.path != "/token":
            return None
        answer = log_in.token(request)
        log_in.refresh_token = given
        return Fault("answer", type(answer)(200, {**answer.body, "refresh_token": None}))

    given = log_in.refresh_token
    reader.sandbox.fault = keep
    for _ in range(2):
        assert app().status == 0
        log_in.expire()
    assert in_file(app) == given


def test_a_public_application_has_no_secret(app, reader, log_in):
    log_in._client = ("gb-app", None)
    assert app(client_secret=None).status == 0


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"refresh_token": "used-up-long-ago"}, "refresh_token: "),
        ({"client_secret": "not-the-secret"}, "client_secret: "),
        ({"refresh_token": None}, "refresh_token: it is not set"),
        ({"client_id": None}, "client_id: it is not set"),
        ({"access_token": "gb_api_x"}, "two kinds of credentials"),
        ({"auth_url": "http://oauth.gitbook.com"}, "auth_url: http would send"),
        (
            {"client_id": None, "refresh_token": None, "client_secret": None},
            "access_token: no credentials are set",
        ),
        (
            {"client_id": None, "refresh_token": None, "access_token": "gb_api_x"},
            "client_secret: it needs client_id",
        ),
        (
            {
                "client_id": None,
                "refresh_token": None,
                "client_secret": None,
                "access_token": "Bearer gb_api_x",
            },
            "access_token: write the token alone",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_line(app, settings, told):
    run = app(**settings)
    assert run.status == 1
    (error,) = run.errors
    assert told in error
