"""Who was given a role in a space, a collection or a site: one row a user or team."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

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
    schema = columns.table(
        columns.key("space_id", "ID of the space."),
        columns.key("user_id", "ID of the user."),
        ORGANIZATION_ID,
        PERMISSION,
        columns.column("user", USER, "Who it is."),
    )


class SpaceTeamPermissions(TeamPermissionsStream):
    """Teams that were given a role in a space (operationId listTeamPermissionsInSpace)."""

    name = "space_team_permissions"
    path = "/spaces/{space_id}/permissions/teams"
    primary_keys = ("space_id", "team_id")
    parent_stream_type = Spaces
    parent_cursor = "created_at"
    schema = columns.table(
        columns.key("space_id", "ID of the space."),
        columns.key("team_id", "ID of the team."),
        ORGANIZATION_ID,
        PERMISSION,
        columns.column("team", TEAM, "Which team it is."),
    )


class CollectionUserPermissions(UserPermissionsStream):
    """Users who were given a role in a collection (operationId listUserPermissionsInCollection)."""

    name = "collection_user_permissions"
    path = "/collections/{collection_id}/permissions/users"
    primary_keys = ("collection_id", "user_id")
    parent_stream_type = Collections
    marks = ()
    schema = columns.table(
        columns.key("collection_id", "ID of the collection."),
        columns.key("user_id", "ID of the user."),
        ORGANIZATION_ID,
        PERMISSION,
        columns.column("user", USER, "Who it is."),
    )


class CollectionTeamPermissions(TeamPermissionsStream):
    """Teams that were given a role in a collection.

    operationId listTeamPermissionsInCollection.
    """

    name = "collection_team_permissions"
    path = "/collections/{collection_id}/permissions/teams"
    primary_keys = ("collection_id", "team_id")
    parent_stream_type = Collections
    marks = ()
    schema = columns.table(
        columns.key("collection_id", "ID of the collection."),
        columns.key("team_id", "ID of the team."),
        ORGANIZATION_ID,
        PERMISSION,
        columns.column("team", TEAM, "Which team it is."),
    )


class SiteUserPermissions(UserPermissionsStream):
    """Users who were given a role on a site (operationId listUserPermissionsInSite)."""

    name = "site_user_permissions"
    path = "/orgs/{organization_id}/sites/{site_id}/permissions/users"
    primary_keys = ("site_id", "user_id")
    parent_stream_type = Sites
    marks = ()
    needs = SITE_PERMISSIONS
    schema = columns.table(
        SITE_ID,
        columns.key("user_id", "ID of the user."),
        ORGANIZATION_ID,
        columns.text("permission", "Role that was given; null for guests."),
        columns.column("user", USER, "Who it is."),
    )


class SiteTeamPermissions(TeamPermissionsStream):
    """Teams that were given a role on a site (operationId listTeamPermissionsInSite)."""

    name = "site_team_permissions"
    path = "/orgs/{organization_id}/sites/{site_id}/permissions/teams"
    primary_keys = ("site_id", "team_id")
    parent_stream_type = Sites
    marks = ()
    needs = SITE_PERMISSIONS
    schema = columns.table(
        SITE_ID,
        columns.key("team_id", "ID of the team."),
        ORGANIZATION_ID,
        columns.text("permission", "Role that was given; null for guests."),
        columns.column("team", TEAM, "Which team it is."),
    )
