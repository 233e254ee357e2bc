"""Sites: what is published, how it is put together, and who may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rest_tap import columns
from tap_gitbook.client import ChosenStream, NextPage, PageToken, WaitingStream
from tap_gitbook.schemas import (
    CREATED_AT,
    GIT_SYNC,
    OBJECT,
    ORGANIZATION_ID,
    TRANSLATED,
    UPDATED_AT,
    booleans,
    permissions,
    strings,
    urls,
)
from tap_gitbook.streams.organizations import Organizations

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests


SITE_READ = "the OAuth scope site:read"


class Sites(ChosenStream):
    """Sites of an organization (operationId listSites)."""

    name = "sites"
    path = "/orgs/{organization_id}/sites"
    setting = "sites"
    primary_keys = ("id",)
    parent_stream_type = Organizations
    child_keys: ClassVar[Mapping[str, str]] = {"site_id": "id"}
    needs = SITE_READ
    schema = columns.table(
        columns.key("id", "ID of the site."),
        ORGANIZATION_ID,
        OBJECT,
        columns.text("type", "Plan that was chosen for it."),
        columns.text("applied_type", "Plan that it is on."),
        columns.text("title", "Name."),
        columns.nested(
            "icon",
            "Icon that browsers show.",
            columns.column("icon", strings("light", "dark")),
            columns.text("emoji"),
        ),
        columns.text("hostname", "Host name of its own."),
        columns.text("basename", "Last part of its address on a shared host."),
        columns.column(
            "proxy", strings("origin", "target"), "Address that it is served under by proxy."
        ),
        columns.text(
            "visibility", "Who can read it: public, unlisted, share-link or visitor-auth."
        ),
        columns.text(
            "default_level", "Role that members of the organization have; inherit for its own."
        ),
        permissions(
            "view",
            "access",
            "edit",
            "create",
            "admin",
            "installIntegration",
            "viewAdaptiveSchema",
            "editAdaptiveSchema",
        ),
        columns.boolean("published", "It is live."),
        columns.number("site_spaces", "How many spaces it shows."),
        columns.column("git_sync", GIT_SYNC, "The Git repository that it is synchronized with."),
        CREATED_AT,
        columns.timestamp("last_scan_at", "When GitBook last looked for gaps in its content."),
        columns.column(
            "adaptive_content", booleans("enabled"), "Whether content adapts to visitors."
        ),
        columns.nested(
            "ads",
            "State of its advertising.",
            columns.text("status"),
            columns.boolean("submittable"),
            columns.text("topic"),
            columns.text("reason"),
            columns.text("zoneId"),
        ),
        columns.column(
            "styleguide", strings("kind", "space"), "Space that holds its writing style."
        ),
        columns.nested_list(
            "features",
            "Paid features that are on.",
            columns.text("id"),
            columns.text("plan"),
            columns.boolean("frozen"),
            columns.texts("customizations"),
        ),
        urls("location", "app", "published", "preview", "login", "logout"),
    )


class SiteSettingsStream(WaitingStream):
    """A list of how each site is put together, in between only of new ones."""

    parent_stream_type = Sites
    marks = ()
    needs = SITE_READ


SITE_ID = columns.key("site_id", "ID of the site.")


class SiteSpaces(SiteSettingsStream):
    """Spaces that a site shows, drafts too (operationId listSiteSpaces)."""

    name = "site_spaces"
    path = "/orgs/{organization_id}/sites/{site_id}/site-spaces"
    primary_keys = ("site_id", "id")
    lifts: ClassVar[Mapping[str, str]] = {"space_id": "space.id"}
    schema = columns.table(
        SITE_ID,
        columns.key("id", "ID of the space's place in the site."),
        ORGANIZATION_ID,
        OBJECT,
        columns.text("path", "Path on the site."),
        columns.text("section", "ID of the section that it belongs to."),
        columns.text("space_id", "ID of the space that is shown."),
        columns.free_form("space", "The space; its columns are those of spaces."),
        columns.text("title", "Name on the site."),
        columns.column("localized_title", TRANSLATED, "Names in other languages."),
        columns.boolean("default", "Shown first."),
        columns.text("condition", "Condition under which visitors see it."),
        columns.text("page_id", "ID of the page that stands for the whole, if one was chosen."),
        columns.boolean("draft", "Not live yet."),
        columns.boolean("has_advanced_customization_feature", "Has a design of its own."),
        urls("published"),
        columns.boolean("hidden", "Not shown in the navigation."),
    )


class SiteSections(SiteSettingsStream):
    """Sections of a site, drafts too (operationId listSiteSections)."""

    name = "site_sections"
    path = "/orgs/{organization_id}/sites/{site_id}/sections"
    primary_keys = ("site_id", "id")
    schema = columns.table(
        SITE_ID,
        columns.key("id", "ID of the section."),
        ORGANIZATION_ID,
        OBJECT,
        columns.text("title", "Name."),
        columns.column("localized_title", TRANSLATED, "Names in other languages."),
        columns.text("description", "What it is about."),
        columns.column(
            "localized_description", TRANSLATED, "What it is about, in other languages."
        ),
        columns.boolean("default", "Shown first."),
        columns.boolean("draft", "Not live yet."),
        columns.text("path", "Path on the site."),
        columns.text("condition", "Condition under which visitors see it."),
        columns.text("section_group", "ID of the group that it belongs to."),
        columns.free_forms("site_spaces", "Its spaces; see the stream site_spaces."),
        urls("published"),
        columns.text("icon", "Icon before the name."),
    )


class SiteSectionGroups(SiteSettingsStream):
    """Groups of sections in a site (operationId listSiteSectionGroups)."""

    name = "site_section_groups"
    path = "/orgs/{organization_id}/sites/{site_id}/section-groups"
    primary_keys = ("site_id", "id")
    schema = columns.table(
        SITE_ID,
        columns.key("id", "ID of the group."),
        ORGANIZATION_ID,
        OBJECT,
        columns.text("title", "Name."),
        columns.column("localized_title", TRANSLATED, "Names in other languages."),
        columns.free_forms("sections", "Its sections; see the stream site_sections."),
        columns.text("section_group", "ID of the group that it lies in."),
        columns.boolean("draft", "Not live yet."),
        columns.free_forms("children", "Sections, groups and links in it, in order."),
        columns.text("icon", "Icon before the name."),
    )


class SiteShareLinks(SiteSettingsStream):
    """Links that open a site to whoever has them (operationId listSiteShareLinks)."""

    name = "site_share_links"
    path = "/orgs/{organization_id}/sites/{site_id}/share-links"
    primary_keys = ("site_id", "id")
    needs = "the OAuth scope site:auth:read, or a user who may manage the site"
    schema = columns.table(
        SITE_ID,
        columns.key("id", "ID of the link."),
        ORGANIZATION_ID,
        OBJECT,
        CREATED_AT,
        columns.text("name", "Name that it was given."),
        columns.boolean("active", "It works."),
        urls("published"),
    )


DRAFTS, LIVE = (("draft", "true"),), (("draft", "false"),)


class DraftsThenLive(NextPage):
    """Reads two lists in turn. A draft that goes live between them is met twice, not missed."""

    def __init__(self) -> None:
        super().__init__()
        self._value = DRAFTS

    def get_next(self, response: requests.Response) -> PageToken | None:
        """Read the way to the next page, or to the second list."""
        following = super().get_next(response)
        if DRAFTS[0] in (self.current_value or ()):
            return DRAFTS + following if following else LIVE
        return following and LIVE + following


class SiteRedirects(SiteSettingsStream):
    """Redirects of a site, drafts too (operationId listSiteRedirects)."""

    name = "site_redirects"
    path = "/orgs/{organization_id}/sites/{site_id}/redirects"
    primary_keys = ("site_id", "id")
    schema = columns.table(
        SITE_ID,
        columns.key("id", "ID of the redirect."),
        ORGANIZATION_ID,
        OBJECT,
        columns.text("source", "Path that is redirected."),
        columns.boolean("draft", "Not live yet."),
        columns.boolean("capture_wildcard", "What the wildcard matched is appended to the target."),
        columns.boolean("permanent", "Clients may remember it for ever."),
        columns.column(
            "destination",
            strings("kind", "siteSectionId", "siteSpaceId", "pageId", "url"),
            "Where it leads; `kind` says which of the others are set.",
        ),
        CREATED_AT,
        UPDATED_AT,
    )

    def get_new_paginator(self) -> NextPage:
        """Read the drafts too, which the list leaves out unless asked for them."""
        return DraftsThenLive()
