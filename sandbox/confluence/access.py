"""Who may read content, by the vendor's rule.

Reading takes three things: access to the site, the right to view the space, and to be named by
every read restriction on the content itself and on all that is above it in the page tree.
Restrictions of other operations do not matter, and one that names nobody restricts nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.confluence import catalog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.confluence.model import Content, Restriction, Space
    from sandbox.confluence.store import Store

ANONYMOUS = "anonymous"
"""The account that stands for people who are not logged in."""

_VIEW = "read/space"
_VIEWING_ROLES = {role["id"] for role in catalog.SPACE_ROLES if _VIEW in role["spacePermissions"]}


def may_read(store: Store, account: str, content: Content) -> bool:
    """Tell whether an account, or `ANONYMOUS`, may read content."""
    if not may_view_space(store, account, content.space):
        return False
    groups = _groups_of(store, account)
    return all(
        account in restriction.users or not groups.isdisjoint(restriction.groups)
        for restriction in read_restrictions(store, content)
    )


def may_group_read(store: Store, group: str, content: Content) -> bool:
    """Tell whether a group as such may read content: what all of its members may by it."""
    return (
        bool({"user", "admin"} & {*store.groups[group].access})
        and any(
            (kind == "group" and who == group) or (kind == "access-class" and who in _OF_LICENSED)
            for kind, who in viewers(content.space)
        )
        and all(group in each.groups for each in read_restrictions(store, content))
    )


def may_view_space(store: Store, account: str, space: Space) -> bool:
    """Tell whether an account has access to the site, and may view a space there."""
    user = store.users.get(account)
    if user is not None and not user.active:
        return False
    groups = _groups_of(store, account)
    access = {kind for group in groups for kind in store.groups[group].access}
    classes = {"ANONYMOUS_USERS"}
    if user is not None:
        classes.add("AUTHENTICATED_USERS")
    if access & {"user", "admin"}:
        classes.add("ALL_LICENSED_USERS")
    if "admin" in access:
        classes.add("ALL_PRODUCT_ADMINS")
    is_licensed = "ALL_LICENSED_USERS" in classes
    return any(
        (kind == "access-class" and who in classes)
        or (is_licensed and kind == "user" and who == account)
        or (is_licensed and kind == "group" and who in groups)
        for kind, who in viewers(space)
    )


def viewers(space: Space) -> Iterator[tuple[str, str]]:
    """List who may view a space, by a permission or a role: kind (user, group, ...) and id."""
    for permission in space.permissions:
        if f"{permission.operation}/{permission.target}" == _VIEW:
            yield permission.principal_type, permission.principal
    for assignment in space.assignments:
        if assignment.role in _VIEWING_ROLES:
            kind = assignment.principal_type.lower().replace("_", "-")
            yield (
                kind,
                _class_name(assignment.principal)
                if kind == "access-class"
                else (assignment.principal),
            )


def read_restrictions(store: Store, content: Content) -> Iterator[Restriction]:
    """List the read restrictions on content and on all that is above it."""
    at: Content | None = content
    while at is not None:
        restriction = store.restrictions.get(at.number, {}).get("read")
        if restriction and (restriction.users or restriction.groups):
            yield restriction
        at = at.parent


def _class_name(principal: str) -> str:
    """Write the class of a role assignment as permissions write it."""
    return principal.upper().replace("-", "_")


def _groups_of(store: Store, account: str) -> set[str]:
    return {group.id for group in store.groups.values() if account in group.members}


_OF_LICENSED = {"ANONYMOUS_USERS", "AUTHENTICATED_USERS", "ALL_LICENSED_USERS"}
