"""What changes while it is read is not missed, and found again where it must be."""

import pytest

from sandbox import Fault, Response
from sandbox.gitbook import truth
from tap_gitbook.marks import OF_AN_ID, mark_of
from tests.gitbook.conftest import altered, bodies, documents
from tests.gitbook.tables import assert_tables_are_true

CONTENT = ("spaces", "content", "pages", "files", "page_documents")


def ids(rows):
    return {row["id"] for row in rows}


def everything(reader, stream):
    return ids(truth(reader.vendor)[stream])


def test_change_requests_that_are_edited_while_they_are_listed_are_not_missed(reader):
    reader.vendor.most_rows, world = 2, reader.world

    def edit_the_last(request, _):
        if request.path.endswith("/change-requests") and "page" in request.query:
            world.tick(seconds=1)
            world.mark_ready(min(world.every("change_requests"), key=lambda r: r["updatedAt"]))

    reader.sandbox.fault = edit_the_last
    reader("change_requests")
    assert ids(reader.rows("change_requests")) == everything(reader, "change_requests")


def test_findings_that_are_settled_while_they_are_listed_are_not_missed(reader):
    reader.vendor.most_rows, world = 1, reader.world
    for site in world.every("sites"):
        world.tick(minutes=1)
        world.find_gap(site, "A newer one")

    def settle_the_last(request, _):
        if request.path.endswith("/findings") and "page" in request.query:
            site = request.path.split("/")[5]
            world.tick(seconds=1)
            last = min(world.rows("findings", site), key=lambda row: row["updatedAt"])
            world.settle_gap(last, "canceled")

    reader.sandbox.fault = settle_the_last
    reader("site_findings")
    assert ids(reader.rows("site_findings")) == everything(reader, "site_findings")


def test_drafts_that_go_live_between_the_two_lists_are_not_missed(reader):
    asked = set()

    def go_live(request, _):
        if request.path.endswith("/redirects"):
            if request.path in asked:
                for redirect in reader.world.rows("redirects", request.path.split("/")[5]):
                    redirect["draft"] = False
            asked.add(request.path)

    reader.sandbox.fault = go_live
    reader("site_redirects")
    assert_tables_are_true(reader)


def test_a_space_that_moves_on_after_it_was_listed_tells_what_was_read(reader):
    world, space = reader.world, reader.world.every("spaces")[0]
    listed, page = space["revision"], documents(world, space)[0]

    def move_on(request, _):
        if request.path.endswith(f"{space['id']}/content") and space["revision"] == listed:
            world.publish(space, lambda made: world.drop(made, page["id"]))

    reader.sandbox.fault = move_on
    reader(*CONTENT)
    assert ids(reader.rows("pages")) == everything(reader, "pages")
    reader(*CONTENT)
    assert reader.asked("/content") == []
    assert_tables_are_true(reader)
    world.roll_back(space, listed)
    reader(*CONTENT)
    assert page["id"] in bodies(reader)
    assert_tables_are_true(reader)


def test_a_page_that_is_edited_before_its_body_is_read_and_rolled_back_is_read_again(reader):
    world, space = reader.world, reader.world.every("spaces")[0]
    page = documents(world, space)[0]
    reader(*CONTENT)
    world.publish(space, lambda made: world.edit(made, page["id"]))
    listed = space["revision"]

    def edit_again(request, _):
        if request.path.endswith(f"/content/page/{page['id']}") and space["revision"] == listed:
            world.tick(seconds=1)
            world.publish(space, lambda made: world.edit(made, page["id"]))

    reader.sandbox.fault = edit_again
    reader(*CONTENT)
    world.roll_back(space, listed)
    reader(*CONTENT)
    assert_tables_are_true(reader)
    reader(*CONTENT)
    assert reader.asked("/content") == []


