"""Sites: what is published, how it is put together, and who may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from singer_sdk import typing as th

from tap_gitbook.client import ChosenStream, GitBookStream, NextPage, PageToken
from tap_gitbook.schemas import (
    CREATED_AT,
    GIT_SYNC,
    OBJECT,
    OPEN,
    ORGANIZATION_ID,
    TEXTS,
    TRANSLATED,
    UPDATED_AT,
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
    schema = th.PropertiesList(
        key("id", "ID of the site."),
        ORGANIZATION_ID,
        OBJECT,
        text("type", "Plan that was chosen for it."),
        text("applied_type", "Plan that it is on."),
        text("title", "Name."),
        part(
            "icon",
            th.ObjectType(
                th.Property("icon", strings("light", "dark")), th.Property("emoji", th.StringType)
            ),
            "Icon that browsers show.",
        ),
        text("hostname", "Host name of its own."),
        text("basename", "Last part of its address on a shared host."),
        part("proxy", strings("origin", "target"), "Address that it is served under by proxy."),
        text("visibility", "Who can read it: public, unlisted, share-link or visitor-auth."),
        text("default_level", "Role that members of the organization have; inherit for its own."),
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
        flag("published", "It is live."),
        number("site_spaces", "How many spaces it shows."),
        part("git_sync", GIT_SYNC, "The Git repository that it is synchronized with."),
        CREATED_AT,
        moment("last_scan_at", "When GitBook last looked for gaps in its content."),
        part("adaptive_content", booleans("enabled"), "Whether content adapts to visitors."),
        part(
            "ads",
            th.ObjectType(
                th.Property("status", th.StringType),
                th.Property("submittable", th.BooleanType),
                th.Property("topic", th.StringType),
                th.Property("reason", th.StringType),
                th.Property("zoneId", th.StringType),
            ),
            "State of its advertising.",
        ),
        part("styleguide", strings("kind", "space"), "Space that holds its writing style."),
        part(
            "features",
            th.ArrayType(
                th.ObjectType(
                    th.Property("id", th.StringType),
                    th.Property("plan", th.StringType),
                    th.Property("frozen", th.BooleanType),
                    th.Property("customizations", TEXTS),
                )
            ),
            "Paid features that are on.",
        ),
        urls("location", "app", "published", "preview", "login", "logout"),
    ).to_dict()


class SiteStream(GitBookStream):
    """A list of each site."""

    parent_stream_type = Sites
    needs = SITE_READ


SITE_ID = key("site_id", "ID of the site.")


class SiteSpaces(SiteStream):
    """Spaces that a site shows, drafts too (operationId listSiteSpaces)."""

    name = "site_spaces"
    path = "/orgs/{organization_id}/sites/{site_id}/site-spaces"
    primary_keys = ("site_id", "id")
    lifts: ClassVar[Mapping[str, str]] = {"space_id": "space.id"}
    schema = th.PropertiesList(
        SITE_ID,
        key("id", "ID of the space's place in the site."),
        ORGANIZATION_ID,
        OBJECT,
        text("path", "Path on the site."),
        text("section", "ID of the section that it belongs to."),
        text("space_id", "ID of the space that is shown."),
        part("space", OPEN, "The space; its columns are those of spaces."),
        text("title", "Name on the site."),
        part("localized_title", TRANSLATED, "Names in other languages."),
        flag("default", "Shown first."),
        text("condition", "Condition under which visitors see it."),
        text("page_id", "ID of the page that stands for the whole, if one was chosen."),
        flag("draft", "Not live yet."),
        flag("has_advanced_customization_feature", "Has a design of its own."),
        urls("published"),
        flag("hidden", "Not shown in the navigation."),
    ).to_dict()


class SiteSections(SiteStream):
    """Sections of a site, drafts too (operationId listSiteSections)."""

    name = "site_sections"
    path = "/orgs/{organization_id}/sites/{site_id}/sections"
    primary_keys = ("site_id", "id")
    schema = th.PropertiesList(
        SITE_ID,
        key("id", "ID of the section."),
        ORGANIZATION_ID,
        OBJECT,
        text("title", "Name."),
        part("localized_title", TRANSLATED, "Names in other languages."),
        text("description", "What it is about."),
        part("localized_description", TRANSLATED, "What it is about, in other languages."),
        flag("default", "Shown first."),
        flag("draft", "Not live yet."),
        text("path", "Path on the site."),
        text("condition", "Condition under which visitors see it."),
        text("section_group", "ID of the group that it belongs to."),
        part("site_spaces", th.ArrayType(OPEN), "Its spaces; see the stream site_spaces."),
        urls("published"),
        text("icon", "Icon before the name."),
    ).to_dict()


class SiteSectionGroups(SiteStream):
    """Groups of sections in a site (operationId listSiteSectionGroups)."""

    name = "site_section_groups"
    path = "/orgs/{organization_id}/sites/{site_id}/section-groups"
    primary_keys = ("site_id", "id")
    schema = th.PropertiesList(
        SITE_ID,
        key("id", "ID of the group."),
        ORGANIZATION_ID,
        OBJECT,
        text("title", "Name."),
        part("localized_title", TRANSLATED, "Names in other languages."),
        part("sections", th.ArrayType(OPEN), "Its sections; see the stream site_sections."),
        text("section_group", "ID of the group that it lies in."),
        flag("draft", "Not live yet."),
        part("children", th.ArrayType(OPEN), "Sections, groups and links in it, in order."),
        text("icon", "Icon before the name."),
    ).to_dict()


class SiteShareLinks(SiteStream):
    """Links that open a site to whoever has them (operationId listSiteShareLinks)."""

    name = "site_share_links"
    path = "/orgs/{organization_id}/sites/{site_id}/share-links"
    primary_keys = ("site_id", "id")
    needs = "the OAuth scope site:auth:read, or a user who may manage the site"
    schema = th.PropertiesList(
        SITE_ID,
        key("id", "ID of the link."),
        ORGANIZATION_ID,
        OBJECT,
        CREATED_AT,
        text("name", "Name that it was given."),
        flag("active", "It works."),
        urls("published"),
    ).to_dict()


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


class SiteRedirects(SiteStream):
    """Redirects of a site, drafts too (operationId listSiteRedirects)."""

    name = "site_redirects"
    path = "/orgs/{organization_id}/sites/{site_id}/redirects"
    primary_keys = ("site_id", "id")
    schema = th.PropertiesList(
        SITE_ID,
        key("id", "ID of the redirect."),
        ORGANIZATION_ID,
        OBJECT,
        text("source", "Path that is redirected."),
        flag("draft", "Not live yet."),
        flag("capture_wildcard", "What the wildcard matched is appended to the target."),
        flag("permanent", "Clients may remember it for ever."),
        part(
            "destination",
            strings("kind", "siteSectionId", "siteSpaceId", "pageId", "url"),
            "Where it leads; `kind` says which of the others are set.",
        ),
        CREATED_AT,
        UPDATED_AT,
    ).to_dict()

    def get_new_paginator(self) -> NextPage:
        """Read the drafts too, which the list leaves out unless asked for them."""
        return DraftsThenLive()
