"""Whatever goes wrong on the way, nothing is lost, and a later run goes on from where one ended."""

import random
import time
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.faults import Fault
from sandbox.messages import Response
from tests.confluence.story import CONTENT

SIZES = {"pages": 600, "blog_posts": 40, "attachments": 60, "footer_comments": 80}


def soon():
    """A moment that is a second away, as X-RateLimit-Reset tells it."""
    moment = datetime.now(UTC) + timedelta(seconds=1)
    return {"X-RateLimit-Reset": f"{moment:%Y-%m-%dT%H:%M:%S}Z"}


FAULTS = {
    "500": lambda: Fault.status(500),
    "502": lambda: Fault.status(502),
    "503 and when": lambda: Fault.status(503, {"Retry-After": "1"}),
    "504": lambda: Fault.status(504),
    "429 and when": lambda: Fault.rate_limited(1),
    "429 and a reset": lambda: Fault.rate_limited(None, soon()),
    "429": lambda: Fault.rate_limited(None),
    "reset": Fault.reset,
    "half a body": Fault.truncate,
    "no JSON": Fault.malformed,
    "slow": lambda: Fault.slow(0.5),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_now_and_then_loses_and_doubles_nothing(play, name):
    story = play(**SIZES)
    story.sandbox.fault = lambda request, number: FAULTS[name]() if number % 5 == 2 else None
    run = story.sync(*CONTENT, "groups", "group_members")
    assert story.differences(*CONTENT, "groups", "group_members") == {}
    for stream in CONTENT:
        assert len(run.records(stream)) == len(story.tables[stream])


def test_a_busy_site_is_left_alone_until_the_moment_it_names(play):
    story = play(pages=5)
    named = []

    def busy(request, number):
        if number > 1:
            return None
        named.append(datetime.now(UTC) + timedelta(seconds=1.5))
        return Fault.rate_limited(None, {"X-RateLimit-Reset": named[0].isoformat()})

    story.sandbox.fault = busy
    story.sync("pages", max_concurrency=1)
    first, second, *_ = story.sandbox.requests
    assert 1.3 < second.started - first.started < 10


def test_cursors_that_go_round_are_an_error_and_not_an_endless_loop(play):
    story = play(pages=30)
    links = ["a", "b", "c", "a", "b", "c", "a"]
    story.sandbox.fault = lambda request, number: (
        Fault(
            "answer",
            Response(
                200,
                {"results": [], "_links": {"next": f"/wiki/api/v2/labels?cursor={links[number]}"}},
            ),
        )
        if request.path.endswith("/labels") and number < len(links)
        else None
    )
    run = story.run("labels", status=1)
    assert "labels" in run.errors[0]
    assert len(story.sandbox.requests) <= 5


def test_a_next_page_that_nothing_leads_to_is_an_error_and_not_the_end(play):
    story = play(pages=30)

    def cut(request, number):
        answer = story.vendor.handle(request)
        answer.body["_links"]["next"] = "/wiki/api/v2/labels?page=2"
        return Fault("answer", answer)

    story.sandbox.fault = cut
    run = story.run("labels", status=1)
    assert "without a cursor" in run.errors[0]
    assert run.of("ACTIVATE_VERSION") == []


ODD_SEARCHES = {
    "no body": b"",
    "no list": {"results": None},
    "round in circles": {"results": [], "_links": {"next": "/rest/api/search?cursor=again"}},
}


@pytest.mark.parametrize("body", ODD_SEARCHES.values(), ids=ODD_SEARCHES)
def test_an_odd_search_costs_its_stream_alone(play, body):
    story = play(pages=30)
    story.sandbox.fault = lambda request, number: (
        Fault("answer", Response(200, body)) if request.path.endswith("/search") else None
    )
    run = story.run("whiteboards", "spaces", status=1)
    assert run.errors[0].count("whiteboards: ") == 1
    assert "/search" in run.errors[0]
    assert run.records("spaces")
    assert story.sandbox.count("/wiki/rest/api/search") < 10


def test_the_next_page_may_stand_in_the_header_alone(play):
    story = play(pages=600)
    story.sandbox.fault = lambda request, number: without_links(story, request)
    story.sync("pages")
    assert story.differences("pages") == {}


def without_links(story, request):
    answer = story.vendor.handle(request)
    if answer.body.pop("_links", {}).get("next"):
        assert 'rel="next"' in answer.headers["Link"]
    return Fault("answer", answer)


def test_a_short_or_empty_page_of_api_v1_is_not_the_last(play):
    story = play(users=900, groups=3, pages=5)
    story.site.hides_rows = True
    story.sync("groups", "group_members")
    assert story.differences("groups", "group_members") == {}
    assert story.sandbox.count("/wiki/rest/api/group/") > len(story.site.groups) * 2


def test_a_stale_cursor_begins_the_list_anew(play):
    story = play(pages=900)
    refused = []

    def fault(request, number):
        if "cursor" in request.query and not refused:
            refused.append(number)
            return Fault.status(400)
        return None

    story.sandbox.fault = fault
    story.sync("pages")
    assert refused
    assert story.differences("pages") == {}
    story.sync("pages")
    assert story.asked("/pages") == 2  # What was archived was counted once


@pytest.mark.parametrize("seed", range(30))
def test_a_run_that_is_killed_is_completed_by_the_next(play, seed):
    story = play(pages=700, blog_posts=100, attachments=300, footer_comments=300, spaces=3)
    randomness = random.Random(seed)
    streams = (*CONTENT, "spaces", "space_permissions", "users")
    kill_at = randomness.randint(1, 35)
    story.sandbox.latency = 0.01
    process = story.start(*streams)
    while len(story.sandbox.requests) < kill_at and not process.is_over:
        time.sleep(0.001)
    process.kill()
    killed = process.wait()
    killed.load(story.tables)
    story.state = killed.state or None
    story.sandbox.latency = 0
    story.site.campaign(randomness, 5, deletes=False)
    story.sync(*streams)
    assert story.differences(*CONTENT, "spaces") == {}
    mentioned = {row["author_id"] for row in story.tables["pages"].values()}
    assert {(of,) for of in mentioned} <= story.tables["users"].keys()


def test_an_interrupted_first_sync_goes_on_where_it_stopped(play):
    story = play(pages=3000)
    story.sandbox.latency = 0.35
    process = story.start("pages")
    while len(story.sandbox.requests) < 10:
        time.sleep(0.01)
    process.kill()
    killed = process.wait()
    killed.load(story.tables)
    story.state = killed.state
    assert "replication_key_value" in story.state["bookmarks"]["pages"]
    story.site.campaign(random.Random(1), 20, deletes=False)
    story.sandbox.latency = 0
    story.sync("pages")
    assert story.differences("pages") == {}
    assert story.asked("/pages") < 12 + 12  # And all ids, to know what goes from now on
