"""What is deployed where, as CircleCI's deploys are told by jobs and release agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import EMPTY_KEY, columns
from tap_circleci.client import CircleCIStream
from tap_circleci.streams.organization import OrganizationStream, of_organization

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_tap import Listing

PAGE_SIZE = 50
LABELS = columns.nested_list(
    "labels",
    "Its labels.",
    columns.text("key", "Name of the label."),
    columns.text("value", "Value of the label."),
)


class DeployStream(OrganizationStream):
    """A list of an organization's deploys, whose page size must be given."""

    primary_keys = ("id",)

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Name the organization."""
        return {"org-id": listing.keys["organization_id"], "page-size": PAGE_SIZE}


class Environments(DeployStream):
    """Environments into which is deployed (operationId listEnvironments)."""

    name = "environments"
    path = "/deploy/environments"
    schema = columns.table(
        *of_organization(),
        columns.key("id", "Identifies the environment.", th.UUIDType),
        columns.text("name", "Name of the environment."),
        columns.text("description", "What it is for."),
        LABELS,
        columns.timestamp("created_at", "When it was made."),
        columns.timestamp("updated_at", "When it was last changed."),
    )


class Components(DeployStream):
    """Components that are deployed (operationId listComponents)."""

    name = "components"
    path = "/deploy/components"
    child_keys: ClassVar[Mapping[str, str]] = {"component_id": "id"}
    schema = columns.table(
        *of_organization(),
        columns.key("id", "Identifies the component.", th.UUIDType),
        columns.text("name", "Name of the component."),
        columns.uuid("project_id", "Project that builds it."),
        LABELS,
        columns.integer("release_count", "How often it was released."),
        columns.timestamp("created_at", "When it was made."),
        columns.timestamp("updated_at", "When it was last changed."),
    )


class ComponentVersions(CircleCIStream):
    """Versions of a component in each environment (operationId listComponentVersions)."""

    name = "component_versions"
    path = "/deploy/components/{component_id}/versions"
    primary_keys = ("component_id", "environment_id", "namespace", "name")
    key_defaults: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("environment_id", "namespace"), EMPTY_KEY
    )
    parent_stream_type = Components
    schema = columns.table(
        *of_organization(),
        columns.key("component_id", "Its component.", th.UUIDType),
        columns.key("environment_id", "Where it is."),
        columns.key("namespace", "Where in there."),
        columns.key("name", "Name of the version."),
        columns.boolean("is_live", "Whether it serves now."),
        columns.uuid("pipeline_id", "Pipeline that deployed it."),
        columns.uuid("workflow_id", "Workflow that deployed it."),
        columns.uuid("job_id", "Job that deployed it."),
        columns.integer("job_number", "Number of that job."),
        columns.timestamp("last_deployed_at", "When it was deployed last."),
    )
