"""What is read, in which order, and at how many requests."""

from __future__ import annotations

import itertools

import pytest

from sandbox import Fault
from tests.rest_tap.library import Library, config, when
from tests.support import run_tap, selecting

TAP = "tests.rest_tap.library:TapLibrary"


def lines_without_time(run):
    return [
        {key: value for key, value in message.items() if key not in {"time_extracted", "version"}}
        for message in run.messages
        if message["type"] not in {"STATE", "ACTIVATE_VERSION"}
    ]


@pytest.fixture
def library():
    return Library(shelves=12, books=7, copies=2)


def test_three_levels_arrive_with_their_parents_keys(run):
    tables = run().load()
    assert len(tables["shelves"]) == len(tables["catalogue"]) == 12
    assert len(tables["books"]) == 84
    assert tables["copies"]["s3b6c1",].items() >= {"shelf_id": "s3", "book_id": "s3b6"}.items()
    assert set(tables["keepers"]) == {(f"k{n}",) for n in range(10)}


def test_children_come_before_their_parents_and_bookmarks_after(run):
    written = run()
    places = {}
    for place, message in enumerate(written.messages):
        if message["type"] == "RECORD":
            places[message["stream"], message["record"]["id"]] = place
    for book in written.records("books"):
        assert places["books", book["id"]] < places["shelves", book["shelf_id"]]
    for copy in written.records("copies"):
        assert places["copies", copy["id"]] < places["books", copy["book_id"]]
    assert written.messages[-1]["type"] == "STATE"


def test_top_level_streams_are_written_in_turn_a_page_of_each(run):
    written = [m["stream"] for m in run().messages if m["type"] == "RECORD"]
    top = [name for name in written if name in {"catalogue", "shelves"}]
    turns = [(name, len([*rows])) for name, rows in itertools.groupby(top)]
    assert turns == [*zip(("catalogue", "shelves") * 3, (5, 5, 5, 5, 2, 2), strict=True)]


def test_a_long_list_goes_on_while_lists_below_another_are_read(run, sandbox):
    sandbox.latency = 0.005
    run(select=["catalogue", "shelves", "books"], more={"max_concurrency": 2})
    paths = [request.path for request in sandbox.requests]
    last_of_top = len(paths) - 1 - paths[::-1].index("/shelves")
    assert sum(path.endswith("/books") for path in paths[last_of_top:]) > 1


@pytest.mark.parametrize("workers", [2, 8, 32])
def test_order_and_bytes_do_not_depend_on_concurrency(run, sandbox, workers):
    one = run(more={"max_concurrency": 1})
    sandbox.latency = 0.005  # So that answers overtake each other
    assert lines_without_time(run(more={"max_concurrency": workers})) == lines_without_time(one)
    assert 1 < sandbox.max_in_flight <= workers


def test_one_worker_sends_one_request_at_a_time(run, sandbox):
    run(more={"max_concurrency": 1})
    assert sandbox.max_in_flight == 1


def test_each_request_is_sent_once(run, sandbox):
    run()
    asked = [(request.path, str(sorted(request.query.items()))) for request in sandbox.requests]
    twice = {request for request in asked if asked.count(request) > 1}
    assert twice == set()
    # 12 shelves in 3 pages, 84 books in 24, 84 x copies, the catalogue's 3, 10 keepers by threes
    assert len(asked) == 3 + 24 + 84 + 3 + 4


def test_a_second_run_asks_only_for_what_changed(run, sandbox, library):
    first = run()
    library.moved["s4"] = 5
    library.books["s4"].append("s4-new")
    sandbox.clear()
    second = run(state=first.state, select=["shelves", "books", "copies"])
    assert [row["id"] for row in second.records("books")] == library.books["s4"]
    assert len(second.records("copies")) == 16
    tables = second.load(first.load())
    assert len(tables["books"]) == 85
    assert sandbox.count("/shelves/s4/books") == 2
    assert sum(request.path.endswith("/books") for request in sandbox.requests) == 2


def test_rows_whose_clock_is_months_behind_are_seen_after_a_quiet_run(run, library):
    first = run(select=["shelves", "books", "copies"])
    quiet = run(state=first.state, select=["shelves", "books", "copies"])
    library.moved["s4"] = 5
    last = run(state=quiet.state, select=["shelves", "books", "copies"])
    assert [len(last.records(name)) for name in ("books", "copies")] == [7, 14]


def test_a_row_from_the_future_moves_no_bookmark(run, library):
    before = run(select=["shelves"]).state["bookmarks"]["shelves"]["replication_key_value"]
    library.moved["s3"] = 10_000 * 24 * 60
    after = run(select=["shelves"]).state["bookmarks"]["shelves"]["replication_key_value"]
    assert after == before


def test_an_old_row_out_of_place_hides_nothing_of_its_page(run, sandbox, library):
    first = run(select=["shelves"])
    times = (9, -1, 8, -2, -3)
    rows = [library.shelf("s1") | {"id": f"n{at}", "movedAt": when(at)} for at in times]
    sandbox.fault = lambda request, number: Fault.status(200, body={"rows": rows, "next": "4"})
    second = run(state=first.state, select=["shelves"])
    assert [row["id"] for row in second.records("shelves")] == ["n9", "n8"]
    assert "cursor" not in sandbox.requests[-1].query


