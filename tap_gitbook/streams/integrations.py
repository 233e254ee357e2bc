"""Integrations, and what an organization has installed of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from rest_tap import columns, snake_case
from tap_gitbook.client import GitBookStream
from tap_gitbook.schemas import (
    CREATED_AT,
    OBJECT,
    ORGANIZATION_ID,
    UPDATED_AT,
    booleans,
    permissions,
    strings,
    urls,
)
from tap_gitbook.streams.organizations import Organizations

if TYPE_CHECKING:
    from singer_sdk.helpers.types import Context, Record

INTEGRATION_COLUMNS = (
    OBJECT,
    columns.number(
        "integration_version", "Version of the integration (`version` in GitBook's API)."
    ),
    columns.text("title", "Name that people see."),
    columns.text("description", "What it does, in a line."),
    columns.text("summary", "What it does at length, as Markdown."),
    columns.texts("preview_images", "Addresses of pictures of it."),
    columns.text("target", "What it works on: all, site, space or organization."),
    columns.boolean("verified", "GitBook's team has verified it."),
    columns.text("visibility", "public, private or unlisted."),
    columns.texts("scopes", "Permissions that it asks for."),
    columns.texts("categories", "Where the marketplace lists it."),
    columns.free_forms("blocks", "Kinds of blocks that it brings."),
    columns.free_forms("content_sources", "Kinds of content that it brings."),
    columns.free_form("configurations", "What can be configured, by target."),
    columns.column("external_links", th.ArrayType(strings("url", "label")), "Where to read more."),
    columns.free_form("owner", "Organization that made it."),
    urls("location", "icon", "app", "assets", "publicEndpoint", "publicContentEndpoint"),
    permissions("admin"),
    columns.column(
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
    schema = columns.table(
        columns.key("id", "ID of the installation."),
        ORGANIZATION_ID,
        columns.text("status", "active, pending or paused."),
        columns.text("space_selection", "all spaces, or selected ones."),
        columns.text("site_selection", "all sites, or selected ones."),
        columns.number("spaces", "Spaces that the installation serves."),
        columns.free_form("configuration", "How it is configured."),
        CREATED_AT,
        UPDATED_AT,
        urls("location", "app", "publicEndpoint", "publicContentEndpoint"),
        columns.texts("external_ids", "IDs that the integration gave to the installation."),
        columns.column("target", strings("organization"), "Where it is installed."),
        columns.column("network", booleans("proxy"), "How it reaches the network."),
        columns.free_form(
            "integration", "The integration; its columns are those of space_integrations."
        ),
    )

    def post_process(self, row: Record, context: Context | None = None) -> Record:  # noqa: ARG002
        """Make the installation the row, with its integration beside it."""
        installation = row.pop("installation", None)
        parts = installation.items() if isinstance(installation, dict) else ()
        return row | {snake_case(name): value for name, value in parts}
