"""What one failure costs, and what the user is told."""

from __future__ import annotations

import time

import pytest

from sandbox import Fault, Response
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
    assert f"1 skipped (1 x {status}" in written.stderr


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
    assert not written.state["bookmarks"].get("copies")


def test_a_failing_child_keeps_its_bookmark_and_loses_nothing(run, sandbox):
    sandbox.fault = fault_on("/books/s5b1/copies", Fault.status(400, body={"message": "bad luck"}))
    first = run()
    assert first.status == 1
    assert "GET /books/s5b1/copies answered 400 Bad Request: bad luck" in first.stderr
    assert len(first.state["bookmarks"]["copies"]["unread"]) == 1
    assert "shelves" in first.state["bookmarks"]
    sandbox.fault = None
    tables = run(state=first.state).load(first.load())
    assert len(tables["copies"]) == 18


def test_a_failing_list_costs_only_what_is_below_it(run, sandbox):
    sandbox.fault = fault_on("/shelves/s3/books", Fault.status(400, body={"message": "bad luck"}))
    first = run()
    assert first.status == 1
    assert "books: not read for shelf_id s3: GET /shelves/s3/books answered 400" in first.stderr
    assert "NOT COMPLETE: 1 failed, the last: GET /shelves/s3/books" in first.stderr
    assert [len(first.records(name)) for name in ("books", "copies")] == [16, 16]
    assert first.state["bookmarks"]["books"]["unread"] == [{"keys": {"shelf_id": "s3"}}]
    sandbox.fault = None
    tables = run(state=first.state).load(first.load())
    assert [len(tables[name]) for name in ("books", "copies")] == [18, 18]


def test_a_stream_is_given_up_when_lists_in_a_row_fail(run, sandbox, library):
    library.books = {f"s{number}": [f"s{number}b"] for number in range(30)}
    library.moved = dict.fromkeys(library.books, 0)
    library.page = 1
    sandbox.fault = lambda request, number: (
        Fault.status(400) if request.path.endswith("/books") else None
    )
    written = run(select=["shelves", "books"], more={"max_concurrency": 1})
    assert written.status == 1
    assert "books answered 400 Bad Request: fault 400. Its bookmark stays" in written.stderr
    assert sum(request.path.endswith("/books") for request in sandbox.requests) <= 12


def test_what_all_parents_were_denied_is_read_once_it_is_granted(run, library):
    library.forbidden = {book for books in library.books.values() for book in books}
    first = run(select=["shelves", "books", "copies"])
    library.forbidden = set()
    second = run(state=first.state, select=["shelves", "books", "copies"])
    assert len(second.records("copies")) == 18

    library.forbidden = {"s1"}  # One alone says nothing of the others
    library.moved["s1"] = 5
    third = run(state=second.state, select=["shelves", "books", "copies"])
    assert third.status == 0
    assert "books: skipped for shelf_id s1" in third.stderr


def test_denials_that_are_accepted_are_not_asked_for_again(run, sandbox, library):
    library.forbidden = {book for books in library.books.values() for book in books}
    accepted = {"denied_streams": "skip"}
    first = run(select=["shelves", "books", "copies"], more=accepted)
    assert first.status == 0
    sandbox.requests.clear()
    run(state=first.state, select=["shelves", "books", "copies"], more=accepted)
    assert not any(request.path.endswith("/copies") for request in sandbox.requests)


@pytest.mark.parametrize("status", [400, 403])
def test_ids_that_could_not_be_looked_up_are_met_again(run, sandbox, status):
    sandbox.fault = lambda request, number: (
        Fault.status(status) if request.path.startswith("/keepers") else None
    )
    first = run(select=["shelves", "keepers"])
    assert first.status == 1
    assert first.state.get("bookmarks", {}) == {}
    sandbox.fault = None
    second = run(state=first.state, select=["shelves", "keepers"])
    assert len(second.records("keepers")) == 9


def test_rows_that_lack_what_they_need_are_counted(run, sandbox):
    rows = [None, {"id": None}, {"id": "s1b0"}]
    sandbox.fault = fault_on("/shelves/s1/books", Fault.status(200, body={"rows": rows}))
    written = run(select=["shelves", "books", "copies"])
    assert written.status == 0
    assert len(written.records("books")) == 17
    assert len(written.records("copies")) == 17
    assert "2 skipped (1 x row that is null, 1 x row without id)" in written.stderr
    assert "copies: a parent without book_id is left out" in written.stderr


