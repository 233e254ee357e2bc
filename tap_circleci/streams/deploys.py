"""What is deployed where, as CircleCI's deploys are told by jobs and release agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import EMPTY_KEY
from tap_circleci.client import CircleCIStream
from tap_circleci.streams.organization import OrganizationStream, of_organization

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_tap import Listing

PAGE_SIZE = 50
LABELS = th.Property(
    "labels",
    th.ArrayType(
        th.ObjectType(
            th.Property("key", th.StringType, description="Name of the label."),
            th.Property("value", th.StringType, description="Value of the label."),
        )
    ),
    description="Its labels.",
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
    schema = th.PropertiesList(
        *of_organization(),
        th.Property("id", th.UUIDType, required=True, description="Identifies the environment."),
        th.Property("name", th.StringType, description="Name of the environment."),
        th.Property("description", th.StringType, description="What it is for."),
        LABELS,
        th.Property("created_at", th.DateTimeType, description="When it was made."),
        th.Property("updated_at", th.DateTimeType, description="When it was last changed."),
    ).to_dict()


class Components(DeployStream):
    """Components that are deployed (operationId listComponents)."""

    name = "components"
    path = "/deploy/components"
    child_keys: ClassVar[Mapping[str, str]] = {"component_id": "id"}
    schema = th.PropertiesList(
        *of_organization(),
        th.Property("id", th.UUIDType, required=True, description="Identifies the component."),
        th.Property("name", th.StringType, description="Name of the component."),
        th.Property("project_id", th.UUIDType, description="Project that builds it."),
        LABELS,
        th.Property("release_count", th.IntegerType, description="How often it was released."),
        th.Property("created_at", th.DateTimeType, description="When it was made."),
        th.Property("updated_at", th.DateTimeType, description="When it was last changed."),
    ).to_dict()


class ComponentVersions(CircleCIStream):
    """Versions of a component in each environment (operationId listComponentVersions)."""

    name = "component_versions"
    path = "/deploy/components/{component_id}/versions"
    primary_keys = ("component_id", "environment_id", "namespace", "name")
    key_defaults: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("environment_id", "namespace"), EMPTY_KEY
    )
    parent_stream_type = Components
    schema = th.PropertiesList(
        *of_organization(),
        th.Property("component_id", th.UUIDType, required=True, description="Its component."),
        th.Property("environment_id", th.StringType, required=True, description="Where it is."),
        th.Property("namespace", th.StringType, required=True, description="Where in there."),
        th.Property("name", th.StringType, required=True, description="Name of the version."),
        th.Property("is_live", th.BooleanType, description="Whether it serves now."),
        th.Property("pipeline_id", th.UUIDType, description="Pipeline that deployed it."),
        th.Property("workflow_id", th.UUIDType, description="Workflow that deployed it."),
        th.Property("job_id", th.UUIDType, description="Job that deployed it."),
        th.Property("job_number", th.IntegerType, description="Number of that job."),
        th.Property("last_deployed_at", th.DateTimeType, description="When it was deployed last."),
    ).to_dict()
