"""API v1: search, by the little CQL that lists content of some types, spaces, labels or ids."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sandbox.confluence.answers import base
from sandbox.confluence.expansions import expanded
from sandbox.confluence.model import Content, iso
from sandbox.confluence.paging import Entry, cut, issue, next_query, ordered, redeem, scope
from sandbox.confluence.query import InvalidError, boolean, checked, integer, one_of, text
from sandbox.confluence.rows import content_type
from sandbox.messages import Response
from sandbox.routing import Router

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.confluence.rows import Row
    from sandbox.confluence.site import Site
    from sandbox.messages import Request

router = Router("/wiki/rest/api")

MOST = 200
MOST_BODIES = 50
CONTENT_SEARCH = {
    "cql": text,
    "cqlcontext": text,
    "expand": text,
    "cursor": text,
    "next": boolean,
    "prev": boolean,
    "limit": integer(),
}
SEARCH = {
    **CONTENT_SEARCH,
    "start": integer(),
    "excerpt": one_of("highlight", "indexed", "none", "highlight_unescaped", "indexed_unescaped"),
    "includeArchivedSpaces": boolean,
}
CLAUSE = re.compile(
    r"(type|space|label|id)\s*(?:=\s*([\w.:\"'~-]+)|in\s*\(([^)]*)\))", re.IGNORECASE
)


def _wanted(cql: str) -> dict[str, set[str]]:
    """Read the little CQL that is understood here: clauses joined by `and`."""
    wanted: dict[str, set[str]] = {}
    conditions = re.split(r"\s+order\s+by\s+", cql, flags=re.IGNORECASE)[0]
    for clause in re.split(r"\s+and\s+", conditions, flags=re.IGNORECASE):
        found = CLAUSE.fullmatch(clause.strip())
        if found is None:
            raise InvalidError(f"Could not parse cql : {cql}")
        words = (found[2] or found[3]).split(",")
        wanted[found[1].lower()] = {word.strip().strip("\"'") for word in words}
    if not {"type", "id"} & wanted.keys():
        raise InvalidError("Only lists by type or id are known here")
    return wanted


def _statuses(context: str | None) -> set[str]:
    try:
        asked = json.loads(context or "{}")
    except ValueError as error:
        raise InvalidError(f"Could not parse cqlcontext : {context}") from error
    return {*asked.get("contentStatuses", ("current",))}


def _found(
    site: Site, request: Request, asked: dict[str, Any], *, archived_spaces: bool
) -> list[Entry]:
    """Find content in the index, which may lag behind; what may not be seen is left out."""
    if "cql" not in asked:
        raise InvalidError("cql is required")
    wanted, statuses = _wanted(asked["cql"]), _statuses(asked.get("cqlcontext"))
    labelled: set[int] = set()
    for label in site.labels.items.values():
        if label.name in wanted.get("label", ()):
            labelled |= site.labelled[label.number]

    def build() -> list[Entry]:
        items = [
            item
            for item in site.searchable()
            if (known := site.indexed(item))
            and known.type in wanted.get("type", (known.type,))
            and known.status in statuses
            and (archived_spaces or item.space.status != "archived")
            and known.space in wanted.get("space", (known.space,))
            and (item.id in wanted["id"] if "id" in wanted else True)
            and (item.number in labelled if "label" in wanted else True)
        ]
        return ordered(items, lambda item: item.number, lambda _: 0)

    tables = (site.pages, site.blog_posts, site.attachments, site.nodes, site.labels)
    changes = (*(table.changes for table in tables), site.index_changes)
    found: list[Entry] = site.derived(scope(request), changes, build)
    return found


def _listed(
    request: Request, asked: dict[str, Any], entries: Sequence[Entry], most: int, **more: Any
) -> tuple[list[Content], dict[str, Any]]:
    """Cut one page, as long as the system allows, whatever is asked for."""
    limit = min(asked.get("limit", 25), most)
    after = redeem(scope(request), asked["cursor"]) if "cursor" in asked else None
    found, goes_on = cut(entries, after, limit, descending=False)
    links = {"base": base(request), "context": "/wiki"}
    if goes_on and found:
        query = next_query(request, issue(scope(request), found[-1][:2]), next="true")
        links["next"] = f"{request.raw_path.removeprefix('/wiki')}?{query}"
    body = {"limit": limit, "size": len(found), **more, "_links": links}
    return [item for _, _, item in found], body


@router.get("/search")
def search(site: Site, request: Request) -> Response:
    """Answer content of some types, by cursor, and how much there is."""
    asked = checked(request, SEARCH)
    archived_spaces = asked.get("includeArchivedSpaces", False)
    entries = _found(site, request, asked, archived_spaces=archived_spaces)
    more = {"start": asked.get("start", 0), "totalSize": len(entries), "cqlQuery": asked["cql"]}
    items, body = _listed(request, asked, entries, MOST, searchDuration=7, **more)
    wanted = {name.removeprefix("content.") for name in _expand(asked) if "content." in name}

    def row(item: Content) -> Row:
        found = _result(item)
        return found | {"content": found["content"] | expanded(site, request, item, wanted)}

    return Response(200, {"results": [row(item) for item in items], **body})


@router.get("/content/search")
def content_search(site: Site, request: Request) -> Response:
    """Answer content itself, by cursor, with what is expanded of it."""
    asked = checked(request, CONTENT_SEARCH)
    names = _expand(asked)
    entries = _found(site, request, asked, archived_spaces=site.finds_archived_spaces)
    most = MOST_BODIES if any(name.startswith("body.") for name in names) else MOST
    items, body = _listed(request, asked, entries, most)
    row: Callable[[Content], Row] = lambda item: expanded(site, request, item, names)  # noqa: E731
    return Response(200, {"results": [row(item) for item in items], "start": 0, **body})


def _expand(asked: dict[str, Any]) -> set[str]:
    return {name.strip() for name in asked.get("expand", "").split(",")}


def _result(item: Content) -> Row:
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
