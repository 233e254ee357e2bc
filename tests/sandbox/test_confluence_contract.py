"""Every row that is played is valid against the vendor's own schemas."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from sandbox import Request
from sandbox.confluence import Confluence, Site

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs"
V2, V1 = "/wiki/api/v2", "/wiki/rest/api"


def as_json_schema(node):
    """OpenAPI 3.0 writes `nullable`; JSON Schema does not know it."""
    if isinstance(node, list):
        return [as_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:  # what stands beside a reference does not count
        return {"$ref": node["$ref"]}
    schema = {key: as_json_schema(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [schema, {"type": "null"}]} if node.get("nullable") is True else schema


@pytest.fixture(scope="module")
def specs():
    if not SPECS.is_dir():
        pytest.skip(f"the vendor's contracts are not at {SPECS}")
    return {
        version: as_json_schema(json.loads((SPECS / f"confluence-{version}.json").read_text()))
        for version in ("v1", "v2")
    }


@pytest.fixture(scope="module")
def site():
    return Site.generate(7)


@pytest.fixture(scope="module")
def ask(site):
    vendor = Confluence(site)
    known = vendor.credentials
    token = base64.b64encode(f"{known.email}:{known.api_token}".encode()).decode()
    headers = {"Host": "site", "Authorization": f"Basic {token}"}

    def ask(target, method="GET", content=b""):
        answer = vendor.handle(Request.parse(method, target, headers, content))
        assert answer.status == 200, (target, answer.body)
        return json.loads(answer.encoded())

    return ask


def rows_of(ask, targets):
    for target in targets:
        body = ask(target)
        if isinstance(body, list):
            yield from body
        else:
            yield from body.get("results", [body])


def check(specs, version, schema, rows):
    """Check rows, and that none of their fields is made up."""
    spec = specs[version]
    reference = {"$ref": f"#/components/schemas/{schema}", "components": spec["components"]}
    validator = Draft202012Validator(reference)
    model = spec["components"]["schemas"][schema]
    properties = model.get("anyOf", [model])[0]["properties"]
    checked = 0
    for row in rows:
        assert [error.message for error in validator.iter_errors(row)] == []
        assert set(row) <= set(properties), schema
        checked += 1
    assert checked, f"no row of {schema} was checked"


EXPANDED = "space,ancestors,container,metadata.labels,restrictions.read.restrictions.user"
EVERY = "limit=250&status=current,archived,trashed"


@pytest.mark.parametrize(
    ("schema", "targets"),
    [
        ("PageBulk", [f"/pages?{EVERY}", "/pages?limit=250&body-format=atlas_doc_format"]),
        ("BlogPostBulk", ["/blogposts?status=current,trashed&body-format=storage"]),
        ("AttachmentBulk", [f"/attachments?{EVERY}"]),
        ("CustomContentBulk", ["/custom-content?type=ac:com.example.polls:poll&body-format=raw"]),
        ("FooterCommentModel", ["/footer-comments?limit=250&body-format=storage"]),
        ("InlineCommentModel", ["/inline-comments?limit=250&body-format=atlas_doc_format"]),
        ("Task", ["/tasks?limit=250&body-format=storage"]),
        ("Label", ["/labels?limit=250"]),
        ("SpaceBulk", ["/spaces?include-icon=true&description-format=plain"]),
        ("SpacePermission", ["/space-permissions"]),
        ("SpaceRole", ["/space-roles"]),
        ("ClassificationLevel", ["/classification-levels"]),
    ],
)
def test_lists_of_v2(specs, ask, schema, targets):
    check(specs, "v2", schema, rows_of(ask, [V2 + target for target in targets]))


@pytest.mark.parametrize(
    ("schema", "collection", "table", "below"),
    [
        ("PageVersion", "pages", "pages", "/versions?body-format=storage"),
        ("BlogPostVersion", "blogposts", "blog_posts", "/versions"),
        ("AttachmentVersion", "attachments", "attachments", "/versions"),
        ("CustomContentVersion", "custom-content", "custom_contents", "/versions"),
        ("CommentVersion", "footer-comments", "footer_comments", "/versions"),
        ("CommentVersion", "inline-comments", "inline_comments", "/versions"),
        ("ContentProperty", "pages", "pages", "/properties"),
        ("ContentProperty", "blogposts", "blog_posts", "/properties"),
        ("ContentProperty", "attachments", "attachments", "/properties"),
        ("ChildrenResponse", "pages", "pages", "/direct-children"),
        ("Ancestor", "pages", "pages", "/ancestors"),
        ("Like", "pages", "pages", "/likes/users"),
        ("Like", "blogposts", "blog_posts", "/likes/users"),
        ("Label", "pages", "pages", "/labels"),
        ("SpaceProperty", "spaces", "spaces", "/properties"),
        ("SpacePermissionAssignment", "spaces", "spaces", "/permissions"),
        ("SpaceRoleAssignment", "spaces", "spaces", "/role-assignments"),
        ("Label", "spaces", "spaces", "/labels"),
        ("PageBulk", "labels", "labels", "/pages"),
        ("BlogPostBulk", "labels", "labels", "/blogposts"),
        ("AttachmentBulk", "labels", "labels", "/attachments"),
    ],
)
def test_lists_below_a_parent_of_v2(specs, ask, site, *, schema, collection, table, below):
    parents = getattr(site, table).items.values()
    targets = [f"{V2}/{collection}/{parent.id}{below}" for parent in parents]
    check(specs, "v2", schema, rows_of(ask, targets))


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ("WhiteboardSingle", "whiteboard"),
        ("DatabaseSingle", "database"),
        ("FolderSingle", "folder"),
        ("SmartLinkSingle", "embed"),
    ],
)
def test_nodes_of_the_tree(specs, ask, site, schema, kind):
    nodes = [node for node in site.nodes.items.values() if node.type == kind]
    targets = [f"{V2}/{kind}s/{node.id}" for node in nodes]
    check(specs, "v2", schema, rows_of(ask, targets))
    children = [f"{target}/direct-children" for target in targets]
    for target in children:
        assert "results" in ask(target)


def test_users_in_bulk(specs, ask, site):
    body = json.dumps({"accountIds": list(site.users)}).encode()
    check(specs, "v2", "User", ask(f"{V2}/users-bulk", "POST", body)["results"])


@pytest.mark.parametrize(
    ("schema", "target"),
    [
        ("Group", "/group"),
        ("User", "/group/group-0000/membersByGroupId"),
        ("ThemeNoLinks", "/settings/theme"),
        ("AuditRecord", "/audit"),
        ("ContentTemplate", "/template/page"),
        ("BlueprintTemplate", "/template/blueprint"),
        ("SearchResult", "/search?cql=type+in+(page,blogpost,folder,embed)"),
        ("Content", "/content/search?cql=type+in+(page,blogpost,attachment,folder)&limit=200"),
        ("Content", f"/content/search?cql=type+in+(page,blogpost,attachment)&expand={EXPANDED}"),
    ],
)
def test_lists_of_v1(specs, ask, schema, target):
    check(specs, "v1", schema, rows_of(ask, [V1 + target]))


def test_restrictions_of_v1(specs, ask, site):
    answers = [
        ask(f"{V1}/content/{number}/restriction/byOperation") for number in site.restrictions
    ]
    rows = [answer[name] for answer in answers for name in ("read", "update")]
    check(specs, "v1", "ContentRestriction", rows)
