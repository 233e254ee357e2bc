"""What goes wrong with settings and rights, and what the user is told."""

import pytest

from sandbox.circleci import PROJECT_TOKEN
from tests.circleci.conftest import BUILDS


def only_error(run):
    (line,) = run.errors
    return line


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("project_slugs", ["web"], "project_slugs: 'web' is not a slug such as gh/acme/web"),
        ("project_slugs", ["gh/acme"], "It looks like one for org_slugs"),
        ("org_slugs", ["acme"], "org_slugs: 'acme' is not a slug such as gh/acme"),
        ("org_slugs", ["gh/acme/web"], "It looks like one for project_slugs"),
        ("token", "Bearer CCIPAT_1234", "write the token alone"),
        ("token", "CCIPAT_1234 twice", "write the token alone"),
        ("branches", ["main", " "], "branches: one of its entries is empty"),
        ("base_url", "http://circleci.example/api/v2", "http"),
        ("base_url", "https://circleci.example/api/v1.1", "must end with /api/v2"),
        ("base_url", "circleci.com", "not a URL"),
        ("start_date", "2999-01-01T00:00:00Z", "start_date: 2999-01-01T00:00:00Z is in the future"),
        ("start_date", "yesterday", "start_date"),
        ("rerun_detection", "guess", "rerun_detection"),
        ("reporting_window", "last-year", "reporting_window"),
        ("lookback", -1, "lookback"),
        ("lookback", 10**12, "lookback"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_before_any_request(play, setting, value, told):
    read = play()
    run = read(**{setting: value})
    assert run.status == 1
    assert told in run.stderr
    assert "Traceback" not in run.stderr
    assert "CCIPAT_1234" not in run.stderr
    assert read.asked() == []


def test_a_project_token_is_told_from_a_personal_one(play):
    read = play()
    run = read(token=PROJECT_TOKEN)
    assert run.status == 1
    assert "personal API tokens" in only_error(run)
    assert "not project tokens" in only_error(run)
    assert PROJECT_TOKEN not in run.stderr


def test_a_stream_that_is_denied_is_named_with_what_it_needs(play):
    read = play()
    (organization,) = read.world.organizations
    read.vendor.denied[f"/organizations/{organization.id}/groups"] = 403
    run = read("groups", "contexts")
    assert run.status == 1
    assert len(run.records("contexts")) == 23
    assert any("groups" in line and "it needs" in line for line in run.stderr.splitlines())
    assert read("groups", "contexts", denied_streams="skip").status == 0


def test_users_alone_are_told_to_need_rows_that_mention_them(play):
    read = play()
    run = read("users")
    assert run.status == 0
    assert "users: only those are read that rows of other streams mention" in run.stderr
    assert "users:" not in read("users", "schedules").stderr.split("Summary")[0]


def test_empty_lists_of_slugs_are_as_good_as_none(play):
    read = play()
    run = read("pipelines", project_slugs=[], org_slugs=[])
    assert run.status == 0
    assert len(run.records("pipelines")) == 12
    assert read.asked("/pipeline") == ["/pipeline"]


def test_an_organization_that_does_not_exist_is_named(play):
    run = play()("pipelines", project_slugs=None, org_slugs=["gh/acme", "gh/typo"])
    assert run.status == 1
    assert "gh/typo cannot be read" in run.stderr
    assert run.records("pipelines") != []


def test_schedules_that_a_project_cannot_have_are_passed_over(play):
    read = play()
    read.vendor.denied["/project/gh/acme/service-1/schedule"] = 404
    run = read("projects", "schedules")
    assert run.status == 0
    assert len(run.records("schedules")) == 2


def test_one_forbidden_workflow_costs_its_jobs_only(play):
    read = play()
    pipeline = read.world.new_pipeline(workflows=["secret"])
    read.vendor.denied[f"/workflow/{pipeline.workflows[0].row['id']}"] = 403
    run = read(*BUILDS)
    assert run.status == 0
    assert pipeline.workflows[0].row["id"] in read.ids("workflows")
    assert "1 skipped" in run.stderr
