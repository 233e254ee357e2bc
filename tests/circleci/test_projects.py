"""Projects and organizations: set, found, missing, and what belongs to them."""

from datetime import timedelta
from urllib.parse import unquote

import pytest

from sandbox import Fault
from sandbox.circleci import World, generate
from tests.circleci.conftest import DAY, HOUR, NOW, table, vanished

IN_PROJECTS = (
    *("projects", "project_settings", "project_environment_variables", "checkout_keys"),
    *("schedules", "webhooks", "pipeline_definitions", "triggers"),
)
BY_ORG = {"project_slugs": None, "org_slugs": ["gh/acme"]}


def test_what_belongs_to_projects_carries_their_keys(play):
    read = play()
    assert read(*IN_PROJECTS).status == 0
    known = {project.slug: project for project in read.world.projects}
    for stream in IN_PROJECTS[1:]:
        rows = table(read, stream)
        assert {row["project_slug"] for row in rows} == set(known)
        assert all(row["project_id"] == known[row["project_slug"]].id for row in rows)
    (hook, *_) = table(read, "webhooks")
    assert {"verify_tls", "signing_secret", "created_at"} <= hook.keys()
    (trigger, *_) = table(read, "triggers")
    definitions = {row["id"] for row in table(read, "pipeline_definitions")}
    assert trigger["pipeline_definition_id"] in definitions


def test_underscores_are_read_as_hyphens_are(play):
    read = play()
    read(*IN_PROJECTS)
    before = table(read, "webhooks")
    for project in read.world.projects:
        for rows in project.lists.values():
            rows[:] = [{k.replace("-", "_"): v for k, v in row.items()} for row in rows]
    read.later()
    read.tables = None
    read(*IN_PROJECTS)
    assert [{**row, "_version": 0} for row in table(read, "webhooks")] == [
        {**row, "_version": 0} for row in before
    ]


def test_what_vanished_from_a_project_is_told(play):
    read = play()
    read(*IN_PROJECTS)
    del read.world.projects[0].lists["webhook"][0]
    read.later()
    read(*IN_PROJECTS)
    assert len(table(read, "webhooks")) == 5


def test_what_vanished_is_told_though_other_projects_have_no_such_list(play):
    read = play()
    optional = ("schedules", "flaky_tests", "insights_branches")
    for path in ("project/gh/acme/service-2/schedule", "insights/gh/acme/service-2"):
        read.vendor.denied[f"/{path}"] = 404
    read("projects", *optional)
    del read.world.projects[0].lists["schedule"][0]
    read.later()
    run = read("projects", *optional)
    assert run.status == 0
    assert len(table(read, "schedules")) == 1
    assert vanished(run) == {"projects", *optional}


def test_projects_of_an_organization_are_found_in_its_pipelines(play):
    read = play()
    read.world.projects[2].is_followed = False
    run = read("pipelines", *IN_PROJECTS, **BY_ORG)
    assert {row["slug"] for row in table(read, "projects")} == {
        "gh/acme/service-1",
        "gh/acme/service-2",
    }
    assert "follows" in run.stderr
    assert len(read.asked("/pipeline")) == 1  # No second list for the projects' sake
    read.later(10 * DAY)  # No pipeline is recent now, and the projects are known still
    read("pipelines", *IN_PROJECTS, **BY_ORG)
    assert len(read.run.records("projects")) == 2
    assert len(read.asked("/pipeline")) == 1


def test_projects_are_known_as_soon_as_their_list_needs_no_second_look(play):
    read = play()
    other = read.world.add_organization("other")
    read.world.new_pipeline(read.world.add_project(other, "tool"))
    for _ in range(20):  # The first page of a second look shows one project alone
        read.world.new_pipeline(workflows=())
    settings = {**BY_ORG, "org_slugs": ["gh/acme", "gh/other"], "lookback": 0}
    refused = Fault.status(422)
    read.sandbox.fault = lambda request, _: refused if "other" in str(request.query) else None
    assert read("pipelines", **settings).status == 1
    read.sandbox.fault = None
    read.later()
    assert read("pipelines", "projects", **settings).status == 0
    assert len(read.run.records("projects")) == 4


