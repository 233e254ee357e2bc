"""Lists that tell nothing of their changes are read whole when they are due."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rest_tap import format_timestamp, parse_timestamp
from sandbox import Fault
from tests.rest_tap.library import (
    Books,
    Catalogue,
    Copies,
    Library,
    LibraryStream,
    Shelves,
    TapInAHurry,
    config,
    schema,
)
from tests.support import run_tap

DAY = timedelta(days=1)
NOTHING = "0 records, 0 requests, 0 retries, 0.0 s waited"


class Signs(Catalogue):
    """What stands on shelves, which nothing tells of."""

    name = "signs"
    is_read_when_due = True
    child_keys = {"shelf_id": "id"}  # noqa: RUF012


class Leaflets(LibraryStream):
    """What lies below a sign, and so waits with it."""

    name = "leaflets"
    path = "/shelves/{shelf_id}/books"
    primary_keys = ("id",)
    parent_stream_type = Signs
    schema = schema("id", "shelf_id")


class Loans(Books):
    """Books once more: that a shelf moved tells of some changes, but not of all."""

    name = "loans"
    is_read_when_due = True
    child_keys = {}  # noqa: RUF012


class TapThatWaits(TapInAHurry):
    """The library's tap with streams that wait until they are due."""

    def discover_streams(self):
        return [kind(self) for kind in (Shelves, Books, Copies, Signs, Leaflets, Loans)]


@pytest.fixture
def library():
    return Library(shelves=6, books=2)


@pytest.fixture
def run(sandbox):
    """Run that tap; what was asked before is forgotten."""

    def run(*select, state=None, more=None, **options):
        sandbox.clear()
        settings = {**config(sandbox.url), **(more or {})}
        tap = f"{__name__}:TapThatWaits"
        return run_tap(tap, settings, state=state, select=[*select], **options)

    return run


def later(state, time=DAY):
    """A state as it is when some time has passed since it was written."""
    for held in state["bookmarks"].values():
        if "reconciled" in held:
            held["reconciled"] = format_timestamp(parse_timestamp(held["reconciled"]) - time)
    return state


def remembered(run, stream):
    return run.state["bookmarks"].get(stream, {}).get("reconciled")


def test_what_waits_is_not_asked_for_until_it_is_due(run, library, sandbox):
    first = run("signs", "leaflets")
    tables = first.load()
    assert len(tables["leaflets"]) == 12
    library.books["s3"] = ["new"]
    quiet = run("signs", "leaflets", state=first.state)
    assert not sandbox.requests
    assert quiet.state == first.state
    due = parse_timestamp(remembered(first, "signs")) + DAY - timedelta(minutes=15)
    assert (
        f"leaflets: 0 records, 0 requests, 0 retries, 0.0 s waited, not due until {due:%H:%M}"
        in (quiet.stderr)
    )
    assert not quiet.of("ACTIVATE_VERSION")
    second = run("signs", "leaflets", state=later(quiet.state))
    second.load(tables)
    assert sorted(key for (key,) in tables["leaflets"] if "s3" in key or key == "new") == ["new"]
    assert "not due" not in second.stderr
    assert remembered(second, "leaflets") > remembered(first, "leaflets")


@pytest.mark.parametrize(
    ("more", "days", "is_read"),
    [
        ({"reconcile": "always"}, 0, True),
        ({"reconcile": "never"}, 400, False),
        ({"reconcile_always": ["leaf*"]}, 0, True),
        ({"reconcile_always": ["signs"]}, 0, False),
        ({"reconcile": "never", "reconcile_always": ["leaflets"]}, 0, True),
    ],
)
def test_settings_say_what_is_due(run, library, more, days, is_read):
    first = run("signs", "leaflets", more=more)
    library.books["s3"] = ["new"]
    second = run("signs", "leaflets", state=later(first.state, days * DAY), more=more)
    assert ("new" in {row["id"] for row in second.records("leaflets")}) == is_read
    assert ("not due (reconcile: never)" in second.stderr) == (not is_read and days > 0)


def test_a_pattern_of_no_stream_is_refused(run):
    refused = run("signs", more={"reconcile_always": ["sign*", "leaves"]})
    assert "reconcile_always: tap-library has no stream 'leaves'" in refused.stderr


def test_a_stream_that_was_selected_later_is_read(run):
    first = run("signs")
    second = run("signs", "leaflets", state=first.state)
    assert len(second.records("leaflets")) == 12


def test_a_stream_that_failed_is_due_again(run, sandbox):
    sandbox.fault = lambda request, _: (
        Fault.status(500) if request.path == "/shelves/s3/books" else None
    )
    first = run("signs", "leaflets")
    assert remembered(first, "signs")
    assert not remembered(first, "leaflets")
    sandbox.fault = None
    second = run("signs", "leaflets", state=first.state)
    assert len(second.records("leaflets")) == 12
    assert remembered(second, "leaflets")


