"""The schemas hold what the vendor's document says, no more and no less.

A stream names in its docstring the operation that it reads. Its columns are compared with that
operation's rows, and what stands inside of them likewise.
"""

import json
import re
from functools import cache

import pytest

from rest_tap import snake_case
from tap_circleci.streams import STREAMS
from tests.support import SHARED

DOCUMENT = SHARED / "specs" / "circleci-v2.json"
needs_document = pytest.mark.skipif(
    not DOCUMENT.exists(), reason="the vendor's document is not beside the repository"
)

PARENTS = {
    *("organization_id", "organization_slug", "project_id", "project_slug"),
    *("pipeline_id", "workflow_id", "job_id", "job_number"),
    *("context_id", "component_id", "pipeline_definition_id", "workflow_name"),
}
OURS = {
    "tests": {"position"},
    "pipeline_values": {"values"},
    "insights_branches": {"branch", "org_id"},  # The document leaves the answer open
    "insights_org_summary": {"reporting_window"},
    "insights_project_summary": {"reporting_window"},
    "organizations": {"avatar_url"},  # Of the collaborations
    # Seen in answers, though the document does not have them
    "pipelines": {"warnings"},
    "context_environment_variables": {"truncated_value"},
    "triggers": {"name", "description", "attribution_actor"},
}
NO_JSON_ROWS = {"usage"}  # Files of CSV, which the document does not describe
FORMATS = {"date-time", "uuid"}


@cache
def document():
    return json.loads(DOCUMENT.read_text())


def resolved(schema):
    while "$ref" in schema:
        found = document()
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/")]
        schema = found
    return schema


def variants(schema):
    schema = resolved(schema)
    found = [resolved(v) for key in ("allOf", "oneOf", "anyOf") for v in schema.get(key, ())]
    return [schema, *(deep for variant in found for deep in variants(variant))]


def fields(schema):
    """All properties that an object of this schema can have, whichever variant it is of."""
    return {name: kind for v in variants(schema) for name, kind in v.get("properties", {}).items()}


def types(schema):
    found = set()
    for variant in variants(schema):
        kind = variant.get("type", [])
        found |= {kind} if isinstance(kind, str) else set(kind)
    return found - {"null"}


@cache
def operation(name):
    return next(
        (path, found)
        for path, methods in document()["paths"].items()
        for method, found in methods.items()
        if method in {"get", "post"} and found.get("operationId") == name
    )


def operations_of(stream):
    names = re.search(r"operationIds? ([\w, ]+)\)", stream.__doc__)[1]
    return [operation(name) for name in names.split(", ")]


def row_of(found):
    """The vendor's schema of one row that an operation tells."""
    answer = next(r for code, r in resolved(found)["responses"].items() if code.startswith("2"))
    schema = resolved(answer["content"]["application/json"]["schema"])
    inner = fields(schema)
    if "array" in types(schema):
        return schema["items"]
    for key in ("items", "flaky-tests"):
        if key in inner:
            return resolved(inner[key])["items"]
    return schema


def differences(path, ours, theirs):
    """Yield what differs between a schema of ours and the vendor's."""
    declared, expected = types(ours), types(theirs)
    if expected and declared != expected:
        yield f"{path}: {sorted(declared)} here, {sorted(expected)} there"
        return
    if path == "environment_id":  # Part of a key, and empty where the vendor sends none
        return
    told = {v.get("format") for v in variants(theirs)} & FORMATS
    if told and told != {ours.get("format")}:
        yield f"{path}: format {ours.get('format')} here, {told} there"
    if "array" in declared:
        yield from differences(f"{path}[]", ours["items"], resolved(theirs).get("items", {}))
    elif "object" in declared and ours.get("properties"):
        inner = fields(theirs)
        for name in ours["properties"].keys() ^ inner.keys():
            yield f"{path}.{name}: only {'here' if name in ours['properties'] else 'there'}"
        for name in ours["properties"].keys() & inner.keys():
            yield from differences(f"{path}.{name}", ours["properties"][name], inner[name])


OF_V2 = [stream for stream in STREAMS if "of API v3" not in stream.__doc__]  # Others have none here
LISTS = [stream for stream in OF_V2 if stream.name not in NO_JSON_ROWS]


@needs_document
@pytest.mark.parametrize("stream", LISTS, ids=lambda stream: stream.name)
def test_columns_are_the_vendors_fields(stream):
    ours = stream.schema["properties"]
    for _, found in operations_of(stream):
        theirs = {snake_case(name): kind for name, kind in fields(row_of(found)).items()}
        assert ours.keys() - theirs.keys() <= PARENTS | OURS.get(stream.name, set())
        assert theirs.keys() - ours.keys() == set()
        shared = ours.keys() & theirs.keys()
        assert [d for name in shared for d in differences(name, ours[name], theirs[name])] == []


@needs_document
@pytest.mark.parametrize("stream", OF_V2, ids=lambda stream: stream.name)
def test_paths_are_the_vendors(stream):
    def shape(path):
        return re.sub(r"\{[^}]+\}", "{}", path.replace("{provider}/{organization}/{project}", "{}"))

    assert shape(stream.path) in {shape(path) for path, _ in operations_of(stream)}


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_every_column_is_described_and_keys_are_required(stream):
    properties = stream.schema["properties"]
    assert all(column.get("description") for column in properties.values())
    assert all(name == snake_case(name) for name in properties)
    assert {*stream.primary_keys} <= {*stream.schema["required"]}
    if isinstance(stream.replication_key, str):
        assert stream.replication_key in properties


def test_all_streams_have_names_of_their_own():
    assert len({stream.name for stream in STREAMS}) == len(STREAMS) == 40