def test_projects_do_not_vanish_where_the_list_that_names_them_breaks_off(play):
    read = play()
    for _ in range(20):  # The other projects are on the second page
        read.world.new_pipeline(workflows=())
    read("pipelines", "projects", "webhooks", **BY_ORG)
    read.state = None
    refused = Fault.status(422)
    read.sandbox.fault = lambda request, _: refused if request.first("page-token") else None
    run = read("pipelines", "projects", "webhooks", **BY_ORG)
    assert run.status == 1
    assert vanished(run) == set()
    assert len(run.records("projects")) == 1
    assert len(table(read, "projects")) == 3


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"items": [{"id": "1"}, {"id": "2", "project_slug": "gh/acme/service-1"}]}, 0, ""),
        ({"next_page_token": None}, 1, "/pipeline: an answer has no list 'items'"),
        ({"items": [], "next_page_token": "again"}, 1, "a next page was one that had been read"),
    ],
)
def test_what_a_list_of_pipelines_lacks_ends_no_other_stream(play, body, status, told):
    read = play()
    answer = Fault.status(200, body=body)
    read.sandbox.fault = lambda request, _: answer if request.path.endswith("pipeline") else None
    read.state = {"bookmarks": {"projects": {"slugs": None}}}
    run = read("projects", "me", **BY_ORG)
    assert run.status == status
    assert told in run.stderr
    assert len(run.records("me")) == 1
    assert len(run.records("projects")) == 1 - status
    assert len(read.asked("/pipeline")) < 4


def test_projects_are_found_without_pipelines_being_selected(play):
    read = play(pipelines=45)
    read("projects", **BY_ORG)
    assert len(table(read, "projects")) == 3
    assert len(read.asked("/pipeline")) == 3
    read.later()
    read("projects", **BY_ORG)
    assert len(read.run.records("projects")) == 3
    assert len(read.asked("/pipeline")) == 1


def test_a_project_is_found_though_the_clock_of_its_pipelines_is_behind(play):
    read = play(generate(1, now=NOW - timedelta(minutes=10), pipelines=45))
    read.vendor.date_ahead = timedelta(minutes=10)
    read("projects", **BY_ORG)
    read.later(300)
    organization = read.world.organizations[0]
    read.world.new_pipeline(read.world.add_project(organization, "new"))
    read.later(60)
    read("projects", **BY_ORG)
    assert len(read.run.records("projects")) == 4
    assert len(read.asked("/pipeline")) == 1


def test_a_project_that_was_found_and_is_gone_is_left_out_and_told(play):
    read = play()
    read("pipelines", "projects", **BY_ORG)
    gone = read.world.projects.pop()
    read.later()
    run = read("pipelines", "projects", **BY_ORG)
    assert run.status == 0
    assert f"{gone.slug} is gone" in run.stderr
    assert len(table(read, "projects")) == 2
    read.later()
    assert gone.slug not in read("pipelines", "projects", **BY_ORG).stderr


def test_only_projects_of_the_organizations_of_the_settings_are_read(play):
    world = World(3, NOW)
    for name, is_app in (("acme", False), ("other", True)):
        world.new_pipeline(world.add_project(world.add_organization(name, app=is_app), "web"))
    world.advance(HOUR)
    read = play(world)
    slugs = {project.organization.slug: project.slug for project in world.projects}
    for org in (*slugs, *slugs, "github/acme"):
        read("pipelines", "projects", project_slugs=None, org_slugs=[org])
        assert [row["slug"] for row in table(read, "projects")] == [
            slugs[org.replace("github", "gh")]
        ]
        read.later(10 * DAY)
    read("pipelines", "projects", project_slugs=None)
    assert len(table(read, "projects")) == 2


@pytest.fixture
def found(play):
    """A world whose projects were found, and of which one alone builds since."""
    read = play()
    read("pipelines", "projects", "webhooks", **BY_ORG)
    for _ in range(20):
        read.world.new_pipeline(workflows=())
    read.later(10 * DAY)
    read("pipelines", "projects", "webhooks", **BY_ORG)
    read.later(10 * DAY)
    return read


def test_a_project_that_can_be_read_again_comes_back(found):
    found.vendor.denied["/project/gh/acme/service-2"] = 404
    for days in (20, 9):
        assert found("pipelines", "projects", "webhooks", **BY_ORG).status == 0
        assert len(table(found, "projects")) == len(table(found, "webhooks")) / 2 == 2
        found.later(days * DAY)
    found.vendor.denied.clear()
    for _ in range(2):
        found("pipelines", "projects", "webhooks", **BY_ORG)
        assert len(table(found, "projects")) == len(table(found, "webhooks")) / 2 == 3
    assert found.state["bookmarks"]["projects"]["missed"] == {}


