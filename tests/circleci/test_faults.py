"""Faults of the network, of the vendor, and of the machine: nothing is lost, and all is told."""

import json
import re
import time

import pytest

from sandbox import Fault
from sandbox.circleci import generate
from tests.circleci.conftest import BUILDS, DAY, DETAILS, NOW


def every(number, *faults):
    """Let every so many requests meet one of the faults, in turn."""

    def fault(request, count):
        return faults[count // number % len(faults)]() if count % number == 0 else None

    return fault


def test_faults_of_all_kinds_cost_nothing(play):
    read = play()
    read.sandbox.fault = every(
        *(7, Fault.reset, Fault.truncate, Fault.malformed, Fault.html),
        *(lambda: Fault.status(503), lambda: Fault.status(500)),
        lambda: Fault.rate_limited(0),
    )
    assert read(*DETAILS).status == 0
    assert read.differences() == []


@pytest.mark.parametrize("is_moment", [False, True])
def test_a_rate_limit_without_retry_after_is_waited_for(play, is_moment):
    read = play()
    reset = time.time() + 3 if is_moment else 1
    limited = Fault.rate_limited(None, {"X-RateLimit-Reset": f"{reset:.0f}"})
    read.sandbox.fault = lambda request, count: limited if count == 5 else None
    assert read().status == 0
    assert re.search(r"all requests wait [0-4]\.\d s", read.run.stderr)
    assert read.differences() == []


def test_a_wait_beyond_max_wait_is_told(play):
    read = play()
    read.sandbox.fault = lambda request, count: Fault.rate_limited(3600) if count > 5 else None
    run = read(max_wait=10)
    assert run.status == 1
    assert "max_wait" in run.stderr


def test_a_stream_that_fails_keeps_its_bookmark_and_others_go_on(play):
    read = play()
    read()
    read.later()
    workflow = read.world.new_pipeline(workflows=["build"]).workflows[0]
    read.later(60)
    broken = f"/api/v2/workflow/{workflow.row['id']}/job"
    refused = Fault.status(422)
    read.sandbox.fault = lambda request, count: refused if request.path == broken else None
    run = read(*BUILDS, "me")
    assert run.status == 1
    assert run.records("me") != []
    assert run.records("workflows") != []
    assert "jobs" in run.errors[0]
    read.sandbox.fault = None
    read.world.finish(workflow)
    read.later()
    assert read(*BUILDS).status == 0
    assert read.differences() == []


def test_a_page_token_that_leads_back_is_an_error_and_no_endless_loop(play):
    read = play(pipelines=90)
    first = []

    def fault(request, count):
        if request.path.endswith("/service-1/pipeline") and request.first("page-token"):
            first.append(request)
            again = {"items": [], "next_page_token": request.first("page-token")}
            return Fault.status(200, body=again)
        return None

    read.sandbox.fault = fault
    run = read("pipelines")
    assert run.status == 1
    assert len(first) < 5
    assert "a next page was one that had been read" in run.stderr


@pytest.mark.parametrize("after", [3, 40, 120])
def test_killed_at_any_moment_a_run_resumes_from_its_last_state(play, after):
    read = play(pipelines=30)
    read.sandbox.latency = 0.005
    process = read.start(*DETAILS)

    def kill(request, count):
        if count == after:
            process.kill()

    read.sandbox.fault = kill
    killed = process.wait()
    assert killed.status != 0
    read.sandbox.fault = None
    read.sandbox.latency = 0
    read.tables = killed.load()
    read.state = killed.state or None
    read.later()
    assert read(*DETAILS).status == 0
    assert read.differences() == []


@pytest.mark.parametrize("status", [403, 404, 500])
@pytest.mark.parametrize("what", ["workflows", "jobs", "tests"])
def test_what_a_new_run_is_denied_once_is_read_by_the_next(play, what, status):
    read = play()
    read(*BUILDS, *DETAILS)
    read.later()
    workflow = read.world.new_pipeline(workflows=["build"]).workflows[0]
    read.later(3600)
    read.world.finish(workflow)
    number = next(job["job_number"] for job in workflow.jobs if job.get("job_number"))
    broken = {
        "workflows": f"/pipeline/{workflow.row['pipeline_id']}/workflow",
        "jobs": f"/workflow/{workflow.row['id']}/job",
        "tests": f"/{number}/tests",
    }[what]
    read.sandbox.fault = lambda request, count: (
        Fault.status(status) if request.path.endswith(broken) else None
    )
    read(*BUILDS, *DETAILS)
    assert "unread" in json.dumps(read.run.state)
    read.sandbox.fault = None
    read.later(7 * 24 * 3600)  # Older than the look-back
    assert read(*BUILDS, *DETAILS).status == 0
    assert read.differences() == []


@pytest.mark.parametrize("what", ["workflow", "job"])
def test_what_a_first_run_is_denied_once_is_read_whole_while_it_is_in_the_look_back(play, what):
    read = play()
    pipeline = max(read.world.pipelines.values(), key=lambda each: each.row["created_at"])
    above = pipeline.row if what == "workflow" else pipeline.workflows[0].row
    read.sandbox.fault = lambda request, count: (
        Fault.status(403) if request.path.endswith(f"/{above['id']}/{what}") else None
    )
    read(*BUILDS, *DETAILS)
    assert read.differences() != []
    read.sandbox.fault = None
    read.later()
    read(*BUILDS, *DETAILS)
    assert read.differences() == []
    assert "unread" not in json.dumps(read.state)
    assert len(read.asked(f"/{above['id']}/{what}")) == 1


@pytest.fixture
def broken(play):
    """A project of 45 pipelines, of which three neighbours break each answer that they are in."""
    read = play(generate(1, now=NOW, projects=1, pipelines=45))
    read.hurry()
    read.broken = set(range(21, 24))
    numbers = {p.row["id"]: p.row["number"] for p in read.world.pipelines.values()}

    def fault(request, _):
        last = request.path.rpartition("/")[2]
        is_one = "/pipeline/" in request.path and last.isdigit()
        if is_one and int(last) in read.broken:
            return Fault.status(500)
        if request.path.endswith("service-1/pipeline"):
            told = read.vendor.handle(request)
            rows = json.loads(told.encoded())["items"]
            if {numbers[row["id"]] for row in rows} & read.broken:
                return Fault.status(500)
        return None

    read.sandbox.fault = fault
    return read


ONE = {"project_slugs": ["gh/acme/service-1"]}


def test_pipelines_that_break_their_page_cost_themselves(broken):
    run = broken(*BUILDS, **ONE)
    assert run.status == 1
    assert {row["number"] for row in run.records("pipelines")} == set(range(1, 46)) - broken.broken
    assert "/project/gh/acme/service-1/pipeline/22 breaks each answer that it is in" in run.stderr
    assert "LOST: /project/gh/acme/service-1/pipeline/23" in run.stderr
    assert len(run.records("jobs")) == 6 * 42


def test_they_are_asked_for_again_and_nothing_else_is_written_twice(broken):
    broken(*BUILDS, **ONE)
    broken.later(10 * DAY)
    run = broken(*BUILDS, **ONE)
    assert run.status == 1
    assert run.of("RECORD") == []
    broken.broken = {22}
    broken.later(60)
    broken(*BUILDS, **ONE)
    assert {row["number"] for row in broken.run.records("pipelines")} == {21, 23}
    broken.broken = set()
    broken.later(60)
    assert broken(*BUILDS, **ONE).status == 0
    assert broken.differences() == []


def test_a_list_that_fails_in_the_middle_is_not_gone_through_by_number_for_ever(play):
    read = play(generate(1, now=NOW, projects=1, pipelines=70))
    read.hurry()
    read.sandbox.fault = lambda request, _: (
        Fault.status(500)
        if request.query.get("page-token") or "/pipeline/" in request.path
        else None
    )
    run = read("pipelines", **ONE)
    assert run.status == 1
    assert len(run.records("pipelines")) == 20
    assert len([path for path in read.asked() if "/pipeline/" in path]) <= 2 * 20
