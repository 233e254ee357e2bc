"""The vendor that is played answers as the real one's document says, and as strictly."""

from random import Random

import jsonschema
import pytest
import requests

from sandbox import Sandbox
from sandbox.gitbook.listings import LISTINGS
from sandbox.gitbook.objects import nodes
from tests.gitbook.test_conformance import document, needs_document, resolved


@pytest.fixture
def served(vendor):
    with Sandbox(vendor) as sandbox:
        yield sandbox


def get(sandbox, path, token=None, **parameters):
    bearer = {"Authorization": f"Bearer {token or sandbox.vendor.access.token}"}
    return requests.get(f"{sandbox.url}/v1{path}", parameters, headers=bearer, timeout=30)


def lenient(schema):
    """The document with its two faults mended: variants that overlap, and a body that forbids the
    page around it."""
    if isinstance(schema, dict):
        mended = {("anyOf" if k == "oneOf" else k): lenient(v) for k, v in schema.items()}
        if mended.get("title") == "Empty":
            del mended["additionalProperties"]
        return mended
    return [lenient(item) for item in schema] if isinstance(schema, list) else schema


@pytest.fixture(scope="module")
def validate():
    mended = lenient(document())

    def check(path, answer, method="get"):
        operation = mended["paths"][path][method]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        whole = {**schema, "components": mended["components"]}
        jsonschema.Draft202012Validator(whole).validate(answer)

    return check


def places(vendor):
    """A value for each capture of the lists' paths."""
    world = vendor.world
    org = next(org for org in world.every("organizations") if org["auditLogs"])["id"]
    space = world.rows("spaces", org)[0]["id"]
    change = next(c for c in world.rows("change_requests", space) if c["status"] == "open")["id"]
    return {
        "org": org,
        "space": space,
        "change": change,
        "team": world.rows("teams", org)[0]["id"],
        "site": world.rows("sites", org)[0]["id"],
        "spec": world.rows("openapi_specs", org)[0]["slug"],
    }


NAMES = {
    "{org}": "{organizationId}",
    "{space}": "{spaceId}",
    "{site}": "{siteId}",
    "{team}": "{teamId}",
    "{change}": "{changeRequestId}",
    "{comment}": "{commentId}",
    "{collection}": "{collectionId}",
    "{spec}": "{specSlug}",
}


def of_the_document(path):
    for ours, theirs in NAMES.items():
        path = path.replace(ours, theirs)
    return path


@needs_document
@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.path)
def test_rows_and_parameters_are_the_contracts(served, validate, listing):
    vendor = served.vendor
    values = places(vendor)
    table = "request_comments" if "{change}" in listing.path else "comments"
    owner = values["change"] if "{change}" in listing.path else values["space"]
    values["comment"] = next(c["id"] for c in vendor.world.rows(table, owner) if c["replies"])
    with_rows = {**values, "collection": vendor.world.rows("collections", values["org"])[0]["id"]}
    if listing.table == "collection_users":
        with_rows["collection"] = vendor.world.rows("collections", values["org"])[1]["id"]
    answer = get(served, listing.path.format(**with_rows))
    assert answer.status_code == 200
    assert answer.json()["items"], "the world has no row to check"
    validate(of_the_document(listing.path), answer.json())
    operation = document()["paths"][of_the_document(listing.path)]["get"]
    known = {parameter["name"] for parameter in map(resolved, operation["parameters"])}
    assert listing.parameters <= known
    assert (listing.most is not None) == ("limit" in known)
    scopes = {s for way in operation.get("security", ()) for s in way.get("oauth", ())}
    assert scopes == ({listing.scope} if listing.scope else set())


