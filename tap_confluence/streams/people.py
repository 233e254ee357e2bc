"""Users that the run has met, and groups."""

from __future__ import annotations

from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from rest_tap import DeniedError, LookupStream, columns, message_of
from tap_confluence.client import ConfluenceStream, ConfluenceV1Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests

    from rest_tap import Listing, Row


def _picture(*more: columns.Column) -> columns.Column:
    return columns.nested(
        "profile_picture",
        "Their picture, as far as their privacy settings allow.",
        columns.text("path", "Path of the picture."),
        *more,
        columns.boolean("isDefault", "Whether it is not their own."),
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
    schema = columns.table(
        columns.key("account_id", "Account ID."),
        columns.text("display_name", "Name as they show it."),
        columns.text("public_name", "Name that everybody may see."),
        columns.text("email", "E-mail, unless they hide it."),
        columns.text("time_zone", "Time zone, unless they hide it."),
        columns.text("account_type", "atlassian, app or customer."),
        columns.text("account_status", "active, inactive or closed."),
        columns.text("personal_space_id", "ID of their own space."),
        columns.boolean("is_external_collaborator", "Whether they are a guest."),
        _picture(),
    )

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
    schema = columns.table(
        columns.key("id", "ID of the group."),
        columns.text("type", "group."),
        columns.text("name", "Its name."),
        columns.text("usage_type", "How it is used."),
        columns.text("managed_by", "Who decides on its members."),
        columns.texts(
            "access_types", "What its members may on the site: user, admin, site-admin, or nothing."
        ),
        columns.free_form("_links", "Paths in the API."),
    )

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
    is_read_when_due = True
    primary_keys = ("group_id", "account_id")
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("account_id",)}
    needs = (
        "the scopes read:group:confluence and read:user:confluence "
        "(or the classic read:confluence-groups)"
    )
    schema = columns.table(
        columns.key("group_id", "ID of the group."),
        columns.key("account_id", "Account ID of the member."),
        columns.text("type", "known, unknown, anonymous or user."),
        columns.text("username", "No longer filled by Atlassian."),
        columns.text("user_key", "No longer filled by Atlassian."),
        columns.text("account_type", "atlassian or app."),
        columns.text("email", "E-mail, unless they hide it."),
        columns.text("public_name", "Name that everybody may see."),
        _picture(
            columns.integer("width", "Its width."),
            columns.integer("height", "Its height."),
        ),
        columns.text("display_name", "Name as they show it."),
        columns.text("time_zone", "Time zone, unless they hide it."),
        columns.boolean("external_collaborator", "The old is_guest."),
        columns.boolean("is_external_collaborator", "The old is_guest."),
        columns.boolean("is_guest", "Whether they are a guest."),
        columns.nested_list(
            "operations",
            "What may be done to them, where the API sends it along.",
            columns.text("operation", "What may be done."),
            columns.text("targetType", "To what."),
        ),
        columns.free_form("details", "Profile, where sent along."),
        columns.free_form("personal_space", "Their own space."),
        columns.nested(
            "_expandable",
            "What was left out.",
            *(
                columns.text(name, f"Path of the {name}.")
                for name in ("operations", "details", "personalSpace")
            ),
        ),
        columns.free_form("_links", "Paths in the API."),
    )