def test_an_old_row_at_the_end_of_a_page_is_not_the_end(run, sandbox, library):
    first = run(select=["shelves"])
    pages = [(9, 8, -1), (7, -2, -3)]

    def answer(request, number):
        page = int(request.first("cursor") or 0)
        rows = [library.shelf("s1") | {"id": f"n{t}", "movedAt": when(t)} for t in pages[page]]
        return Fault.status(200, body={"rows": rows, "next": "1"})

    sandbox.fault = answer
    second = run(state=first.state, select=["shelves"])
    assert [row["id"] for row in second.records("shelves")] == ["n9", "n8", "n7"]


def test_a_child_that_was_never_read_is_read_from_the_beginning(run):
    first = run(select=["shelves"])
    second = run(state=first.state, select=["shelves", "books"])
    assert len(second.records("books")) == 84
    assert len(second.records("shelves")) == 12  # All have moved in the minute of the bookmark
    third = run(state=second.state, select=["shelves", "books"])
    assert third.records("books") == []


def test_ids_are_looked_up_from_the_beginning_when_that_is_selected_later(run, library):
    library.moved = {shelf: minutes for minutes, shelf in enumerate(library.books)}
    both = ["shelves", "keepers"]
    first = run(select=["shelves"])
    second = run(state=first.state, select=both)
    assert [len(second.records(name)) for name in both] == [1, 10]
    third = run(state=second.state, select=both)
    assert [len(third.records(name)) for name in both] == [1, 1]
    library.moved["s1"] = 60
    without = run(state=third.state, select=["shelves"])
    last = run(state=without.state, select=both)
    assert {"id": "k1"} in last.records("keepers")


def test_a_child_is_read_without_its_parents(run):
    written = run(select=["copies"])
    assert len(written.records("copies")) == 168
    assert {message["stream"] for message in written.of("SCHEMA")} == {"copies"}
    assert set(written.state["bookmarks"]) == {"copies"}


def test_what_vanished_from_a_full_list_is_told(run, library):
    first = run()
    del library.books["s9"]
    tables = run(state=first.state).load(first.load())
    assert ("s9",) not in tables["catalogue"]
    assert len(tables["catalogue"]) == 11
    assert ("s9",) in tables["shelves"]  # Incremental: nothing tells


def test_activate_version_messages_can_be_switched_off(run):
    quiet = run(more={"emit_activate_version_messages": False})
    assert {message["type"] for message in quiet.messages} == {"SCHEMA", "RECORD", "STATE"}
    assert not any("version" in message for message in quiet.of("RECORD"))
    assert quiet.load().keys() == run().load().keys()


def test_a_schema_is_written_once_a_run(run):
    schemas = [message["stream"] for message in run().of("SCHEMA")]
    assert sorted(schemas) == ["books", "catalogue", "copies", "keepers", "shelves"]


def test_start_date_leaves_out_what_is_older(run, library):
    library.moved["s7"] = 60
    written = run(more={"start_date": "2026-01-01T01:00:00Z"}, select=["shelves", "books"])
    assert [row["id"] for row in written.records("shelves")] == ["s7"]
    assert len(written.records("books")) == 7


def test_lookback_reads_again_what_came_late(run, library):
    library.moved["s1"] = 60
    first = run(select=["shelves"])
    library.moved["s2"] = 58  # Appeared late, with an older date
    assert run(state=first.state, select=["shelves"]).records("shelves")[-1]["id"] == "s1"
    second = run(state=first.state, select=["shelves"], more={"lookback": 300})
    assert {row["id"] for row in second.records("shelves")} == {"s1", "s2"}


def test_state_does_not_grow_with_parents(run, library):
    small = run().state
    library.books = {f"s{n}": ["b"] for n in range(300)}
    library.moved = dict.fromkeys(library.books, 0)
    digits = len(".000000")  # A moment may fall on a whole second
    assert len(str(run().state)) == pytest.approx(len(str(small)), abs=3 * digits)
    assert len(str(small)) < 600


def test_a_trial_reads_one_record_a_stream(run, sandbox):
    trial = run("--test")
    assert trial.status == 0
    for stream in ("shelves", "books", "copies", "catalogue"):
        assert len(trial.records(stream)) == 1
    assert len(sandbox.requests) <= 8


def test_discovery_and_about_need_no_settings():
    for argument in ("--discover", "--about", "--version", "--help"):
        told = run_tap(TAP, {}, argument)
        assert told.status == 0, told.stderr
        assert told.stdout


def test_full_table_reads_everything_again_and_deletes_nothing(run, sandbox, library):
    catalog = selecting(TAP, config(sandbox.url), ["shelves"])
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] == "shelves":
            entry["replication_method"] = "FULL_TABLE"
    first = run(catalog=catalog)
    library.moved["s3"] = 9
    second = run(catalog=catalog, state=first.state)
    assert len(second.records("shelves")) == len(library.books)
    assert "ACTIVATE_VERSION" not in {message["type"] for message in second.messages}


@pytest.mark.parametrize("workers", [1, 8])
def test_children_of_a_stream_that_a_map_removes_are_read(run, library, workers):
    removed = {"stream_maps": {"shelves": None}, "max_concurrency": workers}
    written = run(more=removed)
    assert not written.records("shelves")
    assert len(written.records("books")) == sum(map(len, library.books.values()))
