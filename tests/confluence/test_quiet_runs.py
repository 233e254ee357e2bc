"""A run soon after another costs what changed, however many spaces and groups there are."""

from datetime import timedelta
from math import ceil

import pytest

OF_SPACES = ("space_permissions", "space_properties", "space_labels")


@pytest.fixture
def story(play):
    """A site of many spaces that was read."""
    story = play(pages=600, spaces=500, blog_posts=20, attachments=50)
    story.sync()
    assert len(story.sandbox.requests) > 1_500
    return story


def test_a_second_run_within_the_hour_asks_for_no_space_by_itself(story):
    story.site.now += timedelta(minutes=50)
    run = story.sync()
    assert len(story.sandbox.requests) <= 80
    assert story.asked("/spaces/") == 0
    assert "space_permissions: 0 records, 0 requests" in run.stderr
    assert run.stderr.count("not due until") >= len(OF_SPACES) + 1
    story.site.now += timedelta(days=1)
    story.sync()
    assert story.asked("/spaces/") == 3 * 500


def test_a_new_space_tells_what_belongs_to_it_at_once(story):
    story.site.now += timedelta(hours=1)
    space = story.site.add_space("NEW")
    story.site.permit(space, "user", next(iter(story.site.users)), "read/space")
    story.sync()
    assert story.asked("/spaces/") == 3
    assert {key for key, _ in story.tables["space_permissions"]} >= {space.id}
    assert len(story.sandbox.requests) <= 90


def test_streams_that_are_named_are_read_in_each_run(story):
    story.sync(reconcile_always=["space_labels"])
    assert story.asked("/spaces/") == 500


def test_a_run_that_is_due_costs_a_list_of_ids_more_and_what_belongs_to_spaces_and_groups(play):
    story = play(pages=700, spaces=20, footer_comments=300, attachments=300)
    site = story.site
    story.sync()
    site.now += timedelta(hours=1)
    story.sync()
    quiet = len(story.sandbox.requests)
    site.now += timedelta(days=1)
    story.sync()
    lists = sum(
        ceil(len(table.items) / 250)
        for table in (site.footer_comments, site.inline_comments, site.tasks)
    )
    # The lists of pages, posts and attachments serve the labels, which each run reads here
    without = 2  # Open tasks and those just done
    expected = quiet + lists - without + 3 * len(site.spaces.items) + len(site.groups)
    assert len(story.sandbox.requests) == expected