def test_a_project_that_is_gone_for_a_month_is_asked_for_no_more(found):
    found.vendor.denied[path := "/project/gh/acme/service-2"] = 404
    for is_asked in (True, True, False):
        found("projects", **BY_ORG)
        assert (path in found.asked()) == is_asked
        found.later(31 * DAY)
    assert found.state["bookmarks"]["projects"]["missed"] == {}


def test_no_project_vanishes_where_all_do_at_once(found):
    found.vendor.denied["/project/gh/acme"] = 404
    for _ in range(2):
        run = found("projects", "webhooks", **BY_ORG)
        assert run.status == 0
        assert "none of 3 can be read with this token" in run.stderr
        assert vanished(run) == set()
        found.later(31 * DAY)
    found.vendor.denied.clear()
    assert len(found("projects", **BY_ORG).records("projects")) == 3


def test_a_project_of_the_settings_that_does_not_exist_is_named_and_others_go_on(play):
    read = play()
    slugs = ["gh/acme/service-1", "gh/acme/typo"]
    run = read("pipelines", "workflows", "projects", project_slugs=slugs)
    assert run.status == 1
    assert "gh/acme/typo cannot be read" in run.stderr
    assert {row["project_slug"] for row in table(read, "workflows")} == {"gh/acme/service-1"}
    read.later()
    assert read("pipelines", "workflows", project_slugs=slugs).records("workflows") == []


@pytest.mark.parametrize(
    "slug", ["github/acme/service-1", "gh%2Facme%2fservice-1", "gh/acme/service-1/"]
)
def test_slugs_are_taken_as_people_write_them(play, slug):
    read = play()
    read("pipelines", "projects", "project_settings", project_slugs=[slug])
    assert read.run.status == 0
    assert table(read, "project_settings")[0]["project_slug"] == "gh/acme/service-1"


def test_projects_of_the_github_app_have_ids_for_slugs(play):
    world = World(3, NOW)
    organization = world.add_organization("acme", app=True)
    project = world.add_project(organization, "web")
    world.new_pipeline(project)
    world.advance(HOUR)
    read = play(world)
    settings = {"project_slugs": [project.slug], "org_slugs": [organization.slug]}
    read("pipelines", "workflows", "projects", "project_settings", "contexts", **settings)
    assert read.run.status == 0
    assert table(read, "project_settings")[0]["project_slug"] == project.slug
    assert len(table(read, "contexts")) == 23
    assert read.differences() == []


def test_without_slugs_everything_the_user_takes_part_in_is_read(play):
    read = play()
    other = read.world.add_project(read.world.add_organization("other"), "tool")
    pipeline = read.world.new_pipeline(other)
    read("pipelines", "projects", project_slugs=None)
    assert len(table(read, "projects")) == 4
    assert pipeline.row["id"] in read.ids("pipelines")
    read("pipelines", "collaborations", "organizations", project_slugs=None)
    assert len(read.asked("/me/collaborations")) == 1


@pytest.mark.parametrize("streams", [("pipelines", "projects"), ("projects", "organizations")])
def test_an_organization_that_does_not_build_is_left_out_where_none_is_set(play, streams):
    read = play()
    idle = read.world.add_organization("idle")
    idle.hides_id = True
    missing = Fault.status(404)
    read.sandbox.fault = lambda request, _: (
        missing if "gh/idle" in unquote(request.target) else None
    )
    run = read(*streams, project_slugs=None)
    assert run.status == 0
    assert len(table(read, "projects")) == 3
    assert "collaborations: CircleCI does not know gh/idle" in run.stderr
    assert "project_slugs:" not in run.stderr
    assert vanished(run) == {*streams} - {"pipelines"}


def test_an_organization_of_the_settings_that_cannot_be_looked_at_costs_no_other(play):
    read = play()
    read("projects", **BY_ORG)
    run = read("projects", project_slugs=None, org_slugs=["gh/typo", "gh/acme"])
    assert run.status == 1
    assert "gh/typo cannot be read" in run.stderr
    assert len(run.records("projects")) == 3
    assert vanished(run) == set()


def test_users_are_asked_for_once(play):
    read = play()
    read("pipelines", "workflows", "jobs", "schedules", "users", "me")
    users = [path for path in read.asked() if path.startswith("/user/")]
    assert len(users) == len(set(users)) == len(table(read, "users")) == 4
    assert table(read, "me")[0]["login"] == "ada"
