"""`rerun_detection: insights`: few requests where the look-back holds many pipelines."""

from datetime import timedelta

import pytest

from sandbox import Fault
from sandbox.circleci import generate
from tests.circleci.conftest import DAY, HOUR, NOW

SETTINGS = {"rerun_detection": "insights"}


@pytest.fixture
def read(play):
    """A world whose pipelines are young enough for the look-back, and have been read."""
    read = play(generate(1, now=NOW, pipelines=90, gap=timedelta(minutes=30)))
    read.later(2 * HOUR)  # Pipelines of the last hour are looked at in any case
    read(**SETTINGS)
    read.later(2 * HOUR)
    return read


def test_nothing_new_costs_a_request_a_project_and_one_for_twenty_runs_of_a_name(read):
    read(**SETTINGS)
    assert len(read.asked("/pipeline")) == 3
    assert len(read.asked("/workflows")) == 3  # The names in each project
    assert len(read.asked()) == 3 + 3 + 3 * 2 * 2  # Two names a project, 30 runs of each
    assert read.run.of("RECORD") == []


def test_a_rerun_that_has_ended_is_found(read):
    old = list(read.world.pipelines.values())[30]
    rerun = read.world.rerun(old.workflows[1], from_failed=True)
    read.later(HOUR)
    read.world.finish(rerun)
    read.later(60)
    read(**SETTINGS)
    assert read.ids("workflows") == [w.row["id"] for w in old.workflows]
    assert rerun.row["id"] in {job["workflow_id"] for job in read.run.records("jobs")}
    assert read.ids("pipelines") == []
    assert read.differences() == []
    read.later()
    read(**SETTINGS)
    assert read.differences() == []


def test_a_rerun_that_still_runs_is_found_when_it_ends(read):
    old = list(read.world.pipelines.values())[30]
    rerun = read.world.rerun(old.workflows[0])
    read.later(HOUR)
    read(**SETTINGS)
    assert rerun.row["id"] not in read.ids("workflows")
    read.later(10 * HOUR)
    read.world.finish(rerun)
    read.later(60)
    read(**SETTINGS)
    assert rerun.row["id"] in read.ids("workflows")
    assert read.differences() == []


def test_a_rerun_that_insights_list_late_is_read(read):
    read.world.insights_take = timedelta(minutes=30)
    rerun = read.world.rerun(list(read.world.pipelines.values())[30].workflows[0])
    read.later(60)
    read.world.finish(rerun)
    read.later(60)
    read(**SETTINGS)
    assert read.ids("workflows") == []
    read.later(HOUR)
    read(**SETTINGS)
    assert rerun.row["id"] in read.ids("workflows")
    assert read.differences() == []


def test_the_workflows_of_new_pipelines_are_not_asked_for_twice(read):
    for _ in range(5):
        pipeline = read.world.new_pipeline()
        read.later(300)
        for workflow in pipeline.workflows:
            read.world.finish(workflow)
    read.later(60)
    read(**SETTINGS)
    assert len(read.asked("/workflow")) == 5
    assert [
        path for path in read.asked() if path.startswith("/workflow/") and "job" not in path
    ] == []
    assert read.differences() == []


def test_only_branches_of_the_settings_are_read(read):
    settings = {**SETTINGS, "branches": ["feature/login"]}
    read.state = read.tables = None
    read(**settings)
    read.later()
    for pipeline in list(read.world.pipelines.values())[20:40]:
        read.world.finish(read.world.rerun(pipeline.workflows[0]))
    read.later(60)
    read(**settings)
    branches = {
        read.world.pipelines[w["pipeline_id"]].branch for w in read.run.records("workflows")
    }
    assert branches == {"feature/login"}


