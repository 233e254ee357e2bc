"""Pipelines and projects that vanished are told by last rows."""

from datetime import timedelta
from random import Random

import pytest

from sandbox.circleci import Campaign
from tests.circleci.conftest import BUILDS, DAY, HOUR

BY_ORG = {"project_slugs": None, "org_slugs": ["gh/acme"]}


def told(read):
    """The pipelines that the last run said are gone."""
    rows = read.run.records("pipelines")
    return {row["id"] for row in rows if row.get("_sdc_deleted_at")}


@pytest.mark.parametrize("chosen", [{}, BY_ORG, {"branches": ["main"]}])
def test_a_pipeline_that_vanished_from_the_look_back_is_told(play, chosen):
    read = play(pipelines=60)
    read(**chosen)
    gone = next(p for p in reversed(read.world.pipelines.values()) if p.branch == "main")
    read.world.delete(gone)
    read.world.new_pipeline()
    read.later(HOUR)
    read(**chosen)
    assert told(read) == {gone.row["id"]}
    (row,) = [row for row in read.run.records("pipelines") if row.get("_sdc_deleted_at")]
    assert {name for name, value in row.items() if value} == {"id", "_sdc_deleted_at"}
    assert {key for (key,) in read.tables["pipelines"]}.isdisjoint({gone.row["id"]})
    read.later(HOUR)
    read(**chosen)
    assert told(read) == set()


def test_a_run_with_nothing_vanished_asks_nothing_for_it(play):
    read = play(pipelines=60)
    read()
    for _ in range(4):
        read.later(DAY)
        read.world.new_pipeline()
        read()
        assert told(read) == set()
        assert [path for path in read.asked() if path.count("/") == 2 and "pipeline/" in path] == []


def test_a_list_that_is_not_read_tells_of_nothing(play):
    read = play(pipelines=30)
    read()
    read.later(HOUR)
    read.vendor.denied["/project/gh/acme/service-2"] = 404
    assert read().status == 1
    assert told(read) == set()
    read.later(HOUR)
    read(project_slugs=["gh/acme/service-1"])
    assert told(read) == set()


def test_more_than_the_state_can_name_are_told_as_such(play):
    read = play(pipelines=140)
    read()
    for pipeline in list(read.world.pipelines.values())[-90:]:
        read.world.delete(pipeline)
    read.later(HOUR)
    run = read()
    assert told(read) == set()
    assert "more vanished than the state can name" in run.stderr


def test_pipelines_of_a_project_that_vanished_are_told_with_it(play):
    read = play(pipelines=30)
    read("projects", *BUILDS, **BY_ORG)
    project = read.world.projects[0]
    gone = {pipeline.row["id"] for pipeline in project.pipelines}
    read.world.delete_project(project)
    read.later(DAY)
    assert read("projects", *BUILDS, reconcile="always", **BY_ORG).status == 0
    assert told(read) == gone
    assert project.id not in {key for (key,) in read.tables["projects"]}


@pytest.mark.parametrize("seed", range(3))
def test_all_that_vanish_between_two_runs_are_told(play, seed):
    random = Random(seed)
    read = play(pipelines=60)
    campaign = Campaign(read.world, random, window=timedelta(days=2))
    read()
    for _ in range(4):
        known = {key for (key,) in read.tables["pipelines"]}
        campaign.run(random.randrange(20, 60))
        read.later(60)
        assert read().status == 0
        assert told(read) == known - set(read.world.pipelines), campaign.log
        assert {key for (key,) in read.tables["pipelines"]} == set(read.world.pipelines)
