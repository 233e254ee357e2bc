"""Spaces and collections, who may do what in them, and what they are connected to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from singer_sdk import typing as th

from rest_tap import snake_case
from tap_gitbook.client import ChosenStream, GitBookStream
from tap_gitbook.schemas import (
    CREATED_AT,
    GIT_OPERATION,
    GIT_SYNC,
    IMPORT_RUN,
    MERGE_RULES,
    OBJECT,
    ORGANIZATION_ID,
    UPDATED_AT,
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
from tap_gitbook.streams.integrations import INTEGRATION_COLUMNS
from tap_gitbook.streams.organizations import Organizations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from singer_sdk.helpers.types import Context, Record

    from rest_tap import Listing, Row
    from tap_gitbook.streams.pages import Content

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
    schema = th.PropertiesList(
        key("id", "ID of the space."),
        ORGANIZATION_ID,
        OBJECT,
        text("title", "Name."),
        text("emoji", "Emoji shown before the name."),
        text("visibility", "Who can see it: public, unlisted, private, ..."),
        CREATED_AT,
        UPDATED_AT,
        moment("deleted_at", "When it was deleted."),
        text("edit_mode", "live, or locked: changed by change requests only."),
        text("type", "styleguide where the space holds one."),
        part("merge_rules", MERGE_RULES, "What a change request must meet to be merged."),
        urls("location", "app", "published", "public", "icon"),
        text("organization", "ID of the organization that owns it."),
        text("parent", "ID of the collection that it lies in."),
        text("language", "Language code of its content."),
        part("git_sync", GIT_SYNC, "The Git repository that it is synchronized with."),
        part("imports", th.ArrayType(IMPORT_RUN), "Import runs into it, recent ones."),
        part("visitor_auth", strings("backend", "integration"), "How visitors log in."),
        text("revision", "ID of the current revision: it moves with every change of the content."),
        text("default_level", "Role that members of the organization have; inherit for its own."),
        number("comments", "Open comments."),
        number("change_requests", "Change requests in all."),
        number("change_requests_open", "Open change requests."),
        number("change_requests_draft", "Draft change requests."),
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
    ).to_dict()

    def has_children(self, row: Row, listing: Listing) -> bool:
        """Ask for no list of a space in the trash: GitBook answers 404 for all of them."""
        return row.get("deleted_at") is None and super().has_children(row, listing)

    def rows_to_write(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Let the rows tell the revisions whose pages were read; they stand before them."""
        content = cast("Content", self._tap.streams["content"])
        for row in rows:
            row["revision"] = content.revision_to_tell(row.get("id"), row.get("revision"))
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
    schema = th.PropertiesList(
        key("id", "ID of the collection."),
        ORGANIZATION_ID,
        OBJECT,
        text("title", "Name."),
        text("description", "What it is about."),
        text("organization", "ID of the organization that owns it."),
        text("parent", "ID of the collection that it lies in."),
        text("default_level", "Role that members of the organization have; inherit for its own."),
        urls("location", "app"),
        permissions("view", "admin", "viewInviteLinks", "create"),
    ).to_dict()

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
    schema = th.PropertiesList(
        key("space_id", "ID of the space."),
        ORGANIZATION_ID,
        text("repo_name", "Name of the repository."),
        text("installation_status", "active, pending or unauthenticated."),
        text("installation_provider", "Where the repository lies: github, gitlab, ..."),
        text("integration", "Integration that does the work."),
        text("installation_id", "ID of the integration's installation."),
        text("parent_installation_id", "ID of the installation that this one belongs to."),
        text("url", "Address of the repository's tree."),
        part("operation", GIT_OPERATION, "The latest import or export."),
        whole("operation_timeout", "Milliseconds that an operation may take."),
        moment("updated_at", "When the connection last changed."),
    ).to_dict()

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing:
        """Take what the space's row tells; nothing where it has no repository."""
        told = row.get("git_sync")
        known = [{snake_case(name): value for name, value in told.items()}] if told else []
        return self.listing_below(above, row, keys, known=known)


class SpaceIntegrations(GitBookStream):
    """Integrations that are switched on in a space (operationId listSpaceIntegrations)."""

    name = "space_integrations"
    path = "/spaces/{space_id}/integrations"
    page_size = None
    primary_keys = ("space_id", "name")
    parent_stream_type = Spaces
    needs = SPACE_READ
    schema = th.PropertiesList(
        key("space_id", "ID of the space."),
        key("name", "Name of the integration, its only identifier."),
        *INTEGRATION_COLUMNS,
        ORGANIZATION_ID,
    ).to_dict()

    def post_process(self, row: Record, context: Context | None = None) -> Record:  # noqa: ARG002
        """Rename the one column that loaders cannot have beside what vanished."""
        row["integration_version"] = row.pop("version", None)
        return row
