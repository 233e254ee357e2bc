"""The schemas hold what the vendor's document says, no more and no less.

A stream names the operation that it reads in its docstring; its columns are compared with that
operation's answer, and what stands inside of them likewise, as far as the schema opens it.
"""

import json
import re
from functools import cache

import pytest

from rest_tap import snake_case
from tap_gitbook.buckets import INTERVALS
from tap_gitbook.streams import STREAMS
from tap_gitbook.streams.insights import CAP, COUNTS, GROUPS
from tests.support import SHARED

DOCUMENT = SHARED / "specs" / "gitbook.json"
needs_document = pytest.mark.skipif(
    not DOCUMENT.exists(), reason="the vendor's document is not beside the repository"
)

PARENTS = {
    "organization_id",
    "team_id",
    "space_id",
    "revision_id",
    "collection_id",
    "change_request_id",
    "comment_id",
    "openapi_spec_id",
    "site_id",
}
LIFTED = {
    "team_members": {"user_id"},
    "pages": {"parent_page_id", "position", "depth"},
    "space_user_permissions": {"user_id"},
    "collection_user_permissions": {"user_id"},
    "site_user_permissions": {"user_id"},
    "requested_reviewers": {"reviewer_id"},
    "change_request_contributors": {"user_id"},
    "page_documents": {"page_id"},
}
LEFT_OUT = {
    "pages": {"pages", "markdown", "document"},
    "content": {"pages", "files"},
}
NOT_BY_OPERATION = {"pages": "RevisionPage", "files": "RevisionFile"}
NO_LIST_OF_ROWS = {"site_insights", "insights_traffic"}


@cache
def document():
    return json.loads(DOCUMENT.read_text())


def resolved(schema):
    while "$ref" in schema:
        found = document()
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def fields(schema):
    """All properties that an object of this schema can have, whichever variant it is of."""
    schema = resolved(schema)
    found = dict(schema.get("properties", {}))
    for keyword in ("allOf", "oneOf", "anyOf"):
        for variant in schema.get(keyword, ()):
            found |= fields(variant)
    return {name: kind for name, kind in found.items() if not name.startswith("internal_")}


def types(schema):
    schema = resolved(schema)
    if "type" in schema:
        found = {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"])
    elif "enum" in schema:
        found = {"string"}
    elif "properties" in schema:
        found = {"object"}
    else:
        found = set()
    for keyword in ("allOf", "oneOf", "anyOf"):
        for variant in schema.get(keyword, ()):
            found |= types(variant)
    return found - {"null"}


def operations():
    return {
        operation["operationId"]: operation
        for methods in document()["paths"].values()
        for operation in methods.values()
        if isinstance(operation, dict) and "operationId" in operation
    }


def row_of(stream):
    """The vendor's schema of one row of a stream."""
    if stream.name in NOT_BY_OPERATION:
        return document()["components"]["schemas"][NOT_BY_OPERATION[stream.name]]
    operation = operations()[re.search(r"operationId (\w+)", stream.__doc__)[1]]
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return fields(answer)["items"]["items"] if "items" in fields(answer) else answer


def columns_of(stream):
    """The vendor's fields of a row, under the names of columns."""
    found = fields(row_of(stream))
    if stream.name == "integrations":  # The row is the installation, with its integration beside it
        found = fields(found.pop("installation")) | found
    if stream.name == "space_integrations":
        found["integrationVersion"] = found.pop("version")
    return {snake_case(name): kind for name, kind in found.items()}


def differences(path, ours, theirs):
    """Yield what differs between a schema of ours and the vendor's."""
    declared = types(ours)
    expected = types(theirs)
    if expected and declared != expected:
        yield f"{path}: {sorted(declared)} here, {sorted(expected)} there"
        return
    theirs = resolved(theirs)
    if "array" in declared:
        yield from differences(f"{path}[]", ours["items"], theirs.get("items", {}))
    elif "object" in declared and ours.get("properties"):
        inner = fields(theirs)
        is_open = bool(ours.get("additionalProperties"))
        for name in ours["properties"].keys() - inner.keys():
            yield f"{path}.{name}: not in the vendor's document"
        for name in inner.keys() - ours["properties"].keys():
            if not is_open:
                yield f"{path}.{name}: missing"
        for name in ours["properties"].keys() & inner.keys():
            yield from differences(f"{path}.{name}", ours["properties"][name], inner[name])


LISTS = [stream for stream in STREAMS if stream.name not in NO_LIST_OF_ROWS]
ASKED = [stream for stream in LISTS if stream.name not in NOT_BY_OPERATION]


@needs_document
@pytest.mark.parametrize("stream", LISTS, ids=lambda stream: stream.name)
def test_columns_are_the_vendors_fields(stream):
    ours = stream.schema["properties"]
    theirs = columns_of(stream)
    added = PARENTS | LIFTED.get(stream.name, set())
    assert ours.keys() - theirs.keys() <= added
    if stream.name != "page_documents":  # Which holds the body; the rest of the page is in pages
        assert theirs.keys() - ours.keys() == LEFT_OUT.get(stream.name, set())
    shared = ours.keys() & theirs.keys()
    assert [d for name in shared for d in differences(name, ours[name], theirs[name])] == []


@needs_document
@pytest.mark.parametrize("stream", ASKED, ids=lambda stream: stream.name)
def test_paths_limits_and_scopes_are_the_vendors(stream):
    name = re.search(r"operationId (\w+)", stream.__doc__)[1]
    path, operation = next(
        (path, operation)
        for path, methods in document()["paths"].items()
        for operation in methods.values()
        if isinstance(operation, dict) and operation.get("operationId") == name
    )
    assert re.sub(r"\{\w+\}", "{}", stream.path) == re.sub(r"\{\w+\}", "{}", path)
    parameters = {p["name"]: p["schema"] for p in map(resolved, operation.get("parameters", ()))}
    assert stream.page_size == parameters.get("limit", {}).get("maximum")
    scopes = {s for way in operation.get("security", ()) for s in way.get("oauth", ())}
    assert all(scope in stream.needs for scope in scopes)
    assert scopes or "OAuth scope" not in stream.needs


@needs_document
def test_insights_are_asked_for_in_the_vendors_columns():
    schemas = document()["components"]["schemas"]
    known = {
        name
        for variant in schemas["SiteInsightsQueryEventsColumn"]["oneOf"]
        for name in fields(variant)["column"]["enum"]
    }
    assert {*GROUPS, *COUNTS} <= known
    column = schemas["SiteInsightsQueryDateTimeColumn"]["properties"]["interval"]
    assert list(INTERVALS) == column["enum"]
    query = schemas["SiteInsightsQueryEventsAggregation"]["properties"]
    assert query["limit"]["maximum"] == CAP


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_every_column_is_described_and_keys_are_required(stream):
    properties = stream.schema["properties"]
    assert all(column.get("description") for column in properties.values())
    assert all(name == snake_case(name) for name in properties)
    assert {*stream.primary_keys} == {*stream.schema["required"]}
    assert stream.needs