def test_between_a_child_is_read_of_parents_that_tell_of_a_change(run, library, sandbox):
    first = run("shelves", "loans")
    tables = first.load()
    version = first.of("ACTIVATE_VERSION")[-1]["version"]
    library.books["s2"], library.books["s4"] = ["moved"], ["unmoved"]
    library.moved["s2"] = 30
    second = run("shelves", "loans", state=first.state)
    assert {row["id"] for row in second.records("loans")} == {"moved"}
    assert {m["version"] for m in second.of("RECORD") if m["stream"] == "loans"} == {version}
    assert not second.of("ACTIVATE_VERSION")
    second.load(tables)
    third = run("shelves", "loans", state=later(second.state))
    third.load(tables)
    truth = {book for books in library.books.values() for book in books}
    assert {key for (key,) in tables["loans"]} == truth
    assert len([r for r in sandbox.requests if r.path.endswith("/books")]) == 6
    assert not third.records("shelves") or {r["id"] for r in third.records("shelves")} == {"s2"}


def test_a_list_that_fails_in_between_is_asked_for_by_the_next_run(run, library, sandbox):
    first = run("shelves", "loans")
    library.books["s2"], library.moved["s2"] = ["moved"], 30
    sandbox.fault = lambda request, _: (
        Fault.status(500) if request.path == "/shelves/s2/books" else None
    )
    second = run("shelves", "loans", state=first.state)
    sandbox.fault = None
    third = run("shelves", "loans", state=second.state)
    assert {row["id"] for row in third.records("loans")} == {"moved"}


# A full refresh of what is else read by its changes

INCREMENTAL = ("shelves", "books", "copies")


def assert_tables_are_true(tables, library):
    shelves = {shelf: set(books) for shelf, books in library.books.items()}
    assert {key for (key,) in tables["shelves"]} == {*shelves}
    assert {key for (key,) in tables["books"]} == {*set().union(*shelves.values())}
    assert {row["book_id"] for row in tables["copies"].values()} == {
        *set().union(*shelves.values())
    }


def take_off(library):
    """Let a shelf and a book go, which no run sees that reads what changed."""
    del library.books["s1"]
    library.books["s2"] = library.books["s2"][1:]


def versions(run, stream):
    return {m.get("version") for m in run.of("RECORD") if m["stream"] == stream}


def test_a_full_refresh_tells_what_vanished_and_later_rows_carry_its_version(run, library):
    tables = run(*INCREMENTAL).load()
    take_off(library)
    refreshed = run(*INCREMENTAL)
    refreshed.load(tables)
    assert_tables_are_true(tables, library)
    (version,) = versions(refreshed, "books")
    library.books["s4"], library.moved["s4"] = ["s4b1", "s4b2"], 30
    later_run = run(*INCREMENTAL, state=refreshed.state)
    assert versions(later_run, "books") == versions(later_run, "copies") == {version}
    assert not later_run.of("ACTIVATE_VERSION")


def test_a_first_run_that_was_cut_off_and_goes_on_tells_it_at_its_end(run, library):
    library.page = 2
    library.moved.update({shelf: minute for minute, shelf in enumerate(library.books)})
    tables = run(*INCREMENTAL).load()
    take_off(library)
    whole = run(*INCREMENTAL)
    cut = whole.messages[
        : 1
        + next(
            number
            for number, message in enumerate(whole.messages)
            if message["type"] == "STATE" and "shelves" in message["value"]["bookmarks"]
        )
    ]
    whole.messages = cut
    whole.load(tables)
    assert not whole.of("ACTIVATE_VERSION")
    rest = run(*INCREMENTAL, state=whole.state)
    rest.load(tables)
    assert_tables_are_true(tables, library)


@pytest.mark.parametrize("status", [403, 500])
def test_what_could_not_be_read_at_first_is_not_told_as_vanished(run, library, sandbox, status):
    tables = run(*INCREMENTAL).load()
    sandbox.fault = lambda request, _: (
        Fault.status(status) if request.path == "/shelves/s3/books" else None
    )
    state = None
    for _ in range(5 if status == 403 else 2):
        refreshed = run(*INCREMENTAL, state=state)
        refreshed.load(tables)
        state = refreshed.state
    sandbox.fault = None
    run(*INCREMENTAL, state=state).load(tables)
    assert_tables_are_true(tables, library)


def test_a_part_of_the_rows_tells_nothing(run, library):
    from_the_second_day = {"more": {"start_date": "2026-01-02T00:00:00Z"}}
    library.moved["s1"] = 24 * 60
    part = run(*INCREMENTAL, **from_the_second_day)
    assert part.records("shelves")
    assert not part.of("ACTIVATE_VERSION")
    assert versions(part, "shelves") == {None}


def test_a_table_that_an_older_version_began_has_no_version(run, library):
    state = run(*INCREMENTAL).state
    for held in state["bookmarks"].values():
        del held["version"], held["reconciled"]
    library.moved["s4"] = 30
    second = run(*INCREMENTAL, state=state)
    assert versions(second, "shelves") == {None}
    assert not second.of("ACTIVATE_VERSION")
