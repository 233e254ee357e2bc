"""Labels and restrictions: complete whenever they are read, at the cost of pages, not of labels."""

from random import Random

import pytest

from sandbox.faults import Fault

LABELS = ("page_labels", "blog_post_labels", "attachment_labels")
SUBJECTS = ("page_restriction_subjects", "blog_post_restriction_subjects")
ALL = ("page_ancestors", *LABELS, *SUBJECTS)
SEARCH = "/wiki/rest/api/content/search"
HOUR = 3_600_000


def current(table, count=1):
    return [item for item in table.items.values() if item.status == "current"][:count]


def label(site, count, per_page=1):
    """Put many labels on pages."""
    pages = current(site.pages, 10_000)
    for number in range(count):
        for page in Random(number).sample(pages, per_page):
            site.add_label(page, f"label-{number}")


def restricted(story):
    """What the tables hold of restrictions that name somebody."""
    return {
        stream: {
            key: {
                f"{kind}s": [who.get("accountId") or who["id"] for who in found[kind]["results"]]
                for kind in ("user", "group")
            }
            for key, row in story.tables[stream].items()
            if (found := row["restrictions"])
        }
        for stream in ("page_restrictions", "blog_post_restrictions")
    }


def test_labels_cost_requests_by_pages_where_there_are_more_labels(play):
    story = play(pages=5_000, blog_posts=0, attachments=0, labels=0)
    label(story.site, 3_000)
    streams = ("pages", "page_labels")
    run = story.sync(*streams)
    assert story.differences(*streams) == {}
    assert len(story.sandbox.requests) <= 100
    assert "each page is searched" in run.stderr
    story.sync(*streams)
    assert story.differences(*streams) == {}
    assert len(story.sandbox.requests) <= 60


def test_labels_cost_requests_by_labels_where_there_are_fewer_of_them(play):
    story = play(pages=2_000, labels=8)
    run = story.sync("labels", "page_labels")
    assert story.differences("labels", "page_labels") == {}
    assert "page: each label is asked for (18 requests for search, 8 labels)" in run.stderr
    assert story.asked("/labels/") == 8
    assert story.asked("/labels") == 9  # The list is read once for both


def test_each_kind_of_content_is_read_the_cheaper_way(play):
    story = play(pages=1_500, blog_posts=30, attachments=30, labels=10)
    story.sync(*LABELS)
    assert story.differences(*LABELS) == {}
    asked = [request.path for request in story.sandbox.requests]
    assert sum(path.endswith("/pages") for path in asked) == 10
    assert not any(path.endswith(("labels/blogposts", "labels/attachments")) for path in asked)


def test_one_walk_serves_labels_restrictions_and_ancestors(play):
    story = play(pages=300, labels=40)
    story.sync("page_labels", "page_restrictions", "page_restriction_subjects", "page_ancestors")
    assert story.sandbox.count(SEARCH) == 3  # Whether it may, and 300 pages at 200 a request
    assert story.asked("/pages") == 2
    assert story.asked("/labels") == 0
    assert story.differences("page_labels", "page_restriction_subjects", "page_ancestors") == {}


@pytest.mark.parametrize("seed", [1, 2])
def test_tables_follow_a_campaign_while_pages_stay_as_they_are(play, seed):
    story = play(seed=seed, pages=60, blog_posts=20, attachments=30, labels=30)
    random = Random(seed)
    families = ("restrictions", "moves", "deletes", "groups", "visibility", "nodes")
    for _ in range(5):
        story.sync(*ALL, "page_restrictions", "blog_post_restrictions")
        assert story.differences(*ALL) == {}
        truth = story.site.truth()
        for stream, rows in restricted(story).items():
            assert rows == truth[stream]
        story.site.campaign(random, 20, also=families)
        if random.random() < 0.5:
            story.site.let_index_lag()
        else:
            story.site.let_index_catch_up()
        story.site.campaign(random, 20, also=families)


def test_what_the_index_does_not_know_yet_is_asked_for_and_nothing_is_told_as_vanished(play):
    story = play(pages=60, blog_posts=20, attachments=30, labels=30)
    story.sync(*ALL)
    known = current(story.site.pages)[0]
    story.site.let_index_lag()
    story.site.index.pop(known.number)  # It is indexed anew just now
    page = story.site.add_page(known.space, known)
    post, file = story.site.add_blog_post(known.space), story.site.add_attachment(known)
    for item in (known, page, post, file):
        story.site.add_label(item, "new")
    story.site.restrict(page, "read", list(story.site.users)[:2], list(story.site.groups)[:1])
    story.site.restrict(known, "update", list(story.site.users)[:1])
    run = story.sync(*ALL)
    assert story.differences(*ALL) == {}
    assert not run.errors
    story.sync(*ALL)
    assert story.differences(*ALL) == {}


