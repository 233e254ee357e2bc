"""Projects and organizations: set, found, missing, and what belongs to them."""

import pytest

from sandbox.circleci import World
from tests.circleci.conftest import DAY, HOUR, NOW

IN_PROJECTS = (
    *("projects", "project_settings", "project_environment_variables", "checkout_keys"),
    *("schedules", "webhooks", "pipeline_definitions", "triggers"),
)
IN_ORGANIZATIONS = (
    *("organizations", "groups", "url_orb_allow_list", "contexts"),
    *("context_environment_variables", "context_restrictions"),
    *("environments", "components", "component_versions"),
)
BY_ORG = {"project_slugs": None, "org_slugs": ["gh/acme"]}


def table(read, stream):
    return list(read.tables[stream].values())


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


def test_what_belongs_to_organizations_carries_their_keys(play):
    read = play()
    assert read(*IN_ORGANIZATIONS).status == 0
    (organization,) = read.world.organizations
    for stream in IN_ORGANIZATIONS[1:]:
        rows = table(read, stream)
        assert rows
        assert {row["organization_id"] for row in rows} == {organization.id}
    assert len(table(read, "contexts")) == 23
    assert table(read, "organizations")[0]["vcs_type"] == "github"


def test_an_organization_without_an_id_among_the_collaborations_is_asked_for_it(play):
    read = play()
    (organization,) = read.world.organizations
    organization.hides_id = True
    read("collaborations", "organizations", "contexts")
    assert read.asked("/organization/gh/acme") != []
    assert table(read, "collaborations")[0]["id"] is None
    assert table(read, "organizations")[0]["id"] == organization.id


def test_an_organization_that_the_user_is_not_part_of_is_read_by_its_slug(play):
    read = play()
    read.world.add_organization("strangers").is_member = False
    read("collaborations", "organizations", org_slugs=["gh/strangers"])
    assert [row["slug"] for row in table(read, "collaborations")] == ["gh/acme"]
    assert [row["slug"] for row in table(read, "organizations")] == ["gh/strangers"]


def test_only_organizations_of_the_settings_are_read(play):
    read = play()
    read.world.add_organization("other")
    read("organizations", "contexts")
    assert [row["slug"] for row in table(read, "organizations")] == ["gh/acme"]
    read("organizations", "contexts", project_slugs=None)
    assert {row["slug"] for row in table(read, "organizations")} == {"gh/acme", "gh/other"}


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


def test_projects_are_found_without_pipelines_being_selected(play):
    read = play(pipelines=45)
    read("projects", **BY_ORG)
    assert len(table(read, "projects")) == 3
    assert len(read.asked("/pipeline")) == 3
    read.later()
    read("projects", **BY_ORG)
    assert len(read.run.records("projects")) == 3
    assert len(read.asked("/pipeline")) == 1


def test_a_project_that_was_found_and_is_gone_is_left_out_and_told(play):
    read = play()
    read("pipelines", "projects", **BY_ORG)
    gone = read.world.projects.pop()
    read.later()
    run = read("pipelines", "projects", **BY_ORG)
    assert run.status == 0
    assert f"{gone.slug} is gone" in run.stderr
    read.later()
    assert gone.slug not in read("pipelines", "projects", **BY_ORG).stderr


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


def test_users_are_asked_for_once(play):
    read = play()
    read("pipelines", "workflows", "jobs", "schedules", "users", "me")
    users = [path for path in read.asked() if path.startswith("/user/")]
    assert len(users) == len(set(users)) == len(table(read, "users")) == 4
    assert table(read, "me")[0]["login"] == "ada"
