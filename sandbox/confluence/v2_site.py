"""API v2: spaces, roles, classification levels and users."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sandbox.confluence import catalog, site_rows
from sandbox.confluence.answers import MissingError, listed, number_of
from sandbox.confluence.listing import in_order
from sandbox.confluence.query import (
    InvalidError,
    boolean,
    checked,
    integer,
    many,
    one_of,
    paging,
    text,
)
from sandbox.confluence.query import sort as sort_by
from sandbox.messages import Response
from sandbox.routing import Router

if TYPE_CHECKING:
    from sandbox.confluence.model import Assignment, Permission, Space
    from sandbox.confluence.rows import Row
    from sandbox.confluence.site import Site
    from sandbox.messages import Request

router = Router("/wiki/api/v2")

PRINCIPAL = {
    "role-type": text,
    "principal-id": text,
    "principal-type": one_of("USER", "GROUP", "ACCESS_CLASS"),
}
SPACE_TYPES = (
    "global",
    "collaboration",
    "knowledge_base",
    "personal",
    "system",
    "onboarding",
    "xflow_sample_space",
)


@router.get("/spaces")
def spaces(site: Site, request: Request) -> Response:
    """Answer the spaces of the site."""
    asked = checked(
        request,
        {
            "ids": many(integer(), 250),
            "keys": many(text, 250),
            "type": one_of(*SPACE_TYPES),
            "status": one_of("current", "archived", "trashed"),
            "labels": many(text),
            "favorited-by": text,
            "not-favorited-by": text,
            "sort": sort_by("id", "key", "name"),
            "description-format": one_of("plain", "view"),
            "include-icon": boolean,
            **paging(),
        },
    )
    spaces = (space for space in site.spaces.items.values() if space.number not in site.hidden)
    wanted = [space for space in spaces if _is_asked_for(space, asked)]
    description, icon = asked.get("description-format"), asked.get("include-icon", False)
    return listed(
        request,
        asked,
        in_order(wanted, asked),
        lambda space: site_rows.space(space, description, icon=icon),
    )


def _is_asked_for(space: Space, asked: dict[str, Any]) -> bool:
    return (
        ("ids" not in asked or space.number in asked["ids"])
        and ("keys" not in asked or not {space.key, space.alias}.isdisjoint(asked["keys"]))
        and asked.get("type", space.type) == space.type
        and asked.get("status", space.status) == space.status
    )


def _space(site: Site, given: str) -> Space:
    space = site.spaces.items.get(number_of(given))
    if space is None or space.number in site.hidden:
        raise MissingError(f"Space {given} not found")
    return space


@router.get("/spaces/{id}/labels")
def space_labels(site: Site, request: Request, id: str) -> Response:  # noqa: A002
    """Answer the labels that a space itself has."""
    prefix, order = one_of("my", "team"), sort_by("created-date", "id", "name")
    asked = checked(request, {"prefix": prefix, "sort": order, **paging()})
    prefixes = (asked["prefix"],) if "prefix" in asked else ("my", "team")
    wanted = (site.labels.items[number] for number in _space(site, id).labels)
    entries = in_order((label for label in wanted if label.prefix in prefixes), asked)
    return listed(request, asked, entries, site_rows.label)


@router.get("/spaces/{id}/properties")
def space_properties(site: Site, request: Request, id: str) -> Response:  # noqa: A002
    """Answer the properties of a space."""
    asked = checked(request, {"key": text, **paging()})
    space = _space(site, id)
    wanted = (each for each in space.properties if asked.get("key") in (None, each.key))
    return listed(request, asked, in_order(wanted, asked), site_rows.space_property)


@router.get("/spaces/{id}/permissions")
def space_permissions(site: Site, request: Request, id: str) -> Response:  # noqa: A002
    """Answer who may do what in a space."""
    asked = checked(request, paging())

    def row(item: Permission) -> Row:
        return {
            "id": item.id,
            "principal": {"type": item.principal_type, "id": item.principal},
            "operation": {"key": item.operation, "targetType": item.target},
        }

    entries = [(item.id, 0, item) for item in _space(site, id).permissions]
    return listed(request, asked, sorted(entries, key=lambda entry: entry[0]), row)


@router.get("/spaces/{id}/role-assignments")
def role_assignments(site: Site, request: Request, id: str) -> Response:  # noqa: A002
    """Answer who has which role in a space."""
    asked = checked(request, {"role-id": text, **PRINCIPAL, **paging()})

    def row(item: Assignment) -> Row:
        principal = {"principalType": item.principal_type, "principalId": item.principal}
        return {"principal": principal, "roleId": item.role}

    entries = [
        (item.role, f"{item.principal_type}:{item.principal}", item)
        for item in sorted(_space(site, id).assignments, key=attrgetter("role", "principal"))
        if asked.get("role-id", item.role) == item.role
        and asked.get("principal-id", item.principal) == item.principal
        and asked.get("principal-type", item.principal_type) == item.principal_type
    ]
    return listed(request, asked, sorted(entries, key=lambda entry: entry[:2]), row)


@router.get("/space-permissions")
def available_permissions(_site: Site, request: Request) -> Response:
    """Answer the permissions that a role can be made of."""
    asked = checked(request, paging())
    entries = [(item["id"], 0, item) for item in catalog.SPACE_PERMISSIONS]
    return listed(request, asked, sorted(entries, key=lambda entry: entry[0]), dict)


@router.get("/space-roles")
def space_roles(_site: Site, request: Request) -> Response:
    """Answer the roles that can be had in a space."""
    asked = checked(request, {"space-id": text, **PRINCIPAL, **paging()})
    entries = [(item["id"], 0, item) for item in catalog.SPACE_ROLES]
    return listed(request, asked, sorted(entries, key=lambda entry: entry[0]), dict)


@router.get("/space-role-mode")
def space_role_mode(_site: Site, request: Request) -> Response:
    """Answer how the site gives permissions."""
    checked(request, {})
    return Response(200, {"mode": "ROLES"})


@router.get("/classification-levels")
def classification_levels(_site: Site, request: Request) -> Response:
    """Answer the levels of confidentiality: a bare list without paging."""
    checked(request, {})
    return Response(200, catalog.CLASSIFICATION_LEVELS)


@router.post("/users-bulk")
def users(site: Site, request: Request) -> Response:
    """Answer the users of the ids in the body; unknown ids are left out."""
    checked(request, {})
    body = request.body
    ids = body.get("accountIds") if isinstance(body, dict) else None
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise InvalidError("accountIds: a list of strings is expected")
    if not 1 <= len(ids) <= 250:
        raise InvalidError("accountIds: 1 to 250 ids are expected")
    known = [site.users[each] for each in dict.fromkeys(ids) if each in site.users]
    return Response(200, {"results": [site_rows.user(each) for each in known], "_links": {}})