def test_an_index_that_lacks_too_much_tells_nothing_as_vanished(play):
    story = play(pages=400, attachments=0, blog_posts=0, labels=30)
    story.sync("page_labels")
    before = dict(story.tables["page_labels"])
    story.site.let_index_lag()
    story.site.index.clear()
    run = story.sync("page_labels")
    assert "more than can be asked for alone" in run.stderr
    assert story.tables["page_labels"].keys() == before.keys()
    assert not run.of("ACTIVATE_VERSION")


def test_labels_that_are_more_than_a_content_shows_are_read_to_their_end(play):
    story = play(pages=20, labels=0)
    page, *_ = current(story.site.pages)
    for number in range(150):
        story.site.add_label(page, f"label-{number}")
    story.sync("page_labels")
    assert story.differences("page_labels") == {}
    assert story.asked(f"/pages/{page.id}/labels") == 1


@pytest.mark.parametrize("path", [SEARCH, "/wiki/rest/api/search"])
@pytest.mark.parametrize("how", ["forbidden", "scope"])
def test_where_search_is_denied_labels_and_changed_pages_are_asked_one_by_one(play, path, how):
    story = play(pages=60, blog_posts=20, attachments=30, labels=30)
    streams = (*LABELS, *SUBJECTS)

    def deny(request, _):
        if request.path != path:
            return None
        answer = story.vendor.handle(request)  # With the vendor's clock
        answer.status = {"forbidden": 403, "scope": 401}[how]
        answer.body = {"message": "Unauthorized; scope does not match"}
        return Fault("answer", answer)

    story.sandbox.fault = deny
    run = story.sync(*streams)
    assert story.differences(*streams) == {}
    assert run.stderr.count("Labels are asked for one by one") == 1
    assert not run.errors
    page, other, *_ = current(story.site.pages, 9)
    story.site.add_label(page, "late")
    story.site.restrict(other, "read", list(story.site.users)[:1])
    story.site.change(other)
    story.sync(*streams)
    assert story.differences(*streams) == {}
    assert story.sandbox.count("/wiki/rest/api/content/") <= 2 + 1


def test_only_labels_and_restrictions_of_the_wanted_spaces(play):
    story = play(pages=80, blog_posts=20, attachments=40, labels=30)
    space = next(iter(story.site.spaces.items.values()))
    story.sync(*ALL, spaces=[space.key])
    inside = {
        item.id
        for table in (story.site.pages, story.site.blog_posts, story.site.attachments)
        for item in table.items.values()
        if item.space is space
    }
    truth = story.site.truth()
    for stream in ALL:
        expected = {key for key in truth[stream] if key[0] in inside}
        assert story.tables[stream].keys() == expected, stream


def test_files_say_what_they_are_attached_to_whichever_way_they_are_found(play):
    few, many = play(labels=3), play(labels=60)
    for story in (few, many):
        story.sync("attachment_labels")
        for row in story.tables["attachment_labels"].values():
            file = story.site.content(int(row["attachment_id"].removeprefix("att")))
            column = {"page": "page_id", "blogpost": "blog_post_id"}.get(file.parent.kind)
            if column:
                assert row[column] == file.parent.id


@pytest.fixture
def large(play):
    """A site of which it takes more than 50 requests to look at each page."""
    story = play(pages=6_000, blog_posts=0, attachments=0, labels=0, users=5)
    label(story.site, 200, per_page=2)
    page = current(story.site.pages)[0]
    story.site.restrict(page, "read", list(story.site.users)[:1])
    story.site.clock += 2 * HOUR
    streams = ("page_labels", "page_restrictions", "page_restriction_subjects")
    return story, streams, page


