"""With `spaces`, what is in them is read, and what is not costs as little as may be."""

import re
from math import ceil

import pytest

from sandbox.faults import Fault
from sandbox.messages import Response
from tests.confluence.story import CONTENT, DIAGRAMS, POLLS

LABELS = ("page_labels", "blog_post_labels", "attachment_labels")


def in_space(content, keys):
    return content.space.key in keys


def space_of(story, stream, key):
    """The space of a row, from the model."""
    tables = {
        "page_labels": "pages",
        "blog_post_labels": "blog_posts",
        "attachment_labels": "attachments",
        "custom_content": "custom_contents",
        "child_pages": "pages",
    }
    table = getattr(story.site, tables.get(stream, stream))
    return table.items[int(key[0].removeprefix("att"))].space.key


@pytest.mark.parametrize("keys", [["SP1"], ["SP0", "~000003"]])
def test_only_what_is_in_the_wanted_spaces(play, keys):
    story = play(pages=80, blog_posts=30, attachments=60, footer_comments=80, inline_comments=40)
    story.config["custom_content_types"] = [DIAGRAMS, POLLS]
    streams = (*CONTENT, *LABELS, "custom_content", "child_pages")
    story.sync(*streams, "tasks", "spaces", "space_permissions", "whiteboards", spaces=keys)
    wanted = set(keys)
    truth = story.site.truth()
    for stream in streams:
        expected = {key for key in truth[stream] if space_of(story, stream, key) in wanted}
        assert expected, stream
        assert story.tables[stream].keys() == expected, stream
    assert {row["key"] for row in story.tables["spaces"].values()} == wanted
    ids = {row["id"] for row in story.tables["spaces"].values()}
    assert {key[0] for key in story.tables["space_permissions"]} == ids
    assert {row["space_id"] for row in story.tables["tasks"].values()} <= ids
    assert {row["space_id"] for row in story.tables["whiteboards"].values()} <= ids


def test_parents_are_looked_up_250_at_a_time_and_each_once(play):
    story = play(
        spaces=3,
        pages=600,
        blog_posts=300,
        attachments=500,
        footer_comments=700,
        inline_comments=400,
        custom_contents=4,
    )
    run = story.sync("attachments", "footer_comments", "inline_comments", spaces=["SP1"])
    assert run.records("footer_comments")
    asked = [a for a in story.sandbox.requests if "id" in a.query]
    for path in ("/pages", "/blogposts"):
        ids = [
            of
            for request in asked
            if request.path.endswith(path)
            for of in request.query["id"][0].split(",")
        ]
        assert len(ids) == len(set(ids))
    # A page of 250 rows has parents of two kinds, and those of their attachments: a request each
    pages_of_rows = ceil(500 / 250) + 1 + ceil(700 / 250) + ceil(400 / 250)
    assert len(asked) <= 4 * pages_of_rows
    alone = [a for a in story.sandbox.requests if re.search(r"/(pages|blogposts)/\d", a.path)]
    assert alone == []


def test_many_spaces_are_asked_for_100_at_a_time(play):
    story = play(spaces=130, pages=400, labels=3)
    keys = [space.key for space in story.site.spaces.items.values()]
    story.sync("pages", "spaces", "page_labels", spaces=keys[:120])
    wanted = set(keys[:120])
    assert {row["key"] for row in story.tables["spaces"].values()} == wanted
    pages = story.site.pages.items.values()
    assert {key for (key,) in story.tables["pages"]} == {
        page.id for page in pages if page.space.key in wanted
    }
    labelled = {key[0] for key in story.tables["page_labels"]}
    assert labelled <= {page.id for page in pages if page.space.key in wanted}
    page = next(p for p in pages if p.status == "current" and p.space.key in wanted)
    story.site.trash(page)
    story.site.change(next(p for p in pages if p.space.key == keys[119]))
    story.sync("pages", spaces=keys[:120])
    assert story.has("pages", page) == "trashed"


def test_changes_in_the_wanted_spaces_are_followed(play):
    story = play(pages=80)
    page = next(p for p in story.site.pages.items.values() if p.space.key == "SP1")
    story.sync("pages", "footer_comments", spaces=["SP1"])
    comment = story.site.add_comment(page)
    reply = story.site.add_comment(page, reply_to=comment)
    story.site.archive(page)
    story.sync("pages", "footer_comments", spaces=["SP1"])
    assert story.has("pages", page) == "archived"
    assert story.has("footer_comments", comment) == story.has("footer_comments", reply) == "current"


@pytest.mark.parametrize(
    ("results", "error"),
    [(None, "without the list 'results'"), ([{"id": "1"}], "no space has the key 'SP1'")],
)
def test_an_odd_answer_about_the_wanted_spaces_is_told(play, results, error):
    story = play(pages=5)
    story.sandbox.fault = lambda request, number: (
        Fault("answer", Response(200, {"results": results})) if "keys" in request.query else None
    )
    run = story.run("pages", "labels", status=1, spaces=["SP1"])
    assert error in run.errors[0]
    assert "Unexpected" not in run.stderr


@pytest.mark.parametrize("name", ["HANDBOOK", "SP1"])
def test_a_space_is_named_by_its_key_or_by_the_alias_in_its_address(play, name):
    story = play(pages=40, spaces=3)
    space = next(each for each in story.site.spaces.items.values() if each.key == "SP1")
    space.alias = "HANDBOOK"
    streams = ("pages", "spaces", "folders", "templates")
    run = story.sync(*streams, spaces=[name])
    assert {row["space_id"] for row in run.records("pages")} == {space.id}
    (row,) = run.records("spaces")
    assert (row["key"], row["current_active_alias"]) == ("SP1", "HANDBOOK")
    searched = [a.query["cql"][0] for a in story.sandbox.requests if a.path.endswith("/search")]
    assert searched == ['type=folder and space in ("SP1")']
    named = {
        a.query.get("spaceKey", [None])[0] for a in story.sandbox.requests if "/template/" in a.path
    }
    assert named == {None, "SP1"}
