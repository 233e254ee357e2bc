"""Requests, seconds and bytes of state."""

import json

from sandbox.circleci import generate
from tests.circleci.conftest import BUILDS, HOUR, NOW
from tests.support import TapProcess


def test_no_page_is_asked_for_that_the_answer_said_is_not_there(play):
    read = play(pipelines=20, projects=1)
    read(project_slugs=["gh/acme/service-1"])
    assert len(read.asked()) == 1 + 20 + 40


def test_all_pages_of_jobs_are_read(play):
    read = play()
    pipeline = read.world.new_pipeline(workflows=["wide"], jobs=45)
    read()
    wide = pipeline.workflows[0].row["id"]
    assert len([job for job in read.run.records("jobs") if job["workflow_id"] == wide]) == 45
    assert len(read.asked(f"{wide}/job")) == 3


def test_two_hundred_pipelines_take_little_longer_than_their_requests(play):
    read = play(generate(1, now=NOW, projects=1, pipelines=200))
    settings = {"max_concurrency": 8, "project_slugs": ["gh/acme/service-1"]}
    read.sandbox.latency = 0.05
    ratios = []
    while not ratios or (ratios[-1] > 1.2 and len(ratios) < 4):  # Other work may spoil one
        read.state = None
        assert read(*BUILDS, **settings).status == 0
        asked = read.sandbox.requests
        assert len(asked) == 610
        served = sum(a.ended - a.started for a in asked)  # On a busy machine above 610 x 0.05
        took = max(a.ended for a in asked) - min(a.started for a in asked)
        ratios.append(took / (served / 8))
    assert min(ratios) <= 1.2
    assert read.sandbox.max_in_flight == 8
    assert read.differences() == []


def test_records_and_their_order_do_not_depend_on_concurrency(play):
    read = play(pipelines=25)
    lines = []
    for workers in (1, 8):
        read.state = None
        read("pipelines", "workflows", "jobs", "users", "tests", max_concurrency=workers)
        lines.append([m["record"] for m in read.run.of("RECORD")])
    assert lines[0] == lines[1]


def test_the_state_is_small_and_does_not_grow(play):
    sizes = []
    for pipelines in (100, 1600):
        world = generate(1, now=NOW, projects=3, pipelines=pipelines)
        read = play(world)
        read(start_date="2020-01-01T00:00:00Z", max_concurrency=8)
        states = [len(json.dumps(message)) for message in read.run.of("STATE")]
        sizes.append(states[-1])
        assert sum(states) < 0.01 * len(read.run.stdout) or pipelines == 100
        assert len(read.run.records("pipelines")) == pipelines
    assert sizes[0] == sizes[1] < 5000


def test_details_are_asked_for_once_however_often_a_run_comes(play):
    read = play()
    streams = (*BUILDS, "job_details", "tests")
    read(*streams)
    read.later(HOUR)
    read(*streams)
    assert read.asked("/tests") == []


def test_a_trial_asks_little_and_begins_no_export(play):
    read = play()
    by_v3 = {"project_slugs": None, "project_discovery": "v3"}
    for slugs in ({}, {"project_slugs": None, "org_slugs": ["gh/acme"]}, by_v3):
        read.sandbox.clear()
        run = TapProcess("circleci", read.folder, "--test", config=read.settings(**slugs)).wait()
        assert run.status == 0
        assert not any("usage_export_job" in path for path in read.asked())
        assert len(read.asked()) < 60
