"""Users that the run has met, and groups."""

from __future__ import annotations

from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import DeniedError, LookupStream, message_of
from tap_confluence import schemas
from tap_confluence.client import ConfluenceStream, ConfluenceV1Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests

    from rest_tap import Listing, Row


def _picture(*more: th.Property[Any]) -> th.Property[Any]:
    return th.Property(
        "profile_picture",
        th.ObjectType(
            th.Property("path", th.StringType, description="Path of the picture."),
            *more,
            th.Property("isDefault", th.BooleanType, description="Whether it is not their own."),
        ),
        description="Their picture, as far as their privacy settings allow.",
    )


class Users(ConfluenceStream, LookupStream):
    """Users whose ids stand in the run's rows, each asked for once (createBulkUserLookup)."""

    name = "users"
    path = "/users-bulk"
    http_method = "POST"
    paged = False
    primary_keys = ("account_id",)
    batch_size = 250
    needs = "the scope read:user:confluence"
    schema = th.PropertiesList(
        schemas.identifier("account_id", "Account ID."),
        th.Property("display_name", th.StringType, description="Name as they show it."),
        th.Property("public_name", th.StringType, description="Name that everybody may see."),
        th.Property("email", th.StringType, description="E-mail, unless they hide it."),
        th.Property("time_zone", th.StringType, description="Time zone, unless they hide it."),
        th.Property("account_type", th.StringType, description="atlassian, app or customer."),
        th.Property("account_status", th.StringType, description="active, inactive or closed."),
        th.Property("personal_space_id", th.StringType, description="ID of their own space."),
        th.Property(
            "is_external_collaborator", th.BooleanType, description="Whether they are a guest."
        ),
        _picture(),
    ).to_dict()

    def payload(self, listing: Listing, token: Any) -> dict[str, Any]:  # noqa: ARG002
        """Name the ids of one batch."""
        return {"accountIds": listing.keys["ids"]}

    def validate_response(self, response: requests.Response) -> None:
        """Take 404 as what it is here: users that do not exist are just not in the answer.

        Raises:
            DeniedError: If the right to see users is missing.
        """
        if response.status_code == HTTPStatus.NOT_FOUND:
            message = f"{message_of(response)} (it needs {self.needs})"
            raise DeniedError(message, HTTPStatus.FORBIDDEN, everywhere=True)
        super().validate_response(response)


ACCESS_TYPES = ("user", "admin", "site-admin")
"""What a group may let its members do on the site; the API lists the groups of each."""


class Groups(ConfluenceV1Stream):
    """Groups of users, and what they let their members do on the site (getGroups)."""

    name = "groups"
    path = "/group"
    primary_keys = ("id",)
    child_keys: ClassVar[Mapping[str, str]] = {"group_id": "id"}
    needs = "the scope read:group:confluence (or the classic read:confluence-groups)"
    schema = th.PropertiesList(
        schemas.identifier("id", "ID of the group."),
        th.Property("type", th.StringType, description="group."),
        th.Property("name", th.StringType, description="Its name."),
        th.Property("usage_type", th.StringType, description="How it is used."),
        th.Property("managed_by", th.StringType, description="Who decides on its members."),
        th.Property(
            "access_types",
            th.ArrayType(th.StringType),
            description="What its members may on the site: user, admin, site-admin, or nothing.",
        ),
        th.Property("_links", schemas.open_object(), description="Paths in the API."),
    ).to_dict()

    derived_columns = ("access_types",)

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:  # noqa: ARG002
        """Tell from three more lists what each group lets its members do."""
        if self.selected and (by_type := self._ids_by_access_type):
            for row in rows:
                row["access_types"] = [kind for kind, ids in by_type.items() if row["id"] in ids]
        return rows

    @cached_property
    def _ids_by_access_type(self) -> dict[str, set[str]]:
        """The ids of the groups of each type; nothing where the user may not ask for them."""
        try:
            return {
                kind: {
                    str(row.get("id"))
                    for rows in self.ask_pages("/rest/api/group", accessType=kind)
                    for row in rows
                }
                for kind in ACCESS_TYPES
            }
        except DeniedError as error:
            self.logger.warning("%s: access_types stays empty: %s", self.name, error)
            return {}


class GroupMembers(ConfluenceV1Stream):
    """Who is in a group (getGroupMembersByGroupId)."""

    name = "group_members"
    path = "/group/{group_id}/membersByGroupId"
    parent_stream_type = Groups
    primary_keys = ("group_id", "account_id")
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("account_id",)}
    needs = (
        "the scopes read:group:confluence and read:user:confluence "
        "(or the classic read:confluence-groups)"
    )
    schema = th.PropertiesList(
        schemas.identifier("group_id", "ID of the group."),
        schemas.identifier("account_id", "Account ID of the member."),
        th.Property("type", th.StringType, description="known, unknown, anonymous or user."),
        th.Property("username", th.StringType, description="No longer filled by Atlassian."),
        th.Property("user_key", th.StringType, description="No longer filled by Atlassian."),
        th.Property("account_type", th.StringType, description="atlassian or app."),
        th.Property("email", th.StringType, description="E-mail, unless they hide it."),
        th.Property("public_name", th.StringType, description="Name that everybody may see."),
        _picture(
            th.Property("width", th.IntegerType, description="Its width."),
            th.Property("height", th.IntegerType, description="Its height."),
        ),
        th.Property("display_name", th.StringType, description="Name as they show it."),
        th.Property("time_zone", th.StringType, description="Time zone, unless they hide it."),
        th.Property("external_collaborator", th.BooleanType, description="The old is_guest."),
        th.Property("is_external_collaborator", th.BooleanType, description="The old is_guest."),
        th.Property("is_guest", th.BooleanType, description="Whether they are a guest."),
        th.Property(
            "operations",
            th.ArrayType(
                th.ObjectType(
                    th.Property("operation", th.StringType, description="What may be done."),
                    th.Property("targetType", th.StringType, description="To what."),
                )
            ),
            description="What may be done to them, where the API sends it along.",
        ),
        th.Property("details", schemas.open_object(), description="Profile, where sent along."),
        th.Property("personal_space", schemas.open_object(), description="Their own space."),
        th.Property(
            "_expandable",
            th.ObjectType(
                *(
                    th.Property(name, th.StringType, description=f"Path of the {name}.")
                    for name in ("operations", "details", "personalSpace")
                )
            ),
            description="What was left out.",
        ),
        th.Property("_links", schemas.open_object(), description="Paths in the API."),
    ).to_dict()
