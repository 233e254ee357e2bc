"""Integrations, and what an organization has installed of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from rest_tap import snake_case
from tap_gitbook.client import GitBookStream
from tap_gitbook.schemas import (
    CREATED_AT,
    OBJECT,
    OPEN,
    ORGANIZATION_ID,
    TEXTS,
    UPDATED_AT,
    booleans,
    flag,
    key,
    number,
    part,
    permissions,
    strings,
    text,
    urls,
)
from tap_gitbook.streams.organizations import Organizations

if TYPE_CHECKING:
    from singer_sdk.helpers.types import Context, Record

INTEGRATION_COLUMNS = (
    OBJECT,
    number("integration_version", "Version of the integration (`version` in GitBook's API)."),
    text("title", "Name that people see."),
    text("description", "What it does, in a line."),
    text("summary", "What it does at length, as Markdown."),
    part("preview_images", TEXTS, "Addresses of pictures of it."),
    text("target", "What it works on: all, site, space or organization."),
    flag("verified", "GitBook's team has verified it."),
    text("visibility", "public, private or unlisted."),
    part("scopes", TEXTS, "Permissions that it asks for."),
    part("categories", TEXTS, "Where the marketplace lists it."),
    part("blocks", th.ArrayType(OPEN), "Kinds of blocks that it brings."),
    part("content_sources", th.ArrayType(OPEN), "Kinds of content that it brings."),
    part("configurations", OPEN, "What can be configured, by target."),
    part("external_links", th.ArrayType(strings("url", "label")), "Where to read more."),
    part("owner", OPEN, "Organization that made it."),
    urls("location", "icon", "app", "assets", "publicEndpoint", "publicContentEndpoint"),
    permissions("admin"),
    part(
        "content_security_policy",
        th.CustomType({"type": ["object", "string", "null"]}),
        "Content security policy of its scripts.",
    ),
)
"""The columns of an integration, its name aside."""


class Integrations(GitBookStream):
    """Installations of integrations in an organization, each with its integration.

    operationId listOrganizationInstallations.
    """

    name = "integrations"
    path = "/orgs/{organization_id}/installations"
    primary_keys = ("id",)
    parent_stream_type = Organizations
    needs = "a personal token of a user who may list the organization's installations"
    schema = th.PropertiesList(
        key("id", "ID of the installation."),
        ORGANIZATION_ID,
        text("status", "active, pending or paused."),
        text("space_selection", "all spaces, or selected ones."),
        text("site_selection", "all sites, or selected ones."),
        number("spaces", "Spaces that the installation serves."),
        part("configuration", OPEN, "How it is configured."),
        CREATED_AT,
        UPDATED_AT,
        urls("location", "app", "publicEndpoint", "publicContentEndpoint"),
        part("external_ids", TEXTS, "IDs that the integration gave to the installation."),
        part("target", strings("organization"), "Where it is installed."),
        part("network", booleans("proxy"), "How it reaches the network."),
        part("integration", OPEN, "The integration; its columns are those of space_integrations."),
    ).to_dict()

    def post_process(self, row: Record, context: Context | None = None) -> Record:  # noqa: ARG002
        """Make the installation the row, with its integration beside it."""
        installation = row.pop("installation", None)
        parts = installation.items() if isinstance(installation, dict) else ()
        return row | {snake_case(name): value for name, value in parts}
