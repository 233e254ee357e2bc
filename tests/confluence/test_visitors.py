"""A site with anonymous access answers wrong credentials too, with what everybody may see."""

from __future__ import annotations

import pytest

from sandbox.faults import Fault
from sandbox.messages import Response

CURRENT = "/wiki/rest/api/user/current"
SCOPE = {"code": 401, "message": "Unauthorized; scope does not match"}


@pytest.fixture
def story(play):
    story = play(pages=40, spaces=3)
    public = next(iter(story.site.spaces.items.values()))
    story.site.permit(public, "access-class", "ANONYMOUS_USERS")
    story.vendor.anonymous_access = True
    return story


def asked_who(story):
    return [
        asked.status
        for asked in story.sandbox.requests
        if asked.path.endswith("/rest/api/user/current")
    ]


def test_visitors_see_what_is_public(story):
    """Else the tests below would prove nothing."""
    story.config["api_token"] = "expired"
    story.sandbox.fault = lambda request, number: (
        Fault.status(403) if request.path == CURRENT else None
    )
    answer = story.vendor.handle
    story.vendor.handle = lambda request: without_reason(answer(request))
    rows = story.run("spaces", "pages")
    assert len(rows.records("spaces")) == 1
    assert 0 < len(rows.records("pages")) < len(story.site.pages.items)


def without_reason(answer):
    answer.headers.pop("X-Seraph-LoginReason", None)
    return answer


@pytest.mark.parametrize("tells", ["both", "the user alone", "the header alone"])
def test_a_run_that_would_read_as_a_visitor_ends_before_any_row(story, tells):
    story.sync("spaces", "pages")
    before = story.state
    story.config["api_token"] = "expired"
    if tells == "the user alone":
        answer = story.vendor.handle
        story.vendor.handle = lambda request: without_reason(answer(request))
    if tells == "the header alone":
        story.sandbox.fault = lambda request, number: (
            Fault.status(404) if request.path == CURRENT else None
        )
    run = story.run("spaces", "pages", state=before, status=1)
    (error,) = run.errors
    assert "email and api_token: " in error
    assert "as to a visitor" in error
    assert run.of("RECORD") == run.of("ACTIVATE_VERSION") == []
    assert run.state == before
    assert story.has("pages", next(iter(story.site.pages.items.values())))


def test_the_connection_test_finds_it_too(story):
    story.config["api_token"] = "expired"
    run = story.run("spaces", status=1, arguments=["--test"])
    assert "as to a visitor" in run.errors[0]


@pytest.mark.parametrize("tells", ["both", "the user alone"])
def test_a_token_with_scopes_goes_on_through_the_gateway(story, tells):
    """And none of the rows that the site shows to visitors is taken for the user's."""
    if tells == "the user alone":
        answer = story.vendor.handle
        story.vendor.handle = lambda request: without_reason(answer(request))
    story.config["api_token"] = story.credentials.scoped_token
    story.config["gateway_url"] = story.sandbox.url
    run = story.run("spaces", "pages")
    assert "going on through the gateway" in run.stderr
    assert len(run.records("spaces")) == 3
    assert len(run.records("pages")) == len(story.site.pages.items)


def test_a_wrong_token_that_the_gateway_refuses_too(story):
    story.config["api_token"] = "expired"
    story.config["gateway_url"] = story.sandbox.url
    run = story.run("spaces", status=1)
    (error,) = run.errors
    assert "email and api_token" in error
    assert "and so did" in error
    assert run.of("RECORD") == []


@pytest.mark.parametrize("gateway", [False, True])
def test_it_is_asked_once_a_run(story, gateway):
    if gateway:
        token = story.credentials.service_token
        url = story.sandbox.url
        story.config = {"cloud_id": story.site.cloud_id, "gateway_url": url, "access_token": token}
    story.run("spaces", "pages", "labels", "page_labels")
    assert asked_who(story) == [200]


@pytest.mark.parametrize(
    "answer",
    [
        Response(401, SCOPE),
        Response(401, {"code": 401, "message": "Unauthorized"}),
        Response(403, {"message": "scope does not match"}),
        Response(403, {"message": "The user has no permission to use Confluence"}),
        Response(404, {"message": "No such operation"}),
        Response(410, None),
        Response(200, {"type": "known"}),
        Response(200, {}),
        Response(200, []),
    ],
)
def test_a_token_that_may_not_ask_is_no_visitors(story, answer):
    story.sandbox.fault = lambda request, number: (
        Fault("answer", answer) if request.path == CURRENT else None
    )
    run = story.run("spaces")
    assert len(run.records("spaces")) == 3
    assert len(asked_who(story)) <= 2
    assert "WARNING" not in run.stderr


def test_a_token_that_is_revoked_in_the_middle_ends_the_run(story):
    """The site goes on answering, as to a visitor."""
    known = story.vendor.credentials
    story.sandbox.fault = lambda request, number: (
        object.__setattr__(known, "api_token", "another") if number == 6 else None
    )
    run = story.run("spaces", "space_permissions", "space_properties", status=1)
    assert "as to a visitor" in run.errors[0]
    assert run.of("ACTIVATE_VERSION") == []


def test_nothing_is_asked_where_nothing_is_selected(story):
    story.run("none")
    assert story.sandbox.requests == []
