"""Insights: figures of a window, and runs since the last look."""

from datetime import datetime, timedelta

from sandbox.circleci import World, generate
from tests.circleci.conftest import DAY, HOUR, NOW

SUMMARIES = (
    *("insights_org_summary", "insights_project_summary", "insights_branches", "flaky_tests"),
    *("insights_workflows", "insights_workflow_jobs", "insights_test_metrics"),
)
RECENT = ("insights_workflow_runs", "insights_job_timeseries")


def parameters(read, path):
    """The parameters of the requests to paths that end so."""
    asked = [a for a in read.sandbox.requests if a.path.endswith(path)]
    return [{name: values[0] for name, values in a.query.items()} for a in asked]


def is_about(text, at):
    """Compare with a run's beginning, which is known to the second."""
    return abs(datetime.fromisoformat(text) - at) < timedelta(seconds=3)


def test_each_summary_is_read_for_the_window_and_branches_of_the_settings(play):
    read = play()
    assert read(*SUMMARIES, reporting_window="last-7-days").status == 0
    assert all(read.tables[stream] for stream in SUMMARIES)
    all_branches = {"reporting-window": "last-7-days", "all-branches": "true"}
    assert parameters(read, "/workflows") == [all_branches] * 3
    assert {"reporting-window": "last-7-days"} in parameters(read, "/summary")
    rows = read.run.records("insights_project_summary")
    assert {row["reporting_window"] for row in rows} == {"last-7-days"}
    read.later()
    read(*SUMMARIES, reporting_window="last-7-days", all_branches=False)
    assert parameters(read, "/workflows") == [{"reporting-window": "last-7-days"}] * 3


def test_figures_of_earlier_windows_stay(play):
    read = play()
    read("insights_workflows", "insights_org_summary")
    before = len(read.tables["insights_workflows"])
    read.later(DAY)
    pipeline = read.world.new_pipeline()
    read.later(HOUR)
    for workflow in pipeline.workflows:
        read.world.finish(workflow)
    read.later(HOUR)
    read("insights_workflows", "insights_org_summary", reporting_window="last-7-days")
    assert len(read.tables["insights_workflows"]) == before + 2
    assert len(read.tables["insights_org_summary"]) == 2


def test_a_flaky_test_without_a_class_has_a_key(play):
    read = play()
    read("flaky_tests")
    rows = list(read.tables["flaky_tests"].values())
    assert {row["classname"] for row in rows} == {"tests.test_login", "-"}
    assert len(rows) == len(read.run.records("flaky_tests")) == 6


def test_names_of_workflows_are_encoded_whole(play):
    world = World(2, NOW - timedelta(hours=2))
    project = world.add_project(world.add_organization("acme"), "service-1")
    name = "build / test 100%?"
    pipeline = world.new_pipeline(project, workflows=[name])
    world.advance(HOUR)
    world.finish(pipeline.workflows[0])
    world.advance(HOUR)
    read = play(world)
    assert read(*SUMMARIES, *RECENT, project_slugs=["gh/acme/service-1"]).status == 0
    (row,) = read.tables["insights_workflow_runs"].values()
    assert row["workflow_name"] == name
    assert row["id"] == pipeline.workflows[0].row["id"]


def test_runs_are_asked_for_since_the_last_look_less_the_lookback(play):
    read = play()
    read(*RECENT)
    runs = [w.row["id"] for w in read.world.workflows.values()]
    assert sorted(read.ids("insights_workflow_runs")) == sorted(runs)
    first = parameters(read, "/workflows/build")
    assert {p["start-date"] for p in first} == {"2026-01-01T00:00:00Z"}
    read.later(5 * DAY)
    long = read.world.new_pipeline(workflows=["build"]).workflows[0]
    read.later(2 * HOUR)
    read(*RECENT)
    second = parameters(read, "/workflows/build")
    assert all(is_about(p["start-date"], NOW - timedelta(days=3)) for p in second)
    read.later(5 * HOUR)
    read.world.finish(long)  # It began before the last look, and ended after it
    read.later(60)
    read(*RECENT)
    assert long.row["id"] in read.ids("insights_workflow_runs")


def test_days_are_asked_for_whole(play):
    read = play()
    read(*RECENT)
    read.later(5 * HOUR)
    read(*RECENT)
    asked = [p for p in parameters(read, "/jobs") if "granularity" in p]
    assert {p["start-date"] for p in asked} == {"2026-03-07T00:00:00Z"}
    assert {p["granularity"] for p in asked} == {"daily"}


def test_a_start_before_what_insights_keep_is_moved_up(play):
    read = play(generate(1, now=NOW, pipelines=30, gap=timedelta(days=6)))
    assert read(*RECENT, start_date="2020-01-01T00:00:00Z").status == 0
    (start,) = {p["start-date"] for p in parameters(read, "/workflows/build")}
    assert is_about(start, NOW - timedelta(days=90))
    assert "insights reach back 90 days" in read.run.stderr
    assert {a.status for a in read.sandbox.requests} == {200}


def test_a_project_without_runs_has_no_insights_and_that_is_no_failure(play):
    read = play()
    read.world.add_project(read.world.organizations[0], "empty")
    slugs = ["gh/acme/service-1", "gh/acme/empty"]
    run = read("insights_workflows", "insights_workflow_runs", project_slugs=slugs)
    assert run.status == 0
    assert run.records("insights_workflows") != []
