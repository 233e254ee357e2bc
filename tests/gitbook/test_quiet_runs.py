"""What tells nothing of its changes waits until it is due; what is read anyway proves some."""

import json

import pytest

from tap_gitbook.marks import Marks, mark_of
from tap_gitbook.streams import STREAMS
from tests.gitbook.tables import assert_tables_are_true

DEFAULT = tuple(stream.name for stream in STREAMS if stream.selected_by_default)
LISTS_OF_AN_ORG, LISTS_OF_A_SITE = 12, 5


def of_the_parents(reader, stream):
    """Which lists below spaces, sites and change requests were asked for."""
    end = next(each.path for each in STREAMS if each.name == stream).rpartition("/")[2]
    return [path.split("/")[-2] for path in reader.asked(f"/{end}")]


def test_a_quiet_run_asks_for_no_space_and_keeps_few_bytes_of_each(reader):
    reader(*DEFAULT)
    reader.world.tick(minutes=30)
    run = reader(*DEFAULT)
    orgs, sites = len(reader.rows("organizations")), len(reader.rows("sites"))
    assert len(reader.asked()) == 2 + LISTS_OF_AN_ORG * orgs + LISTS_OF_A_SITE * sites
    assert "comments: 0 records, 0 requests, 0 retries, 0.0 s waited, not due until" in run.stderr
    before = len(json.dumps(reader.state))
    for org in reader.world.every("organizations"):
        for number in range(20):
            reader.world.add_space(org, f"Further {number}")
    spaces = len(reader.rows("spaces"))
    reader(*DEFAULT)
    more = len(reader.rows("spaces")) - spaces
    assert len(json.dumps(reader.state)) - before <= 42 * more
    assert before - 42 * spaces <= 4_000


def change_what_waits(world):
    """Change what no row that is read anyway tells of."""
    bruno = world.every("users")[1]
    space = world.every("spaces")[0]
    for kind in ("space", "site", "collection"):
        world.grant_user(kind, world.every(f"{kind}s")[0]["id"], world.every("users")[2], "read")
    world.edit_comment(world.rows("comments", space["id"])[0], "Put better")
    world.reply(world.rows("comments", space["id"])[1], bruno, "So it is.")
    request = next(r for r in world.every("change_requests") if r["status"] == "open")
    world.review(request, bruno, "approved")
    world.redirect(world.every("sites")[0], "/another")


def test_what_waits_is_seen_when_it_is_due(reader):
    reader()
    change_what_waits(reader.world)
    reader()
    with pytest.raises(AssertionError):
        assert_tables_are_true(reader)
    reader.world.tick(days=1)
    run = reader()
    assert "not due" not in run.stderr
    assert_tables_are_true(reader)


def test_what_waits_is_seen_at_once_where_it_always_reconciles(reader):
    reader()
    change_what_waits(reader.world)
    reader(reconcile="always")
    assert_tables_are_true(reader)


def test_a_stream_that_is_named_does_not_wait(reader):
    reader()
    change_what_waits(reader.world)
    reader("site_redirects", "comments", reconcile_always=["site_*"])
    assert reader.asked("/comments") == []
    assert {path.split("/")[4] for path in reader.asked("/redirects")} == {
        site["id"] for site in reader.rows("sites")
    }


def test_a_number_of_open_comments_that_moved_lets_its_space_be_read(reader):
    world, (first, second, *_) = reader.world, reader.world.every("spaces")
    reader()
    world.comment(first, world.every("users")[0], "One more")
    world.resolve(world.rows("comments", second["id"])[0], world.every("users")[0])
    reader()
    assert {*of_the_parents(reader, "comments")} == {first["id"], second["id"]}
    assert_tables_are_true(reader, "spaces", "comments", "comment_replies")
    reader()
    assert reader.asked("/comments") == []


def test_a_change_request_that_was_changed_lets_its_lists_be_read(reader):
    world = reader.world
    request = next(r for r in world.every("change_requests") if r["status"] == "open")
    reader()
    world.review(request, world.every("users")[0], "approved")
    world.archive(request)
    reader()
    assert of_the_parents(reader, "change_request_reviews") == [request["id"]]
    assert_tables_are_true(reader, "change_requests", "change_request_reviews")


def test_a_team_and_a_specification_tell_of_their_own(reader):
    world = reader.world
    reader()
    team = next(team for team in world.every("teams") if not team["members"])
    world.enter_team(team, world.rows("members", world.owner("teams", team["id"]))[0]["user"])
    spec = world.every("openapi_specs")[0]
    world.add_openapi_version(spec)
    reader()
    assert len(reader.asked("/versions")) == 1
    assert [path for path in reader.asked("/members") if "/teams/" in path] == [
        f"/orgs/{world.owner('teams', team['id'])}/teams/{team['id']}/members"
    ]
    assert {row["team_id"] for row in reader.rows("team_members")} >= {team["id"]}
    assert_tables_are_true(reader, "openapi_spec_versions")


def test_what_is_new_is_read_with_all_its_lists(reader):
    world, org = reader.world, reader.world.every("organizations")[0]
    ada = world.every("users")[0]
    reader()
    space, site = world.add_space(org, "New"), world.add_site(org, "Also new")
    collection = world.add_collection(org, "More")
    for kind, made in (("space", space), ("site", site), ("collection", collection)):
        world.grant_user(kind, made["id"], ada, "admin")
    world.redirect(site, "/from")
    world.comment(space, ada, "Hello")
    reader()
    assert_tables_are_true(reader)


def test_a_list_that_failed_is_asked_for_in_the_next_run(reader):
    world, space = reader.world, reader.world.every("spaces")[0]
    reader()
    world.comment(space, world.every("users")[0], "One more")
    reader.vendor.access.denied.add("comments")
    reader()
    reader.vendor.access.denied.clear()
    reader()
    assert of_the_parents(reader, "comments") == [space["id"]]
    assert_tables_are_true(reader, "comments")


def test_marks_are_known_to_the_next_run_only():
    first = Marks("")
    assert not first.is_known(mark_of("a", 1))
    first.keep(mark_of("a", 1))
    first.keep(mark_of("b", None))
    assert len(str(first)) == 8
    second = Marks(str(first))
    assert second.is_known(mark_of("a", 1))
    assert not second.is_known(mark_of("a", 2))
    assert not str(second)
