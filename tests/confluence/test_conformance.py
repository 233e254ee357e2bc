"""The schemas hold what the vendor's documents say, no more and no less.

A stream names the operation that it reads in its docstring; its columns are compared with that
operation's answer, and what stands inside of them likewise, as far as the schema opens it.
"""

import json
import re
from functools import cache

import pytest

from rest_tap import snake_case
from tap_confluence.client import ConfluenceV1Stream
from tap_confluence.streams import STREAMS
from tap_confluence.streams.people import ACCESS_TYPES
from tests.support import SHARED

SPECS = SHARED / "specs"
needs_documents = pytest.mark.skipif(
    not SPECS.exists(), reason="the vendor's documents are not beside the repository"
)

PARENTS = {"space_id", "page_id", "blog_post_id", "attachment_id", "group_id"}
DERIVED = {"modified_at", "body_markdown"}
LIFTED = {
    "space_role_assignments": {"principal_type", "principal_id"},
    "audit": {"created_at", "fingerprint", "ordinal"},
    "groups": {"access_types"},
}
RECORDED = {"resolution_status", "source_template_entity_id", "version.ncsStepVersion"}
"""What live sites were recorded to send beyond the vendor's documents."""
PAIRS = {"page_labels", "blog_post_labels", "attachment_labels"}
SUBJECTS = {stream.name for stream in STREAMS if stream.name.endswith("_restriction_subjects")}


@cache
def document(version):
    return json.loads((SPECS / f"confluence-{version}.json").read_text())


class Schema:
    """A schema of one of the vendor's documents."""

    def __init__(self, version, raw):
        self.version = version
        while "$ref" in raw:
            raw = document(version)["components"]["schemas"][raw["$ref"].rpartition("/")[2]]
        self.raw = raw

    def at(self, raw):
        return Schema(self.version, raw)

    @property
    def variants(self):
        words = ("allOf", "oneOf", "anyOf")
        return [self.at(part) for word in words for part in self.raw.get(word, ())]

    @property
    def fields(self):
        found = {name: self.at(raw) for name, raw in self.raw.get("properties", {}).items()}
        for variant in self.variants:
            found = variant.fields | found
        return found

    @property
    def types(self):
        found = {self.raw["type"]} if "type" in self.raw else set()
        return found.union(*(variant.types for variant in self.variants))


def operations(version):
    return {
        operation["operationId"]: (path, method, operation)
        for path, methods in document(version)["paths"].items()
        for method, operation in methods.items()
        if isinstance(operation, dict) and "operationId" in operation
    }


def version_of(stream):
    return "v1" if issubclass(stream, ConfluenceV1Stream) else "v2"


def operations_of(stream):
    known = operations(version_of(stream))
    named = [known[word] for word in re.findall(r"\w+", stream.__doc__) if word in known]
    assert named, f"{stream.name} names no operation"
    return named


def rows_of(stream):
    """The vendor's schemas of one row of a stream: two where it reads two lists."""
    for _, _, operation in operations_of(stream):
        raw = operation["responses"]["200"]["content"]["application/json"]["schema"]
        answer = Schema(version_of(stream), raw)
        if "results" in answer.fields:
            yield answer.at(answer.fields["results"].raw["items"])
        elif answer.raw.get("type") == "array":
            yield answer.at(answer.raw["items"])
        elif "additionalProperties" in answer.raw:
            yield answer.at(answer.raw["additionalProperties"]).fields["operationType"]
        else:
            yield answer


def differences(path, ours, theirs):
    """Yield what differs between a schema of ours and the vendor's."""
    declared = set(ours["type"]) if isinstance(ours["type"], list) else {ours["type"]}
    declared -= {"null"}
    if theirs.types and declared != theirs.types:
        yield f"{path}: {sorted(declared)} here, {sorted(theirs.types)} there"
    elif "array" in declared and "items" in theirs.raw:
        yield from differences(f"{path}[]", ours["items"], theirs.at(theirs.raw["items"]))
    elif "object" in declared and ours.get("properties"):
        inner = theirs.fields
        for name in ours["properties"].keys() ^ inner.keys():
            side = "not in the vendor's document" if name in ours["properties"] else "missing"
            if f"{path}.{name}" not in RECORDED:
                yield f"{path}.{name}: {side}"
        for name in ours["properties"].keys() & inner.keys():
            yield from differences(f"{path}.{name}", ours["properties"][name], inner[name])


def named(streams):
    return pytest.mark.parametrize("stream", streams, ids=lambda stream: stream.name)