def test_what_was_read_counts_even_if_the_run_ends(run, sandbox, library):
    def forget_the_token(request, number):
        if request.path != "/books/s8b1/copies":
            return None
        time.sleep(0.5)
        return Fault.status(401)

    sandbox.fault = forget_the_token
    written = run(select=["shelves", "copies"], more={"max_concurrency": 1})
    assert written.status == 1
    assert "shelves" in written.state["bookmarks"]


def test_a_failing_child_without_memory_is_read_again_without_its_parents(run, sandbox, library):
    library.moved = {shelf: minutes for minutes, shelf in enumerate(library.books)}
    sandbox.fault = fault_on("/shelves/s5/notes", Fault.status(400))
    first = run(select=["shelves", "notes", "books"])
    assert first.status == 1
    reason = "GET /shelves/s5/notes answered 400 Bad Request"
    assert f"notes: not read for shelf_id s5: {reason}" in first.stderr
    assert len(first.records("notes")) == 8
    assert first.state["bookmarks"]["shelves"]["replication_key_value"] == when(8)
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
        Fault.status(200, body=""),
        Fault.status(200, body={}),
        Fault.status(204),
        *(Fault.status(status, body={"rows": []}) for status in (202, 205, 206, 207, 226)),
        *(Fault.status(status) for status in (408, 409, 421, 423, 425)),
        Fault.html(),
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


@pytest.mark.parametrize("body", ["", "null"])
def test_an_empty_answer_is_no_empty_list(run, sandbox, body):
    sandbox.fault = fault_on("/shelves/s3/books", Fault("answer", Response(200, body.encode())))
    written = run(select=["books"])
    assert written.status == 1
    assert "/shelves/s3/books failed 8 times: the answer is" in written.stderr
    assert written.state["bookmarks"]["books"]["unread"] == [{"keys": {"shelf_id": "s3"}}]


def test_web_pages_at_first_are_given_a_second_chance(run, sandbox):
    sandbox.fault = lambda request, number: Fault.html() if number <= 2 else None
    assert run().status == 0


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
    assert (
        "would have to wait 86400 s, 86400 s in all, longer than max_wait (5 s)" in written.stderr
    )
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


def test_a_page_before_one_that_leads_back_is_written(run, sandbox, library):
    library.page = 2
    body = {"rows": [{"id": "last"}], "next": "2"}
    sandbox.fault = lambda request, number: (
        Fault.status(200, body=body)
        if request.path == "/shelves" and request.first("cursor") == "2"
        else None
    )
    written = run(select=["catalogue"], timeout=60)
    assert written.status == 1
    assert [row["id"] for row in written.records("catalogue")] == ["s0", "s1", "last"]


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
    assert "/shelves/s3/books is not of the documented form (TypeError" in written.stderr
    assert "Traceback" not in written.stderr
    assert len(written.records("catalogue")) == 9


def test_rows_that_are_none_cost_themselves(run, sandbox):
    rows = [None, {"id": "first"}, "text", 5, ["x"], {}, {"id": "last"}]
    sandbox.fault = fault_on("/shelves/s3/books", Fault.status(200, body={"rows": rows}))
    written = run(select=["books"])
    found = {row["id"] for row in written.records("books") if row["shelf_id"] == "s3"}
    assert found == {"first", "last"}
    assert "books: a row that is no object is left out" in written.stderr
    assert "1 x row that is null" in written.stderr
    assert "3 x row that is no object" in written.stderr


def test_an_answer_without_its_list_is_an_error(run, sandbox):
    sandbox.fault = fault_on("/shelves/s3/books", Fault.status(200, body={"row": []}))
    written = run()
    assert written.status == 1
    assert "/shelves/s3/books failed 8 times: the answer has no list 'rows'" in written.stderr
    assert len(written.records("books")) == 16
    assert written.state["bookmarks"]["books"]["unread"] == [{"keys": {"shelf_id": "s3"}}]


def test_look_ups_that_are_denied_later_are_told(run, sandbox, library):
    first = run()
    library.moved["s3"] = 9
    sandbox.fault = lambda request, number: (
        Fault.status(403) if request.path.startswith("/keepers/") else None
    )
    second = run(state=first.state)
    assert second.status == 1
    assert "keepers: denied for every parent, 3 in all" in second.stderr


def test_half_a_surrogate_pair_costs_no_row(run, sandbox):
    body = b'{"rows": [{"id": "cut \\ud83d"}, {"id": "Stra\xc3\x9fe"}]}'
    sandbox.fault = fault_on("/shelves/s3/books", Fault.status(200, body=body))
    written = run()
    assert written.status == 0, written.stderr
    assert {"cut ?", "Straße"} <= {row["id"] for row in written.records("books")}
