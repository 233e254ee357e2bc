"""Rows that break the page they are on, and lists that have no end."""

from __future__ import annotations

import random

import pytest

from rest_tap import StreamError
from rest_tap.endless import MOST_EMPTY, EndGuard
from rest_tap.page_size import PageSize
from sandbox import Fault
from tests.rest_tap.library import Library


@pytest.fixture
def library():
    return Library(shelves=23, books=0, copies=0)


def ids(written):
    return [row["id"] for row in written.records("catalogue")]


ALL = sorted(f"s{number}" for number in range(23))


def test_rows_that_break_their_pages_cost_their_details(run_in_a_hurry, library):
    library.breaking = {ALL[0], ALL[11], ALL[12], ALL[22]}
    written = run_in_a_hurry(select=["catalogue"])
    assert ids(written) == ALL
    assert written.status == 1
    assert f"{ALL[11]} breaks each answer that it is in" in written.stderr
    told = ", ".join(f"part of {ALL[number]}" for number in (0, 11, 12, 22))
    assert f"LOST: {told}" in written.stderr


def test_rows_before_one_that_nothing_helps_are_read(run_in_a_hurry, sandbox):
    sandbox.fault = lambda request, number: (
        Fault.status(500)
        if int(request.first("cursor") or 0)
        <= 12
        < int(request.first("cursor") or 0) + int(request.first("limit") or 5)
        else None
    )
    written = run_in_a_hurry(select=["catalogue"])
    assert ids(written) == ALL[:12]
    assert written.status == 1
    assert "GET /shelves failed 2 times" in written.errors[0]


@pytest.mark.parametrize("status", [202, 206])
def test_what_is_not_the_whole_answer_never_tells_that_all_has_vanished(
    run_in_a_hurry, sandbox, status
):
    sandbox.fault = lambda request, number: Fault.status(status, body={"rows": [], "next": None})
    written = run_in_a_hurry(select=["catalogue"])
    assert written.status == 1
    assert written.of("ACTIVATE_VERSION") == []
    assert f"GET /shelves answered {status}" in written.errors[0]


def endless(library, sandbox, page):
    """Answer all requests for shelves with a page, and the way to one more."""
    asked = []

    def shelves(request, number):
        asked.append(request)
        return Fault.status(200, body={"rows": page, "next": f"more-{len(asked)}"})

    sandbox.fault = shelves
    return asked


@pytest.mark.parametrize(
    "page",
    [[], [{"id": "s1"}, {"id": "s2"}], [{"id": "s1"}], [{"n": 1}]],
    ids=["empty", "the same", "one row", "one row without an id"],
)
def test_a_list_without_an_end_is_given_up(run_in_a_hurry, library, sandbox, page):
    asked = endless(library, sandbox, page)
    written = run_in_a_hurry(select=["catalogue"])
    assert written.status == 1
    assert "it has no end" in written.errors[0]
    assert len(asked) <= MOST_EMPTY


def test_rows_that_were_all_seen_are_no_news_in_another_order_or_with_another_date():
    guard, chance = EndGuard("/list"), random.Random(3)

    def read():
        for number in range(200):
            rows = chance.sample(range(40), 10)
            guard.check_page([{"id": row, "seenAt": number} for row in rows])

    with pytest.raises(StreamError, match="repeat"):
        read()


def test_the_last_row_may_come_again():
    guard = EndGuard("/list")
    for page in ([{"id": 1}, {"id": 2}], [{"id": 2}], [{"id": 2}, {"id": 3}], [{"id": 3}], []):
        guard.check_page(page)


def read_circle(circle):
    guard = EndGuard("/list")
    for number in range(10 * circle + 10):
        guard.check_token(number)
        guard.check_page([{"id": number % circle}, {"id": -1}])


@pytest.mark.parametrize("circle", [1, 2, 3, 7, 100])
def test_pages_that_go_round_in_a_circle_are_noticed(circle):
    with pytest.raises(StreamError, match="repeat"):
        read_circle(circle)


def test_a_long_list_is_no_circle_and_takes_little_memory(monkeypatch):
    monkeypatch.setattr("rest_tap.endless.MOST_ROWS", 1000)
    guard = EndGuard("/list")
    for number in range(5000):
        guard.check_token(number)
        guard.check_page([{"id": number}, {"id": number + 1}])
        guard.check_page([])
    assert len(guard._rows) <= 1002


@pytest.mark.parametrize("broken", [{3}, {0}, {249}, {7, 8}, {5, 130, 249}])
def test_the_page_closes_in_on_rows_that_break_it(broken):
    size, at, asked, passed = PageSize(250), 0, 0, []
    while at < 250:
        rows = range(at, min(at + (size.wanted or 250), 250))
        asked += 1
        if broken & set(rows) and size.can_shrink:
            size.shrink()
            continue
        if broken & set(rows):
            passed.append(at)
            rows = [at]
        size.passed(len(rows))
        at += len(rows)
    assert set(passed) == broken
    assert asked <= 20 * len(broken)
