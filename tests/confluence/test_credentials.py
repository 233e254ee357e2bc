"""Every kind of credentials opens the site; each goes only where it belongs."""

import json
import stat

import pytest

from rest_tap.http.token_file import TokenFile, Tokens
from sandbox.faults import Fault
from sandbox.messages import Response


@pytest.fixture
def story(play):
    return play(pages=300, spaces=2)


def only(story, **credentials):
    """Settings with these credentials alone."""
    kept = {"base_url": story.config["base_url"]}
    story.config = {**kept, **credentials}
    return story


def through_gateway(story, **credentials):
    url = story.config["base_url"].removesuffix("/wiki")
    story.config = {"cloud_id": story.site.cloud_id, "gateway_url": url, "auth_url": url}
    story.config |= credentials
    return story


def bears(story, path):
    """Whether requests to a path had an Authorization header."""
    return {
        "Authorization" in asked.headers
        for asked in story.sandbox.requests
        if asked.path.startswith(path)
    }


@pytest.mark.parametrize("suffix", ["", "/", "/wiki", "/wiki/"])
def test_a_classic_token_on_the_site_however_its_address_is_written(story, suffix):
    story.config["base_url"] = story.sandbox.url + suffix
    assert len(story.run("spaces").records("spaces")) == 2


def test_a_token_with_scopes_finds_the_gateway_by_itself(story):
    story.config["api_token"] = story.credentials.scoped_token
    story.config["gateway_url"] = story.sandbox.url
    run = story.sync("spaces", "pages", "groups")
    assert "going on through the gateway" in run.stderr
    assert story.differences("spaces", "pages", "groups") == {}
    looked_up = [a for a in story.sandbox.requests if a.path == "/_edge/tenant_info"]
    assert len(looked_up) == 1
    assert bears(story, "/_edge") == {False}
    refused = [asked for asked in story.sandbox.requests if asked.status == 401]
    assert len(refused) <= 2 * 8  # At most what was under way when the first was refused, twice


@pytest.mark.parametrize("fault", [Fault.status(503), Fault.rate_limited(), Fault.reset()])
def test_a_hiccup_on_the_way_to_the_gateway_is_waited_for(story, fault):
    story.config["api_token"] = story.credentials.scoped_token
    story.config["gateway_url"] = story.sandbox.url
    hiccups = iter([fault])
    story.sandbox.fault = lambda request, number: (
        next(hiccups, None) if request.path == "/_edge/tenant_info" else None
    )
    assert story.run("spaces").records("spaces")


def test_a_cloud_id_that_cannot_be_had_is_not_blamed_on_the_credentials(story):
    story.config["gateway_url"] = story.sandbox.url
    story.config["api_token"] = story.credentials.scoped_token
    story.sandbox.fault = lambda request, number: (
        Fault.status(404) if request.path == "/_edge/tenant_info" else None
    )
    (error,) = story.run("spaces", status=1).errors
    assert "tells no cloud id (404" in error
    assert "Set cloud_id" in error


def test_a_wrong_token_is_refused_by_both_and_the_run_says_so(story):
    story.config["api_token"] = "none-of-the-known"
    story.config["gateway_url"] = story.sandbox.url
    run = story.run("spaces", status=1)
    (error,) = run.errors
    assert "email and api_token" in error
    assert "and so did" in error
    assert "Traceback" not in run.stderr


def test_a_wrong_token_on_a_site_without_a_gateway(story):
    story.config["api_token"] = "none-of-the-known"
    run = story.run("spaces", status=1)
    (error,) = run.errors
    assert "refused them (401)" in error
    assert story.sandbox.count("/_edge") == 0


def test_a_service_account_goes_through_the_gateway(story):
    through_gateway(story, access_token=story.credentials.service_token)
    assert len(story.run("pages").records("pages")) == len(story.site.pages.items)


def oauth(story, **more):
    known = story.credentials
    client = {"client_id": known.client_id, "client_secret": known.client_secret}
    return through_gateway(story, **client, **more)