def test_what_takes_many_requests_is_read_whole_once_a_day_and_else_of_what_changed(large):
    story, streams, page = large
    story.sync(*streams)
    assert story.differences("page_labels", "page_restriction_subjects") == {}
    untouched, changed = current(story.site.pages, 3)[1:]
    story.site.clock += HOUR
    story.site.add_label(untouched, "unseen")
    for item in (changed, page):
        story.site.change(item)
        story.site.add_label(item, "seen")
    story.site.restrict(page, "read")
    story.site.restrict(changed, "read", [], list(story.site.groups)[:1])
    run = story.sync(*streams)
    assert len(story.sandbox.requests) <= 6
    assert not run.of("ACTIVATE_VERSION")
    assert "is not due until" in run.stderr
    labels = {key: row["name"] for key, row in story.tables["page_labels"].items()}
    assert {page.id, changed.id} == {key[0] for key, name in labels.items() if name == "seen"}
    assert "unseen" not in labels.values()
    lists = story.tables["page_restrictions"][page.id, "read"]["restrictions"]
    assert lists["user"]["results"] == []
    assert (changed.id, "read", "group", "group-0000") in story.tables[streams[-1]]
    story.site.clock += 24 * HOUR
    story.sync(*streams)
    assert story.differences("page_labels", "page_restriction_subjects") == {}


@pytest.mark.parametrize(("reconcile", "hours"), [("always", 1), ("never", 48)])
def test_reconcile_says_when_it_is_read_whole(large, reconcile, hours):
    story, streams, page = large
    story.sync(*streams, reconcile=reconcile)
    story.site.clock += hours * HOUR
    story.site.restrict(page, "read")
    story.sync(*streams, reconcile=reconcile)
    wrong = story.differences(streams[-1])
    assert bool(wrong) == (reconcile == "never")


FOLDERS = ("folders", "folder_restriction_subjects")


def old_folders(play, count):
    """A site with folders that nobody has changed for a while."""
    story = play(pages=20, nodes=0)
    home = current(story.site.pages)[0]
    folders = [story.site.add_node("folder", home) for _ in range(count)]
    for folder in folders[:3]:
        story.site.restrict(folder, "read", list(story.site.users)[:2])
    story.site.clock += 100 * HOUR
    story.sync(*FOLDERS)
    assert story.differences(*FOLDERS) == {}
    story.site.clock += HOUR
    return story, folders


@pytest.mark.parametrize(("count", "is_told"), [(5, True), (60, False)])
def test_restrictions_of_a_folder_that_stays_as_it_is(play, count, is_told):
    story, (lifted, changed, _, restricted, *_) = old_folders(play, count)
    story.site.restrict(lifted, "read")
    story.site.restrict(changed, "update", list(story.site.users)[-1:])
    story.site.restrict(restricted, "read", [], list(story.site.groups)[:1])
    story.sync(*FOLDERS)
    assert bool(story.differences(*FOLDERS)) != is_told
    story.site.clock += 24 * HOUR
    story.sync(*FOLDERS)
    assert story.differences(*FOLDERS) == {}


def test_restrictions_of_a_folder_that_changed_some_hours_ago_stay(play):
    story, (folder, *_) = old_folders(play, 5)
    story.site.change(folder)
    for _ in range(2):
        story.site.clock += HOUR
        story.sync(*FOLDERS)
        assert story.differences(*FOLDERS) == {}


def test_a_content_that_breaks_the_search_is_asked_for_alone(play):
    story = play(pages=30, labels=30)
    page = current(story.site.pages, 9)[-1]
    story.site.add_label(page, "bad")
    story.site.restrict(page, "read", list(story.site.users)[:1])

    def break_it(request, _):
        if request.path != SEARCH or "expand" not in request.query:
            return None
        answer = story.vendor.handle(request)
        ids = {row["id"] for row in answer.body["results"]}
        return Fault.status(500) if page.id in ids else None

    story.sandbox.fault = break_it
    streams = ("page_ancestors", "page_labels", "page_restriction_subjects")
    run = story.run(*streams, status=1)
    run.load(story.tables)
    assert story.differences(*streams) == {}
    assert page.id in run.stderr  # It is named, though nothing of it is missing


def test_what_is_in_archived_spaces_is_found_by_the_search_that_can_be_told_so(play):
    story = play(pages=700, spaces=2, blog_posts=0, attachments=0, labels=0)
    label(story.site, 60, per_page=3)
    for page in current(story.site.pages, 999)[::50]:
        story.site.restrict(page, "read", list(story.site.users)[:1])
    next(iter(story.site.spaces.items.values())).status = "archived"
    story.site.finds_archived_spaces = False
    streams = ("page_labels", "page_ancestors", "page_restriction_subjects")
    story.sync(*streams)
    assert story.differences(*streams) == {}
    assert len(story.sandbox.requests) < 25
