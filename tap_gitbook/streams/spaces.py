"""Spaces and collections, who may do what in them, and what they are connected to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import snake_case
from tap_gitbook.client import ChosenStream, GitBookStream
from tap_gitbook.schemas import (
    CREATED_AT,
    GIT_OPERATION,
    GIT_SYNC,
    IMPORT_RUN,
    MERGE_RULES,
    OBJECT,
    ORGANIZATION_ID,
    TEAM,
    UPDATED_AT,
    USER,
    key,
    moment,
    number,
    part,
    permissions,
    strings,
    text,
    urls,
    whole,
)
from tap_gitbook.streams.integrations import INTEGRATION_COLUMNS
from tap_gitbook.streams.organizations import Organizations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from singer_sdk.helpers.types import Context, Record

    from rest_tap import Row

SPACE_READ = "the OAuth scope space:read"
PERMISSIONS_READ = "the OAuth scope space:permissions:read, or a user who may manage the content"


class Spaces(ChosenStream):
    """All spaces of an organization (operationId listSpacesInOrganizationById)."""

    name = "spaces"
    path = "/orgs/{organization_id}/spaces"
    setting = "spaces"
    primary_keys = ("id",)
    parent_stream_type = Organizations
    hands_down: ClassVar[Mapping[str, str]] = {"space_id": "id", "revision_id": "revision"}
    needs = SPACE_READ
    schema = th.PropertiesList(
        key("id", "ID of the space."),
        ORGANIZATION_ID,
        OBJECT,
        text("title", "Name."),
        text("emoji", "Emoji shown before the name."),
        text("visibility", "Who can see it: public, unlisted, private, ..."),
        CREATED_AT,
        UPDATED_AT,
        moment("deleted_at", "When it was deleted."),
        text("edit_mode", "live, or locked: changed by change requests only."),
        text("type", "styleguide where the space holds one."),
        part("merge_rules", MERGE_RULES, "What a change request must meet to be merged."),
        urls("location", "app", "published", "public", "icon"),
        text("organization", "ID of the organization that owns it."),
        text("parent", "ID of the collection that it lies in."),
        text("language", "Language code of its content."),
        part("git_sync", GIT_SYNC, "The Git repository that it is synchronized with."),
        part("imports", th.ArrayType(IMPORT_RUN), "Import runs into it, recent ones."),
        part("visitor_auth", strings("backend", "integration"), "How visitors log in."),
        text("revision", "ID of the current revision: it moves with every change of the content."),
        text("default_level", "Role that members of the organization have; inherit for its own."),
        number("comments", "Open comments."),
        number("change_requests", "Change requests in all."),
        number("change_requests_open", "Open change requests."),
        number("change_requests_draft", "Draft change requests."),
        permissions(
            "view",
            "access",
            "admin",
            "viewInviteLinks",
            "edit",
            "triggerGitSync",
            "comment",
            "merge",
            "review",
            "installIntegration",
        ),
    ).to_dict()


class Collections(GitBookStream):
    """Collections of an organization, nested ones too.

    operationId listCollectionsInOrganizationById.
    """

    name = "collections"
    path = "/orgs/{organization_id}/collections"
    primary_keys = ("id",)
    parent_stream_type = Organizations
    hands_down: ClassVar[Mapping[str, str]] = {"collection_id": "id"}
    needs = SPACE_READ
    schema = th.PropertiesList(
        key("id", "ID of the collection."),
        ORGANIZATION_ID,
        OBJECT,
        text("title", "Name."),
        text("description", "What it is about."),
        text("organization", "ID of the organization that owns it."),
        text("parent", "ID of the collection that it lies in."),
        text("default_level", "Role that members of the organization have; inherit for its own."),
        urls("location", "app"),
        permissions("view", "admin", "viewInviteLinks", "create"),
    ).to_dict()

    def query(self, context: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Ask for collections in collections as well."""
        return {"nested": "true"}


PERMISSION = text("permission", "Role that was given: admin, create, edit, review, comment, read.")


class UserPermissionsStream(GitBookStream):
    """Roles given to single users, one row a user."""

    needs = PERMISSIONS_READ

    def post_process(self, row: Record, context: Context | None = None) -> Record:  # noqa: ARG002
        """Lift the user's ID into a column."""
        row["user_id"] = row["user"]["id"]
        return row


class TeamPermissionsStream(GitBookStream):
    """Roles given to teams, one row a team."""

    needs = PERMISSIONS_READ

    def post_process(self, row: Record, context: Context | None = None) -> Record:  # noqa: ARG002
        """Lift the team's ID into a column."""
        row["team_id"] = row["team"]["id"]
        return row


