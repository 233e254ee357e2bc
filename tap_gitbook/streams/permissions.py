"""Who was given a role in a space, a collection or a site: one row a user or team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rest_tap import columns
from tap_gitbook.client import WaitingStream
from tap_gitbook.schemas import ORGANIZATION_ID, TEAM, USER
from tap_gitbook.streams.sites import SITE_ID, Sites
from tap_gitbook.streams.spaces import Collections, Spaces

if TYPE_CHECKING:
    from collections.abc import Mapping

PERMISSIONS_READ = "the OAuth scope space:permissions:read, or a user who may manage the content"
SITE_PERMISSIONS = "the OAuth scope site:permissions:read, or a user who may manage the site"
PERMISSION = columns.text(
    "permission", "Role that was given: admin, create, edit, review, comment, read."
)

ON_SITE = columns.text("permission", "Role that was given; null for guests.")


def _users_of(place: columns.Column, permission: columns.Column = PERMISSION) -> dict[str, Any]:
    return columns.table(
        place,
        columns.key("user_id", "ID of the user."),
        ORGANIZATION_ID,
        permission,
        columns.column("user", USER, "Who it is."),
    )


def _teams_of(place: columns.Column, permission: columns.Column = PERMISSION) -> dict[str, Any]:
    return columns.table(
        place,
        columns.key("team_id", "ID of the team."),
        ORGANIZATION_ID,
        permission,
        columns.column("team", TEAM, "Which team it is."),
    )


class UserPermissionsStream(WaitingStream):
    """Roles given to single users, one row a user."""

    needs = PERMISSIONS_READ
    lifts: ClassVar[Mapping[str, str]] = {"user_id": "user.id"}


class TeamPermissionsStream(WaitingStream):
    """Roles given to teams, one row a team."""

    needs = PERMISSIONS_READ
    lifts: ClassVar[Mapping[str, str]] = {"team_id": "team.id"}


class SpaceUserPermissions(UserPermissionsStream):
    """Users who were given a role in a space (operationId listUserPermissionsInSpace)."""

    name = "space_user_permissions"
    path = "/spaces/{space_id}/permissions/users"
    primary_keys = ("space_id", "user_id")
    parent_stream_type = Spaces
    parent_cursor = "created_at"
    schema = _users_of(columns.key("space_id", "ID of the space."))


class SpaceTeamPermissions(TeamPermissionsStream):
    """Teams that were given a role in a space (operationId listTeamPermissionsInSpace)."""

    name = "space_team_permissions"
    path = "/spaces/{space_id}/permissions/teams"
    primary_keys = ("space_id", "team_id")
    parent_stream_type = Spaces
    parent_cursor = "created_at"
    schema = _teams_of(columns.key("space_id", "ID of the space."))


class CollectionUserPermissions(UserPermissionsStream):
    """Users who were given a role in a collection (operationId listUserPermissionsInCollection)."""

    name = "collection_user_permissions"
    path = "/collections/{collection_id}/permissions/users"
    primary_keys = ("collection_id", "user_id")
    parent_stream_type = Collections
    marks = ()
    schema = _users_of(columns.key("collection_id", "ID of the collection."))


class CollectionTeamPermissions(TeamPermissionsStream):
    """Teams that were given a role in a collection.

    operationId listTeamPermissionsInCollection.
    """

    name = "collection_team_permissions"
    path = "/collections/{collection_id}/permissions/teams"
    primary_keys = ("collection_id", "team_id")
    parent_stream_type = Collections
    marks = ()
    schema = _teams_of(columns.key("collection_id", "ID of the collection."))


class SiteUserPermissions(UserPermissionsStream):
    """Users who were given a role on a site (operationId listUserPermissionsInSite)."""

    name = "site_user_permissions"
    path = "/orgs/{organization_id}/sites/{site_id}/permissions/users"
    primary_keys = ("site_id", "user_id")
    parent_stream_type = Sites
    marks = ()
    needs = SITE_PERMISSIONS
    schema = _users_of(SITE_ID, ON_SITE)


class SiteTeamPermissions(TeamPermissionsStream):
    """Teams that were given a role on a site (operationId listTeamPermissionsInSite)."""

    name = "site_team_permissions"
    path = "/orgs/{organization_id}/sites/{site_id}/permissions/teams"
    primary_keys = ("site_id", "team_id")
    parent_stream_type = Sites
    marks = ()
    needs = SITE_PERMISSIONS
    schema = _teams_of(SITE_ID, ON_SITE)
