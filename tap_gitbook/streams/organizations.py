"""Who there is: the token's user, organizations, their members, teams and invitations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import columns
from tap_gitbook.client import ChosenStream, GitBookStream, WaitingStream
from tap_gitbook.schemas import (
    CREATED_AT,
    MERGE_RULES,
    OBJECT,
    USER,
    booleans,
    permissions,
    strings,
    urls,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_tap import Listing, Row

MEMBERS = "the OAuth scope organization:members:read, or a user who may list the members"


class Users(GitBookStream):
    """The user whom the token belongs to: one row (operationId getAuthenticatedUser)."""

    name = "users"
    path = "/user"
    records_key = None
    page_size = None
    primary_keys = ("id",)
    needs = "the OAuth scope user:read"
    schema = columns.table(
        columns.key("id", "ID of the user."),
        OBJECT,
        columns.text("display_name", "Full name."),
        columns.text("email", "E-mail address, where it may be seen."),
        columns.text("photo_url", "Address of the profile picture."),
        urls("location"),
    )


class Organizations(ChosenStream):
    """Organizations that the token's user belongs to.

    operationId listOrganizationsForAuthenticatedUser.
    """

    name = "organizations"
    path = "/orgs"
    setting = "organizations"
    primary_keys = ("id",)
    child_keys: ClassVar[Mapping[str, str]] = {"organization_id": "id"}
    needs = "the OAuth scope organization:read"
    schema = columns.table(
        columns.key("id", "ID of the organization."),
        OBJECT,
        columns.text("title", "Name."),
        CREATED_AT,
        columns.texts("email_domains", "Domains whose users may join by their address."),
        columns.text("hostname", "First part of the default host name of published content."),
        columns.text("type", "business or community."),
        columns.text("use_case", "What it said it uses GitBook for."),
        columns.text("community_type", "Kind of community, where it is one."),
        columns.text("default_role", "Role that new members get; null for guests."),
        columns.column("default_content", strings("type", "site"), "What members are shown first."),
        columns.boolean("sso", "Single sign-on is enforced for everyone."),
        columns.boolean("ai", "AI features are on."),
        columns.boolean("invite_links", "Invitation links are on."),
        columns.boolean("audit_logs", "The audit log can be read."),
        columns.text("plan", "Plan that it is on."),
        columns.column(
            "billing",
            th.ObjectType(
                columns.text("interval"),
                columns.text("endDate"),
                columns.boolean("hasPaymentFailed"),
                columns.boolean("canCheckout"),
                columns.boolean("isScheduledToCancel"),
                columns.free_form("pricing"),
                columns.free_form("usageAddons"),
                *(
                    columns.number(name)
                    for name in (
                        "minUsers",
                        "maxUsers",
                        "minPremiumSites",
                        "maxPremiumSites",
                        "minUltimateSites",
                        "maxUltimateSites",
                        "paidMembers",
                        "paidPremiumSites",
                        "paidUltimateSites",
                    )
                ),
                columns.boolean("canChangeInterval"),
                columns.boolean("canUseSAML"),
                additional_properties=True,
            ),
            "Subscription, for those who may see it.",
        ),
        columns.column("merge_rules", MERGE_RULES, "What a change request must meet to be merged."),
        urls("location", "app", "logo"),
        columns.nested(
            "trial",
            "Trials that it had or has.",
            columns.text("status"),
            columns.integer("count"),
            columns.timestamp("endDate"),
            columns.text("decision"),
        ),
        columns.text("custom_hostname", "Host name of its own."),
        columns.column("blocked", strings("source", "reason"), "Why GitBook blocked it, if so."),
        permissions(
            "view",
            "access",
            "admin",
            "ownTeam",
            "createContent",
            "createOpenAPISpec",
            "viewBilling",
            "listMembers",
            "listTeams",
            "listIntegrations",
            "listInstallations",
            "installIntegration",
        ),
    )


class OrganizationMembers(GitBookStream):
    """Members and guests of an organization: a person in three organizations is three rows.

    operationId listMembersInOrganizationById.
    """

    name = "org_members"
    path = "/orgs/{organization_id}/members"
    primary_keys = ("organization_id", "id")
    parent_stream_type = Organizations
    needs = MEMBERS
    schema = columns.table(
        columns.key("organization_id", "ID of the organization."),
        columns.key("id", "ID of the member's user."),
        OBJECT,
        columns.text("role", "Role in the organization; null for guests."),
        columns.column("user", USER, "Who it is."),
        columns.boolean("disabled", "Kept from the content for now."),
        columns.timestamp("joined_at", "When the user joined."),
        columns.timestamp("last_seen_at", "When the user was last active."),
        columns.boolean("sso", "May log in by single sign-on."),
        columns.number("spaces", "Spaces that the member was given."),
        columns.number("teams", "Teams that the member belongs to."),
        columns.number("sites", "Sites that the member was given."),
    )


class Teams(GitBookStream):
    """Teams of an organization (operationId listTeamsInOrganizationById)."""

    name = "teams"
    path = "/orgs/{organization_id}/teams"
    primary_keys = ("id",)
    parent_stream_type = Organizations
    child_keys: ClassVar[Mapping[str, str]] = {"team_id": "id"}
    needs = MEMBERS
    schema = columns.table(
        columns.key("id", "ID of the team."),
        columns.text("organization_id", "ID of the organization."),
        OBJECT,
        columns.text("title", "Name."),
        columns.integer("members", "How many belong to it."),
        columns.number("spaces", "Spaces that the team was given."),
        CREATED_AT,
        permissions("admin", "view"),
    )


class TeamMembers(WaitingStream):
    """Who belongs to a team (operationId listTeamMembersInOrganizationById)."""

    name = "team_members"
    path = "/orgs/{organization_id}/teams/{team_id}/members"
    primary_keys = ("organization_id", "team_id", "user_id")
    lifts: ClassVar[Mapping[str, str]] = {"user_id": "organization.id"}
    parent_stream_type = Teams
    marks = ("members",)
    needs = MEMBERS
    schema = columns.table(
        columns.key("organization_id", "ID of the organization."),
        columns.key("team_id", "ID of the team."),
        columns.key("user_id", "ID of the member's user."),
        columns.nested(
            "organization",
            "The user as a member of the organization.",
            columns.text("object"),
            columns.text("id"),
            columns.text("role"),
            columns.column("user", USER),
            columns.boolean("disabled"),
            columns.timestamp("joinedAt"),
            columns.timestamp("lastSeenAt"),
            columns.boolean("sso"),
            *(columns.number(name) for name in ("spaces", "teams", "sites")),
        ),
        columns.column("team", strings("role"), "Role in the team: owner or member."),
        columns.column("permissions", booleans("view"), "What the token's owner may do with it."),
    )

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Ask for nothing of an empty team."""
        return super().listing_for(row, keys, above) if row.get("members") != 0 else None


