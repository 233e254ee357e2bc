"""What cannot be read is named, with what it needs; the rest is read."""

import time

import pytest
from singer_sdk.exceptions import ConfigValidationError

from rest_tap import ConfigError
from sandbox import Fault, Response
from tap_gitbook.tap import TapGitBook
from tests.gitbook.conftest import altered
from tests.gitbook.tables import assert_tables_are_true

PERSONAL_ONLY = {"translations", "glossary_entries", "integrations", "audit_events"}


def summary(run, stream):
    """All that the summary says of a stream, which may be more than a line."""
    return "\n".join(line for line in run.stderr.splitlines() if f"Summary: {stream}:" in line)


def test_a_scope_that_is_missing_is_named_and_the_rest_is_read(reader):
    reader.vendor.access.scopes = {"user:read", "organization:read", "space:read"}
    run = reader()
    assert run.status == 1
    for stream, scope in {
        "org_members": "organization:members:read",
        "space_user_permissions": "space:permissions:read",
        "sites": "site:read",
        "openapi_specs": "openapi:read",
    }.items():
        assert "NOT COMPLETE" in summary(run, stream)
        assert scope in summary(run, stream)
    for stream in PERSONAL_ONLY:
        assert "personal token" in summary(run, stream)
    assert reader.rows("pages")
    assert reader.rows("change_requests")


def test_denied_streams_may_be_skipped(reader):
    reader.vendor.access.scopes = {"user:read", "organization:read", "space:read"}
    run = reader("users", "spaces", "org_members", denied_streams="skip")
    assert run.status == 0
    assert "organization:members:read" in summary(run, "org_members")
    assert_tables_are_true_but_for(reader, "org_members")


def assert_tables_are_true_but_for(reader, *streams):
    for stream in streams:
        del reader.tables[stream]
    assert_tables_are_true(reader)


def test_one_space_that_is_denied_costs_only_itself(reader):
    denied, *others = (
        s for s in reader.world.every("spaces")
        if s["organization"] in reader.vendor.access.organizations
    )  # fmt: skip
    reader.vendor.access.denied.add(denied["id"])
    run = reader("spaces", "pages", "comments")
    assert run.status == 0
    assert {row["space_id"] for row in reader.rows("pages")} == {s["id"] for s in others}
    warnings = [line for line in run.stderr.splitlines() if "WARNING" in line]
    assert any(denied["id"] in line for line in warnings)
    assert "comments" not in {message["stream"] for message in run.of("ACTIVATE_VERSION")}


@pytest.mark.parametrize("setting", ["organizations", "spaces", "sites"])
def test_an_id_that_the_token_does_not_see_is_named_and_others_go_on(reader, setting):
    known = next(
        row["id"]
        for row in reader.world.every(setting)
        if row.get("organization", row["id"]) in reader.vendor.access.organizations
        or setting == "sites"
    )
    run = reader("organizations", "spaces", "sites", **{setting: [known, "unknown-id"]})
    assert run.status == 1
    told = [line for line in run.stderr.splitlines() if "unknown-id" in line]
    assert any(setting in line for line in told)
    assert [row["id"] for row in reader.rows(setting)] == [known]
    assert setting not in {message["stream"] for message in run.of("ACTIVATE_VERSION")}


def test_chosen_spaces_restrict_what_belongs_to_spaces(reader):
    chosen = reader.world.every("spaces")[0]["id"]
    reader("spaces", "pages", "comments", "change_requests", "import_runs", spaces=[chosen])
    for stream in ("pages", "comments", "change_requests"):
        assert {row["space_id"] for row in reader.rows(stream)} == {chosen}
    assert {path.split("/")[2] for path in reader.asked() if path.startswith("/spaces/")} == {
        chosen
    }


def test_a_wrong_token_ends_the_run_with_one_line(reader):
    run = reader(access_token="gb_api_other")
    assert run.status == 1
    assert len(run.errors) == 1
    assert "access_token" in run.errors[0]
    assert "gb_api_other" not in run.stderr
    assert reader.tables.get("users", {}) == {}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("access_token", "Bearer abc"),
        ("access_token", ""),
        ("base_url", "api.gitbook.com/v1"),
        ("base_url", "http://api.gitbook.com/v1"),
        ("base_url", "https://api.gitbook.com"),
        ("base_url", "https://app.gitbook.com/o/abc/s/def"),
        ("page_format", "html"),
        ("insights_interval", "minute"),
        ("change_request_details", ["closed"]),
    ],
)
def test_a_bad_setting_is_named(setting, value):
    with pytest.raises((ConfigError, ConfigValidationError)) as refused:
        TapGitBook(config={"access_token": "any", setting: value})
    assert setting in " ".join(getattr(refused.value, "errors", [])) + str(refused.value)


