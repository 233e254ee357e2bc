"""What belongs to organizations, and which of them are read."""

import pytest

from sandbox import Fault
from tests.circleci.conftest import table, vanished

IN_ORGANIZATIONS = (
    *("organizations", "groups", "url_orb_allow_list", "contexts"),
    *("context_environment_variables", "context_restrictions"),
    *("environments", "components", "component_versions"),
)


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


def test_an_organization_of_the_settings_is_read_once(play):
    read = play()
    read.world.add_organization("strangers").is_member = False
    for slug in ("gh/acme", "gh/strangers"):
        run = read("organizations", "contexts", "groups", project_slugs=None, org_slugs=[slug])
        assert len(run.records("organizations")) == 1
        assert len(run.records("contexts")) == 23
        assert len(read.asked()) == len(set(map(str, read.targets))) == 4 + (slug != "gh/acme")


def test_the_organization_of_a_project_is_read_even_if_the_user_is_not_part_of_it(play):
    read = play()
    strangers = read.world.add_organization("strangers")
    strangers.is_member = False
    project = read.world.add_project(strangers, "web")
    run = read("organizations", "contexts", project_slugs=[project.slug])
    assert [row["slug"] for row in run.records("organizations")] == ["gh/strangers"]
    assert vanished(run) == {"organizations", "contexts"}


@pytest.mark.parametrize(
    ("settings", "status"),
    [({"org_slugs": ["gh/typo"]}, 1), ({"project_slugs": ["gh/typo/web"]}, 0)],
)
def test_an_organization_that_cannot_be_read_is_named_and_empties_no_table(play, settings, status):
    read = play()
    read("organizations", "contexts")
    (setting,) = settings
    run = read("organizations", "contexts", **settings)
    assert run.status == status
    assert f"{setting}: 'gh/typo'" in run.stderr
    assert vanished(run) == set()


def test_a_user_without_organizations_is_told_what_to_set(play):
    read = play()
    read.world.organizations[0].is_member = False
    run = read("collaborations", "organizations", "contexts", "pipelines", project_slugs=None)
    assert run.status == 0
    assert "set project_slugs or org_slugs" in run.stderr
    assert read.asked() == ["/me/collaborations"]
    assert vanished(run) == set()


def test_a_collaboration_without_a_slug_is_left_out_and_told(play):
    read = play()
    (organization,) = read.world.organizations
    body = [{"id": organization.id, "slug": None}, {"name": "x"}, {"slug": "gh/acme", "name": "a"}]
    answer = Fault.status(200, body=body)
    read.sandbox.fault = lambda request, _: answer if "/me/" in request.path else None
    run = read("collaborations", "contexts", "pipelines", project_slugs=None)
    assert run.status == 0
    assert len(run.records("collaborations")) == 1
    assert len(run.records("contexts")) == 23
    assert "collaborations: a row without slug is left out" in run.stderr


def test_only_organizations_of_the_settings_are_read(play):
    read = play()
    read.world.add_organization("other")
    read("organizations", "contexts")
    assert [row["slug"] for row in table(read, "organizations")] == ["gh/acme"]
    read("organizations", "contexts", project_slugs=None)
    assert {row["slug"] for row in table(read, "organizations")} == {"gh/acme", "gh/other"}
