"""API v1: restrictions of content, and the question who may do what with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.confluence import access
from sandbox.confluence.answers import base
from sandbox.confluence.model import Group, Restriction
from sandbox.confluence.query import InvalidError, checked, integer, many, one_of
from sandbox.confluence.v1 import content_of, group_row, user_row
from sandbox.messages import Response
from sandbox.routing import Router

if TYPE_CHECKING:
    from sandbox.confluence.model import Content
    from sandbox.confluence.rows import Row
    from sandbox.confluence.site import Site
    from sandbox.messages import Request

router = Router("/wiki/rest/api")

RESTRICTIONS = {"expand": many(one_of("restrictions.user", "restrictions.group", "content"))}
AT_ONCE = 100
"""Users, and groups, of an operation that one answer holds."""


def operation(site: Site, request: Request, item: Content, name: str, start: int = 0) -> Row:
    """Return who alone may do an operation; users and groups are expanded by default."""
    known = site.restrictions.get(item.number, {}).get(name) or Restriction()
    people = [user_row(site.users[each]) for each in known.users]
    # A group that was deleted stays named
    groups = [site.groups.get(each) or Group(each, "deleted") for each in known.groups]
    teams = [group_row(each) for each in groups]

    def part(results: list[Row]) -> Row:
        results = results[start : start + AT_ONCE]
        return {"results": results, "start": start, "limit": AT_ONCE, "size": len(results)}

    return {
        "operation": name,
        "restrictions": {"user": part(people), "group": part(teams), "_expandable": {}},
        "_expandable": {"content": f"/rest/api/content/{item.id}"},
        "_links": {"self": f"{base(request)}/rest/api/content/{item.id}/restriction/{name}"},
    }


@router.get("/content/{id}/restriction/byOperation")
def restrictions(site: Site, request: Request, id: str) -> Response:  # noqa: A002
    """Answer who alone may read or update content, as far as that fits in one answer."""
    checked(request, RESTRICTIONS)
    item = content_of(site, id)
    answer = {name: operation(site, request, item, name) for name in ("read", "update")}
    path = request.raw_path.removeprefix("/wiki")
    return Response(200, {**answer, "_links": {"self": f"{base(request)}{path}"}})


@router.get("/content/{id}/restriction/byOperation/{name}")
def restriction(site: Site, request: Request, id: str, name: str) -> Response:  # noqa: A002
    """Answer who alone may do one of the two, from any place of the lists on."""
    asked = checked(request, {**RESTRICTIONS, "start": integer(), "limit": integer()})
    item = content_of(site, id)
    return Response(200, operation(site, request, item, name, asked.get("start", 0)))


@router.post("/content/{id}/permission/check")
def check(site: Site, request: Request, id: str) -> Response:  # noqa: A002
    """Answer whether a user, `anonymous` or a group may read content."""
    checked(request, {})
    body = request.body
    subject = body.get("subject") if isinstance(body, dict) else None
    if not isinstance(subject, dict) or body["operation"] != "read":
        raise InvalidError("a subject and the operation read are expected")
    kind, who = subject.get("type"), str(subject.get("identifier"))
    known = {"user": {access.ANONYMOUS, *site.users}, "group": site.groups}.get(str(kind), ())
    if who not in known:
        raise InvalidError(f"no {kind} is {who}")
    may = access.may_read if kind == "user" else access.may_group_read
    return Response(200, {"hasPermission": may(site, who, content_of(site, id)), "errors": []})