def test_projects_of_an_organization_are_those_that_were_ever_seen(read):
    settings = {**SETTINGS, "project_slugs": None, "org_slugs": ["gh/acme"]}
    read.state = read.tables = None
    read(**settings)
    old = list(read.world.pipelines.values())[30]
    read.later(DAY)
    rerun = read.world.rerun(old.workflows[0])
    read.later(HOUR)
    read.world.finish(rerun)
    read.later(60)
    read(**settings)
    assert rerun.row["id"] in read.ids("workflows")
    assert len(read.state["bookmarks"]["projects"]["slugs"]) == 3
    assert read.differences() == []


def test_insights_that_are_forbidden_are_told(read):
    read.vendor.denied["/insights/gh/acme/service-2"] = 403
    run = read(**SETTINGS)
    assert run.status == 1
    assert "gh/acme/service-2 cannot be read" in run.stderr


def ended_rerun(read, number=30):
    """Rerun a workflow of an old pipeline, and let it end."""
    rerun = read.world.rerun(list(read.world.pipelines.values())[number].workflows[1])
    read.later(60)
    read.world.finish(rerun)
    read.later(60)
    return rerun.row["id"]


def test_a_later_name_that_is_forbidden_is_told_and_its_reruns_are_found_later(read):
    rerun = ended_rerun(read)
    names = []

    def deny_the_second(request, _):
        if "/insights/gh/acme/service-1/workflows/" not in request.path:
            return None
        if request.path not in names:
            names.append(request.path)
        return Fault.status(403) if request.path != names[0] else None

    read.sandbox.fault = deny_the_second
    run = read(**SETTINGS)
    assert run.status == 1
    assert "reruns_slug gh/acme/service-1" in run.stderr
    assert "after rows of the same list had been read" in run.stderr
    read.sandbox.fault = None
    read.later(HOUR)
    assert read(**SETTINGS).status == 0
    assert rerun in {workflow for (workflow,) in read.tables["workflows"]}
    assert read.differences() == []


@pytest.mark.parametrize("chosen", [{}, {"project_slugs": None, "org_slugs": ["gh/acme"]}])
def test_reruns_are_found_though_the_first_look_at_insights_is_refused(play, chosen):
    settings = {**SETTINGS, **chosen}
    read = play(generate(1, now=NOW, pipelines=90, gap=timedelta(minutes=30)))
    read.later(2 * HOUR)
    read(**settings)
    read.later(2 * HOUR)
    rerun = ended_rerun(read)
    read.later(DAY)
    read.vendor.denied["/insights/gh/acme/service-1"] = 403
    run = read(**settings)
    assert run.status == 1
    assert "gh/acme/service-1 cannot be read" in run.stderr
    read.vendor.denied.clear()
    read.later(DAY)
    assert read(**settings).status == 0
    assert rerun in read.ids("workflows")
    assert read.differences() == []


def test_a_project_without_insights_has_no_reruns(read):
    read.vendor.denied["/insights/gh/acme/service-2"] = 404
    assert read(**SETTINGS).status == 0


def test_a_workflow_without_runs_in_insights_costs_no_other(read):
    read.vendor.denied["/insights/gh/acme/service-1/workflows/build"] = 404
    deploy = list(read.world.pipelines.values())[30].workflows[1]
    rerun = read.world.rerun(deploy)
    read.later(60)
    read.world.finish(rerun)
    read.later(60)
    run = read(**SETTINGS)
    assert run.status == 0
    assert rerun.row["id"] in read.ids("workflows")
    assert "reruns of 'build' are not seen" in run.stderr


def test_a_project_that_is_added_does_not_hide_the_reruns_of_others(play):
    read = play(pipelines=30)
    one = ["gh/acme/service-1"]
    read.later(2 * HOUR)
    read(**SETTINGS, project_slugs=one)
    read.later(2 * HOUR)
    rerun = read.world.rerun(read.world.projects[0].pipelines[0].workflows[0])
    read.later(HOUR)
    read.world.finish(rerun)
    read.later(60)
    read(**SETTINGS)
    assert rerun.row["id"] in read.ids("workflows")
    assert read.differences() == []
