"""Each stream's rows are what the site holds."""

import pytest

from sandbox.faults import Fault
from sandbox.messages import Response
from tests.confluence.story import DIAGRAMS, POLLS

# The truth tells these columns in another shape than the API
SHAPED = ("space_permissions", "page_restrictions", "blog_post_restrictions", "audit")


@pytest.fixture
def story(play):
    story = play(pages=60, blog_posts=20, attachments=30, footer_comments=40, labels=10)
    story.config["custom_content_types"] = [DIAGRAMS, POLLS]
    return story


@pytest.mark.parametrize("as_seen_live", [False, True])
def test_all_streams_hold_what_the_site_holds(story, as_seen_live):
    story.site.as_seen_live = as_seen_live
    story.site.hides_rows = as_seen_live
    run = story.sync("all")
    exact = [stream for stream in story.streams if stream not in SHAPED]
    assert story.differences(*exact) == {}
    truth = story.site.truth()
    assert story.tables["space_permissions"].keys() == truth["space_permissions"].keys()
    assert len(story.tables["audit"]) == len(run.records("audit")) == len(story.site.audit)
    for stream in ("page_restrictions", "blog_post_restrictions"):
        for key, limits in truth[stream].items():
            row = story.tables[stream][key]["restrictions"]
            assert [user["accountId"] for user in row["user"]["results"]] == limits["users"]
            assert [group["id"] for group in row["group"]["results"]] == limits["groups"]


def test_children_carry_their_parents_keys(story):
    run = story.sync("all")
    for stream, key in (
        ("page_versions", "page_id"),
        ("attachment_content_properties", "attachment_id"),
        ("space_labels", "space_id"),
        ("group_members", "group_id"),
        ("blog_post_likes", "blog_post_id"),
    ):
        assert all(row[key] for row in run.records(stream))


@pytest.mark.parametrize("form", ["storage", "atlas_doc_format", "none"])
def test_bodies_come_in_the_wanted_format(story, form):
    run = story.run("pages", "footer_comments", "tasks", "page_versions", body_format=form)
    for stream in ("pages", "footer_comments", "tasks"):
        bodies = [set(row.get("body") or ()) for row in run.records(stream)]
        assert {*map(tuple, bodies)} == ({()} if form == "none" else {(form,)})


def test_users_are_asked_for_once_each(story):
    run = story.sync("pages", "blog_posts", "group_members", "users")
    ids = [row["account_id"] for row in run.records("users")]
    assert len(ids) == len(set(ids))
    assert {row["author_id"] for row in run.records("pages")} <= set(ids)


def test_equal_events_in_one_millisecond_are_kept_apart_in_every_run(story):
    for _ in range(3):
        story.site.log("Token made")
    story.site.clock += 1000  # The Date header, which tells a run's beginning, has no fractions
    first = story.sync("audit").records("audit")
    assert len(story.tables["audit"]) == len(story.site.audit)
    story.site.log("Token made")
    story.site.clock += 1000
    again = story.sync("audit").records("audit")
    assert len(again) < len(first)
    assert len(story.tables["audit"]) == len(story.site.audit)
    (asked,) = [asked for asked in story.sandbox.requests if asked.path.endswith("/audit")]
    assert int(asked.query["startDate"][0]) > story.site.clock - 3_600_000
    assert int(asked.query["endDate"][0]) > story.site.clock - 1000


def test_later_runs_read_open_tasks_and_what_was_completed_since(story):
    story.sync("tasks")
    task = next(t for t in story.site.tasks.items.values() if t.completed is None)
    story.site.change_task(task, completed=True)
    new = story.site.add_task(next(iter(story.site.pages.items.values())))
    run = story.sync("tasks")
    assert {row["id"] for row in run.records("tasks")} >= {task.id, new.id}
    assert story.differences("tasks") == {}
    lists = [asked for asked in story.sandbox.requests if asked.path.endswith("/tasks")]
    statuses = sorted(asked.query["status"][0] for asked in lists)
    assert statuses == ["complete", "incomplete"]


