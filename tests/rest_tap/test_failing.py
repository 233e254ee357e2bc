"""What one failure costs, and what the user is told."""

from __future__ import annotations

import pytest

from sandbox import Fault
from tests.rest_tap.library import Library, when


@pytest.fixture
def library():
    return Library(shelves=9, books=2, copies=1)


def fault_on(path, fault, times=10**6):
    """Disturb requests of one path, so many times."""
    left = [times]

    def disturb(request, number):
        if request.path == path and left[0] > 0:
            left[0] -= 1
            return fault
        return None

    return disturb


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_denied_parent_costs_its_children_and_one_warning(run, sandbox, status):
    sandbox.fault = fault_on("/shelves/s3/books", Fault.status(status))
    written = run()
    assert written.status == 0
    assert len(written.records("books")) == 16
    assert len(written.records("shelves")) == 9
    warnings = [line for line in written.stderr.splitlines() if "WARNING" in line and "s3" in line]
    assert len(warnings) == 1
    assert f"books: skipped for shelf_id s3: GET /shelves/s3/books answered {status}" in warnings[0]
    assert f"1 parents skipped (1 x {status}" in written.stderr


def test_a_denied_stream_does_not_stop_the_others(run, sandbox, library):
    sandbox.fault = lambda request, number: (
        Fault.status(403) if "order" not in request.query and request.path == "/shelves" else None
    )
    written = run()
    assert written.status == 1
    assert len(written.records("shelves")) == 9
    assert written.records("catalogue") == []
    assert "it needs a reader's card" in written.stderr
    assert written.errors[-1].endswith("Not everything could be read: catalogue. See the summary")
    assert "catalogue" not in written.state["bookmarks"]

    assert run(more={"denied_streams": "skip"}).status == 0


def test_a_stream_denied_for_every_parent_is_denied(run, library):
    library.forbidden = {book for books in library.books.values() for book in books}
    written = run(select=["shelves", "books", "copies"])
    assert written.status == 1
    assert "copies: denied for every parent, 18 in all" in written.stderr
    assert len(written.records("books")) == 18
    assert "copies" not in written.state["bookmarks"]


def test_a_failing_child_keeps_its_bookmark_and_loses_nothing(run, sandbox):
    sandbox.fault = fault_on("/books/s5b1/copies", Fault.status(400, body={"message": "bad luck"}))
    first = run()
    assert first.status == 1
    assert "GET /books/s5b1/copies answered 400 Bad Request: bad luck" in first.stderr
    assert "copies" not in first.state["bookmarks"]
    assert "shelves" in first.state["bookmarks"]
    sandbox.fault = None
    tables = run(state=first.state).load(first.load())
    assert len(tables["copies"]) == 18


def test_a_failing_child_without_memory_holds_its_parents_bookmark(run, sandbox, library):
    library.moved = {shelf: minutes for minutes, shelf in enumerate(library.books)}
    sandbox.fault = fault_on("/shelves/s5/notes", Fault.status(400))
    first = run(select=["shelves", "notes", "books"])
    assert first.status == 1
    assert "notes: GET /shelves/s5/notes answered 400 Bad Request" in first.stderr
    assert first.state["bookmarks"]["shelves"]["replication_key_value"] < when(5)
    assert "last_run" in first.state["bookmarks"]["books"]
    sandbox.fault = None
    second = run(state=first.state, select=["shelves", "notes", "books"])
    assert len(second.load(first.load())["notes"]) == 9
    assert len(second.records("books")) <= 2  # Of the newest shelf, at most


@pytest.mark.parametrize(
    "fault",
    [
        Fault.status(500),
        Fault.status(502),
        Fault.status(503),
        Fault.status(504),
        Fault.status(429),
        Fault.rate_limited(retry_after=1),
        Fault.rate_limited(retry_after="date"),
        Fault.reset(),
        Fault.truncate(),
        Fault.malformed(),
        Fault.slow(0.3),
    ],
    ids=str,
)
def test_passing_faults_cost_nothing_but_time(run, sandbox, fault):
    sandbox.fault = lambda request, number: fault if number % 7 == 3 and number < 30 else None
    written = run()
    assert written.status == 0, written.stderr
    tables = written.load()
    assert [len(tables[name]) for name in ("shelves", "books", "copies")] == [9, 18, 18]
    assert len(written.records("books")) == 18  # Nothing twice


def test_no_request_is_sent_before_a_retry_after_has_passed(run, sandbox):
    sandbox.fault = lambda request, number: (
        Fault.rate_limited(retry_after=1) if number == 10 else None
    )
    run(more={"max_concurrency": 4})
    answered = sandbox.requests[9].ended
    on_their_way = answered + 0.05
    later = min(r.started for r in sandbox.requests if r.started > on_their_way)
    assert later - answered >= 0.95


def test_a_wait_beyond_max_wait_ends_the_stream(run, sandbox):
    sandbox.fault = fault_on("/shelves/s3/books", Fault.rate_limited(retry_after=86400))
    written = run(more={"max_wait": 5})
    assert written.status == 1
    assert "asks to wait 86400 s, 86400 s in all, longer than max_wait (5 s)" in written.stderr
    assert len(written.records("catalogue")) == 9


def test_a_cap_holds_for_all_threads(run, sandbox):
    run(more={"requests_per_second": 40}, select=["shelves", "books"])
    started = sorted(request.started for request in sandbox.requests)
    assert len(started) == 11
    for first in started:
        assert sum(first <= at < first + 1 for at in started) <= 40
    assert started[-1] - started[0] >= 0.9 * 10 / 40


def test_a_page_that_leads_back_is_an_error_not_a_loop(run, sandbox, library):
    library.page = 2
    pages = [{"rows": [], "next": "2"}, {"rows": [], "next": "4"}, {"rows": [], "next": "2"}]
    sandbox.fault = lambda request, number: (
        Fault.status(200, body=pages[min(int(request.first("cursor") or 0) // 2, 2)])
        if request.path == "/shelves/s1/books"
        else None
    )
    written = run(timeout=60)
    assert written.status == 1
    assert "a next page was one that had been read" in written.stderr


def test_a_cursor_that_went_stale_starts_the_list_again(run, sandbox, library):
    library.page = 2
    refused = []

    def disturb(request, number):
        if request.first("cursor") == "4" and "order" in request.query and not refused:
            refused.append(number)
            return Fault.status(400, body={"message": "cursor expired"})
        return None

    sandbox.fault = disturb
    written = run(select=["shelves"])
    assert written.status == 0
    assert len(written.load()["shelves"]) == 9


def test_a_wrong_token_ends_the_run_at_once(run):
    written = run(more={"token": "wrong-token-9"})
    assert written.status == 1
    assert len(written.errors) == 1
    assert written.errors[0].endswith("token: the library does not know it; ask at the desk")
    assert "Traceback" not in written.stderr
    assert written.of("RECORD") == []


def test_rows_of_another_form_end_their_stream_only(run, sandbox):
    sandbox.fault = fault_on("/shelves/s3/books", Fault.status(200, body={"rows": ["a", "b"]}))
    written = run()
    assert written.status == 1
    assert "/shelves/s3/books is not of the documented form (AttributeError" in written.stderr
    assert "Traceback" not in written.stderr
    assert len(written.records("catalogue")) == 9


def test_an_answer_without_its_list_is_an_error(run, sandbox):
    sandbox.fault = fault_on("/shelves/s3/books", Fault.status(200, body={"row": []}))
    written = run()
    assert written.status == 1
    assert "GET /shelves/s3/books answered without the list 'rows'" in written.stderr
