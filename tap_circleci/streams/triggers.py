"""How pipelines of a project are configured and started, beyond its repository's one file."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from singer_sdk import typing as th

from rest_tap import columns
from tap_circleci.streams.projects import ProjectStream, of_project

if TYPE_CHECKING:
    from collections.abc import Mapping


def _repository() -> th.ObjectType:
    return th.ObjectType(
        columns.text("full_name", "Owner and name."),
        columns.text("external_id", "Id at its provider."),
    )


class PipelineDefinitions(ProjectStream):
    """Kinds of pipelines that a project has (operationId listPipelineDefinitions)."""

    name = "pipeline_definitions"
    path = "/projects/{project_id}/pipeline-definitions"
    primary_keys = ("id",)
    child_keys: ClassVar[Mapping[str, str]] = {"pipeline_definition_id": "id"}
    schema = columns.table(
        *of_project(),
        columns.key("id", "Identifies the definition.", th.UUIDType),
        columns.text("name", "Name of the definition."),
        columns.text("description", "What it is for."),
        columns.timestamp("created_at", "When it was made."),
        columns.nested(
            "config_source",
            "Where its configuration is read.",
            columns.text("provider", "Where the file is."),
            columns.column("repo", _repository(), "Repository of the file."),
            columns.text("file_path", "Path of the file."),
        ),
        columns.nested(
            "checkout_source",
            "What its jobs check out.",
            columns.text("provider", "Where the code is."),
            columns.column("repo", _repository(), "Repository of the code."),
        ),
    )


class Triggers(ProjectStream):
    """What starts pipelines of a definition (operationId listPipelineDefinitionTriggers)."""

    name = "triggers"
    path = "/projects/{project_id}/pipeline-definitions/{pipeline_definition_id}/triggers"
    primary_keys = ("id",)
    parent_stream_type = PipelineDefinitions
    schema = columns.table(
        *of_project(),
        columns.uuid("pipeline_definition_id", "What it starts."),
        columns.key("id", "Identifies the trigger.", th.UUIDType),
        columns.text("name", "Name of the trigger."),
        columns.text("description", "What it is for."),
        columns.text("event_name", "Name of the event."),
        columns.text("event_preset", "Which events, by a common name."),
        columns.nested(
            "event_source",
            "Where the event comes from.",
            columns.text("provider", "Who sends the event."),
            columns.column("repo", _repository(), "Repository that is watched."),
            columns.nested(
                "webhook",
                "Of triggers by any other system.",
                columns.text("url", "Where it is received."),
                columns.text("sender", "Who is to send it."),
            ),
            columns.nested(
                "schedule", "Of triggers by time.", columns.text("cron_expression", "When.")
            ),
        ),
        columns.free_form("attribution_actor", "In whose name it starts pipelines."),
        columns.text("checkout_ref", "What is checked out."),
        columns.text("config_ref", "Where the configuration is read."),
        columns.boolean("disabled", "Whether it is switched off."),
        columns.free_form("parameters", "Pipeline parameters that it hands over."),
        columns.timestamp("created_at", "When it was made."),
    )
