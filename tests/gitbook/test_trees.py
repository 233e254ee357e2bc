"""What differs between two revisions of a space, without a vendor."""

import copy

import pytest

from tap_gitbook.trees import NOTHING, Changes, Tree, flatten

REVISION = {
    "pages": [
        {
            "id": "group",
            "type": "group",
            "pages": [
                {"id": "a", "type": "document", "title": "A", "slug": "a", "path": "g/a"},
                {"id": "b", "type": "document", "title": "B", "documentId": "d", "pages": []},
            ],
        },
        {"id": "link", "type": "link", "target": {"kind": "url", "url": "https://a.example"}},
    ],
    "files": [{"id": "f1"}, {"id": "f2"}],
    "reusableContents": [{"id": "r", "title": "Warning", "document": "d9"}],
    "variables": {"product": "Rocket"},
}


def changed(change):
    """Compare the revision with one in which something is another."""
    later = copy.deepcopy(REVISION)
    change(later, {node["id"]: node for node, _ in flatten(later["pages"])})
    return Changes(Tree.of(REVISION), Tree.of(later))


def test_nothing_moves_a_body_but_what_it_is_made_from():
    def change(_, nodes):
        nodes["a"].update(slug="other", path="other/a", urls={"app": "x"}, git={"oid": "1"})
        nodes["a"].update(internal_order=5)
        nodes["group"].update(title="Renamed")

    found = changed(change)
    assert found.moved_bodies == set()
    assert found.pages_gone == found.files_gone == []


@pytest.mark.parametrize(
    "told",
    [
        {"title": "Other"},
        {"description": "Brief"},
        {"icon": "flask"},
        {"updatedAt": "2026-01-01T00:00:00Z"},
        {"variables": {"a": "b"}},
        {"computed": {"type": "builtin:openapi"}},
        {"tags": [{"tag": "beta"}]},
    ],
)
def test_what_a_page_tells_of_itself_moves_its_body_only(told):
    assert changed(lambda _, nodes: nodes["a"].update(told)).moved_bodies == {"a"}


@pytest.mark.parametrize(
    "change",
    [
        lambda later: later["reusableContents"][0].update(document="d10"),
        lambda later: later["reusableContents"].clear(),
        lambda later: later["variables"].update(product="Shuttle"),
        lambda later: later.pop("variables"),
    ],
)
def test_what_any_page_may_show_moves_all_bodies(change):
    assert changed(lambda later, _: change(later)).moved_bodies == {"a", "b"}


def test_what_is_new_and_shown_by_no_page_moves_nothing():
    def change(later, _):
        later["reusableContents"].append({"id": "new", "title": "New"})
        later["variables"]["version"] = "2"

    assert changed(change).moved_bodies == set()


def test_what_has_vanished_is_named_and_a_body_of_what_is_a_page_no_more():
    def change(later, nodes):
        nodes["group"]["pages"].pop(0)
        nodes["b"].update(type="link")
        later["files"].pop(0)

    found = changed(change)
    assert found.pages_gone == ["a"]
    assert found.files_gone == ["f1"]
    assert [page for page in ("a", "b", "link") if found.lost_body(page)] == ["a", "b"]


def test_everything_is_new_where_nothing_is_known():
    found = Changes(NOTHING, Tree.of(REVISION))
    assert found.moved_bodies == {"a", "b"}
    assert found.pages_gone == []


def test_columns_have_another_name_for_reusable_contents():
    row = {**REVISION, "reusable_contents": REVISION["reusableContents"]}
    assert Tree.of(row, reusable="reusable_contents") == Tree.of(REVISION)
