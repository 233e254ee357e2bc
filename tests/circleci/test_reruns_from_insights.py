"""Reruns as insights tell them: of all pipelines, or of those that are older than the look-back."""

from datetime import timedelta
from random import Random

import pytest

from sandbox import Fault
from sandbox.circleci import Campaign, generate
from tests.circleci.conftest import DAY, DETAILS, HOUR, NOW

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
    assert read.ids("workflows") == [rerun.row["id"]]
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


# `both`, the default: the look-back in each run, and a look at insights once a day


def test_a_rerun_of_a_pipeline_of_any_age_is_found_within_a_day(play):
    read = play(pipelines=30)
    read()
    read.later(60 * DAY)
    read()
    read.later(DAY)
    rerun = ended_rerun(read, number=3)
    read()
    assert read.ids("workflows") == [rerun]
    assert {job["workflow_id"] for job in read.run.records("jobs")} == {rerun}
    assert read.ids("pipelines") == []
    assert read.differences() == []


def insights_asked(read):
    return [path for path in read.asked() if path.startswith("/insights")]


def test_insights_are_asked_once_a_day_and_not_after_a_first_run(play):
    read = play(pipelines=30)
    read()
    for _ in range(3):
        assert insights_asked(read) == []
        read.later(6 * HOUR)
        read()
    read.later(6 * HOUR)
    rerun = ended_rerun(read, number=3)
    read()
    assert len(insights_asked(read)) == 3 + 3 * 2  # The names in each project, and their runs
    assert read.ids("workflows") == [rerun]
    read.later(HOUR)
    read()
    assert insights_asked(read) == []
    jobs = read.state["bookmarks"]["jobs"]
    assert jobs.keys() == {"last_runs", "reconciled"}  # No project has an entry of its own


@pytest.mark.parametrize(("reconcile", "is_found"), [("always", True), ("never", False)])
def test_the_setting_reconcile_says_how_often_insights_are_asked(play, reconcile, is_found):
    read = play(pipelines=30)
    read()
    read.later(30 * DAY)
    read(reconcile="always")
    read.later(HOUR)
    rerun = ended_rerun(read, number=3)
    read(reconcile=reconcile)
    assert (rerun in read.ids("workflows")) == is_found


def test_the_lookback_alone_never_asks_insights(play):
    read = play(pipelines=30)
    read(rerun_detection="lookback")
    read.later(30 * DAY)
    read(rerun_detection="lookback")
    assert insights_asked(read) == []


def test_insights_that_are_denied_cost_nothing_but_old_reruns_which_are_found_later(play):
    read = play(pipelines=30)
    read()
    read.later(30 * DAY)
    rerun = ended_rerun(read, number=3)
    slug = read.world.projects[0].slug
    read.vendor.denied[f"/insights/{slug}"] = 403
    run = read()
    assert run.status == 0
    assert f"reruns of older pipelines of {slug} are not seen" in run.stderr
    read.vendor.denied.clear()
    for _ in range(2):
        read.later(DAY)
        read()
    assert rerun in {workflow for (workflow,) in read.tables["workflows"]}
    assert read.differences() == []


def test_a_run_that_is_cut_off_looks_at_insights_again(play):
    read = play(pipelines=30)
    read()
    read.later(30 * DAY)
    rerun = ended_rerun(read, number=3)
    read.sandbox.fault = lambda request, _: (
        Fault.status(500) if request.path.endswith(f"/workflow/{rerun}/job") else None
    )
    assert read(max_wait=1).status == 1
    read.sandbox.fault = None
    read.later(HOUR)
    assert read(reconcile="always").status == 0
    assert read.differences() == []


@pytest.mark.parametrize("seed", range(3))
def test_tables_follow_reruns_of_any_age_where_each_run_asks_insights(play, seed):
    random = Random(seed)
    read = play(pipelines=40)
    read(*DETAILS)
    read.later(70 * DAY)
    old = set(read.world.pipelines)
    campaign = Campaign(read.world, random, window=None)
    for _ in range(3):
        before = set(read.world.pipelines)
        campaign.run(random.randrange(10, 40))
        read.gone |= before - set(read.world.pipelines)
        for workflow in read.world.unfinished:  # Nothing lists those of old pipelines until then
            if workflow.pipeline.row["id"] in old:
                read.world.finish(workflow)
        read.later(60)
        known = set(read.world.pipelines)
        assert read(*DETAILS, reconcile="always").status == 0
        assert read.differences() == [], campaign.log
        read.gone |= known - set(read.world.pipelines)
    assert any(len(read.world.pipelines[p].workflows) > 2 for p in old & set(read.world.pipelines))
