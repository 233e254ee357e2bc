"""Files of states, settings and catalogs that were damaged, or that somebody edited."""

from __future__ import annotations

import json

import pytest

from tests.rest_tap.conftest import TAP
from tests.rest_tap.library import call, config, told
from tests.support import discover, run_tap

SHELVES = '"shelves": {"replication_key": "moved_at", "replication_key_value": "2026-01-01"}'


STATE = f'{{"bookmarks": {{{SHELVES}}}}}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON in UTF-8"),
        (" \n", "is not JSON in UTF-8"),
        ("\0", "is not JSON in UTF-8"),
        (STATE[:-1], "is not JSON in UTF-8"),
        (STATE + STATE, "is not JSON in UTF-8"),
        ('{"bookmarks": {"shelves": NaN}}', "is not JSON in UTF-8"),
        ('{"bookmarks": {"shelves": 1e999}}', "is not JSON in UTF-8"),
        ('{"bookmarks": {"shelves": {"a": "\\ud800"}}}', "is not JSON in UTF-8"),
        ("[" * 100_000, "is not JSON in UTF-8"),
        ('{"a":' * 100_000, "is not JSON in UTF-8"),
        (f'{{"bookmarks": {{{SHELVES}, {SHELVES}}}}}', "has 'shelves' twice in one object"),
        (f'{{"bookmarks": {{}}, "bookmarks": {{{SHELVES}}}}}', "has 'bookmarks' twice in one"),
        ("[]", 'expected a JSON object {"bookmarks": {...}}'),
        ("null", 'expected a JSON object {"bookmarks": {...}}'),
        ('"bookmarks"', 'expected a JSON object {"bookmarks": {...}}'),
        ('{"bookmarks": null}', 'expected a JSON object {"bookmarks": {...}}'),
        ('{"bookmarks": {"shelves": null}}', "the bookmark of shelves must be a JSON object"),
        ('{"bookmarks": {"shelves": "\\u0000"}}', "the bookmark of shelves must be a JSON object"),
    ],
)
def test_a_file_of_state_that_was_damaged(run, text, message):
    line = told(run(state=text or " "))
    assert line.startswith("--state: ")
    assert message in line
    assert len(line) <= 300


@pytest.mark.parametrize("state", [STATE, f"\ufeff{STATE}", f"\n\t {STATE}\r\n"])
def test_a_file_of_state_that_some_editor_wrote(run, state):
    done = run(state=state, select=["shelves"])
    assert done.status == 0
    assert done.state["bookmarks"]["shelves"]["replication_key"] == "moved_at"


@pytest.mark.parametrize(
    "entry",
    [
        {"replication_key": "another", "replication_key_value": "2026-01-01"},
        {"replication_key_value": "2026-01-01"},
        {"replication_key": "moved_at"},
        {"partitions": [{"context": {}}, {"context": {}}, {"context": {"a": [1, {}]}}]},
        {
            "progress_markers": {"a": 3},
            "replication_key_signpost": [],
            "starting_replication_value": {},
        },
        {"unheard_of": {"a": [None, 1, "\u0000"]}},
        {"unread": []},
        {},
    ],
)
def test_what_a_state_has_beside_what_is_known_changes_nothing(run, entry):
    done = run(state={"bookmarks": {"shelves": entry}})
    assert done.status == 0, done.stderr
    assert len(done.records("shelves")) == 10


@pytest.mark.parametrize("option", ["--config", "--state", "--catalog"])
@pytest.mark.parametrize("what", ["folder", "loop", "dangling", "endless", "binary"])
def test_a_file_that_is_none(tmp_path, option, what):
    path = tmp_path / what
    if what == "folder":
        path.mkdir()
    elif what == "loop":
        path.symlink_to(path)
    elif what == "dangling":
        path.symlink_to(tmp_path / "nowhere")
    elif what == "endless":
        path.symlink_to("/dev/zero")
    else:
        path.write_bytes(bytes(range(256)))
    settings = tmp_path / "config.json"
    settings.write_text(json.dumps(config("http://localhost:1")))
    settings.chmod(0o600)
    arguments = [] if option == "--config" else ["--config", settings]
    done = call(*arguments, option, path)
    assert done.returncode in {1, 2}
    assert option in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_behind_a_link_are_read(sandbox, tmp_path):
    settings, link = tmp_path / "config.json", tmp_path / "link.json"
    settings.write_text(json.dumps(config(sandbox.url)))
    settings.chmod(0o600)
    link.symlink_to(settings)
    assert call("--config", link).returncode == 0


