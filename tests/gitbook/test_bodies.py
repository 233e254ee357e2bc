"""Which bodies of pages are read again."""

import pytest

from sandbox import Fault
from sandbox.gitbook.objects import nodes
from tests.gitbook.conftest import CONTENT, bodies, documents
from tests.gitbook.tables import assert_tables_are_true


@pytest.mark.parametrize("change", ["edit_reusable", "drop_reusable", "variable"])
def test_what_any_body_may_show_lets_all_bodies_of_its_space_be_read(reader, change):
    world, space = reader.world, reader.world.every("spaces")[0]
    made = []
    world.publish(space, lambda revision: made.append(world.reuse(revision, "Warning")["id"]))
    page = documents(world, space)[0]["id"]
    world.publish(space, lambda revision: world.edit(revision, page, *made))
    reader(*CONTENT)
    deeds = {
        "edit_reusable": lambda revision: world.edit_reusable(revision, *made),
        "drop_reusable": lambda revision: revision["reusableContents"].clear(),
        "variable": lambda revision: revision["variables"].update(product="Shuttle"),
    }
    world.publish(space, deeds[change])
    reader(*CONTENT)
    assert bodies(reader) == sorted(node["id"] for node in documents(world, space))
    assert_tables_are_true(reader)
    world.publish(space, lambda revision: world.reuse(revision, "One that no page shows"))
    reader(*CONTENT)
    assert bodies(reader) == []
    assert_tables_are_true(reader)


def test_only_bodies_that_moved_are_read_again(reader):
    reader(*CONTENT)
    world, space = reader.world, reader.world.every("spaces")[0]
    assert len(bodies(reader)) == len(reader.rows("page_documents"))
    edited, moved = documents(world, space)[:2]
    new = world.new_page("Brand new")

    def change(made):
        world.edit(made, edited["id"])
        world.move(made, moved["id"], None)
        world.insert(made, new)

    world.publish(space, change)
    reader(*CONTENT)
    assert bodies(reader) == sorted([edited["id"], new["id"]])
    assert_tables_are_true(reader)


def test_bodies_of_a_merge_are_older_than_the_last_run_and_read(reader):
    world = reader.world
    space, author = world.every("spaces")[0], world.every("users")[0]
    page = documents(world, space)[0]
    request = world.request_change(space, author)
    world.plan_edit(request, page["id"])
    world.tick(days=1)
    reader(*CONTENT)
    world.tick(days=1)
    world.merge(request, author)
    reader(*CONTENT)
    assert bodies(reader) == [page["id"]]
    assert_tables_are_true(reader)


def test_bodies_of_a_rollback_are_read(reader):
    world, space = reader.world, reader.world.every("spaces")[0]
    before, page = space["revision"], documents(world, space)[0]
    world.tick(hours=1)
    world.publish(space, lambda made: world.edit(made, page["id"]))
    reader(*CONTENT)
    world.roll_back(space, before)
    reader(*CONTENT)
    assert bodies(reader) == [page["id"]]
    assert_tables_are_true(reader)


def test_all_bodies_are_read_when_the_earlier_revision_is_gone(reader):
    reader(*CONTENT)
    world, space = reader.world, reader.world.every("spaces")[0]
    earlier = space["revision"]
    world.publish(space, lambda made: world.upload(made, "new.png", 1))
    del world.tables["revisions"][space["id"]][earlier]
    gone = documents(world, space)[0]["id"]
    world.publish(space, lambda made: world.drop(made, gone))
    reader(*CONTENT)
    assert len(bodies(reader)) == len(documents(world, space))
    reader(*CONTENT)
    assert gone not in {row["id"] for row in reader.rows("pages")}


def test_another_format_reads_every_body(reader):
    reader(*CONTENT)
    count = len(bodies(reader))
    reader(*CONTENT, page_format="document")
    assert len(bodies(reader)) == count
    for row in reader.rows("page_documents"):
        assert "document" in row


def test_a_body_that_answers_500_for_ever_is_the_only_one_that_is_asked_for_again(reader):
    bad = documents(reader.world, reader.world.every("spaces")[0])[1]["id"]
    broken = Fault.status(500)
    reader.sandbox.fault = lambda request, _: (
        broken if request.path.endswith(f"/page/{bad}") else None
    )
    run = reader(*CONTENT)
    assert run.status == 1
    assert bad in run.stderr
    good = {row["page_id"] for row in reader.rows("page_documents")}
    assert len(good) > 2
    assert bad not in good
    assert reader(*CONTENT).status == 1
    assert {*bodies(reader)} == {bad}
    reader.sandbox.fault = None
    assert reader(*CONTENT).status == 0
    assert bodies(reader) == [bad]
    assert bad in {row["page_id"] for row in reader.rows("page_documents")}
    assert reader(*CONTENT).status == 0
    assert bodies(reader) == []


def test_a_body_is_read_again_when_only_the_title_or_description_moved(reader):
    reader(*CONTENT)
    space = reader.world.every("spaces")[0]
    page = documents(reader.world, space)[0]["id"]

    def change(made):
        node = next(node for node in nodes(made["pages"]) if node["id"] == page)
        node["title"] = "Another title"

    reader.world.publish(space, change)
    assert reader(*CONTENT).status == 0
    assert bodies(reader) == [page]
