"""API v1: search, by the little CQL that lists content of some types."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.confluence.answers import base
from sandbox.confluence.model import Content, iso
from sandbox.confluence.paging import Entry, cut, issue, next_query, ordered, redeem, scope
from sandbox.confluence.query import InvalidError, boolean, checked, integer, one_of, text
from sandbox.confluence.rows import content_type
from sandbox.messages import Response
from sandbox.routing import Router

if TYPE_CHECKING:
    from sandbox.confluence.rows import Row
    from sandbox.confluence.site import Site
    from sandbox.messages import Request

router = Router("/wiki/rest/api")

MOST = 200
SEARCH = {
    "cql": text,
    "cursor": text,
    "next": boolean,
    "prev": boolean,
    "limit": integer(),
    "start": integer(),
    "excerpt": one_of("highlight", "indexed", "none", "highlight_unescaped", "indexed_unescaped"),
    "includeArchivedSpaces": boolean,
    "cqlcontext": text,
    "expand": text,
}
CLAUSE = re.compile(r"(type|space)\s*(?:=\s*([\w.:\"'-]+)|in\s*\(([^)]*)\))", re.IGNORECASE)


def _wanted(cql: str) -> dict[str, set[str]]:
    """Read the little CQL that is understood here: `type` and `space`, joined by `and`."""
    wanted: dict[str, set[str]] = {}
    conditions = re.split(r"\s+order\s+by\s+", cql, flags=re.IGNORECASE)[0]
    for clause in re.split(r"\s+and\s+", conditions, flags=re.IGNORECASE):
        found = CLAUSE.fullmatch(clause.strip())
        if found is None:
            raise InvalidError(f"Could not parse cql : {cql}")
        words = (found[2] or found[3]).split(",")
        wanted[found[1].lower()] = {word.strip().strip("\"'") for word in words}
    if "type" not in wanted:
        raise InvalidError("Only lists by type are known here")
    return wanted


@router.get("/search")
def search(site: Site, request: Request) -> Response:
    """Answer current content of some types, by cursor."""
    asked = checked(request, SEARCH)
    if "cql" not in asked:
        raise InvalidError("cql is required")
    wanted = _wanted(asked["cql"])

    def build() -> list[Entry]:
        tables: tuple[Any, ...] = (site.pages, site.blog_posts, site.nodes)
        items = [
            item
            for table in tables
            for item in table.items.values()
            if item.status == "current"
            and content_type(item) in wanted["type"]
            and item.space.key in wanted.get("space", (item.space.key,))
        ]
        return ordered(items, lambda item: item.number, lambda _: 0)

    changes = (site.pages.changes, site.blog_posts.changes, site.nodes.changes)
    entries = site.derived(scope(request), changes, build)
    limit = min(asked.get("limit", 25), MOST)
    after = redeem(scope(request), asked["cursor"]) if "cursor" in asked else None
    found, more = cut(entries, after, limit, descending=False)
    links = {"base": base(request), "context": "/wiki"}
    if more and found:
        query = next_query(request, issue(scope(request), found[-1][:2]), next="true")
        links["next"] = f"/rest/api/search?{query}"
    body = {
        "results": [_found(item) for _, _, item in found],
        "start": asked.get("start", 0),
        "limit": limit,
        "size": len(found),
        "totalSize": len(entries),
        "cqlQuery": asked["cql"],
        "searchDuration": 7,
        "_links": links,
    }
    return Response(200, body)


def _found(item: Content) -> Row:
    kind = content_type(item)
    place = f"/spaces/{item.space.key}/{kind}/{item.number}"
    content = {
        "id": item.id,
        "type": kind,
        "status": item.status,
        "title": item.title,
        "_expandable": {"space": f"/rest/api/space/{item.space.key}"},
        "_links": {"webui": place},
    }
    return {
        "content": content,
        "title": item.title,
        "excerpt": "",
        "url": place,
        "breadcrumbs": [],
        "entityType": "content",
        "iconCssClass": f"icon-{kind}",
        "lastModified": iso(item.modified),
        "friendlyLastModified": "some time ago",
        "score": 0.0,
    }