def test_a_whiteboard_that_changed_is_read_again(story):
    story.sync("whiteboards")
    board = next(n for n in story.site.nodes.items.values() if n.type == "whiteboard")
    story.site.change(board, title="Drawn anew")
    story.site.add_node("whiteboard", board)
    story.sync("whiteboards")
    assert story.differences("whiteboards") == {}


def test_what_search_still_finds_though_it_is_gone_is_no_error(story):
    gone = next(n for n in story.site.nodes.items.values() if n.type == "folder")
    story.vendor.denied[gone.id] = 404
    run = story.sync("folders")
    assert (gone.id,) not in story.tables["folders"]
    assert not run.errors


def test_what_search_finds_that_is_no_content_is_passed_over(story):
    def odd(request, number):
        if not request.path.endswith("/search"):
            return None
        answer = story.vendor.handle(request)
        answer.body["results"] += [{"title": "Somebody"}, {"content": None, "title": "Nothing"}]
        return Fault("answer", answer)

    story.sandbox.fault = odd
    story.sync("whiteboards")
    assert story.differences("whiteboards") == {}


def test_restrictions_that_fill_more_than_one_answer_are_read_to_their_end(play):
    story = play(pages=5, users=250)
    page, other, *_ = (p for p in story.site.pages.items.values() if p.status == "current")
    everybody = list(story.site.users)
    story.site.restrict(page, "read", everybody)
    story.site.restrict(other, "update", everybody[:99])
    run = story.sync("page_restrictions")
    limited = {(row["page_id"], row["operation"]): row for row in run.records("page_restrictions")}
    found = limited[page.id, "read"]["restrictions"]["user"]
    assert [user["accountId"] for user in found["results"]] == everybody
    assert found["size"] == len(everybody)
    assert story.sandbox.count(f"/wiki/rest/api/content/{page.id}/") == 2
    assert story.sandbox.count(f"/wiki/rest/api/content/{other.id}/") == 0


def test_an_operation_without_restrictions_may_be_null(story):
    def odd(request, number):
        if not request.path.endswith("/byOperation"):
            return None
        answer = story.vendor.handle(request)
        answer.body |= {"read": None, "_links": None}
        return Fault("answer", answer)

    story.sandbox.fault = odd
    story.vendor.denied["/wiki/rest/api/content/search"] = 403
    run = story.run("page_restrictions")
    assert {row["operation"] for row in run.records("page_restrictions")} == {"update"}


def test_a_whiteboard_that_is_forbidden_costs_only_itself(story):
    boards = [node.id for node in story.site.nodes.items.values() if node.type == "whiteboard"]
    story.vendor.denied[boards[0]] = 403
    run = story.run("whiteboards")
    assert sorted(row["id"] for row in run.records("whiteboards")) == sorted(boards[1:])
    assert "1 skipped" in run.stderr


@pytest.mark.parametrize("status", [403, 404])
def test_a_page_that_is_forbidden_costs_its_children_only(story, status):
    page = next(p for p in story.site.pages.items.values() if p.version.number > 1)
    story.vendor.denied[page.id] = status
    run = story.run("pages", "page_versions")
    ids = {row["page_id"] for row in run.records("page_versions")}
    assert ids == {p.id for p in story.site.pages.items.values()} - {page.id}
    assert "1 skipped" in run.stderr


def test_a_denied_stream_does_not_stop_the_others(story):
    story.vendor.denied["/wiki/rest/api/audit"] = 403
    run = story.run("audit", "pages", "spaces", status=1)
    assert len(run.records("pages")) == len(story.site.pages.items)
    assert "read:audit-log:confluence" in run.stderr
    assert "audit" not in run.state["bookmarks"]
    assert story.run("audit", "spaces", denied_streams="skip").records("spaces")


def test_a_token_without_a_scope_loses_one_stream_not_the_run(story):
    refusal = {"code": 401, "message": "Unauthorized; scope does not match"}
    story.sandbox.fault = lambda request, number: (
        Fault("answer", Response(401, refusal)) if request.path.endswith("/tasks") else None
    )
    run = story.run("tasks", "pages", status=1)
    assert run.records("pages")
    assert "read:task:confluence" in run.stderr


