"""What spaces are computed from, without a vendor."""

from tap_gitbook.origins import Origins, references


def test_references_are_found_at_any_depth():
    spec = {"ref": {"kind": "openapi", "spec": "petstore"}}
    assert references(
        [
            {"id": "a", "computed": {"dependencies": {"spec": spec}}},
            {"target": {"kind": "page", "page": "p", "space": "other"}},
            {"deep": [[{"kind": "translation", "translation": "t1"}]]},
            {"kind": "sheet", "space": None, "title": "A page"},
        ]
    ) == {"spec petstore", "space other", "translation t1"}


def test_each_space_is_kept_with_the_marks_that_it_was_read_with():
    first = Origins({})
    first.keep("a", {"spec petstore": "old1"})
    first.keep("b", {"spec petstore": "new1", "space a": "rev1"})
    second = Origins(first.as_state())
    assert second.of("a") == {"spec petstore": "old1"}
    assert second.of("b") == {"spec petstore": "new1", "space a": "rev1"}
    assert second.of("c") == {}
    second.keep("a", {"spec petstore": "new1"})
    assert second.as_state().keys() == {"spec petstore@new1", "space a@rev1"}
    second.retain(["b"])
    assert second.of("a") == {}
    assert second.of("b")
    second.keep("b", {})
    assert second.as_state() == {}