def test_a_setting_that_is_refused_is_told_in_one_line_before_anything_is_asked(reader):
    run = reader(spaces=["https://app.gitbook.com/o/abc/s/def/"])
    assert run.status == 1
    assert len(run.errors) == 1
    assert "spaces" in run.errors[0]
    assert reader.sandbox.requests == []


def test_a_rate_limit_is_waited_for_until_the_point_of_time_that_is_told(reader):
    told = reader.vendor.too_many(1)
    reader.sandbox.fault = lambda request, number: Fault("answer", told) if number == 1 else None
    run = reader("users", max_concurrency=1)
    assert run.status == 0
    first, second = reader.sandbox.requests[-2:]
    assert first.status == 429
    assert second.started - first.ended >= 0.9


def test_a_rate_limit_is_waited_for_by_our_clock_where_the_answer_tells_no_time(reader):
    told = reader.vendor.too_many(1)
    told.headers.update({"Date": "", "X-RateLimit-Reset": str(int(time.time()) + 5)})
    reader.sandbox.fault = lambda request, number: Fault("answer", told) if number == 1 else None
    assert reader("users", max_concurrency=1).status == 0
    first, second = reader.sandbox.requests[-2:]
    assert second.started - first.ended >= 2


@pytest.mark.parametrize("stream", ["users", "spaces"])
def test_a_path_before_which_nothing_is_found_is_named(reader, stream):
    run = reader(stream, base_url=f"{reader.sandbox.url}/v2")
    assert run.status == 1
    assert any("base_url" in line and "/v2" in line for line in run.errors)
    assert "scope" not in run.stderr


def test_an_answer_without_its_list_ends_its_stream_only(reader):
    reader.sandbox.fault = lambda request, _: (
        Fault("answer", Response(body={"rows": []})) if request.path.endswith("/teams") else None
    )
    run = reader("users", "teams")
    assert run.status == 1
    assert any("teams" in line and "items" in line for line in run.errors)
    assert reader.rows("users")


def test_of_a_space_in_the_trash_no_list_is_asked_and_what_vanished_elsewhere_is_told(reader):
    reader("spaces", "comments")
    trashed, *_ = kept = [row["id"] for row in reader.rows("spaces")]

    def change(body):
        for row in body["items"]:
            if row["id"] == trashed:
                row["deletedAt"] = "2026-03-01T00:00:00.000Z"

    reader.sandbox.fault = altered(reader, "/spaces", change)
    run = reader("spaces", "comments", reconcile="always")
    assert run.status == 0
    assert not [path for path in reader.asked() if f"/spaces/{trashed}/" in path]
    assert {row["id"] for row in reader.rows("spaces")} == set(kept)
    assert "comments" in {message["stream"] for message in run.of("ACTIVATE_VERSION")}


def test_a_list_that_ends_before_its_count_is_told_and_deletes_nothing(reader):
    reader("teams")
    before = reader.rows("teams")

    def change(body):
        body["count"] = len(body["items"])
        del body["items"][-1], body["next"]

    reader.sandbox.fault = altered(reader, "/teams", change)
    run = reader("teams")
    assert run.status == 0
    assert "list that ends before its count" in run.stderr
    assert reader.rows("teams") == before
    assert run.of("ACTIVATE_VERSION") == []


@pytest.mark.parametrize(
    ("status", "message"),
    [(402, "Upgrade"), (412, "Plan"), (500, "Missing permission: teams")],
)
def test_a_plan_or_a_right_that_lacks_is_a_denial(reader, status, message):
    body = {"error": {"code": status, "message": message}}
    denial = Fault("answer", Response(status, body))
    reader.sandbox.fault = lambda request, _: denial if request.path.endswith("/teams") else None
    run = reader("users", "teams")
    assert run.status == 1
    assert message in run.stderr
    assert reader("users", "teams", denied_streams="skip").status == 0