class SpaceUserPermissions(UserPermissionsStream):
    """Users who were given a role in a space (operationId listUserPermissionsInSpace)."""

    name = "space_user_permissions"
    path = "/spaces/{space_id}/permissions/users"
    primary_keys = ("space_id", "user_id")
    parent_stream_type = Spaces
    schema = th.PropertiesList(
        key("space_id", "ID of the space."),
        key("user_id", "ID of the user."),
        ORGANIZATION_ID,
        PERMISSION,
        part("user", USER, "Who it is."),
    ).to_dict()


class SpaceTeamPermissions(TeamPermissionsStream):
    """Teams that were given a role in a space (operationId listTeamPermissionsInSpace)."""

    name = "space_team_permissions"
    path = "/spaces/{space_id}/permissions/teams"
    primary_keys = ("space_id", "team_id")
    parent_stream_type = Spaces
    schema = th.PropertiesList(
        key("space_id", "ID of the space."),
        key("team_id", "ID of the team."),
        ORGANIZATION_ID,
        PERMISSION,
        part("team", TEAM, "Which team it is."),
    ).to_dict()


class CollectionUserPermissions(UserPermissionsStream):
    """Users who were given a role in a collection (operationId listUserPermissionsInCollection)."""

    name = "collection_user_permissions"
    path = "/collections/{collection_id}/permissions/users"
    primary_keys = ("collection_id", "user_id")
    parent_stream_type = Collections
    schema = th.PropertiesList(
        key("collection_id", "ID of the collection."),
        key("user_id", "ID of the user."),
        ORGANIZATION_ID,
        PERMISSION,
        part("user", USER, "Who it is."),
    ).to_dict()


class CollectionTeamPermissions(TeamPermissionsStream):
    """Teams that were given a role in a collection.

    operationId listTeamPermissionsInCollection.
    """

    name = "collection_team_permissions"
    path = "/collections/{collection_id}/permissions/teams"
    primary_keys = ("collection_id", "team_id")
    parent_stream_type = Collections
    schema = th.PropertiesList(
        key("collection_id", "ID of the collection."),
        key("team_id", "ID of the team."),
        ORGANIZATION_ID,
        PERMISSION,
        part("team", TEAM, "Which team it is."),
    ).to_dict()


class GitInfo(GitBookStream):
    """The Git repository of a space: `git_sync` of the space's row, as rows of their own.

    It is what operationId getSpaceGitInfo answers, without its request a space.
    """

    name = "git_info"
    path = "/spaces/{space_id}/git/info"
    page_size = None
    primary_keys = ("space_id",)
    parent_stream_type = Spaces
    needs = SPACE_READ
    schema = th.PropertiesList(
        key("space_id", "ID of the space."),
        ORGANIZATION_ID,
        text("repo_name", "Name of the repository."),
        text("installation_status", "active, pending or unauthenticated."),
        text("installation_provider", "Where the repository lies: github, gitlab, ..."),
        text("integration", "Integration that does the work."),
        text("installation_id", "ID of the integration's installation."),
        text("parent_installation_id", "ID of the installation that this one belongs to."),
        text("url", "Address of the repository's tree."),
        part("operation", GIT_OPERATION, "The latest import or export."),
        whole("operation_timeout", "Milliseconds that an operation may take."),
        moment("updated_at", "When the connection last changed."),
    ).to_dict()

    def derived(self, parent: Row, context: Mapping[str, Any]) -> list[Row]:  # noqa: ARG002
        """Take what the space's row tells; nothing where it has no repository."""
        told = parent.get("git_sync")
        return [{snake_case(name): value for name, value in told.items()}] if told else []


class SpaceIntegrations(GitBookStream):
    """Integrations that are switched on in a space (operationId listSpaceIntegrations)."""

    name = "space_integrations"
    path = "/spaces/{space_id}/integrations"
    page_size = None
    primary_keys = ("space_id", "name")
    parent_stream_type = Spaces
    needs = SPACE_READ
    schema = th.PropertiesList(
        key("space_id", "ID of the space."),
        key("name", "Name of the integration, its only identifier."),
        *INTEGRATION_COLUMNS,
        ORGANIZATION_ID,
    ).to_dict()

    def post_process(self, row: Record, context: Context | None = None) -> Record:  # noqa: ARG002
        """Rename the one column that loaders cannot have beside what vanished."""
        row["integration_version"] = row.pop("version", None)
        return row
