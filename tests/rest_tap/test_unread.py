"""What a run could not read is asked for by the next one, though bookmarks have moved."""

from __future__ import annotations

import json

import pytest

from rest_tap.unread_lists import MOST_BYTES
from sandbox import Fault, Sandbox
from tests.rest_tap.conftest import TAP
from tests.rest_tap.library import Library, config
from tests.support import run_tap


@pytest.fixture
def library():
    return Library(shelves=9, books=2, copies=1)


def fault_at(path, fault):
    return lambda request, number: fault if request.path == path else None


def asked(sandbox, path):
    return [request for request in sandbox.requests if request.path == path]


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_list_that_passes_is_read_by_the_next_run_though_its_parent_is_old(
    run_in_a_hurry, library, sandbox, status
):
    sandbox.fault = fault_at("/shelves/s3/books", Fault.status(status))
    first = run_in_a_hurry()
    assert first.state["bookmarks"]["books"]["unread"][0]["keys"] == {"shelf_id": "s3"}
    assert first.status == (1 if status == 500 else 0)
    tables = first.load()
    assert len(tables["books"]) == 16

    sandbox.fault, library.moved["s8"] = None, 50
    second = run_in_a_hurry(state=first.state)
    second.load(tables)
    assert len(tables["books"]) == len(tables["copies"]) == 18
    assert "unread" not in second.state["bookmarks"]["books"]
    assert {row["shelf_id"] for row in second.records("books")} == {"s3", "s8"}

    third = run_in_a_hurry(state=second.state)
    assert {row["shelf_id"] for row in third.records("books")} <= {"s8"}


def test_a_list_that_three_runs_deny_is_asked_for_no_more(run_in_a_hurry, library, sandbox):
    sandbox.fault = fault_at("/shelves/s3/books", Fault.status(404))
    state, denied = {}, []
    for minute in range(5):
        library.moved["s8"] = 50 + minute
        state = run_in_a_hurry(state=state).state
        denied.append(len(asked(sandbox, "/shelves/s3/books")))
        assert "last_run" in state["bookmarks"]["books"]
    assert denied == [1, 2, 3, 3, 3]
    assert "unread" not in state["bookmarks"]["books"]


def test_a_list_that_fails_for_long_is_asked_for_by_each_run(run_in_a_hurry, sandbox):
    sandbox.fault = fault_at("/shelves/s3/books", Fault.status(500))
    first = run_in_a_hurry()
    second = run_in_a_hurry(state=first.state)
    assert second.status == 1
    assert second.state["bookmarks"]["books"]["unread"] == [{"keys": {"shelf_id": "s3"}}]
    assert "books: not read for shelf_id s3" in second.stderr


def test_three_lists_side_by_side_that_fail_cost_themselves(run_in_a_hurry, sandbox):
    broken = {f"/shelves/s{number}/books" for number in (3, 4, 5)}
    sandbox.fault = lambda request, number: Fault.status(500) if request.path in broken else None
    written = run_in_a_hurry()
    assert len(written.records("books")) == 12
    assert len(written.state["bookmarks"]["books"]["unread"]) == 3
    assert "last_run" in written.state["bookmarks"]["books"]


def test_what_the_state_keeps_of_many_lists_is_bounded_in_bytes():
    with Sandbox(Library(shelves=150, books=1, copies=0)) as sandbox:
        broken = {f"/shelves/s{number}/books" for number in range(0, 150, 2)}
        sandbox.fault = lambda request, _: Fault.status(404) if request.path in broken else None
        written = run_tap(TAP, config(sandbox.url), select=["books"])
    kept = written.state["bookmarks"]["books"]["unread"]
    assert 20 < len(kept) < len(broken)
    assert len(json.dumps(kept, separators=(",", ":"))) <= MOST_BYTES


def test_an_operation_that_is_missing_for_all_fails_its_stream(run_in_a_hurry, sandbox):
    sandbox.fault = lambda request, number: (
        Fault.status(404, body={"message": "API operation not found"})
        if request.path.endswith("/books")
        else None
    )
    written = run_in_a_hurry()
    assert written.status == 1
    assert "books: denied for every parent, 9 in all" in written.stderr
    assert "API operation not found" in written.stderr
    assert "unread" not in written.state["bookmarks"].get("books", {})


def test_a_row_that_breaks_its_page_is_asked_for_by_its_id(run_in_a_hurry, library, sandbox):
    library.breaking = {"s4"}
    first = run_in_a_hurry(select=["shelves"])
    assert first.status == 1
    assert first.state["bookmarks"]["shelves"]["unread"] == [{"path": "/shelves/s4"}]
    assert "replication_key_value" in first.state["bookmarks"]["shelves"]

    library.breaking = set()
    second = run_in_a_hurry(select=["shelves"], state=first.state)
    assert second.status == 0
    assert "s4" in [row["id"] for row in second.records("shelves")]
    assert "unread" not in second.state["bookmarks"]["shelves"]


@pytest.mark.parametrize("damage", [5, [5], [{}], [{"keys": 3}], {"a": 1}, [{"denied": 1}]])
def test_a_damaged_part_of_the_state_is_named(run_in_a_hurry, damage):
    written = run_in_a_hurry(state={"bookmarks": {"books": {"unread": damage}}})
    assert written.status == 1
    assert written.stdout == b""
    (error,) = written.errors
    assert "--state: " in error
    assert "books" in error
    assert 'a list of objects that have "keys" or a "path"' in error
