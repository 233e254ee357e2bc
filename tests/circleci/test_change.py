"""What a second run brings, and what it costs: exact under reruns, with no request too many."""

from datetime import timedelta
from random import Random

import pytest

from sandbox.circleci import Campaign, generate
from sandbox.circleci.model import moment
from tests.circleci.conftest import BUILDS, DAY, DETAILS, HOUR, NOW


def test_a_first_run_brings_everything(play):
    read = play(pipelines=21)
    run = read(*DETAILS)
    assert run.status == 0
    assert read.differences() == []
    targets = [(asked.path, str(asked.query)) for asked in read.sandbox.requests]
    assert len(targets) == len(set(targets))


def test_a_run_with_nothing_new_asks_once_a_project_and_once_a_recent_pipeline(play):
    read = play(pipelines=120)
    read()
    read.later()
    read()
    recent = [p for p in read.world.pipelines.values() if _age(read, p) < timedelta(days=3)]
    assert len(read.asked("/workflow")) == len(recent) > 100
    assert len(read.asked("/pipeline")) == 3 * 2  # Pages of 20 that hold these pipelines
    assert len(read.asked()) == len(recent) + 6
    assert read.run.of("RECORD") == []


def test_an_idle_project_costs_one_request(play):
    read = play(pipelines=30)
    read()
    read.later(10 * DAY)
    read()
    read.later()
    read()
    assert sorted(read.asked()) == [
        f"/project/gh/acme/service-{number}/pipeline" for number in (1, 2, 3)
    ]


def _age(read, pipeline):
    return read.world.now - moment(pipeline.row["created_at"])


def test_a_new_pipeline_brings_only_itself(play):
    read = play()
    read()
    read.later()
    pipeline = read.world.new_pipeline()
    read()
    assert read.ids("pipelines") == [pipeline.row["id"]]
    assert set(read.ids("workflows")) == {w.row["id"] for w in pipeline.workflows}
    assert len(read.asked("/job")) == 2
    assert read.differences() == []


def test_a_workflow_is_read_until_it_ends(play):
    read = play()
    pipeline = read.world.new_pipeline(workflows=["build"])
    (workflow,) = pipeline.workflows
    read.later(60)
    read()
    for _ in range(2):
        read.later()
        read()
        assert read.ids("workflows") == [workflow.row["id"]]
        assert read.ids("pipelines") == []
    read.later()
    read.world.finish(workflow, "failed")
    read.later(60)
    read()
    assert read.tables["workflows"][workflow.row["id"],]["status"] == "failed"
    assert read.differences() == []
    read.later()
    read()
    assert read.run.of("RECORD") == []


def test_runs_rarer_than_the_lookback_still_see_how_workflows_ended(play):
    read = play()
    workflow = read.world.new_pipeline(workflows=["build"]).workflows[0]
    read.later(2 * DAY)  # Two days old, when it was seen running
    read()
    read.world.finish(workflow)
    read.later(9 * DAY)
    read()
    assert read.tables["workflows"][workflow.row["id"],]["status"] == "success"


def test_a_rerun_of_an_old_pipeline_is_found(play):
    read = play()
    old = next(p for p in read.world.pipelines.values() if _age(read, p) < timedelta(days=2))
    read()
    read.later(DAY)
    rerun = read.world.rerun(old.workflows[0])
    read()
    assert read.ids("workflows") == [rerun.row["id"]]
    assert {job["workflow_id"] for job in read.run.records("jobs")} == {rerun.row["id"]}
    assert read.ids("pipelines") == []  # Its own row did not change


def test_a_rerun_from_failed_lists_old_jobs_once_more_and_reads_their_details_once(play):
    read = play()
    pipeline = read.world.new_pipeline(workflows=["build"])
    read.later()
    read.world.finish(pipeline.workflows[0], "failed")
    read.later()
    rerun = read.world.rerun(pipeline.workflows[0], from_failed=True)
    read.later()
    read.world.finish(rerun)
    read(*DETAILS)
    jobs = [j for j in read.run.records("jobs") if j["pipeline_id"] == pipeline.row["id"]]
    assert len(jobs) == 6
    assert len({job["id"] for job in jobs}) == 4
    assert len(read.asked("/artifacts")) == len(set(read.asked("/artifacts")))
    assert read.differences() == []


def test_an_approval_that_waits_does_not_hold_newer_pipelines_up(play):
    read = play()
    held = read.world.hold(read.world.new_pipeline(workflows=[]))
    read.later(60)
    read(*DETAILS)
    approval = next(j for j in read.run.records("jobs") if j["status"] == "on_hold")
    assert approval["type"] == "approval"
    assert "job_number" not in approval
    read.later()
    newer = read.world.new_pipeline()
    read(*DETAILS)
    assert read.ids("pipelines") == [newer.row["id"]]
    read.world.approve(held)
    read.later(60)
    read.world.finish(held)
    read.later(60)
    read(*DETAILS)
    assert read.tables["workflows"][held.row["id"],]["status"] == "success"
    assert read.differences() == []


def test_a_pipeline_that_is_still_set_up_is_written_again(play):
    read = play()
    pipeline = read.world.set_up_later(read.world.projects[0])
    read(*DETAILS)
    read.later()
    read.world.set_up(pipeline)
    read.later()
    read(*DETAILS)
    assert read.ids("pipelines") == [pipeline.row["id"]]
    assert read.differences() == []


def test_streams_selected_later_are_read_from_the_beginning(play):
    read = play(pipelines=21)
    read("pipelines")
    read.later()
    read(*BUILDS)
    assert read.ids("pipelines") == []
    read.later()
    read(*DETAILS)
    assert read.ids("workflows") == []
    assert read.differences() == []


