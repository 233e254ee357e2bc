"""A later sync reads what has changed, and nothing that cannot have."""

from random import Random

import pytest

from sandbox import Fault, Response
from sandbox.gitbook.objects import link_page, nodes
from tests.gitbook.conftest import ALL, CONTENT, bodies, documents, without_nulls
from tests.gitbook.tables import assert_tables_are_true


def test_an_unchanged_space_costs_no_request(reader):
    reader(*CONTENT)
    reader.world.tick(hours=1)
    reader.world.rename_space(reader.world.every("spaces")[0], "Other name")
    run = reader(*CONTENT)
    of_orgs = [*reader.asked("/spaces"), *reader.asked("/openapi")]
    assert sorted(reader.asked()) == sorted(["/orgs", *of_orgs])
    assert run.records("pages") == run.records("files") == run.records("content") == []
    assert_tables_are_true(reader)


def test_a_changed_space_costs_a_request_for_its_revision_and_one_for_the_earlier(reader):
    reader("spaces", "content", "pages", "files")
    space = reader.world.every("spaces")[0]
    earlier = space["revision"]
    reader.world.publish(space, lambda made: reader.world.upload(made, "new.png", 1))
    run = reader("spaces", "content", "pages", "files")
    assert [p for p in reader.asked() if p.startswith("/spaces/")] == [
        f"/spaces/{space['id']}/content",
        f"/spaces/{space['id']}/revisions/{earlier}",
    ]
    assert {row["space_id"] for row in run.records("pages")} == {space["id"]}
    assert_tables_are_true(reader)


def test_what_left_a_tree_is_told_by_last_rows_with_its_body(reader):
    world = reader.world
    space, *_ = world.every("spaces")
    reader(*CONTENT)
    gone = documents(world, space)[2]
    below = {node["id"] for node in nodes([gone])}
    bodies_below = {node["id"] for node in nodes([gone]) if node["type"] == "document"}
    file = world.current(space)["files"][0]["id"]

    def change(made):
        world.drop(made, gone["id"])
        made["files"].clear()

    world.publish(space, change)
    run = reader(*CONTENT)
    told = {
        name: [row for row in run.records(name) if row.get("_sdc_deleted_at")]
        for name in CONTENT[2:]
    }
    assert {row["id"] for row in told["pages"]} == below
    assert {row["page_id"] for row in told["page_documents"]} == bodies_below
    assert [row["id"] for row in told["files"]] == [file]
    for row in told["pages"]:
        assert without_nulls(row).keys() == {"space_id", "id", "_sdc_deleted_at"}
    assert not [m for m in run.of("ACTIVATE_VERSION") if m["stream"] in CONTENT[1:]]
    assert_tables_are_true(reader)
    world.roll_back(space, world.current(space)["parents"][0])
    reader(*CONTENT)
    assert_tables_are_true(reader)


def test_a_document_that_becomes_a_link_loses_its_body(reader):
    world, space = reader.world, reader.world.every("spaces")[0]
    reader(*CONTENT)
    page = documents(world, space)[-1]

    def change(made):
        for node in nodes(made["pages"]):
            if node["id"] == page["id"]:
                link = link_page(page["id"], "Elsewhere")
                node.clear()
                node.update(link)

    world.publish(space, change)
    reader(*CONTENT)
    assert page["id"] in {row["id"] for row in reader.rows("pages")}
    assert_tables_are_true(reader)


def test_of_a_space_that_is_no_more_the_next_run_tells_by_reading_all(reader):
    reader("spaces", "content", "pages", "files")
    gone = reader.world.every("spaces")[0]
    reader.world.delete_space(gone)
    run = reader("spaces", "content", "pages", "files")
    assert reader.asked("/content") == []
    assert not run.records("pages")
    run = reader("spaces", "content", "pages", "files")
    assert {m["stream"] for m in run.of("ACTIVATE_VERSION")} >= {"content", "pages", "files"}
    assert_tables_are_true(reader)
    reader("spaces", "content", "pages", "files")
    assert reader.asked("/content") == []
    space = reader.world.every("spaces")[0]
    reader.world.publish(space, lambda made: reader.world.upload(made, "new.png", 1))
    run = reader("spaces", "content", "pages", "files")
    versions = {row["_version"] for row in reader.tables["files"].values()}
    assert len(versions) == 1
    assert_tables_are_true(reader)


