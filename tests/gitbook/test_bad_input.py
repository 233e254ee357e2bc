"""Rows that lack what the contract promises cost only themselves; so do states of strange form."""

import pytest

from sandbox.gitbook import truth
from tap_gitbook.marks import OF_AN_ID, mark_of
from tests.gitbook.conftest import altered, bodies
from tests.gitbook.tables import assert_tables_are_true


def test_a_chosen_space_that_is_gone_is_named_though_a_change_request_of_it_is_listed(reader):
    gone, *others = reader.world.every("spaces")
    requests = [r for r in reader.world.every("change_requests") if r["space"] == gone["id"]]
    assert requests
    chosen = {"spaces": [gone["id"], others[0]["id"]]}
    reader.sandbox.fault = altered(
        reader,
        "/spaces",
        lambda body: body.update(items=[s for s in body["items"] if s["id"] != gone["id"]]),
    )
    run = reader("spaces", "change_requests", **chosen)
    assert run.status == 1
    assert f"spaces: '{gone['id']}' cannot be read" in run.stderr


def warnings(run):
    return [line for line in run.stderr.splitlines() if "WARNING" in line]


@pytest.mark.parametrize("lack", [lambda row: row.update(revision=None), dict.clear])
def test_a_space_without_a_revision_is_read_in_every_run(reader, lack):
    first = reader.world.every("spaces")[0]

    def spoil(body):
        (row,) = (row for row in body["items"] if row["id"] == first["id"])
        lack(row)
        row["id"] = first["id"]

    reader.sandbox.fault = altered(reader, f"{first['organization']}/spaces", spoil)
    chosen = ("spaces", "content", "pages", "page_documents", "comments", "space_user_permissions")
    run = reader(*chosen)
    assert run.status == 0
    assert warnings(run) == []
    (row,) = (row for row in reader.rows("spaces") if row["id"] == first["id"])
    assert row["revision"] == first["revision"]
    del reader.tables["spaces"]
    assert_tables_are_true_of(reader, *chosen[1:])
    reader(*chosen)
    assert reader.asked("/content") == [f"/spaces/{first['id']}/content"]
    assert bodies(reader) == []


def assert_tables_are_true_of(reader, *streams):
    expected = truth(reader.vendor)
    for stream in streams:
        assert len(reader.rows(stream)) == len(expected[stream]), stream


SPOILT = {
    "change_requests": ("/change-requests", lambda row: row.pop("id")),
    "space_user_permissions": ("/permissions/users", lambda row: row.update(user=None)),
    "space_team_permissions": ("/permissions/teams", lambda row: row.pop("team")),
    "team_members": ("/members", lambda row: row.pop("organization", None)),
    "requested_reviewers": ("/requested-reviewers", lambda row: row.pop("kind")),
    "integrations": ("/installations", lambda row: row.pop("installation")),
    "spaces": ("/spaces", lambda row: row.pop("id")),
    "pages": ("/content", lambda row: row.pop("id")),
}


@pytest.mark.parametrize("stream", SPOILT)
def test_a_row_without_a_key_is_left_out_alone(reader, stream):
    end, spoil = SPOILT[stream]
    spoilt = []

    def spoil_one(body):
        rows = body["pages"][0]["pages"] if "pages" in body else body["items"]
        if rows and not spoilt:
            spoilt.append(rows[0])
            spoil(rows[0])

    reader.sandbox.fault = altered(reader, end, spoil_one)
    run = reader("organizations", "users", stream)
    assert any(stream in line and "left out" in line for line in warnings(run))
    assert len(reader.rows(stream)) == len(truth(reader.vendor)[stream]) - 1
    assert run.status == 0
    assert stream not in {message["stream"] for message in run.of("ACTIVATE_VERSION")}
    assert reader.rows("organizations")


@pytest.mark.parametrize(
    ("end", "lacks", "key", "stream"),
    [
        ("/change-requests", "space", "change_request_id", "change_request_comments"),
        ("/openapi", "slug", "openapi_spec_id", "openapi_spec_versions"),
    ],
)
def test_a_row_without_the_way_to_what_belongs_to_it_costs_only_that(
    reader, end, lacks, key, stream
):
    expected = truth(reader.vendor)[stream]
    parent = expected[0][key]

    def spoil(body):
        for row in body["items"]:
            row.update({lacks: None} if row["id"] == parent else {})

    reader.sandbox.fault = altered(reader, end, spoil)
    run = reader("organizations", stream)
    assert any(stream in line and "left out" in line for line in warnings(run))
    assert len(reader.rows(stream)) == sum(row[key] != parent for row in expected)
    assert stream not in {message["stream"] for message in run.of("ACTIVATE_VERSION")}


def test_a_change_request_without_a_status_is_read_with_all_that_belongs_to_it(reader):
    reader.sandbox.fault = altered(
        reader, "/change-requests", lambda body: [row.pop("status") for row in body["items"]]
    )
    assert reader("change_request_comments", "change_request_reviews").status == 0
    assert_tables_are_true(reader)


def test_a_tree_that_cannot_be_read_any_more_costs_no_more_than_all_bodies(reader):
    chosen = ("spaces", "content", "pages", "page_documents")
    reader(*chosen)
    space = reader.world.every("spaces")[0]
    earlier = space["revision"]
    reader.world.publish(space, lambda made: reader.world.upload(made, "new.png", 1))
    reader.sandbox.fault = altered(reader, f"/revisions/{earlier}", dict.clear)
    assert reader(*chosen).status == 0
    assert {row["space_id"] for row in reader.rows("page_documents")} >= {space["id"]}
    assert bodies(reader)


@pytest.mark.parametrize(
    "bookmark",
    [
        {"readers": ["content", "pages"]},
        {"readers": ["content", "pages"], "revisions": None},
        {"readers": ["content", "pages"], "revisions": ["some"]},
        {"readers": None, "revisions": {"some": "r"}},
        {"readers": ["content", 5], "revisions": {"some": ["r"]}},
    ],
)
def test_a_bookmark_of_another_form_is_none(reader, bookmark):
    reader.state = {"bookmarks": {"content": bookmark}}
    assert reader("spaces", "content", "pages").status == 0
    assert_tables_are_true(reader)
    spaces = {mark_of(row["id"], length=OF_AN_ID) for row in reader.rows("spaces")}
    assert {*reader.state["bookmarks"]["content"]["revisions"]} == spaces