def test_what_is_not_selected_any_more_makes_no_run_read_more(play):
    read = play()
    read(*BUILDS)
    read.later(10 * DAY)
    read.world.finish(read.world.new_pipeline(workflows=["build"]).workflows[0])
    read.later(60)
    for _ in range(2):
        read("workflows", "jobs")
        read.later(10 * DAY)
    assert read.run.of("RECORD") == []
    assert len(read.asked("/workflow")) == 1  # In the look-back before the last run
    read.world.finish(read.world.new_pipeline(workflows=["build"]).workflows[0])
    read(*BUILDS)
    assert len(read.ids("pipelines")) == 2
    assert read.differences() == []


def test_a_pipeline_that_has_aged_out_costs_only_itself(play):
    read = play()
    *others, aged = read.world.pipelines.values()
    read.world.age_out(aged)
    run = read()
    assert run.status == 0
    assert aged.row["id"] not in {w["pipeline_id"] for w in run.records("workflows")}
    assert len(run.records("workflows")) == 2 * len(others)
    (warning,) = [line for line in run.stderr.splitlines() if "WARNING" in line]
    assert aged.row["id"] in warning


def test_what_rows_lack_costs_nothing_that_does_not_need_it(play):
    read = play()
    pipeline, *_ = read.world.pipelines.values()
    for row, field in (
        (pipeline.row, "project_slug"),
        (pipeline.row, "updated_at"),
        (pipeline.workflows[0].row, "created_at"),
        (pipeline.workflows[0].row, "project_slug"),
    ):
        row[field] = None
    assert read(*DETAILS).status == 0
    for row in (pipeline.row, pipeline.workflows[0].row):
        row["project_slug"] = pipeline.project.slug
    assert read.differences() == []


def test_jobs_alone_follow_the_same_changes(play):
    read = play()
    held = read.world.hold(read.world.new_pipeline(workflows=[]))
    for _ in range(3):
        read.later()
        rerun = read.world.rerun(next(iter(read.world.workflows.values())))
        read.world.new_pipeline()
        read("jobs")
        assert read.differences() == []
        read.later()
        read.world.finish(rerun)
    read.later(10 * DAY)
    read("jobs")
    read.later(10 * DAY)
    read.world.finish(held)
    read("jobs")
    assert read.differences() == []
    assert "replication_key_value" not in str(read.state)


def test_branches_have_bookmarks_of_their_own(play):
    read = play()
    read(branches=["main"])
    assert {p["vcs"]["branch"] for p in read.run.records("pipelines")} == {"main"}
    read.later()
    read(branches=["main", "feature/login"])
    assert {p["vcs"]["branch"] for p in read.run.records("pipelines")} == {"feature/login"}
    assert read.differences() == []


def test_branches_are_taken_as_people_write_them(play):
    read = play()
    read(branches=[" main", "main "])
    assert len(read.run.records("pipelines")) == len({*read.ids("pipelines")}) > 0
    assert {p["vcs"]["branch"] for p in read.run.records("pipelines")} == {"main"}


@pytest.mark.parametrize("seed", range(3))
def test_tables_follow_a_campaign(play, seed):
    random = Random(seed)
    read = play(pipelines=30)
    campaign = Campaign(read.world, random, window=timedelta(days=2))
    read(*DETAILS)
    for _ in range(4):
        before = set(read.world.pipelines)
        campaign.run(random.randrange(5, 40))
        read.gone |= before - set(read.world.pipelines)
        read.later(60)
        known = set(read.world.pipelines)
        assert read(*DETAILS).status == 0
        assert read.differences() == [], campaign.log
        read.gone |= known - set(read.world.pipelines)
    assert len(set(campaign.log)) == 8


def test_a_campaign_may_rerun_pipelines_of_any_age_and_let_projects_vanish():
    world = generate(1, now=NOW, pipelines=40, projects=4)
    world.advance(timedelta(days=200).total_seconds())
    old = set(world.pipelines)
    campaign = Campaign(world, Random(1), window=None, projects=True)
    campaign.run(60)
    assert any(len(world.pipelines[p].workflows) > 2 for p in old & set(world.pipelines))
    assert "delete_project" in campaign.log
    assert len(world.projects) < 4


def test_an_organizations_list_follows_the_same_changes(play):
    read = play(pipelines=30)
    campaign = Campaign(read.world, Random(9), window=timedelta(days=2))
    settings = {"project_slugs": None, "org_slugs": ["gh/acme"]}
    read(*BUILDS, **settings)
    assert "/pipeline" in read.asked()
    known = set(read.world.pipelines)
    campaign.run(40)
    read.gone = known - set(read.world.pipelines)
    read.later(HOUR)
    read(*BUILDS, **settings)
    assert read.differences() == []
    assert len(read.state["bookmarks"]["pipelines"]["lists"]) == 1


def test_an_organizations_list_is_narrowed_to_branches(play):
    read = play(pipelines=30)
    settings = {"project_slugs": None, "org_slugs": ["gh/acme"], "branches": ["main"]}
    run = read(*BUILDS, **settings)
    main = {p.row["id"] for p in read.world.pipelines.values() if p.branch == "main"}
    assert {row["id"] for row in run.records("pipelines")} == main
    assert {row["pipeline_id"] for row in run.records("jobs")} == main
    assert len(read.asked("/workflow")) == len(main)
    read.later()
    others = {**settings, "branches": ["main", "feature/login"]}
    read(*BUILDS, **others)
    assert read.differences() == []
