"""How pipelines of a project are configured and started, beyond its repository's one file."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from singer_sdk import typing as th

from tap_circleci.streams.projects import ProjectStream, of_project

if TYPE_CHECKING:
    from collections.abc import Mapping


def _repository() -> th.ObjectType:
    return th.ObjectType(
        th.Property("full_name", th.StringType, description="Owner and name."),
        th.Property("external_id", th.StringType, description="Id at its provider."),
    )


class PipelineDefinitions(ProjectStream):
    """Kinds of pipelines that a project has (operationId listPipelineDefinitions)."""

    name = "pipeline_definitions"
    path = "/projects/{project_id}/pipeline-definitions"
    primary_keys = ("id",)
    child_keys: ClassVar[Mapping[str, str]] = {"pipeline_definition_id": "id"}
    schema = th.PropertiesList(
        *of_project(),
        th.Property("id", th.UUIDType, required=True, description="Identifies the definition."),
        th.Property("name", th.StringType, description="Name of the definition."),
        th.Property("description", th.StringType, description="What it is for."),
        th.Property("created_at", th.DateTimeType, description="When it was made."),
        th.Property(
            "config_source",
            th.ObjectType(
                th.Property("provider", th.StringType, description="Where the file is."),
                th.Property("repo", _repository(), description="Repository of the file."),
                th.Property("file_path", th.StringType, description="Path of the file."),
            ),
            description="Where its configuration is read.",
        ),
        th.Property(
            "checkout_source",
            th.ObjectType(
                th.Property("provider", th.StringType, description="Where the code is."),
                th.Property("repo", _repository(), description="Repository of the code."),
            ),
            description="What its jobs check out.",
        ),
    ).to_dict()


class Triggers(ProjectStream):
    """What starts pipelines of a definition (operationId listPipelineDefinitionTriggers)."""

    name = "triggers"
    path = "/projects/{project_id}/pipeline-definitions/{pipeline_definition_id}/triggers"
    primary_keys = ("id",)
    parent_stream_type = PipelineDefinitions
    schema = th.PropertiesList(
        *of_project(),
        th.Property("pipeline_definition_id", th.UUIDType, description="What it starts."),
        th.Property("id", th.UUIDType, required=True, description="Identifies the trigger."),
        th.Property("name", th.StringType, description="Name of the trigger."),
        th.Property("description", th.StringType, description="What it is for."),
        th.Property("event_name", th.StringType, description="Name of the event."),
        th.Property("event_preset", th.StringType, description="Which events, by a common name."),
        th.Property(
            "event_source",
            th.ObjectType(
                th.Property("provider", th.StringType, description="Who sends the event."),
                th.Property("repo", _repository(), description="Repository that is watched."),
                th.Property(
                    "webhook",
                    th.ObjectType(
                        th.Property("url", th.StringType, description="Where it is received."),
                        th.Property("sender", th.StringType, description="Who is to send it."),
                    ),
                    description="Of triggers by any other system.",
                ),
                th.Property(
                    "schedule",
                    th.ObjectType(
                        th.Property("cron_expression", th.StringType, description="When."),
                    ),
                    description="Of triggers by time.",
                ),
            ),
            description="Where the event comes from.",
        ),
        th.Property(
            "attribution_actor",
            th.ObjectType(additional_properties=True),
            description="In whose name it starts pipelines.",
        ),
        th.Property("checkout_ref", th.StringType, description="What is checked out."),
        th.Property("config_ref", th.StringType, description="Where the configuration is read."),
        th.Property("disabled", th.BooleanType, description="Whether it is switched off."),
        th.Property(
            "parameters",
            th.ObjectType(additional_properties=True),
            description="Pipeline parameters that it hands over.",
        ),
        th.Property("created_at", th.DateTimeType, description="When it was made."),
    ).to_dict()
