"""What a run has seen: told by the rows, for their clock need not be that of the answers."""

from datetime import timedelta

import pytest

from sandbox.circleci import generate
from sandbox.circleci.model import iso, moment
from tests.circleci.conftest import BUILDS, DAY, DETAILS, NOW

EVER = {"start_date": "2024-01-01T00:00:00Z"}


@pytest.mark.parametrize("days", [1 / 48, 2, 10, 300, -1 / 48, -10])
def test_every_run_brings_what_happened_however_far_the_clocks_are_apart(play, days):
    ahead = timedelta(days=days)
    read = play(generate(1, now=NOW - ahead, pipelines=12))
    read.vendor.date_ahead = ahead
    running = read.world.new_pipeline(workflows=["build"]).workflows[0]
    for _ in range(3):
        for _ in range(2):  # The second time nothing has happened
            read.later(60)
            assert read(*DETAILS, **EVER).status == 0
            assert read.differences() == []
        read.later(60)
        new = read.world.new_pipeline(workflows=["build"])
        old = next(iter(read.world.pipelines.values()))
        rerun = read.world.rerun(old.workflows[0])
        read.later(5)
        read.world.finish(running)
        read.world.finish(rerun)
        running = new.workflows[0]


@pytest.mark.parametrize("days", [0, 1 / 48, 10, 300])
def test_a_run_with_nothing_new_costs_no_more_where_the_rows_are_behind(play, days):
    ahead = timedelta(days=days)
    read = play(generate(1, now=NOW - ahead, pipelines=12))
    read.vendor.date_ahead = ahead
    for _ in range(3):
        read(*DETAILS, **EVER)
        read.later(60)
    assert read.run.of("RECORD") == []
    assert len(read.asked()) == 3 + 12


def test_rows_whose_clock_hardly_moves_are_read_nevertheless(play):
    read = play()
    read(*DETAILS)
    pipelines = list(read.world.pipelines.values())
    newest = max(moment(w.row["stopped_at"]) for w in read.world.workflows.values())
    for seconds in range(1, 4):
        read.later()
        rerun = read.world.rerun(pipelines[0].workflows[0])
        read.world.finish(rerun)
        for row in (rerun.row, *rerun.jobs):
            at = iso(newest + timedelta(seconds=seconds))
            row.update({name: at for name in row if name.endswith("_at")})
        read(*DETAILS)
        assert read.differences() == []


def test_a_pipeline_that_is_listed_late_is_new_with_all_below_it(play):
    read = play()
    for workflow in (late := read.world.new_pipeline()).workflows:
        read.world.finish(workflow)
    project = late.project
    project.pipelines.remove(late)
    read.later(60)
    other = read.world.new_pipeline(read.world.projects[1])
    read.later(60)
    for workflow in other.workflows:
        read.world.finish(workflow)
    read.gone.add(late.row["id"])
    read(*DETAILS)
    project.pipelines.append(late)
    read.later(10 * DAY)
    read(*DETAILS)
    assert read.ids("pipelines") == [late.row["id"]]
    assert read.differences() == []


def test_a_list_that_was_empty_is_read_from_the_beginning(play):
    read = play()
    slug = read.world.add_project(read.world.organizations[0], "empty").slug
    read.vendor.date_ahead = timedelta(days=10)
    read(project_slugs=[slug])
    read.later()
    pipeline = read.world.new_pipeline(read.world.projects[-1])
    read(project_slugs=[slug])
    assert read.ids("pipelines") == [pipeline.row["id"]]


def test_a_project_that_idles_costs_one_request_where_another_shows_the_clock(play):
    read = play()
    read(*BUILDS)
    read.later(20 * DAY)
    active = read.world.projects[0]
    for workflow in read.world.new_pipeline(active).workflows:
        read.world.finish(workflow)
    read.later(60)
    read.state = None
    for _ in range(2):
        read(*BUILDS)
        read.later()
    assert len(read.asked("/pipeline")) == 3
    assert len(read.asked("/workflow")) == 1
