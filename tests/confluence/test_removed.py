"""A sketch of a set shows what came and went, whatever its size."""

import random

import pytest

from tap_confluence.removed import RemovedSketch as Sketch

NOTHING = (set(), set())


def sketch_of(members):
    sketch = Sketch()
    for number, status in members:
        sketch.add(number, status)
    return sketch


def numbers(members):
    return {number for number, _ in members}


def many(count, seed=1):
    return [(number, "trashed") for number in random.Random(seed).sample(range(10**11), count)]


@pytest.mark.parametrize("count", [0, 1, 50, 20_000])
def test_changes_are_found_in_sets_of_any_size(count):
    kept, gone, new = many(count), many(6, seed=2), many(7, seed=3)
    changes = sketch_of(kept + new).changes(sketch_of(kept + gone))
    assert changes == (numbers(new), numbers(gone))


def test_nothing_changed():
    assert sketch_of(many(300)).changes(sketch_of(many(300))) == NOTHING


def test_another_status_is_a_change():
    changes = sketch_of([(1, "trashed"), (2, "trashed")]).changes(
        sketch_of([(1, "archived"), (2, "trashed")])
    )
    assert changes == ({1}, {1})


def test_too_many_changes_are_never_told_wrongly():
    for seed in range(50):
        assert sketch_of(many(500, seed)).changes(Sketch()) is None


def test_a_dozen_changes_are_always_found():
    for seed in range(300):
        members = many(12, seed)
        assert sketch_of(members).changes(Sketch()) == (numbers(members), set())


def test_numbers_and_statuses_that_nobody_expected():
    odd = [(2**63 - 1, "trashed"), (2**70, None), (5, "suspended")]
    sketch = Sketch().load(sketch_of(many(300) + odd).dump())
    assert sketch.changes(sketch_of(many(300))) == (numbers(odd), set())


def test_a_sketch_that_an_earlier_version_wrote():
    text = "c${NkARaJ6X-l?pqSQY9a^k{*6U#`jfo6bm=aAz00Ru>m91Ib_1a-sAa~El41pto&7*P"
    assert Sketch().load(text).changes(sketch_of([(7, "trashed")])) == ({123456789012}, set())


def test_parts_of_a_set_make_its_sketch():
    whole, part = many(100), sketch_of(many(100)[:40])
    part.merge(sketch_of(whole[40:]))
    assert part.dump() == sketch_of(whole).dump()


def test_the_state_keeps_it_in_less_than_a_kilobyte():
    sketch = sketch_of(many(20_000))
    assert len(sketch.dump()) < 1_000
    assert len(Sketch().dump()) < 30
    loaded = Sketch().load(sketch.dump())
    assert loaded is not None
    assert loaded.changes(sketch) == NOTHING


@pytest.mark.parametrize("text", [None, "", "no sketch", 7, "c$}(*00"])
def test_what_is_not_a_sketch_is_not_taken_for_one(text):
    assert Sketch().load(text) is None
