"""Other spaces or statuses are asked for than before."""

import random

import pytest

from sandbox.confluence.model import iso
from sandbox.faults import Fault
from tests.confluence.story import some


def test_other_spaces_or_statuses_are_read_from_the_beginning(play):
    story = play(pages=60)
    first, second, *_ = story.site.spaces.items.values()
    story.sync("pages", "footer_comments", spaces=[first.key])
    story.sync("pages", "footer_comments", spaces=[first.key, second.key])
    inside = {p.id for p in story.site.pages.items.values() if p.space in (first, second)}
    assert {key for (key,) in story.tables["pages"]} == inside
    comments = story.site.footer_comments.items.values()
    expected = {c.id for c in comments if c.space in (first, second)}
    assert {key for (key,) in story.tables["footer_comments"]} == expected


def stopping_after(pages):
    """Answer so many pages of a first walk, slowly enough for a STATE between them; then refuse."""
    met = []

    def fault(request, number):
        if request.query.get("status") != ["current"]:
            return None
        met.append(number)
        return Fault.slow(1.1) if len(met) <= pages else Fault.status(400)

    return fault


def sync_in_part(story, pages, *streams, **settings):
    """Read only so many pages of a first walk."""
    story.sandbox.fault = stopping_after(pages)
    story.sync(*streams, status=1, **settings)
    story.sandbox.fault = None


@pytest.mark.parametrize("former", [{"spaces": ["SP0"]}, {}])
def test_other_spaces_that_were_read_in_part_do_not_pass_for_the_former(play, former):
    story = play(pages=1200, spaces=2)
    story.config["lookback"] = 0
    pages = some(story.site.pages, count=1200)
    page = next(page for page in pages if page.space.key == "SP0")
    story.sync("pages", **former)
    story.site.change(page)
    story.site.clock += 1_000
    for other in pages:
        if other.space.key == "SP1":
            story.site.change(other)
    sync_in_part(story, 2, "pages", spaces=["SP1"], page_statuses=["current"])
    assert "replication_key_value" in story.state["bookmarks"]["pages"]
    story.sync("pages", **former)
    row = story.tables["pages"][page.id,]
    assert row["version"]["number"] == page.version.number


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("settings", [{"spaces": ["SP0"]}, {"page_statuses": ["current"]}])
def test_what_other_settings_ask_for_goes_on_where_it_stopped(play, is_first, settings):
    story = play(pages=2400, spaces=2)
    if not is_first:
        story.sync("pages")
        story.tables.clear()
    sync_in_part(story, 0, "pages", **settings)
    sync_in_part(story, 3, "pages", **settings)
    read = {row["id"] for row in story.tables["pages"].values() if row["status"] == "current"}
    rest = {row["id"] for row in story.sync("pages", **settings).records("pages")}
    assert len(read & rest) < len(read) / 2
    assert len(story.tables["pages"]) < len(story.site.pages.items)
    story.sync("pages")
    assert story.differences("pages") == {}


def test_everything_that_is_read_again_begins_at_the_start_date(play):
    story = play(pages=300)
    dates = sorted(page.modified for page in story.site.pages.items.values())
    start = iso(dates[-10])
    story.sync("pages", start_date=start)
    for item in some(story.site.pages, count=150):
        story.site.archive(item)
    run = story.sync("pages", start_date=start)
    assert "reading the parts of the site again" in run.stderr
    assert {row["modified_at"] for row in run.records("pages")} <= set(map(iso, dates[-10:]))
    pages = story.site.pages.items.values()
    recent = [page for page in pages if page.modified >= dates[-10]]
    assert [story.has("pages", page) for page in recent] == [page.status for page in recent]


def test_other_spaces_from_a_start_date_bring_no_rows_of_the_former(play):
    story = play(pages=60)
    first, second, *_ = story.site.spaces.items.values()
    story.config["start_date"] = iso(story.site.clock)
    story.sync("pages", spaces=[first.key])
    run = story.sync("pages", spaces=[second.key])
    assert run.records("pages") == []


@pytest.mark.parametrize("status", ["current", "archived", "trashed"])
def test_only_what_has_a_wanted_status(play, status):
    story = play(pages=60, blog_posts=20, attachments=30)
    streams = ("pages", "blog_posts", "attachments")
    story.sync(*streams, page_statuses=[status])
    for stream in streams:
        rows = story.tables[stream].values()
        assert {row["status"] for row in rows} <= {status}
        assert rows or (stream, status) == ("blog_posts", "archived")
    story.site.campaign(random.Random(1), 60, deletes=False)
    story.sync(*streams, page_statuses=[status])
    wrong = [found for rows in story.differences(*streams).values() for found in rows.values()]
    assert set(map(str, wrong)) == {"missing"}  # What left it is told, too
    story.sync(*streams, page_statuses=[status])
    assert story.asked("/blogposts") == {"archived": 0}.get(status, 2)


def test_what_left_the_wanted_statuses_is_told_and_nothing_is_asked_for_it(play):
    story = play(pages=60, attachments=30)
    streams = ("pages", "page_likes", "attachments", "attachment_versions")
    story.config["page_statuses"] = ["current"]
    story.sync(*streams)
    (page, other), (file,) = some(story.site.pages, count=2), some(story.site.attachments)
    story.site.archive(page)
    for item in (other, file):
        story.site.trash(item)
    story.sync(*streams)
    assert story.has("pages", page) == "archived"
    assert story.has("pages", other) == story.has("attachments", file) == "trashed"
    assert story.asked("/pages") == story.asked("/attachments") == 3
    story.sync(*streams)
    assert story.asked() == 4


def test_what_is_restored_is_told_though_the_removed_are_not_wanted(play):
    story = play(pages=30, attachments=20)
    story.config["page_statuses"] = ["current"]
    space = next(iter(story.site.spaces.items.values()))
    story.sync("pages", "attachments")
    page = story.site.add_page(space)
    file = story.site.add_attachment(page)
    for item in (page, file):
        story.site.trash(item)
    story.sync("pages", "attachments")
    for item in (page, file):
        story.site.restore(item)
    story.sync("pages", "attachments")
    assert story.has("pages", page) == story.has("attachments", file) == "current"
    assert {row["status"] for row in story.tables["pages"].values()} == {"current"}
    story.sync("pages", "attachments")
    assert story.asked() == 4
