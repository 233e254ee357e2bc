"""What search lacks of a list, whichever of the two comes first."""

import random
import tracemalloc

import pytest

from tap_confluence.listed_ids import ListedIds


@pytest.mark.parametrize("seed", range(5))
def test_what_was_listed_and_not_found_is_lacking_in_any_order(seed):
    listed, found = [f"att{n}" for n in range(50)], [f"att{n}" for n in range(10, 60)]
    notes = [("listed", each) for each in listed] + [("found", each) for each in found]
    random.Random(seed).shuffle(notes)
    ids = ListedIds("att")
    for how, each in notes:
        getattr(ids, how)([each])
    assert ids.lacking == [f"att{n}" for n in range(10)]


def test_what_search_shows_twice_is_found_once():
    ids = ListedIds()
    ids.listed(["1", "2", "3"])
    ids.found(["1", "2"])
    ids.found(["2"])
    assert ids.lacking == ["3"]


def test_a_list_of_which_nothing_is_found_yet_takes_less_than_a_hundred_bytes_an_id():
    count = 100_000
    tracemalloc.start()
    ids = ListedIds()
    for number in range(0, count, 250):
        ids.listed(str(10**9 + each) for each in range(number, number + 250))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 100 * count
    assert len(ids.lacking) == count
