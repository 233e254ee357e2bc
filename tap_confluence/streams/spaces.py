"""Spaces and what belongs to each: permissions, properties, labels, roles."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from rest_tap import EMPTY_KEY, columns
from tap_confluence import schemas
from tap_confluence.client import ConfluenceStream
from tap_confluence.walking import WalkBookmarks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from singer_sdk.helpers.types import Context

    from rest_tap import Bookmarks, Listing, Row


class Spaces(ConfluenceStream):
    """Spaces of every kind and status (getSpaces)."""

    name = "spaces"
    path = "/spaces"
    primary_keys = ("id",)
    child_keys: ClassVar[Mapping[str, str]] = {"space_id": "id"}
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("author_id", "space_owner_id")}
    needs = "the scope read:space:confluence"
    schema = columns.table(
        columns.key("id", "ID of the space."),
        columns.text("key", "Its key, the short name in its address."),
        columns.text("name", "Its name."),
        columns.text("type", "global, personal, collaboration, ..."),
        columns.text("status", "current, archived or trashed."),
        schemas.AUTHOR_ID,
        columns.text("space_owner_id", "Account ID of its owner."),
        columns.text("current_active_alias", "The alias in its address, if any."),
        schemas.CREATED_AT,
        columns.text("homepage_id", "ID of its home page."),
        columns.column("description", schemas.body_in("plain", "view"), "What it is about."),
        columns.nested(
            "icon",
            "Its icon.",
            columns.text("path", "Path of the picture."),
            columns.text("apiDownloadLink", "Its path in the API."),
        ),
        schemas.links("webui"),
    )

    def rounds(self) -> Iterator[Iterable[Listing]]:
        """Read one list, or a few that name the wanted spaces between them."""
        if self.space_filter.keys:
            parts = self.space_filter.parts(self)
            yield [self.listing(keys={"ids": part["space-id"]}) for part in parts]
        else:
            yield [self.listing()]

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Ask for the description and the icon as well."""
        wanted = {"description-format": "plain", "include-icon": "true"}
        return {"ids": listing.keys.get("ids"), **wanted}


class _SpaceStream(ConfluenceStream):
    """What belongs to a space, of which nothing tells when it changes; a new space tells itself."""

    parent_stream_type = Spaces
    parent_cursor = "created_at"
    is_read_when_due = True

    @cached_property
    def bookmarks(self) -> Bookmarks:
        """What was created since a run began is new, however old the newest space was then."""
        return WalkBookmarks(self, self.run)


class SpacePermissions(_SpaceStream):
    """Who may do what in a space (getSpacePermissionsAssignments)."""

    name = "space_permissions"
    path = "/spaces/{space_id}/permissions"
    primary_keys = ("space_id", "id")
    needs = "the scope read:space:confluence"
    schema = columns.table(
        columns.key("space_id", "ID of the space."),
        columns.key("id", "ID of the permission."),
        columns.nested(
            "principal",
            "Who has the permission.",
            columns.text("type", "user, group, role or access-class."),
            columns.text("id", "ID of it; ALL_LICENSED_USERS of a class."),
        ),
        columns.nested(
            "operation",
            "What it allows.",
            columns.text("key", "read, create, administer, ..."),
            columns.text("targetType", "space, page, comment, ..."),
        ),
    )


class SpaceProperties(_SpaceStream):
    """What apps have stored with a space (getSpaceProperties)."""

    name = "space_properties"
    path = "/spaces/{space_id}/properties"
    primary_keys = ("space_id", "id")
    needs = "the scope read:space:confluence"
    schema = columns.table(
        columns.key("space_id", "ID of the space."),
        columns.key("id", "ID of the property."),
        columns.text("key", "Name that the app gave it."),
        columns.any_json("value", "Its value: any JSON."),
        schemas.CREATED_AT,
        columns.text("created_by", "Account ID of who created it."),
        columns.nested(
            "version",
            "Its newest version.",
            columns.timestamp("createdAt", "When it was saved."),
            columns.text("createdBy", "Account ID of who saved it."),
            columns.text("message", "What was noted about it."),
            columns.integer("number", "1 for the first version."),
        ),
    )


class SpaceLabels(_SpaceStream):
    """Labels of a space itself, not of its content (getSpaceLabels)."""

    name = "space_labels"
    path = "/spaces/{space_id}/labels"
    primary_keys = ("space_id", "id")
    needs = "the scope read:space:confluence"
    schema = columns.table(
        columns.key("space_id", "ID of the space."),
        columns.key("id", "ID of the label."),
        columns.text("name", "Name of the label."),
        columns.text("prefix", "Whose label it is: my or team."),
    )


class SpaceRoleAssignments(_SpaceStream):
    """Who has which role in a space, on sites that use roles (getSpaceRoleAssignments)."""

    name = "space_role_assignments"
    path = "/spaces/{space_id}/role-assignments"
    primary_keys = ("space_id", "role_id", "principal_type", "principal_id")
    key_defaults: ClassVar[Mapping[str, str]] = {
        "principal_type": EMPTY_KEY,
        "principal_id": EMPTY_KEY,
    }
    derived_columns = ("principal_type", "principal_id")
    selected_by_default = False  # Not every site uses roles
    needs = "the scope read:space.permission:confluence, on a site that uses space roles"
    schema = columns.table(
        columns.key("space_id", "ID of the space."),
        columns.key("role_id", "ID of the role."),
        columns.key("principal_type", "USER, GROUP or ACCESS_CLASS (from principal)."),
        columns.key("principal_id", "ID of the user, group or class (from principal)."),
        columns.nested(
            "principal",
            "Who has the role.",
            columns.text("principalType", "USER, GROUP, ..."),
            columns.text("principalId", "ID of who has the role."),
        ),
    )

    def post_process(self, row: Row, context: Context | None = None) -> Row | None:  # noqa: ARG002
        """Lift the principal to columns of its own: it is part of the key."""
        principal = row.get("principal") or {}
        row["principal_type"] = principal.get("principalType")
        row["principal_id"] = principal.get("principalId")
        return row


class SpaceRoles(ConfluenceStream):
    """Roles that a space can give (getAvailableSpaceRoles)."""

    name = "space_roles"
    path = "/space-roles"
    primary_keys = ("id",)
    selected_by_default = False  # Not every site uses roles
    needs = "the scope read:space.permission:confluence, on a site that uses space roles"
    schema = columns.table(
        columns.key("id", "ID of the role."),
        columns.text("type", "SYSTEM or CUSTOM."),
        columns.text("name", "Its name."),
        columns.text("description", "What it is for."),
        columns.texts("space_permissions", "IDs of the permissions that it gives."),
    )