def test_all_spaces_are_read_once_a_day_for_what_no_revision_tells(reader):
    reader("spaces", "content", "pages")
    space = reader.world.every("spaces")[0]
    tree = reader.world.current(space)["pages"]
    tree[:] = [node for node in tree if node is not tree[-1]]  # As a computed page vanishes
    reader("spaces", "content", "pages")
    assert reader.asked("/content") == []
    reader.world.tick(days=1)
    reader("spaces", "content", "pages")
    assert len(reader.asked("/content")) == len(reader.rows("spaces"))
    assert_tables_are_true(reader)


def test_a_moved_page_takes_the_paths_below_it_along(reader):
    reader("spaces", "pages")
    space = reader.world.every("spaces")[0]
    page = documents(reader.world, space)[1]
    reader.world.publish(space, lambda made: reader.world.retitle(made, page["id"], "Moved"))
    reader.world.publish(space, lambda made: reader.world.move(made, page["id"], None))
    reader("spaces", "pages")
    paths = {row["id"]: row.get("path") for row in reader.rows("pages")}
    assert paths[page["id"]] == "moved"
    assert_tables_are_true(reader)


def test_what_pages_are_computed_from_lets_their_space_be_read_though_its_revision_stands(reader):
    world = reader.world
    first, second, *_ = world.rows("spaces", world.every("organizations")[0]["id"])
    source = next(n for n in nodes(world.current(first)["pages"]) if n["type"] == "computed")
    shown = {**world.new_page("Rockets"), "computed": source["computed"], "computedSeed": "s"}
    world.publish(first, lambda made: world.insert(made, shown))
    world.publish(second, lambda made: world.drop(made, source["id"]))
    for space in world.every("spaces"):
        if space is not first:
            world.publish(space, lambda made: drop_computed(world, made))
    reader(*CONTENT)
    spec = world.every("openapi_specs")[0]
    world.add_openapi_version(spec)
    world.insert(world.current(first), world.new_page("As the specification has it now"))
    reader(*CONTENT)
    assert reader.asked("/content") == [f"/spaces/{first['id']}/content"]
    assert shown["id"] in bodies(reader)
    assert len(reader.asked("/openapi")) == 1
    reader(*CONTENT)
    assert reader.asked("/content") == []


def test_where_specifications_are_denied_nothing_is_asked_of_them_twice(reader):
    reader.vendor.access.denied.add("openapi_specs")
    assert reader(*CONTENT).status == 0
    assert len(reader.asked("/openapi")) == len(reader.vendor.access.organizations)
    reader(*CONTENT)
    assert reader.asked("/content") == []
    assert_tables_are_true(reader)


def drop_computed(world, made):
    for node in [*nodes(made["pages"])]:
        if node["type"] == "computed":
            world.drop(made, node["id"])


def test_a_space_that_another_links_to_lets_that_one_be_read(reader):
    world = reader.world
    first, second, *_ = world.every("spaces")
    link = link_page(world.new_id(), "Next door")
    link["target"] = {"kind": "page", "page": "some", "space": second["id"]}
    world.publish(first, lambda made: world.insert(made, link))
    reader("spaces", "pages")
    world.publish(second, lambda made: world.upload(made, "new.png", 1))
    reader("spaces", "pages")
    assert {path.split("/")[2] for path in reader.asked("/content")} == {first["id"], second["id"]}
    reader("spaces", "pages")
    assert reader.asked("/content") == []


def test_a_stream_that_is_selected_later_reads_every_space(reader):
    reader("spaces", "content")
    reader("spaces", "content", "pages")
    assert_tables_are_true(reader)
    space = reader.world.every("spaces")[0]
    reader.world.publish(space, lambda made: reader.world.upload(made, "new.png", 1))
    reader("spaces", "content")
    reader("spaces", "content", "pages")
    assert_tables_are_true(reader)


def test_a_space_that_fails_is_read_the_next_time(reader):
    broken = reader.world.every("spaces")[1]
    reader.sandbox.fault = lambda request, _: (
        Fault.status(400) if request.path == f"/v1/spaces/{broken['id']}/content" else None
    )
    run = reader("spaces", "content", "pages")
    assert run.status == 1
    assert any("content" in line for line in run.errors)
    reader.sandbox.fault = None
    assert reader("spaces", "content", "pages").status == 0
    assert reader.asked("/content") == [f"/spaces/{broken['id']}/content"]
    assert_tables_are_true(reader)