@needs_documents
@named([stream for stream in STREAMS if stream.name not in PAIRS | SUBJECTS | {"page_ancestors"}])
def test_columns_are_the_vendors_fields(stream):
    for row in rows_of(stream):
        theirs = {snake_case(name): kind for name, kind in row.fields.items()}
        ours = stream.schema["properties"]
        assert theirs.keys() - ours.keys() == set()
        added = PARENTS | DERIVED | RECORDED | LIFTED.get(stream.name, set())
        assert ours.keys() - theirs.keys() <= added
        assert [d for name in theirs for d in differences(name, ours[name], theirs[name])] == []


@needs_documents
@named([stream for stream in STREAMS if stream.name in PAIRS])
def test_labels_of_content_hold_the_label_and_what_carries_it(stream):
    label = {f"label_{name}" if name == "id" else name for name in Schema("v2", LABEL).fields}
    ours = stream.schema["properties"].keys()
    assert label <= ours
    assert ours - label <= {*PARENTS, "custom_content_id"}
    assert set(stream.primary_keys) <= ours


@needs_documents
@named([stream for stream in STREAMS if stream.name in SUBJECTS])
def test_a_subject_of_a_restriction_is_told_by_what_the_vendor_tells_of_it(stream):
    (restriction,) = rows_of(stream)
    lists = restriction.fields["restrictions"].fields
    assert "operation" in restriction.fields
    assert {"user", "group"} <= lists.keys()
    for kind, field in (("user", "accountId"), ("group", "id")):
        assert field in lists[kind].at(lists[kind].fields["results"].raw["items"]).fields
    parent = stream.path.split("{")[1].split("}")[0]
    assert stream.primary_keys == (parent, "operation", "kind", "subject")
    assert stream.schema["properties"].keys() == {*stream.primary_keys}


@needs_documents
def test_what_search_is_asked_to_expand_is_of_the_vendors_content():
    (stream,) = [stream for stream in STREAMS if stream.name == "page_ancestors"]
    (content,) = rows_of(stream)
    walked = [stream for stream in STREAMS if hasattr(stream, "expand")]
    names = {"space", "ancestors"}.union(*(stream.expand for stream in walked))
    for name in names:
        at = content
        for part in name.split("."):
            at = at.fields[part]


@needs_documents
def test_the_types_of_access_are_those_that_groups_can_be_listed_by():
    ((_, _, operation),) = operations_of(next(s for s in STREAMS if s.name == "groups"))
    (known,) = (p["schema"]["enum"] for p in operation["parameters"] if p["name"] == "accessType")
    assert {*ACCESS_TYPES} == {*known}


LABEL = {"$ref": "#/components/schemas/Label"}


@needs_documents
@named(STREAMS)
def test_paths_methods_and_limits_are_the_vendors(stream):
    for path, method, operation in operations_of(stream):
        ours = "/template/" + path.rpartition("/")[2] if stream.name == "templates" else stream.path
        theirs = path.removeprefix("/wiki/rest/api")
        assert re.sub(r"\{[^}]+\}", "{}", ours) == re.sub(r"\{[^}]+\}", "{}", theirs)
        assert method == ("post" if stream.name == "users" else "get")
        limits = [
            (parameter["schema"].get("maximum"), parameter["schema"].get("default"))
            for parameter in operation.get("parameters", ())
            if parameter.get("name") == "limit"
        ]
        assert stream.paged == bool(limits)
        for most, default in limits:
            assert stream.limit == most if most else stream.limit >= default


@needs_documents
@named(STREAMS)
def test_what_a_denied_stream_needs_is_what_the_vendor_asks_for(stream):
    for _, _, operation in operations_of(stream):
        schemes = operation["x-atlassian-oauth2-scopes"]
        granular = next((s for s in schemes if s["state"] == "Beta"), schemes[-1])
        for scope in granular["scopes"]:
            assert scope in stream.needs


@needs_documents
@named([stream for stream in STREAMS if hasattr(stream, "statuses")])
def test_filters_are_the_vendors(stream):
    _, _, operation = operations_of(stream)[0]
    known = {p["name"]: p["schema"] for p in operation["parameters"] if "name" in p}
    assert set(stream.statuses) == {*known.get("status", {}).get("items", {}).get("enum", ())}
    assert stream.takes_spaces == ("space-id" in known)
    if stream.statuses:
        assert stream.takes_ids == ("id" in known)
    sort = Schema("v2", known["sort"])
    assert {"modified-date", "-modified-date"} <= set(sort.raw["enum"])


@named(STREAMS)
def test_every_column_is_described_and_keys_are_required(stream):
    properties = stream.schema["properties"]
    assert all(column.get("description") for column in properties.values())
    assert all(name == snake_case(name) for name in properties)
    assert {*stream.primary_keys} == {*stream.schema["required"]}
    assert stream.needs
