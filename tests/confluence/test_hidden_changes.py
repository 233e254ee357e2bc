"""What changes without a version or a date is found when it is due: the tables equal the site."""

import json
import random
import time
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.confluence.hidden_edits import FAMILIES
from tap_confluence.streams.content import Pages
from tap_confluence.sweep import NO_CHANGES, Sweep
from tests.confluence.story import CONTENT, DIAGRAMS, POLLS

SMALL = {"pages": 60, "blog_posts": 15, "attachments": 40, "footer_comments": 50}
SHAPED = ("space_permissions", "page_restrictions", "blog_post_restrictions")
EXACT = (
    *CONTENT,
    *("custom_content", "tasks", "labels", "page_labels", "blog_post_labels", "attachment_labels"),
    *("spaces", "space_role_assignments", "space_labels", "groups", "group_members"),
    *("page_ancestors", "page_restriction_subjects", "blog_post_restriction_subjects"),
)
NODES = ("whiteboards", "databases", "folders", "embeds")


RENAMED = {
    stream: {"revision": "version", "version": None}
    for stream in (*CONTENT, *NODES, "custom_content")
}
"""With a column `version` targets cannot be told of versions."""


class Tables:
    """The tables of a story whose tap reconciles in each run, and tells targets of versions."""

    def __init__(self, story):
        self.story = story
        story.config |= {
            "custom_content_types": [DIAGRAMS, POLLS],
            "reconcile": "always",
            "stream_maps": RENAMED,
        }

    def wrong(self, *streams):
        """What they hold otherwise than the site."""
        tables, truth = self.story.tables, self.story.site.truth()
        for stream in RENAMED:
            for row in tables[stream].values():
                row["version"] = row.get("revision")
        keys = {name: tables[name].keys() ^ truth[name].keys() for name in SHAPED}
        return self.story.differences(*EXACT) | {
            name: wrong for name, wrong in keys.items() if wrong
        }


@pytest.mark.parametrize("more", [(), NODES], ids=len)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_tables_follow_any_edits_when_each_run_reconciles(play, seed, more):
    story = play(seed=seed, **SMALL)
    tables = Tables(story)
    story.site.lifts_children = seed % 2 == 0
    randomness = random.Random(seed)
    for round_ in range(6):
        story.sync(*EXACT, *SHAPED, *more)
        assert tables.wrong(*more) == {}, round_
        edits = randomness.choice([1, 10, 60])
        story.site.campaign(randomness, edits, deletes=True, also=FAMILIES)


def test_a_run_that_is_killed_while_it_reconciles_loses_nothing(play):
    story = play(**SMALL)
    tables = Tables(story)
    randomness = random.Random(5)
    story.sync(*EXACT, *SHAPED)
    story.sandbox.latency = 0.02
    for requests in (8, 20, 32, 44):
        story.site.campaign(randomness, 30, deletes=True, also=FAMILIES)
        process = story.start(*EXACT, *SHAPED, state=story.state)
        while len(story.sandbox.requests) < requests and not process.is_over:
            time.sleep(0.005)
        process.kill()
        killed = process.wait()
        killed.load(story.tables)
        story.state = killed.state or story.state
    story.sandbox.latency = 0
    story.sync(*EXACT, *SHAPED)
    assert tables.wrong() == {}


def some(table, count=1):
    return [item for item in table.items.values() if item.status == "current"][-count:]


@pytest.fixture
def story(play):
    """A site that was read, and what reads it again as it is due."""
    story = play(pages=400, footer_comments=100, attachments=60)
    story.streams_read = (*CONTENT, "tasks")
    story.sync(*story.streams_read)
    return story


def later(story, **time_passed):
    story.site.now += timedelta(**time_passed)
    return story.sync(*story.streams_read)


def test_what_no_date_tells_waits_for_the_day_and_costs_nothing_before(story):
    site = story.site
    (moved, owned, gone), (comment,) = some(site.pages, 3), some(site.footer_comments)
    site.move(moved, owned)
    site.own(owned, list(site.users)[3])
    for item in (gone, comment):
        site.purge(item)
    later(story, hours=1)
    assert not any(r.query.get("sort") == ["created-date"] for r in story.sandbox.requests)
    assert story.differences("pages") != {}
    run = later(story, days=1)
    assert story.differences(*story.streams_read) == {}
    assert {moved.id, owned.id, gone.id} <= {row["id"] for row in run.records("pages")}
    assert len(run.records("pages")) < 20
    # All ids, what changed, what is removed, and those that differ
    assert story.asked("/pages") == 2 + 1 + 1 + 1
    later(story, hours=1)
    assert story.asked("/pages") == 2


def test_what_is_new_since_the_last_sweep_and_gone_before_the_next_is_missed(story):
    page = some(story.site.pages)[0]
    comment, file = story.site.add_comment(page), story.site.add_attachment(page)
    task = story.site.add_task(page)
    later(story, hours=1)
    assert story.differences(*story.streams_read) == {}
    for item in (comment, file):
        story.site.purge(item)
    story.site.remove_task(task)
    later(story, days=1)
    assert story.differences(*story.streams_read) == {}


def test_a_page_that_may_be_seen_again_brings_what_hangs_on_it(story):
    page = some(story.site.pages)[0]
    story.site.add_comment(page)
    story.site.add_attachment(page)
    story.site.hide(page)
    later(story, days=1)
    assert (page.id,) not in story.tables["pages"]
    story.site.show(page)
    run = later(story, days=1)
    assert story.differences(*story.streams_read) == {}
    assert len(run.records("pages")) < 10


def test_many_moves_are_read_in_the_spaces_where_they_are(story):
    site = story.site
    space = next(iter(site.spaces.items.values()))
    pages = [page for page in some(site.pages, 400) if page.space is space and page.parent]
    for page in pages:
        site.move(page, page.parent)
    assert len(pages) > 50
    run = later(story, days=1)
    assert "reading the parts of the site again" in run.stderr
    assert story.differences("pages") == {}
    read = {row["id"] for row in run.records("pages")}
    inside = {page.id for page in site.pages.items.values() if page.space is space}
    assert inside <= read
    assert len(read) < len(site.pages.items) / 2


def test_never_means_that_only_dates_tell(story):
    story.config["reconcile"] = "never"
    story.site.purge(some(story.site.footer_comments)[0])
    later(story, days=400)
    assert len(story.differences("footer_comments")["footer_comments"]) == 1


@pytest.mark.parametrize("count", [30_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_any_number_of_pages_is_known_in_a_kilobyte_and_little_memory(count):
    began = datetime(2026, 3, 1, tzinfo=UTC)

    def rows(numbers):
        for number in numbers:
            yield {
                "id": str(3_276_800_000 + 4 * number),
                "status": "current",
                "space_id": str(number % 3_000),
                "parent_id": str(number // 7),
                "position": number % 50,
                "created_at": "2026-01-01T00:00:00Z",
            }

    def sweep(known, numbers):
        found = Sweep(Pages.sketch_rows, Pages.differs_by, known, lambda: began)
        look = found.counting(lambda: lambda rows: rows)()
        for row in rows(numbers):
            look([row])
        found.is_complete = True
        return found

    tracemalloc.start()
    first = sweep(None, range(count))
    assert tracemalloc.get_traced_memory()[1] < 2_000_000  # Bytes
    tracemalloc.stop()
    assert first.changes() == NO_CHANGES
    known = first.dump()
    assert len(json.dumps(known)) < 1_400
    others = sweep(known, [0])  # Only the first page is left: too much to name, and it says so
    assert others.changes() is None
    assert not others.has_same_numbers
