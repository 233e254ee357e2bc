"""A first sync reads all that the token sees, once, and as cheaply as the contract lets it."""

import pytest

from sandbox import Fault
from sandbox.gitbook import truth
from tap_gitbook.streams import STREAMS
from tests.gitbook.conftest import ALL
from tests.gitbook.tables import assert_tables_are_true


@pytest.mark.parametrize("ending", ["absent", "null", "empty"])
def test_everything_is_read_however_lists_end(reader, ending):
    reader.vendor.next_style = ending
    reader.vendor.most_rows = 3
    run = reader()
    assert run.status == 0
    assert {name for name, rows in truth(reader.vendor).items() if rows} >= {*ALL}
    assert_tables_are_true(reader)


def test_every_list_is_asked_once_and_for_its_largest_page(reader):
    reader()
    asked = [(a.method, a.path, sorted(a.query.items())) for a in reader.sandbox.requests]
    lists = [question for question in asked if question[0] == "GET"]
    assert len(lists) == len({str(question) for question in lists})
    limits = {stream.path.rpartition("/")[2]: stream.page_size for stream in STREAMS}
    for _, path, query in lists:
        limit = limits.get(path.rpartition("/")[2])
        assert dict(query).get("limit") == ([str(limit)] if limit else None), path


def test_faults_on_the_way_change_nothing(reader):
    faults = (
        Fault.reset(),
        Fault.status(503),
        Fault.truncate(),
        Fault.html(502),
        Fault.malformed(),
    )
    reader.sandbox.fault = lambda _, number: (
        faults[number // 23 % len(faults)] if number % 23 == 0 else None
    )
    assert reader().status == 0
    assert_tables_are_true(reader)


def test_a_person_in_two_organizations_is_two_members(reader):
    reader("org_members")
    members = reader.rows("org_members")
    everybody = {row["id"] for row in members}
    assert len(members) == 2 * len(everybody)


def test_organizations_of_others_are_not_asked_for(reader):
    hidden = next(
        org["id"]
        for org in reader.world.every("organizations")
        if org["id"] not in reader.vendor.access.organizations
    )
    reader()
    assert not [path for path in reader.asked() if hidden in path]


def test_the_tree_is_flattened_at_every_depth(reader):
    reader("pages", "spaces")
    pages = reader.rows("pages")
    assert {row["type"] for row in pages} == {"document", "group", "link", "computed"}
    assert max(row["depth"] for row in pages) >= 3
    known = {(row["space_id"], row["id"]): row for row in pages}
    for row in pages:
        if parent := row.get("parent_page_id"):
            assert known[row["space_id"], parent]["depth"] == row["depth"] - 1
        else:
            assert row["depth"] == 0


def test_no_default_filter_hides_rows(reader):
    reader("change_requests", "comments", "site_redirects", "site_findings")
    assert {row["status"] for row in reader.rows("change_requests")} == {
        "draft", "open", "archived", "merged",
    }  # fmt: skip
    assert any("site_topic" in row for row in reader.rows("change_requests"))
    assert {row["status"] for row in reader.rows("comments")} == {"open", "resolved"}
    assert {row["draft"] for row in reader.rows("site_redirects")} == {True, False}
    assert {row["status"] for row in reader.rows("site_findings")} == {"candidate", "done"}


def test_bodies_come_in_the_format_of_the_setting(reader):
    reader("page_documents", "comments", "pages", "spaces", page_format="document")
    assert_tables_are_true(reader, page_format="document")


def test_order_and_rows_do_not_depend_on_concurrency(reader):
    one = reader(max_concurrency=1)
    reader.state = None
    many = reader(max_concurrency=16)
    strip = [[(m["stream"], m["record"]) for m in run.of("RECORD")] for run in (one, many)]
    assert strip[0] == strip[1]