def test_a_space_whose_content_fails_tells_the_revision_of_its_pages(reader):
    world, space = reader.world, reader.world.every("spaces")[0]
    reader(*CONTENT)
    read = space["revision"]
    world.publish(space, lambda made: world.upload(made, "new.png", 1))
    reader.sandbox.fault = lambda request, _: (
        Fault.status(404) if request.path.endswith(f"{space['id']}/content") else None
    )
    reader(*CONTENT)
    assert read in {row["revision"] for row in reader.rows("spaces")}
    assert space["id"] in {row["space_id"] for row in reader.rows("pages")}
    reader.sandbox.fault = None
    reader(*CONTENT)
    assert_tables_are_true(reader)


def test_bodies_that_were_not_asked_for_any_more_are_read_in_the_next_run(reader):
    reader.sandbox.fault = lambda request, _: (
        Fault.status(400) if "/content/page/" in request.path else None
    )
    run = reader(*CONTENT)
    assert run.status == 1
    reader.sandbox.fault = None
    assert reader(*CONTENT).status == 0
    assert_tables_are_true(reader)


@pytest.mark.parametrize("told", ["id", "sourceRevision"])
def test_an_unchanged_space_whose_revision_is_computed_costs_no_request(reader, told):
    space = reader.world.every("spaces")[0]
    ways = {"type": "computed", "id": "computed", "sourceRevision": "source"}
    made = {**reader.world.current(space), **ways, told: space["revision"]}
    reader.sandbox.fault = altered(reader, f"{space['id']}/content", lambda body: body.update(made))
    reader(*CONTENT)
    assert {row["revision"] for row in reader.rows("spaces")} >= {space["revision"]}
    reader(*CONTENT)
    assert reader.asked("/content") == []


def test_spaces_that_are_no_more_leave_the_state(reader):
    gone, denied, *others = reader.world.every("spaces")
    reader(*CONTENT)
    reader.world.delete_space(gone)
    reader(*CONTENT, spaces=[others[0]["id"]])
    assert space_key(gone["id"]) in known(reader)
    reader.vendor.access.denied.add(denied["organization"])
    reader(*CONTENT)
    assert space_key(gone["id"]) in known(reader)
    reader.vendor.access.denied.clear()
    reader(*CONTENT)
    assert known(reader) == {*map(space_key, everything(reader, "spaces"))}
    assert reader.asked("/content") == []


def space_key(space_id):
    return mark_of(space_id, length=OF_AN_ID)


def known(reader):
    return {*reader.state["bookmarks"]["content"]["revisions"]}


def test_a_space_without_news_is_read_again_if_no_body_could_be_read(reader):
    reader.vendor.access.denied.add("page_documents")
    assert reader(*CONTENT).status == 1
    reader.vendor.access.denied.clear()
    assert reader(*CONTENT).status == 0
    assert_tables_are_true(reader)


def test_a_single_body_that_was_denied_is_asked_for_again_by_the_next_run(reader):
    world, space = reader.world, reader.world.every("spaces")[0]
    page = documents(world, space)[0]
    reader.sandbox.fault = lambda request, _: (
        Fault.status(403) if request.path.endswith(f"/page/{page['id']}") else None
    )
    run = reader(*CONTENT)
    assert run.status == 0
    assert any(page["id"] in line for line in run.stderr.splitlines() if "WARNING" in line)
    reader.sandbox.fault = None
    reader(*CONTENT)
    assert bodies(reader) == [page["id"]]
    reader(*CONTENT)
    assert bodies(reader) == []
    world.publish(space, lambda made: world.edit(made, page["id"]))
    reader(*CONTENT)
    assert bodies(reader) == [page["id"]]
    assert_tables_are_true(reader)


def test_a_space_whose_content_is_no_revision_is_not_remembered(reader):
    space = reader.world.every("spaces")[0]
    reader.sandbox.fault = lambda request, _: (
        Fault("answer", Response(body=[]))
        if request.path.endswith(f"{space['id']}/content")
        else None
    )
    assert reader(*CONTENT).status == 1
    assert space_key(space["id"]) not in known(reader)
    reader.sandbox.fault = None
    assert reader(*CONTENT).status == 0
    assert_tables_are_true(reader)