@pytest.mark.parametrize("twice", ['"token": "a", "token": "b"', '"max_wait": 1, "max_wait": 1'])
def test_a_setting_that_stands_twice_is_told(run, twice):
    settings = json.dumps(config("http://localhost:1"))
    line = told(run_tap(TAP, settings[:-1] + f", {twice}}}"))
    assert "twice in one object" in line


def odd_catalogs():
    yield {"streams": [{}]}
    yield {"streams": [{"tap_stream_id": 5}]}
    yield {"streams": {"shelves": {}}}
    for key, values in {
        "tap_stream_id": [None, 1, [], "", "\x1b[2J", "x" * 10_000],
        "stream": [None, 1, []],
        "schema": [
            None,
            1,
            [],
            "a",
            {},
            {"properties": {}},
            {"properties": 1},
            {"properties": {"id": 1}},
            {"type": 5},
        ],
        "metadata": [None, 1, {}, "a", [1], [{}], [{"breadcrumb": 1, "metadata": {}}]],
        "key_properties": [1, "id", {}, [1], ["nothing"]],
        "replication_key": [1, [], "nothing"],
        "replication_method": [1, [], "SOMETIMES"],
        "is_view": ["yes"],
    }.items():
        for value in values:
            yield (key, value)


@pytest.mark.parametrize("odd", list(odd_catalogs()), ids=lambda odd: str(odd)[:40])
def test_a_catalog_that_was_damaged_is_told_or_does_no_harm(run, sandbox, odd):
    catalog = odd
    if isinstance(odd, tuple):
        catalog = discover(TAP, config(sandbox.url))
        entry = next(e for e in catalog["streams"] if e["tap_stream_id"] == "shelves")
        entry[odd[0]] = odd[1]
    done = run(catalog=catalog)
    assert "Traceback" not in done.stderr
    assert "Unexpected" not in done.stderr
    assert done.status == 0 or "--catalog: " in told(done)


def test_a_catalog_that_has_a_stream_twice_is_told(run, sandbox):
    catalog = discover(TAP, config(sandbox.url))
    catalog["streams"] += catalog["streams"][:1]
    assert told(run(catalog=catalog)) == "--catalog: it has books more than once"


@pytest.mark.parametrize(
    "unread",
    [
        {},
        {"keys": {"shelf_id": ["x"]}},
        {"keys": {"shelf_id": None}},
        {"keys": {}, "denied": -5},
        {"keys": {}, "denied": "often"},
        {"keys": {}, "more": 1},
        {"path": ""},
        {"path": ".elsewhere.example/x"},
        {"path": "https://elsewhere.example/x"},
        {"path": "/x", "keys": {"a": "b"}},
    ],
)
def test_what_is_to_be_asked_for_again_is_named_if_it_was_damaged(run, sandbox, unread):
    line = told(run(state={"bookmarks": {"books": {"unread": [unread]}}}))
    assert line.startswith('--state: unread of books must be a list of objects that have "keys" or')
    assert sandbox.requests == []


@pytest.mark.parametrize("stream", ["shelves", "books", "copies", "keepers"])
@pytest.mark.parametrize(
    "unread",
    [
        {"keys": {}},
        {"keys": {"other": 5}},
        {"keys": {"shelf_id": ".."}},
        {"path": "/../up"},
        {"path": "/{nobody}/x"},
    ],
)
def test_what_no_stream_has_is_not_asked_for_again_for_ever(run, sandbox, stream, unread):
    """It is asked for in vain, or let go; all else is read."""
    done = run(state={"bookmarks": {stream: {"unread": [unread]}}})
    assert done.status in {0, 1}
    assert "Traceback" not in done.stderr
    assert "Please report" not in done.stderr
    assert len(done.records("shelves")) == 10
    assert done.messages[-1]["type"] == "STATE"
