"""Workflows that had not ended when they were seen are seen again, however old they are."""

from datetime import timedelta

import pytest

from sandbox import Fault
from sandbox.circleci.model import iso, moment
from tests.circleci.conftest import BUILDS, DAY, DETAILS


@pytest.fixture(params=["lookback", "insights"])
def read(play, request):
    """A world in which a workflow waits for an approval, which was read; ten days ago."""
    read = play()
    read.waiting = read.world.hold(read.world.new_pipeline(workflows=[]))
    read.later(60)
    read.detection = {"rerun_detection": request.param}
    read(*DETAILS, **read.detection)
    read.later(10 * DAY)
    read(*DETAILS, **read.detection)
    read.later(10 * DAY)
    return read


def remembered(read):
    partitions = read.state["bookmarks"]["pipelines"].get("partitions", ())
    return [workflow for part in partitions for workflow in part.get("open", ())]


def approve(read):
    read.world.approve(read.waiting)
    read.later(60)
    read.world.finish(read.waiting)
    read.later(60)


def test_an_old_workflow_that_waits_costs_one_request(read):
    read(*DETAILS, **read.detection)
    workflow = f"/workflow/{read.waiting.row['id']}"
    assert [path for path in read.asked() if "/workflow/" in path] == [workflow]
    assert read.differences() == []


def test_its_end_is_read_with_its_jobs(read):
    approve(read)
    read(*DETAILS, **read.detection)
    assert read.differences() == []
    read.later()
    read(*DETAILS, **read.detection)
    assert read.run.of("RECORD") == []
    assert remembered(read) == []


def test_a_filter_of_pipelines_lets_it_through_again(read):
    approve(read)
    maps = {"pipelines": {"__filter__": "vcs['branch'] == 'main'"}}
    assert read(*DETAILS, **read.detection, stream_maps=maps).status == 0
    assert read.differences() == []


def test_its_end_is_read_once_its_jobs_can_be_read(read):
    approve(read)
    refused = Fault.status(422)
    read.sandbox.fault = lambda request, _: refused if request.path.endswith("/job") else None
    assert read(*DETAILS, **read.detection).status == 1
    read.sandbox.fault = None
    read.later(10 * DAY)
    assert read(*DETAILS, **read.detection).status == 0
    assert read.differences() == []


def test_its_end_is_read_though_the_list_of_another_project_fails(read):
    approve(read)
    project = read.waiting.row["project_slug"]
    read.sandbox.fault = lambda request, _: (
        Fault.status(422)
        if request.path.endswith("/pipeline") and project not in request.path
        else None
    )
    assert read(*DETAILS, **read.detection).status == 1
    assert read.tables["workflows"][read.waiting.row["id"],]["status"] == "success"


def test_one_that_is_denied_is_no_reason_to_miss_its_project(read):
    read.sandbox.fault = lambda request, _: (
        Fault.status(403) if "/workflow/" in request.path else None
    )
    run = read(*BUILDS, **read.detection)
    assert run.status == 0
    assert "not found" not in run.stderr


def test_it_is_forgotten_when_it_is_gone(read):
    read.world.age_out(read.waiting.pipeline)
    run = read(*BUILDS, **read.detection)
    assert run.status == 0
    assert f"{read.waiting.row['id']} is gone" in run.stderr
    assert remembered(read) == []


def test_it_is_forgotten_after_three_months(read):
    assert remembered(read) == [read.waiting.row["id"]]
    read.later(80 * DAY)
    read(*BUILDS, **read.detection)
    assert remembered(read) == []


def test_the_newest_fifty_are_remembered(play):
    read = play()
    held = [read.world.hold(read.world.new_pipeline(workflows=[])) for _ in range(60)]
    for number, workflow in enumerate(held):
        workflow.row["created_at"] = iso(read.world.now + timedelta(seconds=number))
    read.later()
    read(*BUILDS)
    assert remembered(read) == [workflow.row["id"] for workflow in held[:9:-1]]


def test_workflows_of_which_a_run_that_ends_early_wrote_no_row_are_asked_for_again(play):
    read = play()
    streams = ("pipelines", "workflows")
    held = [read.world.hold(read.world.new_pipeline(workflows=[])) for _ in range(3)]
    for _ in range(2):
        read(*streams)
        read.later(10 * DAY)
    for workflow in held:
        read.world.finish(workflow)
    first, second, _ = (f"/api/v2/workflow/{workflow}" for workflow in remembered(read))
    # The last one is there before the first, and the run ends when that is written
    faults = {first: [Fault.slow(0.5)], second: [Fault.status(401)] * 9}
    read.sandbox.fault = lambda request, _: (faults.get(request.path) or [None]).pop()
    assert read(*streams).status == 1
    read.sandbox.fault = None
    assert read(*streams).status == 0
    assert read.differences() == []
    assert remembered(read) == []


@pytest.mark.parametrize("is_seen_before", [True, False])
def test_a_job_that_outlasts_its_canceled_workflow_is_read_to_its_end(play, is_seen_before):
    read = play()
    read(*DETAILS)
    workflow = read.world.new_pipeline(workflows=["build"]).workflows[0]
    read.later(60)
    if is_seen_before:
        read(*DETAILS)
    read.world.cancel(workflow)
    workflow.jobs[0].update(status="running", stopped_at=None)
    read.later(60)
    read(*DETAILS)
    assert remembered(read) == [workflow.row["id"]]
    workflow.jobs[0].update(status="canceled", stopped_at=iso(read.world.now))
    read.later(10 * DAY)
    read(*DETAILS)
    assert read.differences() == []
    assert remembered(read) == []


def test_ends_that_a_filter_leaves_out_are_not_waited_for(play):
    read = play()
    read.world.new_pipeline()
    settings = {"stream_maps": {"workflows": {"__filter__": "status != 'success'"}}}
    read(*BUILDS, **settings)
    assert len(remembered(read)) == 2
    for workflow in read.world.unfinished:
        read.world.finish(workflow)
    read.later()
    read(*BUILDS, **settings)
    assert remembered(read) == []


def test_an_end_that_is_reported_late_is_read(play):
    read = play()
    workflow = read.world.new_pipeline(workflows=["build"]).workflows[0]
    read.later()
    read.world.finish(read.world.new_pipeline(workflows=["build"]).workflows[0])
    read.later()
    read(*BUILDS)
    read.world.finish(workflow)
    workflow.row["stopped_at"] = iso(moment(workflow.row["created_at"]) + timedelta(seconds=60))
    read.later()
    read(*BUILDS)
    assert read.differences() == []


def test_a_status_tells_more_than_the_time_of_an_end(play):
    read = play()
    workflow = read.world.new_pipeline(workflows=["build"]).workflows[0]
    workflow.row["stopped_at"] = iso(read.world.now)
    read.later()
    for status in ("failing", "on_hold", "failed"):
        workflow.row["status"] = status
        workflow.jobs[-1]["status"] = "failed" if status == "failed" else "blocked"
        read.later()
        read(*BUILDS)
        assert read.differences() == []
