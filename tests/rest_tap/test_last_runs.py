"""A moment that partitions share stands once in the state."""

from __future__ import annotations

from rest_tap.last_runs import SIZE, by_mark, mark_of, put

MORNING, EVENING = "2026-01-01T08:00:00+00:00", "2026-01-01T20:00:00+00:00"
PROJECTS = [mark_of({"project_slug": f"gh/acme/service-{number}"}) for number in range(500)]


def test_each_partition_has_the_moment_that_it_was_given_last():
    last_runs = {}
    for project in PROJECTS:
        put(last_runs, project, MORNING)
    for project in PROJECTS[::2]:
        put(last_runs, project, EVENING)
        put(last_runs, project, EVENING)
    assert [*last_runs] == [MORNING, EVENING]
    found = by_mark(last_runs)
    assert {found[project] for project in PROJECTS[::2]} == {EVENING}
    assert {found[project] for project in PROJECTS[1::2]} == {MORNING}
    assert len(found) == len({*PROJECTS}) == 500


def test_a_moment_that_is_no_partitions_any_more_is_gone():
    last_runs = {}
    for moment in (MORNING, EVENING):
        for project in PROJECTS[:2]:
            put(last_runs, project, moment)
    assert last_runs == {EVENING: PROJECTS[0] + PROJECTS[1]}


def test_a_mark_that_stands_across_two_others_is_not_taken_for_one():
    across = "bcdefg"
    last_runs = {MORNING: "abcdef" + "ghijkl"}
    put(last_runs, across, EVENING)
    assert last_runs == {MORNING: "abcdefghijkl", EVENING: across}
    assert len(across) == SIZE


def test_how_a_partition_is_named_does_not_depend_on_order():
    assert mark_of({"a": 1, "b": 2}) == mark_of({"b": 2, "a": 1}) != mark_of({"a": 1})