class InviteLinks(GitBookStream):
    """Links that invite to an organization (operationId listOrganizationInviteLinks)."""

    name = "invite_links"
    path = "/orgs/{organization_id}/link-invites"
    primary_keys = ("id",)
    parent_stream_type = Organizations
    needs = MEMBERS
    schema = columns.table(
        columns.key("id", "ID of the invitation."),
        columns.text("organization_id", "ID of the organization."),
        OBJECT,
        columns.text("role", "Role that it gives; null for guests."),
        columns.boolean("redundant", "The token's user already has what it gives."),
    )


class AuditEvents(GitBookStream):
    """What was done in an organization, by whom (operationId listOrganizationAuditEvents)."""

    name = "audit_events"
    path = "/orgs/{organization_id}/audit-events"
    page_size = 100
    primary_keys = ("id",)
    replication_key = "occurred_at"
    rows_stay_true = True
    newest_first = True
    state_partitioning_keys = ("organization_id",)
    parent_stream_type = Organizations
    selected_by_default = False
    needs = "a personal token of an administrator, in an organization on the Enterprise plan"
    schema = columns.table(
        columns.key("id", "ID of the event."),
        columns.text("organization_id", "ID of the organization."),
        OBJECT,
        columns.timestamp("occurred_at", "When it happened."),
        columns.text("action", "What was done."),
        columns.column("actor", strings("type", "id", "label"), "Who did it."),
        columns.text("source", "Where from: ui, api, integration, ..."),
        columns.column("target", strings("type", "id", "label"), "What it was done to."),
        urls("location"),
    )

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Ask only for what happened since the bookmark."""
        since = listing.start()
        return {"from": since.isoformat()} if since else {}
