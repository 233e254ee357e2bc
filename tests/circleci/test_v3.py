"""What only API v3 tells: all projects of organizations, steps of jobs, deployments."""

import pytest

from sandbox import Fault
from sandbox.circleci import generate
from tests.circleci.conftest import BUILDS, DAY, NOW

BY_V3 = {"project_slugs": None, "org_slugs": None, "project_discovery": "v3"}


@pytest.fixture
def places(play):
    """Three projects at GitHub, of which one is not followed, and two of the GitHub App."""
    world = generate(1, now=NOW, pipelines=9)
    world.projects[1].is_followed = False
    app = world.add_organization("app", app=True)
    for number in (1, 2):
        project = world.add_project(app, f"opaque-{number}")
        project.slug = f"circleci/3Gx{number}/9Zk{number}"
        app.slug = "circleci/3Gx"
        world.finish(world.new_pipeline(project, workflows=["build"]).workflows[0])
    world.advance(60)
    return play(world)


def slugs(run):
    return {row["slug"] for row in run.records("projects")}


def test_all_projects_of_all_organizations_are_read(places):
    run = places("projects", "checkout_keys", *BUILDS, **BY_V3)
    assert run.status == 0
    assert slugs(run) == {project.slug for project in places.world.projects}
    assert places.differences() == []
    assert "project_slugs is not set" not in run.stderr
    assert len(run.records("checkout_keys")) == 5


def test_what_was_found_costs_a_request_an_organization_and_run(places):
    places("projects", **BY_V3)
    places.later(2 * DAY)
    run = places("projects", **BY_V3)
    assert slugs(run) == {project.slug for project in places.world.projects}
    assert sorted(places.asked()) == sorted(
        [
            *("/me/collaborations", "/api/v3/projects", "/api/v3/projects"),
            *(f"/project/{project.slug}" for project in places.world.projects),
        ]
    )
    by_id = places.state["bookmarks"]["projects"]["by_id"]
    assert sorted(by_id.values()) == ["circleci/3Gx1/9Zk1", "circleci/3Gx2/9Zk2"]


def test_projects_are_known_to_a_run_that_reads_pipelines_only(places):
    places("pipelines", **BY_V3)
    places.later()
    places("pipelines", **BY_V3)
    asked = [path for path in places.asked() if path.startswith("/project/")]
    assert len(asked) == len(places.asked("/pipeline")) == 5


def test_more_than_a_page_of_projects_is_listed(play):
    read = play(generate(1, now=NOW, projects=120, pipelines=1))
    run = read("projects", **BY_V3)
    assert len(slugs(run)) == 120
    assert len(read.asked("/api/v3/projects")) == 3


def test_a_project_that_is_added_renamed_or_deleted_is_seen(places):
    places("projects", **BY_V3)
    first, second = places.world.projects[:2]
    places.world.delete_project(first)
    second.name, second.slug = "renamed", "gh/acme/renamed"
    places.world.add_project(second.organization, "added")
    places.later(2 * DAY)
    run = places("projects", **BY_V3)
    assert run.status == 0
    left = {row["slug"] for row in places.tables["projects"].values()}
    assert left == {project.slug for project in places.world.projects}


def test_a_name_that_belongs_to_another_project_is_not_taken_for_it(play):
    read = play(generate(1, now=NOW, pipelines=6))
    moved = read.world.projects[0]
    moved.slug = "gh/acme/moved"  # v3 tells the old name
    for pipeline in moved.pipelines:
        pipeline.row["project_slug"] = moved.slug
    read.world.add_project(moved.organization, "service-1")
    run = read("projects", **BY_V3)
    rows = {row["id"]: row["slug"] for row in run.records("projects")}
    assert rows == {project.id: project.slug for project in read.world.projects}


def test_a_project_whose_slug_nothing_tells_is_named(play):
    world = generate(1, now=NOW, pipelines=6)
    project = world.add_project(world.add_organization("app", app=True), "opaque")
    project.slug = "circleci/3Gx/9Zk"
    run = play(world)("projects", **BY_V3)
    assert "projects: opaque is left out: no slug is known" in run.stderr
    assert "1 skipped" in run.stderr


@pytest.mark.parametrize("status", [None, 401, 403, 404])
def test_without_api_v3_projects_are_found_in_pipelines_and_one_line_says_so(places, status):
    if status is None:
        places.vendor.has_v3 = False
    else:
        places.vendor.denied["/api/v3"] = status
    run = places("projects", *BUILDS, **BY_V3)
    assert run.status == 0
    told = [line for line in run.stderr.splitlines() if "project_discovery" in line]
    assert len(told) == 1
    assert "those are read that pipelines show" in told[0]
    followed = {project.slug for project in places.world.projects if project.is_followed}
    assert slugs(run) == followed


