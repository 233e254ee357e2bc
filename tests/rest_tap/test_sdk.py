"""What is used of the SDK's insides is there, stands in one module, and nothing else is touched."""

from __future__ import annotations

import ast
import importlib
import inspect
import re

import pytest
from singer_sdk import RESTStream, Tap

from rest_tap import sdk
from tests.rest_tap.library import LibraryStream, TapLibrary
from tests.support import ROOT

TAP = [
    "_config",
    "_env_var_config",
    "_env_var_prefix",
    "_handle_termination",
    "_reset_state_progress_markers",
    "_setup_signal_handlers",
    "_validate_config",
]
STREAM = [
    "_stream_version",
    "_tap",
    "_write_activate_version_message",
    "_write_schema_message",
]
OURS_AS_WELL = {"_tap", "_logger", "_schema"}
"""Names that other classes of this package have for themselves."""


def private_names(kind):
    """List the names with an underscore that a class of the SDK defines or sets."""
    names = set()
    for base in kind.__mro__:
        if base.__module__.startswith("singer_sdk"):
            set_ones = re.findall(r"self\.(_[a-zA-Z]\w*)", inspect.getsource(base))
            names |= {name for name in (*vars(base), *set_ones) if not name.startswith("__")}
    return {name for name in names if name.startswith("_")}


def touched(path):
    """List the attributes with an underscore that a module reads, sets or defines."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.FunctionDef):
            yield node.name


@pytest.mark.parametrize(
    ("kind", "name"), [(Tap, n) for n in TAP] + [(RESTStream, n) for n in STREAM]
)
def test_the_sdk_still_has_each_private_name_that_is_used(kind, name):
    assert name in private_names(kind), f"{kind.__name__} of the SDK has no {name} any more"


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("singer_sdk._logging", "_setup_console_logging"),
        ("singer_sdk.plugin_base", "_plugin_log_level"),
    ],
)
def test_the_sdk_still_has_each_private_function_that_is_used(module, name):
    assert hasattr(importlib.import_module(module), name), f"{module} has no {name} any more"
    assert f"from {module} import {name}" in (ROOT / "rest_tap" / "sdk.py").read_text()


def test_the_list_of_private_names_is_the_one_that_the_module_uses():
    names = private_names(Tap) | private_names(RESTStream)
    used = names & set(touched(ROOT / "rest_tap" / "sdk.py"))
    assert used == {*TAP, *STREAM} - {"_tap"}


def test_no_other_module_touches_a_private_name_of_the_sdk():
    names = private_names(Tap) | private_names(RESTStream)
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for folder in ("rest_tap", "tap_circleci", "tap_confluence", "tap_gitbook")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.name != "sdk.py"
        for name in sorted((names & set(touched(path))) - OURS_AS_WELL)
    ]
    assert found == []


def test_no_other_module_imports_a_private_module_of_the_sdk():
    found = [
        f"{path.name}: {line}"
        for path in (ROOT / "rest_tap").rglob("*.py")
        if path.name != "sdk.py"
        for line in path.read_text().splitlines()
        if re.match(r"\s*(from|import) singer_sdk[\w.]*(\._| import _)", line)
    ]
    assert found == []


@pytest.mark.parametrize("hook", sorted(sdk.INERT))
def test_a_hook_of_the_sdk_that_nothing_calls_is_refused_by_name(hook):
    with pytest.raises(TypeError, match=rf"^Rooms\.{hook} has no effect: .+"):
        type("Rooms", (LibraryStream,), {hook: None})


@pytest.mark.parametrize("hook", sorted(sdk.INERT))
def test_the_sdk_has_each_hook_that_is_refused(hook):
    assert hasattr(RESTStream, hook)


@pytest.mark.parametrize("name", ["_process_record", "_sync_children", "_request", "_page_size"])
def test_a_private_name_of_the_sdk_is_refused_in_a_stream(name):
    with pytest.raises(TypeError, match=rf"Rooms\.{name} is a private name of the SDK"):
        type("Rooms", (LibraryStream,), {name: None})


def test_a_private_name_of_the_sdk_is_refused_in_a_tap():
    with pytest.raises(TypeError, match=r"TapRooms\._singer_catalog is a private name of the SDK"):
        type("TapRooms", (TapLibrary,), {"_singer_catalog": None})


def test_each_public_name_of_the_sdk_either_has_an_effect_or_is_refused():
    """A version of the SDK that brings a new hook must be looked at."""
    public = {name for name in dir(RESTStream) if not name.startswith("_")}
    known = {*sdk.INERT, *EFFECTIVE, *vars(sdk.SdkStream)}
    assert sorted(public - known) == []


EFFECTIVE = {
    *("ABORT_AT_RECORD_COUNT", "apply_catalog", "build_prepared_request", "config"),
    *("descendent_streams", "effective_schema", "get_context_state"),
    *("get_new_paginator", "get_starting_replication_key_value"),
    *("get_starting_timestamp", "get_url", "has_selected_descendents"),
    *("http_headers", "http_method", "is_timestamp_replication_key", "log", "logger", "mask"),
    *("metadata", "parent_stream_type", "parse_response", "post_process"),
    *("primary_keys", "replication_key", "replication_method"),
    *("response_error_message", "schema", "selected", "selected_by_default", "state_manager"),
    *("state_partitioning_keys", "stream_maps", "stream_state", "sync", "tap_state"),
    *("tap_stream_id", "url_base", "validate_response"),
}
