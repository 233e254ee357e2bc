"""API v1: what API v2 does not have, in lists by offset."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

from sandbox.confluence import catalog
from sandbox.confluence.answers import MissingError, base
from sandbox.confluence.query import (
    Check,
    boolean,
    checked,
    integer,
    many,
    one_of,
    text,
)
from sandbox.messages import Response
from sandbox.routing import Router

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.confluence.model import AuditEvent, Content, Group, User
    from sandbox.confluence.rows import Row
    from sandbox.confluence.site import Site
    from sandbox.messages import Request

router = Router("/wiki/rest/api")
Each = TypeVar("Each")


def error(status: int, message: str) -> Response:
    """Return an error in the form of API v1."""
    data = {"authorized": status != 403, "valid": status != 400, "errors": []}
    return Response(status, {"statusCode": status, "data": data, "message": message})


@dataclass(frozen=True, slots=True)
class OffsetList:
    """A list by `start` and `limit`, with the parameters that it knows beside these."""

    limit: int
    allowed: Mapping[str, Check] = field(default_factory=dict)
    most: int = 200
    """The system's own limit, whatever is asked for."""

    def answer(
        self,
        site: Site,
        request: Request,
        items: Sequence[Each],
        row: Callable[[Each], Row],
    ) -> Response:
        """Answer one page.

        With `site.hides_rows`, every other place holds a row that this user may not see: it is
        taken out after the page was cut, so that a page with a successor can be short, or empty.
        """
        asked = checked(request, {"start": integer(), "limit": integer(), **self.allowed})
        start, size = asked.get("start", 0), min(asked.get("limit", self.limit), self.most)
        places: list[Each | None] = list(items)
        if site.hides_rows:
            places = [place for item in items for place in (None, item)]
        results = [row(item) for item in places[start : start + size] if item is not None]
        path = request.raw_path.removeprefix("/wiki")
        links = {"base": base(request), "context": "/wiki", "self": f"{base(request)}{path}"}
        if size and start + size < len(places):
            told = {name: values for name, values in request.query.items() if name != "start"}
            told |= {"limit": [str(size)], "start": [str(start + size)]}
            links["next"] = f"{path}?{urlencode(told, doseq=True)}"
        body = {"results": results, "start": start, "limit": size, "size": len(results)}
        return Response(200, {**body, "_links": links})


def group_row(item: Group) -> Row:
    """A row of /group."""
    return {
        "type": "group",
        "name": item.name,
        "id": item.id,
        "usageType": "USERBASE_GROUP",
        "managedBy": "ADMINS",
        "_links": {"self": f"/rest/api/group/by-id?id={item.id}"},
    }


def user_row(item: User) -> Row:
    """A row of a group's members."""
    return {
        "type": "known",
        "accountId": item.account_id,
        "accountType": "app" if item.app else "atlassian",
        "email": "",
        "publicName": item.name,
        "displayName": item.name,
        "timeZone": "Europe/London",
        "isExternalCollaborator": False,
        "_expandable": {"operations": "", "personalSpace": ""},
        "_links": {"self": f"/rest/api/user?accountId={item.account_id}"},
    }


def content_of(site: Site, given: str) -> Content:
    """Return the content that a path names."""
    item = (
        site.content(int(given.removeprefix("att")))
        if given.removeprefix("att").isdecimal()
        else None
    )
    if item is None or not site.is_visible(item):
        raise MissingError(f"No content found with id: ContentId{{id={given}}}")
    return item


@router.get("/group")
def groups(site: Site, request: Request) -> Response:
    """Answer the groups."""
    listing = OffsetList(200, {"accessType": one_of("user", "admin", "site-admin")})
    wanted = request.first("accessType")
    found = [group for group in site.groups.values() if wanted in (None, *group.access)]
    return listing.answer(site, request, found, group_row)


@router.get("/group/{id}/membersByGroupId")
def members(site: Site, request: Request, id: str) -> Response:  # noqa: A002
    """Answer the members of a group."""
    if id not in site.groups:
        raise MissingError(f"No group with id {id}")
    expand = one_of("operations", "personalSpace", "isExternalCollaborator")
    people = [site.users[each] for each in site.groups[id].members]
    allowed = {"shouldReturnTotalSize": boolean, "expand": many(expand)}
    return OffsetList(200, allowed).answer(site, request, people, user_row)


@router.get("/user/current")
def current_user(site: Site, request: Request) -> Response:
    """Answer for whom the site takes the credentials; for nobody, if it does not know them."""
    expand = one_of("operations", "personalSpace", "isExternalCollaborator")
    checked(request, {"expand": many(expand)})
    if not site.is_seen_by_visitors:
        return Response(200, user_row(next(iter(site.users.values()))))
    row = {
        "type": "anonymous",
        "displayName": "Anonymous",
        "profilePicture": {"path": "/avatars/anonymous.svg", "width": 48, "height": 48},
        "_expandable": {"operations": ""},
        "_links": {"base": base(request), "context": "/wiki"},
    }
    return Response(200, row)


@router.get("/settings/theme")
def themes(site: Site, request: Request) -> Response:
    """Answer the themes."""
    return OffsetList(100).answer(site, request, catalog.THEMES, dict)


@router.get("/settings/systemInfo")
def system_info(site: Site, request: Request) -> Response:
    """Answer which site this is."""
    checked(request, {})
    return Response(200, {"cloudId": site.cloud_id, "commitHash": "0", "baseUrl": base(request)})


TEMPLATES = OffsetList(25, {"spaceKey": text, "expand": many(one_of("body", "body.storage"))})


@router.get("/template/page")
def page_templates(site: Site, request: Request) -> Response:
    """Answer the templates of pages: of the site, or of one space (which here has none)."""
    items = [] if "spaceKey" in request.query else catalog.PAGE_TEMPLATES
    return TEMPLATES.answer(site, request, items, dict)


@router.get("/template/blueprint")
def blueprints(site: Site, request: Request) -> Response:
    """Answer the templates of blueprints."""
    items = [] if "spaceKey" in request.query else catalog.BLUEPRINTS
    return TEMPLATES.answer(site, request, items, dict)


@router.get("/audit")
def audit(site: Site, request: Request) -> Response:
    """Answer the audit log of a window in epoch milliseconds, both ends included, newest first."""
    allowed = {"startDate": integer(), "endDate": integer(), "searchString": text}
    asked = checked(request, {"start": integer(), "limit": integer(), **allowed})
    since, until = asked.get("startDate", 0), asked.get("endDate", site.clock)
    events = [event for event in reversed(site.audit) if since <= event.at <= until]

    def row(event: AuditEvent) -> Row:
        return {
            "author": {
                "type": "user",
                "displayName": site.users[event.author].name,
                "accountId": event.author,
                "accountType": "atlassian",
                "publicName": site.users[event.author].name,
            },
            "remoteAddress": event.address,
            "creationDate": event.at,
            "summary": event.summary,
            "description": "",
            "category": event.category,
            "sysAdmin": False,
            "superAdmin": False,
            "affectedObject": {"name": event.affected, "objectType": event.category},
            "changedValues": [{"name": "state", "oldValue": "", "newValue": event.summary}],
            "associatedObjects": [],
        }

    return OffsetList(1000, allowed, most=1000).answer(site, request, events, row)


@router.get("/analytics/content/{id}/views")
def views(site: Site, request: Request, id: str) -> Response:  # noqa: A002
    """Answer how often content was viewed."""
    checked(request, {"fromDate": text})
    item = content_of(site, id)
    return Response(200, {"id": item.number, "count": site.views.get(item.number, 0)})
