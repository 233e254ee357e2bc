"""How many requests a sync sends, counted."""

import json
from math import ceil

from tests.confluence.story import DIAGRAMS, POLLS

SIZES = {
    "spaces": 3,
    "pages": 700,
    "blog_posts": 300,
    "attachments": 600,
    "footer_comments": 550,
    "inline_comments": 300,
    "labels": 30,
    "users": 60,
    "tasks": 20,
}
SORTED = ("pages", "blogposts", "attachments", "footer-comments", "inline-comments")


def walked(site, table):
    """Requests that search takes for what is on each of a kind, and to know their number."""
    return ceil(len(table.items) / 200) + 1


def test_a_first_sync_costs_a_request_for_250_rows_and_one_for_200_that_may_have_labels(play):
    story = play(**SIZES)
    story.sync()
    site = story.site
    pages = len(site.pages.items) + len(site.blog_posts.items)
    comments = len(site.footer_comments.items) + len(site.inline_comments.items)
    attachments = len(site.attachments.items)
    on_content = sum(walked(site, t) for t in (site.pages, site.blog_posts, site.attachments))
    spaces, groups = len(site.spaces.items), len(site.groups)
    # spaces and three lists of each; groups and their members; users once a stream at most;
    # labels, tasks, themes and two lists of templates; whether search is allowed; and for each of
    # the five sorted lists a last page that is not full, and what is removed in a walk of its own
    constant = (1 + 3 * spaces) + (4 + groups) + 20 + 5 + 1 + 2 * len(SORTED)
    bound = pages / 250 + comments / 250 + attachments / 250 + on_content + constant
    assert len(story.sandbox.requests) <= bound
    for path, table in (
        ("/pages", site.pages),
        ("/blogposts", site.blog_posts),
        ("/attachments", site.attachments),
    ):
        removed = sum(item.status != "current" for item in table.items.values())
        expected = ceil((len(table.items) - removed) / 250) + ceil(removed / 250)
        assert story.asked(path) == expected
    assert story.asked("/footer-comments") == ceil(len(site.footer_comments.items) / 250)
    assert story.asked("/inline-comments") == ceil(len(site.inline_comments.items) / 250)
    assert story.asked("/labels/") == 0


def test_when_nothing_changed_nothing_is_asked_for_a_page(play):
    story = play(**SIZES)
    for page in list(story.site.pages.items.values())[:600]:
        page.status = "archived"
    story.sync()
    story.sync()
    site = story.site
    for path in SORTED:
        table = getattr(site, {"blogposts": "blog_posts"}.get(path, path.replace("-", "_")))
        removed = sum(item.status != "current" for item in table.items.values())
        is_walked = path in {"pages", "blogposts", "attachments"}
        listed = ceil(len(table.items) / 250) if is_walked else 0
        assert story.asked(f"/{path}") <= 2 + removed // 250 + listed
        assert story.asked(f"/{path}/") == 0
    assert story.asked("/pages") >= 3
    tables = (site.pages, site.blog_posts, site.attachments)
    assert story.sandbox.count("/wiki/rest/api/content") <= sum(walked(site, t) for t in tables)


def test_followers_ask_nothing_for_what_did_not_change(play):
    story = play(pages=40, blog_posts=20, attachments=20)
    story.config["custom_content_types"] = [DIAGRAMS, POLLS]
    story.sync("all")
    story.sync("all")
    for path in ("/pages/", "/blogposts/", "/attachments/", "/folders/", "/whiteboards/"):
        assert story.asked(path) <= 1  # One was changed within the look-back of a day
    page = next(p for p in story.site.pages.items.values() if p.status == "current")
    story.site.change(page)
    story.sync("all")
    # Versions, properties, children and likes by API v2; views by API v1
    assert story.asked(f"/pages/{page.id}/") == 4
    assert story.asked("/pages/") == 4
    assert story.sandbox.count(f"/wiki/rest/api/content/{page.id}/") == 0
    # Restrictions of what stands between pages, and each kind of content by search
    between = len(story.site.nodes.items)
    assert story.sandbox.count("/wiki/rest/api/content/") == between + 4
    assert story.sandbox.count("/wiki/rest/api/analytics") == 1


def test_the_only_version_of_a_page_is_known_without_asking(play):
    story = play(pages=40)
    run = story.sync("page_versions")
    pages = story.site.pages.items.values()
    edited = [page for page in pages if page.version.number > 1]
    assert story.asked("/pages/") == len(edited)
    assert story.differences("page_versions") == {}
    only = [row for row in run.records("page_versions") if row["number"] == 1]
    assert {row["page"]["body"]["storage"]["representation"] for row in only} == {"storage"}


def test_the_state_stays_small(play):
    story = play(pages=1500, blog_posts=200, attachments=1200)
    story.config["custom_content_types"] = [DIAGRAMS, POLLS]
    for table in (story.site.pages, story.site.attachments, story.site.blog_posts):
        for item in list(table.items.values())[::2]:
            item.status = "trashed"
    for select, most in ((story.streams, 9_000), ((), 8_000)):
        story.state = None
        story.sync(*select)
        assert len(json.dumps(story.sync(*select, reconcile="always").state)) < most
