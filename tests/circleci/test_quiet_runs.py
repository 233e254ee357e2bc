"""What tells nothing of its changes is read when it is due; a quiet run costs what changed."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random

import pytest

from sandbox.circleci import generate, lists
from sandbox.circleci.campaign import Campaign
from tests.circleci.conftest import BUILDS, DAY, HOUR, NOW, WAITING
from tests.support import TapProcess

BY_ORG = {"project_slugs": None, "org_slugs": ["gh/acme"]}
LISTS = ("projects", *lists.KINDS)
DAILY = {"reconcile_always": None}
PROJECTS = 225


def test_225_projects_in_which_nothing_happened(play, tmp_path):
    read = play(generate(1, now=NOW, projects=PROJECTS, pipelines=PROJECTS))
    slugs = [project.slug for project in read.world.projects]
    chosen = read.settings(project_slugs=slugs, max_concurrency=16, **DAILY)
    state = None
    for number in range(2):
        read.sandbox.clear()
        run = TapProcess("circleci", tmp_path, config=chosen, state=state).wait()
        assert run.status == 0, run.stderr
        state = run.state
        assert len(json.dumps(state, separators=(",", ":"))) <= 20_000
        read.later(600)
        if number:
            assert len(read.asked()) <= 550
            assert len(run.of("RECORD")) < 100
            assert "webhooks: 0 records" in run.stderr
            assert "not due until 11:44 UTC" in run.stderr  # Some milliseconds before 11:45
            assert not {m["stream"] for m in run.of("ACTIVATE_VERSION")} & {*WAITING}


def test_what_changed_within_the_hour_is_seen_when_it_is_due(play):
    read = play()
    read(*LISTS, **BY_ORG, **DAILY)
    assert lists.differences(read.tables, read.world) == []
    Campaign(read.world, Random(1), timedelta(), lists=True).run(30)
    read.world.now = NOW
    read.later()
    read(*LISTS, **BY_ORG, **DAILY)
    assert lists.differences(read.tables, read.world) != []
    read.later(DAY)
    read(*LISTS, **BY_ORG, **DAILY)
    assert lists.differences(read.tables, read.world) == []


@pytest.mark.parametrize("seed", range(2))
def test_tables_follow_a_campaign_of_all_that_happens(play, seed):
    random = Random(seed)
    read = play(pipelines=24)
    campaign = Campaign(read.world, random, timedelta(days=2), projects=True, lists=True)
    every = {**BY_ORG, **DAILY, "reconcile": "always"}
    read(*BUILDS, *LISTS, **every)
    for _ in range(4):
        known = {*read.world.pipelines}
        campaign.run(random.randrange(10, 60))
        read.later(60)
        assert read(*BUILDS, *LISTS, **every).status == 0
        assert {key for (key,) in read.tables["pipelines"]} == {*read.world.pipelines}
        read.gone |= known - {*read.world.pipelines}  # Of these the row of the pipeline tells
        assert read.differences() == lists.differences(read.tables, read.world) == [], campaign.log
    assert {"edit_list", "delete", "rerun"} <= {*campaign.log}


@pytest.mark.parametrize("detects", [{}, {"project_discovery": "v3"}], ids=["shown", "listed"])
def test_a_project_that_is_new_is_read_at_once_with_all_below_it(play, detects):
    read = play()
    read(*BUILDS, *LISTS, **BY_ORG, **DAILY, **detects)
    project = read.world.add_project(read.world.organizations[0], "new")
    read.world.new_pipeline(project)
    read.later()
    read(*BUILDS, *LISTS, **BY_ORG, **DAILY, **detects)
    assert lists.differences(read.tables, read.world) == []
    assert read.asked("/envvar") == [f"/project/{project.slug}/envvar"]
    read.later()
    read(*BUILDS, *LISTS, **BY_ORG, **DAILY, **detects)
    assert read.asked("/envvar") == read.asked(project.slug) == []


def test_a_context_that_is_new_is_read_with_what_belongs_to_it(play):
    read = play()
    read(*LISTS, **DAILY)
    (organization,) = read.world.organizations
    old, new = (
        organization.lists["contexts"][0],
        {"id": "00000000-0000-4000-8000-000000000007", "name": "new"},
    )
    new["created_at"] = (NOW + timedelta(seconds=10)).isoformat()
    organization.lists["contexts"].append(new)
    for context in (old, new):
        rows = organization.lists.setdefault(f"variables of {context['id']}", [])
        rows.append({"variable": "NEW", "context_id": context["id"]})
    read.later()
    read(*LISTS, **DAILY)
    variables = read.run.records("context_environment_variables")
    assert [(row["context_id"], row["variable"]) for row in variables] == [(new["id"], "NEW")]


def test_a_project_that_is_set_later_is_read_with_all_below_it(play):
    read = play()
    one, two, _ = (project.slug for project in read.world.projects)
    read(*LISTS, **DAILY, project_slugs=[one])
    read.later(HOUR)
    read(*LISTS, **DAILY, project_slugs=[one, two])
    assert {row["project_slug"] for row in read.tables["webhooks"].values()} == {one, two}