@needs_document
def test_what_is_no_list_is_the_contracts_too(served, validate):
    vendor = served.vendor
    space = vendor.world.find("spaces", places(vendor)["space"])
    page = vendor.world.current(space)["pages"][0]["id"]
    for path, of in {
        "/user": "/user",
        f"/spaces/{space['id']}/content": "/spaces/{spaceId}/content",
        f"/spaces/{space['id']}/content/page/{page}": "/spaces/{spaceId}/content/page/{pageId}",
        f"/spaces/{space['id']}/git/info": "/spaces/{spaceId}/git/info",
        f"/spaces/{space['id']}/revisions/{space['revision']}": (
            "/spaces/{spaceId}/revisions/{revisionId}"
        ),
    }.items():
        answer = get(served, path)
        assert answer.status_code == 200, path
        validate(of, answer.json())


@needs_document
def test_lives_keep_to_the_contract(served, validate):
    served.vendor.world.campaign(Random(5), 200, also=("reusable", "titles"))
    org = places(served.vendor)["org"]
    for kind in ("spaces", "members", "change-requests", "sites"):
        answer = get(served, f"/orgs/{org}/{kind}", limit=1000)
        validate(f"/orgs/{{organizationId}}/{kind}", answer.json())
    for space in served.vendor.world.rows("spaces", org):
        answer = get(served, f"/spaces/{space['id']}/content")
        validate("/spaces/{spaceId}/content", answer.json())


def test_a_reusable_content_and_a_description_change_what_is_shown_and_leave_no_mark(served):
    world = served.vendor.world
    space = world.find("spaces", places(served.vendor)["space"])
    page = next(n for n in nodes(world.current(space)["pages"]) if n["type"] == "document")["id"]
    made = []
    world.publish(space, lambda revision: made.append(world.reuse(revision, "Warning")["id"]))
    world.publish(space, lambda revision: world.edit(revision, page, *made))
    path = f"/spaces/{space['id']}/content/page/{page}"

    def shown():
        world.tick(minutes=1)
        answer = get(served, path, format="markdown").json()
        return answer["markdown"], (answer["updatedAt"], answer["documentId"])

    texts, marks = zip(
        shown(),
        world.publish(space, lambda revision: world.edit_reusable(revision, *made)) and shown(),
        world.publish(space, lambda of: world.describe(of, page, "New", "Brief")) and shown(),
        strict=True,
    )
    assert len({*texts}) == 3
    assert len({*marks}) == 1


@pytest.mark.parametrize(
    ("path", "parameters", "status"),
    [
        ("/orgs", {}, 200),
        ("/orgs", {"limit": 0}, 200),
        ("/orgs", {"limit": 1001}, 400),
        ("/orgs", {"limit": "many"}, 400),
        ("/orgs", {"page": "2"}, 400),
        ("/orgs", {"per_page": 10}, 400),
        ("/orgs/{org}/audit-events", {"limit": 101}, 400),
        ("/orgs/{org}/change-requests", {"status": ["open", "closed"]}, 400),
        ("/orgs/{org}/nothing", {}, 404),
        ("/orgs/other/spaces", {}, 404),
        ("/spaces/other/comments", {}, 404),
        ("/spaces/{space}/integrations", {"limit": 10}, 400),
    ],
)
def test_what_the_contract_does_not_allow_is_refused(served, path, parameters, status):
    answer = get(served, path.format(**places(served.vendor)), **parameters)
    assert answer.status_code == status
    if status != 200:
        assert answer.json()["error"]["code"] == status
        assert answer.json()["error"]["message"]


def test_a_page_token_leads_on_in_its_own_list_only(served):
    served.vendor.most_rows = 1
    first = get(served, "/orgs").json()
    second = get(served, "/orgs", page=first["next"]["page"]).json()
    assert "next" not in second
    assert first["items"] != second["items"]
    org = first["items"][0]["id"]
    assert get(served, f"/orgs/{org}/spaces", page=first["next"]["page"]).status_code == 400


def test_a_token_opens_what_it_may_and_nothing_else(served):
    assert get(served, "/orgs", token="other").status_code == 401
    served.vendor.access.scopes = {"organization:read"}
    assert get(served, "/orgs").status_code == 200
    assert get(served, "/user").status_code == 403