def test_users_that_are_denied_with_404_are_read_once_they_may_be(story):
    story.sandbox.fault = lambda request, number: (
        Fault.status(404) if request.path.endswith("/users-bulk") else None
    )
    run = story.run("pages", "users", status=1)
    assert run.records("pages")
    assert "read:user:confluence" in run.stderr
    story.sandbox.fault = None
    assert story.run("pages", "users").records("users")


def test_custom_content_without_types_is_empty_and_costs_nothing(story):
    types = story.config.pop("custom_content_types")
    run = story.sync("custom_content")
    assert story.tables["custom_content"] == {}
    assert story.asked() == 0
    assert "WARNING" not in run.stderr
    story.config["custom_content_types"] = types
    story.sync("custom_content")
    assert len(story.tables["custom_content"]) == len(story.site.custom_contents.items)


def without_polls(status):
    """A site that does not show one of the two types."""
    return lambda request, number: (
        Fault.status(status) if request.query.get("type") == [POLLS] else None
    )


@pytest.mark.parametrize("types", [[DIAGRAMS, POLLS], [POLLS, DIAGRAMS]])
def test_a_type_of_custom_content_that_is_gone_is_named_and_the_others_are_read(story, types):
    story.sandbox.fault = without_polls(404)
    story.config["custom_content_types"] = types
    run = story.sync("custom_content", status=1)
    diagrams = {c.id for c in story.site.custom_contents.items.values() if c.type == DIAGRAMS}
    assert {key for (key,) in story.tables["custom_content"]} == diagrams
    assert f"custom_content_types: '{POLLS}' cannot be read" in run.stderr
    assert "it needs" not in run.stderr
    assert "replication_key_value" in run.state["bookmarks"]["custom_content"]
    assert len(story.sync("custom_content", status=1).records("custom_content")) < len(diagrams)


def test_custom_content_without_its_scope_is_denied(story):
    story.sandbox.fault = without_polls(403)
    run = story.sync("custom_content", status=1)
    assert "it needs the scope read:custom-content:confluence" in run.stderr
    assert "custom_content" not in run.state.get("bookmarks", {})
    story.sync("custom_content", denied_streams="skip")


def test_the_connection_can_be_tested(story):
    run = story.run("all", arguments=["--test"])
    assert not run.errors
    assert len(story.sandbox.requests) < 150


def test_a_page_that_moved_into_another_space_is_told_with_its_next_edit(story):
    story.sync("pages")
    page = next(p for p in story.site.pages.items.values() if p.status == "current")
    page.space = next(s for s in story.site.spaces.items.values() if s is not page.space)
    story.site.change(page)
    story.sync("pages")
    assert story.differences("pages") == {}


def test_what_live_sites_send_beyond_the_contract_has_columns(story):
    story.site.as_seen_live = True
    run = story.run("pages", "footer_comments", "inline_comments", "custom_content")
    assert {row["resolution_status"] for row in run.records("footer_comments")} == {"open"}
    pages = run.records("pages")
    assert {row["source_template_entity_id"] for row in pages} == {None, "2359318"}
    assert {row["version"]["ncsStepVersion"] for row in pages} >= {None, "2"}
    assert "WARNING" not in run.stderr  # Of fields that are in no schema, among others


def test_cursors_that_stand_raw_in_links_are_sent_encoded(play):
    story = play(pages=600, footer_comments=300)
    story.site.as_seen_live = True
    story.sync("pages", "footer_comments")
    assert story.differences("pages", "footer_comments") == {}
    lists = [asked.query for asked in story.sandbox.requests if asked.path.endswith("/pages")]
    assert any("+" in query["cursor"][0] for query in lists if "cursor" in query)


def test_posts_pass_the_check_for_forged_requests(story):
    browser = "Mozilla/5.0 (X11; Linux x86_64)"
    assert story.run("pages", "users", user_agent=browser).records("users")