def test_client_credentials(story):
    oauth(story)
    assert len(story.run("pages").records("pages")) == len(story.site.pages.items)
    assert story.vendor.authority.issued == 1


def test_a_refused_client_is_told(story):
    oauth(story)
    story.config["client_id"] = "nobody"
    (error,) = story.run("pages", status=1).errors
    assert "client_secret" in error
    assert "access_denied" in error


def test_a_token_that_expires_in_the_middle_is_renewed_once_for_all_threads(story):
    oauth(story)
    authority = story.vendor.authority
    story.sandbox.latency = 0.02
    story.sandbox.fault = lambda request, number: authority.expire() if number == 12 else None
    run = story.sync("pages", "labels", "page_labels", "spaces", "space_permissions")
    assert story.differences("pages", "labels", "page_labels", "spaces") == {}
    refused = [asked for asked in story.sandbox.requests if asked.status == 401]
    assert 1 <= len(refused) <= 8
    assert authority.issued == 2
    assert not run.errors


def test_a_token_that_lives_shortly_is_used_for_half_of_its_life(story):
    oauth(story)
    story.vendor.authority.lifetime = 60
    story.run("pages", "spaces", "space_permissions")
    assert story.vendor.authority.issued == 1


def test_a_missing_scope_is_no_reason_for_another_token(story):
    oauth(story)
    refusal = Response(401, {"code": 401, "message": "Unauthorized; scope does not match"})
    story.sandbox.fault = lambda request, number: (
        Fault("answer", refusal) if "/permissions" in request.path else None
    )
    run = story.run("spaces", "space_permissions", status=1)
    assert "read:space:confluence" in run.stderr
    assert [asked.status for asked in story.sandbox.requests].count(401) <= 2  # One a space
    assert "skipped" not in run.stderr  # For it is so for all spaces, as the first one tells
    assert story.vendor.authority.issued == 1


def test_refresh_tokens_rotate_and_the_newest_is_kept(story, tmp_path):
    kept = tmp_path / "token.json"
    authority = story.vendor.authority
    oauth(story, refresh_token=authority.refresh_token, oauth_token_file=str(kept))
    story.sandbox.fault = lambda request, number: authority.expire() if number == 3 else None
    given = authority.refresh_token
    for _ in range(2):
        story.run("pages", "spaces", "labels")
    assert authority.refresh_token != given
    assert json.loads(kept.read_text())["refresh_token"] == authority.refresh_token
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob(".token*")] == []


def test_a_new_refresh_token_in_the_settings_wins_over_the_kept_one(story, tmp_path):
    kept = tmp_path / "token.json"
    file = TokenFile(str(kept), "the token of last year")
    file.rehearse(Tokens("its successor"))
    authority = story.vendor.authority
    oauth(story, refresh_token=authority.refresh_token, oauth_token_file=str(kept))
    story.run("spaces")
    assert json.loads(kept.read_text())["refresh_token"] == authority.refresh_token


def test_a_used_refresh_token_is_told_with_what_to_do(story):
    oauth(story, refresh_token="used-before")
    (error,) = story.run("spaces", status=1).errors
    assert "refresh_token" in error
    assert "oauth_token_file" in error
    assert "used-before" not in error


def test_a_busy_token_endpoint_is_asked_again(story):
    oauth(story)
    answers = iter([Fault.status(503), Fault.rate_limited(), Fault.reset()])
    story.sandbox.fault = lambda request, number: (
        next(answers, None) if request.path == "/oauth/token" else None
    )
    assert story.run("spaces").records("spaces")


def test_credentials_stay_at_home_when_a_redirect_leads_away(story, play):
    other = play(pages=1, spaces=1)
    there = f"{other.sandbox.url.replace('127.0.0.1', 'localhost')}/wiki/api/v2/spaces"
    story.sandbox.fault = lambda request, number: Fault(
        "answer", Response(302, None, {"Location": there})
    )
    story.run("spaces", status=1)
    assert other.sandbox.requests == []
