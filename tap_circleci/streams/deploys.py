"""What is deployed where, as CircleCI's deploys are told by jobs and release agents."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import EMPTY_KEY, Cost, columns
from tap_circleci.client import V3_PAGES, CircleCIStream
from tap_circleci.streams.organization import OrganizationStream, of_organization

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import requests

    from rest_tap import Listing, Row

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
    parent_cursor = "updated_at"
    is_read_when_due = True
    lookback = timedelta()
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


class Deployments(OrganizationStream):
    """Deployments of an organization (GET /deploy/deployments of API v3)."""

    name = "deployments"
    path = "/deploy/deployments"
    primary_keys = ("id",)
    selected_by_default = False
    if_missing = Cost.STREAM
    needs = "CircleCI's cloud, as a CircleCI Server has no API v3"
    records_key = V3_PAGES.rows
    pages = V3_PAGES
    internal_columns = frozenset({"references"})
    lifts: ClassVar[Mapping[str, str]] = {
        "target_version": "target_version.name",
        "component_id": "references.deploy_component.id",
        "component_name": "references.deploy_component.attributes.name",
        "environment_id": "references.deploy_environment.id",
        "pipeline_id": "references.pipeline.id",
        "workflow_id": "references.workflow.id",
    }
    schema = columns.table(
        *of_organization(),
        columns.key("id", "Identifies the deployment.", th.UUIDType),
        columns.text("type", "Kind of the deployment."),
        columns.text("status", "How far it got, or how it ended."),
        columns.text("target_version", "Version that is deployed."),
        columns.boolean("is_rollback", "Whether it goes back to an earlier version."),
        columns.text("failure_reason", "Why it failed."),
        columns.uuid("component_id", "Component that is deployed."),
        columns.text("component_name", "Name of that component."),
        columns.uuid("environment_id", "Where it is deployed."),
        columns.uuid("pipeline_id", "Pipeline that deploys it."),
        columns.uuid("workflow_id", "Workflow that deploys it."),
        columns.timestamp("created_at", "When it began."),
        columns.timestamp("ended_at", "When it ended; null until then."),
    )

    @property
    def url_base(self) -> str:
        """The address of API v3."""
        return self.run.choices.v3_url

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Name the organization."""
        return {"filter[org_id]": listing.keys["organization_id"]}

    def parse_response(self, response: requests.Response) -> Iterable[Row]:
        """Make columns of the attributes of a row; what it refers to is lifted out."""
        return [
            {"id": row["id"], **row["attributes"], "references": row.get("references")}
            for row in super().parse_response(response)
        ]