def test_a_revision_without_its_tree_is_an_error_and_not_an_empty_space(reader):
    reader("spaces", "pages")
    space = reader.world.every("spaces")[0]
    reader.world.publish(space, lambda made: reader.world.upload(made, "new.png", 1))
    cut = {name: value for name, value in reader.world.current(space).items() if name != "pages"}
    reader.sandbox.fault = lambda request, _: (
        Fault("answer", Response(body=cut)) if request.path.endswith("/content") else None
    )
    run = reader("spaces", "pages")
    assert run.status == 1
    assert any("'pages'" in line for line in run.errors)
    reader.sandbox.fault = None
    reader("spaces", "pages")
    assert_tables_are_true(reader)


def test_counters_that_prove_emptiness_save_requests_and_others_do_not(reader):
    world = reader.world
    for comment in world.every("comments"):
        if comment["status"] == "open":
            world.resolve(comment, world.every("users")[0])
    assert {space["comments"] for space in world.every("spaces")} == {0}
    reader("teams", "team_members", "comments", "comment_replies", "sites", "site_spaces")
    empty = [team["id"] for team in world.every("teams") if team["members"] == 0]
    assert empty
    assert not [path for path in reader.asked() if any(team in path for team in empty)]
    assert len(reader.asked("/comments")) == len(reader.rows("comments")) / 3
    answered = [comment["id"] for comment in world.every("comments") if comment["replies"]]
    assert sorted(path.split("/")[4] for path in reader.asked("/replies")) == sorted(answered)
    assert_tables_are_true(reader)


def test_details_of_change_requests_can_be_limited_to_unfinished_ones(reader):
    names = ("change_requests", "change_request_comments", "requested_reviewers")
    run = reader(*names, change_request_details=["open"])
    opened = {row["id"] for row in reader.rows("change_requests") if row["status"] == "open"}
    assert {path.split("/")[4] for path in reader.asked("/comments")} == opened
    assert {row["status"] for row in reader.rows("change_requests")} >= {"open", "merged"}
    told = {message["stream"] for message in run.of("ACTIVATE_VERSION")}
    assert told & {*names} == {"change_requests"}


@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_campaign_the_tables_are_true(reader, seed):
    reader()
    random = Random(seed)
    for count in (10, 150):
        reader.world.campaign(random, count, also=("reusable", "titles"))
        assert reader(reconcile="always").status == 0
        assert_tables_are_true(reader)


@pytest.mark.parametrize("seed", [3, 4])
def test_content_is_true_after_any_campaign_whether_all_is_read_or_not(reader, seed):
    reader(*CONTENT)
    random = Random(seed)
    for count in (5, 20, 40):
        reader.world.campaign(random, count, also=("reusable", "titles"))
        assert reader(*CONTENT).status == 0
        reader(*CONTENT, reconcile_always=["pages"])  # What was in spaces that are no more
        gone = {row["id"] for row in reader.rows("spaces")}
        for key in [k for k in reader.tables["page_documents"] if k[0] not in gone]:
            del reader.tables["page_documents"][key]
        assert_tables_are_true(reader)


def test_a_run_without_news_that_reads_all_costs_what_the_docs_say(reader):
    chosen = [stream for stream in ALL if stream not in ("audit_events", "page_documents")]
    reader(*chosen)
    reader(*chosen, reconcile="always")
    rows = reader.rows
    said = [*rows("comments"), *rows("change_request_comments")]
    assert len(reader.asked()) == (
        2
        + 12 * len(rows("organizations"))
        + sum(team["members"] > 0 for team in rows("teams"))
        + len(rows("openapi_specs"))
        + 5 * len(rows("spaces"))
        + 2 * len(rows("collections"))
        + 13 * len(rows("sites"))
        + 4 * len(rows("change_requests"))
        + sum(comment["replies"] > 0 for comment in said)
    )


@pytest.mark.parametrize("after", [30, 90])
def test_a_run_that_is_stopped_goes_on_where_it_was(reader, after):
    reader.sandbox.fault = lambda request, number: Fault.slow(60) if number > after else None
    reader.stop(after)
    reader.sandbox.fault = None
    assert reader().status == 0
    assert_tables_are_true(reader)