def test_projects_of_an_earlier_run_are_read_while_api_v3_fails(places):
    places("projects", *BUILDS, **BY_V3)
    pipeline = places.world.new_pipeline(places.world.projects[1])
    places.later(2 * DAY)
    places.vendor.denied["/api/v3"] = 404
    run = places("projects", *BUILDS, **BY_V3)
    assert run.status == 0
    assert "those are read that an earlier run found" in run.stderr
    assert places.ids("pipelines") == [pipeline.row["id"]]
    assert slugs(run) == {project.slug for project in places.world.projects}
    assert {"/pipeline"} & {*places.asked()} == set()


def test_an_organization_that_is_denied_costs_itself(places):
    places.world.add_organization("strangers")
    stranger = places.world.organizations[-1].id
    places.sandbox.fault = lambda request, _: (
        Fault.status(403) if stranger in request.target else None
    )
    run = places("projects", **BY_V3)
    assert run.status == 0
    assert "CircleCI does not know gh/strangers" in run.stderr
    assert slugs(run) == {project.slug for project in places.world.projects}


def test_a_slug_that_cannot_be_looked_for_costs_one_project_and_makes_none_vanish(places):
    places("projects", **BY_V3)
    added = places.world.add_project(places.world.organizations[0], "added")
    places.later(2 * DAY)
    places.sandbox.fault = lambda request, _: (
        Fault.status(400) if request.path.endswith(added.slug) else None
    )
    run = places("projects", **BY_V3)
    assert slugs(run) == {p.slug for p in places.world.projects if p is not added}
    assert "added is left out" in run.stderr
    assert len(places.tables["projects"]) == 5
    assert run.of("ACTIVATE_VERSION") == []


def test_an_answer_of_another_form_is_as_good_as_none(places):
    places.sandbox.fault = lambda request, _: (
        Fault.status(200, body={"data": [{"id": "P", "attributes": None}], "page": {}})
        if request.path == "/api/v3/projects"
        else None
    )
    run = places("projects", *BUILDS, **BY_V3)
    assert run.status == 0
    assert "those are read that pipelines show" in run.stderr


def test_set_projects_are_not_looked_for(play):
    read = play()
    read("projects", project_discovery="v3")
    assert [path for path in read.asked() if "/v3/" in path] == []


def test_the_token_is_shown_to_each_version_in_its_own_way(places):
    places("projects", **BY_V3)
    for asked in places.sandbox.requests:
        shown = {"Circle-Token", "Authorization"} & {name.title() for name in asked.headers}
        assert shown == ({"Authorization"} if "/api/v3/" in asked.path else {"Circle-Token"})


# Steps


def test_steps_of_jobs_that_ended_are_read_once(play):
    read = play()
    read.later(60)
    run = read(*BUILDS, "job_steps")
    assert run.status == 0
    assert read.differences() == []
    (step, *_) = run.records("job_steps")
    assert "command" not in step
    assert "lacks" not in run.stderr
    ended = {row["id"] for row in run.records("jobs") if row.get("stopped_at")}
    assert len([path for path in read.asked() if "/v3/jobs/" in path]) == len(ended)
    read.later()
    read(*BUILDS, "job_steps")
    assert read.run.records("job_steps") == []


def test_steps_are_read_by_api_v1_where_a_server_has_no_v3(play):
    read = play()
    read.vendor.has_v3 = False
    run = read(*BUILDS, "job_steps")
    assert run.status == 0
    assert read.differences() == []
    assert len([path for path in read.asked() if "/v3/" in path]) == 1  # To find out


def test_a_job_that_is_gone_tells_nothing_of_the_server(play):
    read = play(pipelines=3)
    gone = next(iter(read.world.workflows.values())).jobs[0]
    number = gone["job_number"]
    slug = gone["project_slug"]
    read.vendor.denied = {f"/api/v3/jobs/{gone['id']}": 404}
    read.sandbox.fault = lambda request, _: (
        Fault.status(404) if request.path == f"/api/v1.1/project/{slug}/{number}" else None
    )
    run = read(*BUILDS, "job_steps", max_concurrency=1)
    assert run.status == 0
    assert "1 skipped" in run.stderr
    asked = [path for path in read.asked() if "/v1.1/" in path]
    assert len(asked) <= 1
    assert gone["id"] not in {row["job_id"] for row in run.records("job_steps")}
    assert len(run.records("job_steps")) == 4 * (len(run.records("jobs")) - 1)


# Deployments


def test_deployments_of_an_organization_are_read(play):
    read = play()
    run = read("organizations", "deployments")
    assert run.status == 0
    rows = run.records("deployments")
    assert len(rows) == 60
    assert rows[0]["target_version"] == "1.0"
    assert rows[0]["component_name"] == "web"
    assert {row["is_rollback"] for row in rows} == {True, False}
    assert {row["organization_slug"] for row in rows} == {"gh/acme"}
    assert "lacks" not in run.stderr


def test_a_server_has_no_deployments(play):
    read = play()
    read.vendor.has_v3 = False
    run = read("deployments")
    assert run.status == 1
    assert "a CircleCI Server has no API v3" in run.stderr
