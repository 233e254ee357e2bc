"""Which revision of each space was read, without a vendor."""

import pytest

from tap_gitbook.marks import OF_AN_ID, mark_of
from tap_gitbook.revisions import Revisions

A, B = (mark_of(space, length=OF_AN_ID) for space in "ab")


class State:
    """A stream's part of the state."""

    def __init__(self, **held):
        self.initial = held
        self.written = dict(held)

    def state(self):
        return self.written


def revisions(state, *readers):
    return Revisions(state, lambda: readers or ("pages",))


@pytest.fixture
def state():
    return State(revisions={A: "a1", B: "b1"}, readers=["content", "pages"])


def test_a_space_is_new_by_its_revision_and_where_it_tells_none(state):
    known = revisions(state)
    assert not known.is_new("a", "a1")
    assert known.is_new("a", "a2")
    assert known.is_new("a", None)
    assert known.is_new("c", "c1")


def test_nothing_is_known_to_a_reader_that_is_new_or_of_a_damaged_state(state):
    assert revisions(state, "pages", "files").is_new("a", "a1")
    assert revisions(State(revisions=["a"], readers=["pages"])).is_new("a", "a1")
    assert revisions(State()).is_new("a", "a1")


def test_the_revision_that_came_is_kept_once_all_of_it_was_written(state):
    known = revisions(state)
    known.is_new("a", "a2")
    known.note_came("a", "a3")
    assert state.written["revisions"][A] == "a1"
    known.remember("a")
    assert state.written == {"revisions": {A: "a3", B: "b1"}, "readers": ["pages"]}
    assert state.initial["revisions"][A] == "a1"


def test_a_space_of_which_a_page_moved_on_or_nothing_came_is_read_again(state):
    known = revisions(state)
    known.note_came("a", "a2")
    known.note_moved_on("a")
    known.remember("a")
    known.note_came("b", None)
    known.remember("b")
    assert state.written["revisions"] == {A: "a1", B: "b1"}


def test_rows_have_the_revision_that_came_or_that_of_the_last_run_that_could_read_it(state):
    known = revisions(state)
    known.note_came("a", "a3")
    assert [known.of("a", "a2"), known.of("b", "b2"), known.of("c", "c1")] == ["a3", "b1", "c1"]


def test_what_was_not_listed_is_let_go(state):
    known = revisions(state)
    known.is_new("a", "a1")
    known.forget_missing()
    assert state.written["revisions"] == {A: "a1"}
    everything = State(revisions={A: "a1"}, readers=["pages"])
    known = revisions(everything)
    known.is_new("a", "a1")
    known.forget_missing()
    assert everything.written == everything.initial


def test_a_revision_that_version_0_1_0_kept_by_the_id_of_its_space_is_known():
    state = State(revisions={"a": "a1", "b": "b1"}, readers=["pages"])
    known = revisions(state)
    assert not known.is_new("a", "a1")
    known.is_new("b", "b2")
    assert known.of("b", "b2") == "b1"
    known.note_came("b", "b2")
    known.remember("b")
    assert state.written["revisions"] == {"a": "a1", B: "b2"}
    known.forget_missing()
    assert state.written["revisions"] == {"a": "a1", B: "b2"}
