"""Spaces and collections, who may do what in them, and what they are connected to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import columns, snake_case
from tap_gitbook.client import ChosenStream, GitBookStream, WaitingStream
from tap_gitbook.schemas import (
    CREATED_AT,
    GIT_OPERATION,
    GIT_SYNC,
    IMPORT_RUN,
    MERGE_RULES,
    OBJECT,
    ORGANIZATION_ID,
    UPDATED_AT,
    permissions,
    strings,
    urls,
)
from tap_gitbook.streams.integrations import INTEGRATION_COLUMNS
from tap_gitbook.streams.organizations import Organizations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from singer_sdk.helpers.types import Context, Record

    from rest_tap import Listing, Row

SPACE_READ = "the OAuth scope space:read"


class Spaces(ChosenStream):
    """All spaces of an organization (operationId listSpacesInOrganizationById)."""

    name = "spaces"
    path = "/orgs/{organization_id}/spaces"
    setting = "spaces"
    primary_keys = ("id",)
    parent_stream_type = Organizations
    child_keys: ClassVar[Mapping[str, str]] = {"space_id": "id", "revision_id": "revision"}
    needs = SPACE_READ
    schema = columns.table(
        columns.key("id", "ID of the space."),
        ORGANIZATION_ID,
        OBJECT,
        columns.text("title", "Name."),
        columns.text("emoji", "Emoji shown before the name."),
        columns.text("visibility", "Who can see it: public, unlisted, private, ..."),
        CREATED_AT,
        UPDATED_AT,
        columns.timestamp("deleted_at", "When it was deleted."),
        columns.text("edit_mode", "live, or locked: changed by change requests only."),
        columns.text("type", "styleguide where the space holds one."),
        columns.column("merge_rules", MERGE_RULES, "What a change request must meet to be merged."),
        urls("location", "app", "published", "public", "icon"),
        columns.text("organization", "ID of the organization that owns it."),
        columns.text("parent", "ID of the collection that it lies in."),
        columns.text("language", "Language code of its content."),
        columns.column("git_sync", GIT_SYNC, "The Git repository that it is synchronized with."),
        columns.column("imports", th.ArrayType(IMPORT_RUN), "Import runs into it, recent ones."),
        columns.column("visitor_auth", strings("backend", "integration"), "How visitors log in."),
        columns.text(
            "revision", "ID of the current revision: it moves with every change of the content."
        ),
        columns.text(
            "default_level", "Role that members of the organization have; inherit for its own."
        ),
        columns.number("comments", "Open comments."),
        columns.number("change_requests", "Change requests in all."),
        columns.number("change_requests_open", "Open change requests."),
        columns.number("change_requests_draft", "Draft change requests."),
        permissions(
            "view",
            "access",
            "admin",
            "viewInviteLinks",
            "edit",
            "triggerGitSync",
            "comment",
            "merge",
            "review",
            "installIntegration",
        ),
    )

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:  # noqa: ARG002
        """Note the revisions before content is asked for: others may be computed from them."""
        self.run.revisions.listed |= {row["id"]: row.get("revision") for row in rows if "id" in row}
        return rows

    def has_children(self, row: Row, listing: Listing) -> bool:
        """Ask for no list of a space in the trash: GitBook answers 404 for all of them."""
        return row.get("deleted_at") is None and super().has_children(row, listing)

    def rows_to_write(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Let the rows tell the revisions whose pages were read; they stand before them."""
        for row in rows:
            row["revision"] = self.run.revisions.of(row.get("id"), row.get("revision"))
        return super().rows_to_write(rows, listing)


class Collections(GitBookStream):
    """Collections of an organization, nested ones too.

    operationId listCollectionsInOrganizationById.
    """

    name = "collections"
    path = "/orgs/{organization_id}/collections"
    primary_keys = ("id",)
    parent_stream_type = Organizations
    child_keys: ClassVar[Mapping[str, str]] = {"collection_id": "id"}
    needs = SPACE_READ
    schema = columns.table(
        columns.key("id", "ID of the collection."),
        ORGANIZATION_ID,
        OBJECT,
        columns.text("title", "Name."),
        columns.text("description", "What it is about."),
        columns.text("organization", "ID of the organization that owns it."),
        columns.text("parent", "ID of the collection that it lies in."),
        columns.text(
            "default_level", "Role that members of the organization have; inherit for its own."
        ),
        urls("location", "app"),
        permissions("view", "admin", "viewInviteLinks", "create"),
    )

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for collections in collections as well."""
        return {"nested": "true"}


class GitInfo(GitBookStream):
    """The Git repository of a space: `git_sync` of the space's row, as rows of their own.

    It is what operationId getSpaceGitInfo answers, without its request a space.
    """

    name = "git_info"
    path = "/spaces/{space_id}/git/info"
    page_size = None
    primary_keys = ("space_id",)
    parent_stream_type = Spaces
    needs = SPACE_READ
    schema = columns.table(
        columns.key("space_id", "ID of the space."),
        ORGANIZATION_ID,
        columns.text("repo_name", "Name of the repository."),
        columns.text("installation_status", "active, pending or unauthenticated."),
        columns.text("installation_provider", "Where the repository lies: github, gitlab, ..."),
        columns.text("integration", "Integration that does the work."),
        columns.text("installation_id", "ID of the integration's installation."),
        columns.text("parent_installation_id", "ID of the installation that this one belongs to."),
        columns.text("url", "Address of the repository's tree."),
        columns.column("operation", GIT_OPERATION, "The latest import or export."),
        columns.integer("operation_timeout", "Milliseconds that an operation may take."),
        columns.timestamp("updated_at", "When the connection last changed."),
    )

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing:
        """Take what the space's row tells; nothing where it has no repository."""
        told = row.get("git_sync")
        known = [{snake_case(name): value for name, value in told.items()}] if told else []
        return self.listing_below(above, row, keys, known=known)


class SpaceIntegrations(WaitingStream):
    """Integrations that are switched on in a space (operationId listSpaceIntegrations)."""

    name = "space_integrations"
    path = "/spaces/{space_id}/integrations"
    page_size = None
    primary_keys = ("space_id", "name")
    parent_stream_type = Spaces
    parent_cursor = "created_at"
    needs = SPACE_READ
    schema = columns.table(
        columns.key("space_id", "ID of the space."),
        columns.key("name", "Name of the integration, its only identifier."),
        *INTEGRATION_COLUMNS,
        ORGANIZATION_ID,
    )

    def post_process(self, row: Record, context: Context | None = None) -> Record:  # noqa: ARG002
        """Rename the one column that loaders cannot have beside what vanished."""
        row["integration_version"] = row.pop("version", None)
        return row
