"""Who there is: the token's user, organizations, their members, teams and invitations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from tap_gitbook.client import ChosenStream, GitBookStream
from tap_gitbook.schemas import (
    CREATED_AT,
    MERGE_RULES,
    OBJECT,
    OPEN,
    TEXTS,
    USER,
    booleans,
    flag,
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
    schema = th.PropertiesList(
        key("id", "ID of the user."),
        OBJECT,
        text("display_name", "Full name."),
        text("email", "E-mail address, where it may be seen."),
        text("photo_url", "Address of the profile picture."),
        urls("location"),
    ).to_dict()


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
    schema = th.PropertiesList(
        key("id", "ID of the organization."),
        OBJECT,
        text("title", "Name."),
        CREATED_AT,
        part("email_domains", TEXTS, "Domains whose users may join by their address."),
        text("hostname", "First part of the default host name of published content."),
        text("type", "business or community."),
        text("use_case", "What it said it uses GitBook for."),
        text("community_type", "Kind of community, where it is one."),
        text("default_role", "Role that new members get; null for guests."),
        part("default_content", strings("type", "site"), "What members are shown first."),
        flag("sso", "Single sign-on is enforced for everyone."),
        flag("ai", "AI features are on."),
        flag("invite_links", "Invitation links are on."),
        flag("audit_logs", "The audit log can be read."),
        text("plan", "Plan that it is on."),
        part(
            "billing",
            th.ObjectType(
                th.Property("interval", th.StringType),
                th.Property("endDate", th.StringType),
                th.Property("hasPaymentFailed", th.BooleanType),
                th.Property("canCheckout", th.BooleanType),
                th.Property("isScheduledToCancel", th.BooleanType),
                th.Property("pricing", OPEN),
                th.Property("usageAddons", OPEN),
                *(
                    th.Property(name, th.NumberType)
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
                th.Property("canChangeInterval", th.BooleanType),
                th.Property("canUseSAML", th.BooleanType),
                additional_properties=True,
            ),
            "Subscription, for those who may see it.",
        ),
        part("merge_rules", MERGE_RULES, "What a change request must meet to be merged."),
        urls("location", "app", "logo"),
        part(
            "trial",
            th.ObjectType(
                th.Property("status", th.StringType),
                th.Property("count", th.IntegerType),
                th.Property("endDate", th.DateTimeType),
                th.Property("decision", th.StringType),
            ),
            "Trials that it had or has.",
        ),
        text("custom_hostname", "Host name of its own."),
        part("blocked", strings("source", "reason"), "Why GitBook blocked it, if so."),
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
    ).to_dict()


class OrganizationMembers(GitBookStream):
    """Members and guests of an organization: a person in three organizations is three rows.

    operationId listMembersInOrganizationById.
    """

    name = "org_members"
    path = "/orgs/{organization_id}/members"
    primary_keys = ("organization_id", "id")
    parent_stream_type = Organizations
    needs = MEMBERS
    schema = th.PropertiesList(
        key("organization_id", "ID of the organization."),
        key("id", "ID of the member's user."),
        OBJECT,
        text("role", "Role in the organization; null for guests."),
        part("user", USER, "Who it is."),
        flag("disabled", "Kept from the content for now."),
        moment("joined_at", "When the user joined."),
        moment("last_seen_at", "When the user was last active."),
        flag("sso", "May log in by single sign-on."),
        number("spaces", "Spaces that the member was given."),
        number("teams", "Teams that the member belongs to."),
        number("sites", "Sites that the member was given."),
    ).to_dict()


class Teams(GitBookStream):
    """Teams of an organization (operationId listTeamsInOrganizationById)."""

    name = "teams"
    path = "/orgs/{organization_id}/teams"
    primary_keys = ("id",)
    parent_stream_type = Organizations
    child_keys: ClassVar[Mapping[str, str]] = {"team_id": "id"}
    needs = MEMBERS
    schema = th.PropertiesList(
        key("id", "ID of the team."),
        text("organization_id", "ID of the organization."),
        OBJECT,
        text("title", "Name."),
        whole("members", "How many belong to it."),
        number("spaces", "Spaces that the team was given."),
        CREATED_AT,
        permissions("admin", "view"),
    ).to_dict()


class TeamMembers(GitBookStream):
    """Who belongs to a team (operationId listTeamMembersInOrganizationById)."""

    name = "team_members"
    path = "/orgs/{organization_id}/teams/{team_id}/members"
    primary_keys = ("organization_id", "team_id", "user_id")
    lifts: ClassVar[Mapping[str, str]] = {"user_id": "organization.id"}
    parent_stream_type = Teams
    needs = MEMBERS
    schema = th.PropertiesList(
        key("organization_id", "ID of the organization."),
        key("team_id", "ID of the team."),
        key("user_id", "ID of the member's user."),
        part(
            "organization",
            th.ObjectType(
                th.Property("object", th.StringType),
                th.Property("id", th.StringType),
                th.Property("role", th.StringType),
                th.Property("user", USER),
                th.Property("disabled", th.BooleanType),
                th.Property("joinedAt", th.DateTimeType),
                th.Property("lastSeenAt", th.DateTimeType),
                th.Property("sso", th.BooleanType),
                *(th.Property(name, th.NumberType) for name in ("spaces", "teams", "sites")),
            ),
            "The user as a member of the organization.",
        ),
        part("team", strings("role"), "Role in the team: owner or member."),
        part("permissions", booleans("view"), "What the token's owner may do with it."),
    ).to_dict()

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
    schema = th.PropertiesList(
        key("id", "ID of the invitation."),
        text("organization_id", "ID of the organization."),
        OBJECT,
        text("role", "Role that it gives; null for guests."),
        flag("redundant", "The token's user already has what it gives."),
    ).to_dict()


class AuditEvents(GitBookStream):
    """What was done in an organization, by whom (operationId listOrganizationAuditEvents)."""

    name = "audit_events"
    path = "/orgs/{organization_id}/audit-events"
    page_size = 100
    primary_keys = ("id",)
    replication_key = "occurred_at"
    newest_first = True
    state_partitioning_keys = ("organization_id",)
    parent_stream_type = Organizations
    selected_by_default = False
    needs = "a personal token of an administrator, in an organization on the Enterprise plan"
    schema = th.PropertiesList(
        key("id", "ID of the event."),
        text("organization_id", "ID of the organization."),
        OBJECT,
        moment("occurred_at", "When it happened."),
        text("action", "What was done."),
        part("actor", strings("type", "id", "label"), "Who did it."),
        text("source", "Where from: ui, api, integration, ..."),
        part("target", strings("type", "id", "label"), "What it was done to."),
        urls("location"),
    ).to_dict()

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Ask only for what happened since the bookmark."""
        since = listing.start()
        return {"from": since.isoformat()} if since else {}
