"""What is archived or trashed may not be listed: the rest is read, and nothing is lost."""

import pytest

REMOVED = ("pages", "blog_posts", "attachments")


@pytest.mark.parametrize("status", ["trashed", "archived"])
def test_a_trash_or_archive_that_may_not_be_listed_costs_no_current_row(play, status):
    story = play(pages=60, blog_posts=20, attachments=30, spaces=3)
    pages = [page for page in story.site.pages.items.values() if page.status == "current"]
    story.site.trash(pages[1])
    story.site.archive(pages[2])
    story.vendor.denied[f"status={status}"] = 403
    run = story.sync(*REMOVED)
    assert run.stderr.count(f"pages: what is {status} is left out, the rest is read") == 1
    assert f"1 x list of the {status}" in run.stderr
    seen = truth_but(story, "pages", status)
    assert story.tables["pages"].keys() == seen
    # Changes among the others are found, without reading everything again
    story.site.change(pages[3], "Edited")
    other = {"trashed": story.site.archive, "archived": story.site.trash}[status]
    other(pages[4])
    run = story.sync(*REMOVED)
    assert len(run.records("pages")) < 10
    assert story.tables["pages"].keys() == seen
    assert story.has("pages", pages[4]) == ("archived" if status == "trashed" else "trashed")
    # Once they may be listed, what was missing comes
    story.vendor.denied.clear()
    story.sync(*REMOVED)
    assert story.differences(*REMOVED) == {}
    story.sync(*REMOVED)
    assert story.asked("/pages") <= 3


def truth_but(story, stream, status):
    return {key for key, row in story.site.truth()[stream].items() if row.get("status") != status}


def test_a_denied_trash_that_nobody_wants_is_no_loss(play):
    story = play(pages=40, spaces=2)
    story.vendor.denied["status=trashed"] = 403
    for _ in range(2):
        story.sync("pages", page_statuses=["current", "archived"])
    assert story.tables["pages"].keys() == truth_but(story, "pages", "trashed")


def test_a_trash_that_is_denied_later_costs_no_current_row(play):
    story = play(pages=60, spaces=2)
    pages = [page for page in story.site.pages.items.values() if page.status == "current"]
    story.site.trash(pages[0])
    story.sync("pages")
    story.vendor.denied["status=trashed"] = 403
    story.site.change(pages[3], "Edited")
    story.sync("pages")
    rows = story.tables["pages"]
    assert rows[pages[3].id,]["version"]["number"] == pages[3].version.number
    assert story.has("pages", pages[0]) == "trashed"
    story.vendor.denied.clear()
    story.sync("pages")
    assert story.differences("pages") == {}


def test_a_denied_trash_is_a_denied_stream_where_nothing_else_is_wanted(play):
    story = play(pages=20)
    story.vendor.denied["status=trashed"] = 403
    run = story.run("pages", page_statuses=["trashed"], status=1)
    assert "pages: 0 records" in run.stderr
    assert "NOT COMPLETE" in run.stderr


def test_a_list_that_is_denied_as_a_whole_fails_as_ever(play):
    story = play(pages=20)
    story.vendor.denied["/wiki/api/v2/pages"] = 403
    for _ in range(2):
        run = story.sync("pages", "spaces", status=1)
        assert "pages: " in run.stderr
        assert "NOT COMPLETE" in run.stderr
        assert run.records("spaces")
