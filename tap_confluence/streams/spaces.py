"""Spaces and what belongs to each: permissions, properties, labels, roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import EMPTY_KEY
from tap_confluence import schemas
from tap_confluence.client import ConfluenceStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from singer_sdk.helpers.types import Context

    from rest_tap import Listing, Row


class Spaces(ConfluenceStream):
    """Spaces of every kind and status (getSpaces)."""

    name = "spaces"
    path = "/spaces"
    primary_keys = ("id",)
    child_keys: ClassVar[Mapping[str, str]] = {"space_id": "id"}
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("author_id", "space_owner_id")}
    needs = "the scope read:space:confluence"
    schema = th.PropertiesList(
        schemas.identifier("id", "ID of the space."),
        th.Property("key", th.StringType, description="Its key, the short name in its address."),
        th.Property("name", th.StringType, description="Its name."),
        th.Property("type", th.StringType, description="global, personal, collaboration, ..."),
        th.Property("status", th.StringType, description="current, archived or trashed."),
        schemas.AUTHOR_ID,
        th.Property("space_owner_id", th.StringType, description="Account ID of its owner."),
        th.Property(
            "current_active_alias", th.StringType, description="The alias in its address, if any."
        ),
        schemas.CREATED_AT,
        th.Property("homepage_id", th.StringType, description="ID of its home page."),
        th.Property(
            "description", schemas.body_in("plain", "view"), description="What it is about."
        ),
        th.Property(
            "icon",
            th.ObjectType(
                th.Property("path", th.StringType, description="Path of the picture."),
                th.Property("apiDownloadLink", th.StringType, description="Its path in the API."),
            ),
            description="Its icon.",
        ),
        schemas.links("webui"),
    ).to_dict()

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


class SpacePermissions(ConfluenceStream):
    """Who may do what in a space (getSpacePermissionsAssignments)."""

    name = "space_permissions"
    path = "/spaces/{space_id}/permissions"
    parent_stream_type = Spaces
    primary_keys = ("space_id", "id")
    needs = "the scope read:space:confluence"
    schema = th.PropertiesList(
        schemas.identifier("space_id", "ID of the space."),
        schemas.identifier("id", "ID of the permission."),
        th.Property(
            "principal",
            th.ObjectType(
                th.Property(
                    "type", th.StringType, description="user, group, role or access-class."
                ),
                th.Property(
                    "id", th.StringType, description="ID of it; ALL_LICENSED_USERS of a class."
                ),
            ),
            description="Who has the permission.",
        ),
        th.Property(
            "operation",
            th.ObjectType(
                th.Property("key", th.StringType, description="read, create, administer, ..."),
                th.Property("targetType", th.StringType, description="space, page, comment, ..."),
            ),
            description="What it allows.",
        ),
    ).to_dict()


class SpaceProperties(ConfluenceStream):
    """What apps have stored with a space (getSpaceProperties)."""

    name = "space_properties"
    path = "/spaces/{space_id}/properties"
    parent_stream_type = Spaces
    primary_keys = ("space_id", "id")
    needs = "the scope read:space:confluence"
    schema = th.PropertiesList(
        schemas.identifier("space_id", "ID of the space."),
        schemas.identifier("id", "ID of the property."),
        th.Property("key", th.StringType, description="Name that the app gave it."),
        th.Property("value", schemas.any_json(), description="Its value: any JSON."),
        schemas.CREATED_AT,
        th.Property("created_by", th.StringType, description="Account ID of who created it."),
        th.Property(
            "version",
            th.ObjectType(
                th.Property("createdAt", th.DateTimeType, description="When it was saved."),
                th.Property("createdBy", th.StringType, description="Account ID of who saved it."),
                th.Property("message", th.StringType, description="What was noted about it."),
                th.Property("number", th.IntegerType, description="1 for the first version."),
            ),
            description="Its newest version.",
        ),
    ).to_dict()


class SpaceLabels(ConfluenceStream):
    """Labels of a space itself, not of its content (getSpaceLabels)."""

    name = "space_labels"
    path = "/spaces/{space_id}/labels"
    parent_stream_type = Spaces
    primary_keys = ("space_id", "id")
    needs = "the scope read:space:confluence"
    schema = th.PropertiesList(
        schemas.identifier("space_id", "ID of the space."),
        schemas.identifier("id", "ID of the label."),
        th.Property("name", th.StringType, description="Name of the label."),
        th.Property("prefix", th.StringType, description="Whose label it is: my or team."),
    ).to_dict()


class SpaceRoleAssignments(ConfluenceStream):
    """Who has which role in a space, on sites that use roles (getSpaceRoleAssignments)."""

    name = "space_role_assignments"
    path = "/spaces/{space_id}/role-assignments"
    parent_stream_type = Spaces
    primary_keys = ("space_id", "role_id", "principal_type", "principal_id")
    key_defaults: ClassVar[Mapping[str, str]] = {
        "principal_type": EMPTY_KEY,
        "principal_id": EMPTY_KEY,
    }
    derived_columns = ("principal_type", "principal_id")
    selected_by_default = False  # Not every site uses roles
    needs = "the scope read:space.permission:confluence, on a site that uses space roles"
    schema = th.PropertiesList(
        schemas.identifier("space_id", "ID of the space."),
        schemas.identifier("role_id", "ID of the role."),
        schemas.identifier("principal_type", "USER, GROUP or ACCESS_CLASS (from principal)."),
        schemas.identifier("principal_id", "ID of the user, group or class (from principal)."),
        th.Property(
            "principal",
            th.ObjectType(
                th.Property("principalType", th.StringType, description="USER, GROUP, ..."),
                th.Property("principalId", th.StringType, description="ID of who has the role."),
            ),
            description="Who has the role.",
        ),
    ).to_dict()

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
    schema = th.PropertiesList(
        schemas.identifier("id", "ID of the role."),
        th.Property("type", th.StringType, description="SYSTEM or CUSTOM."),
        th.Property("name", th.StringType, description="Its name."),
        th.Property("description", th.StringType, description="What it is for."),
        th.Property(
            "space_permissions",
            th.ArrayType(th.StringType),
            description="IDs of the permissions that it gives.",
        ),
    ).to_dict()
