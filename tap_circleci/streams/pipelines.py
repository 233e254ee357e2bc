"""Pipelines, their workflows, and what each pipeline was configured with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import json_of
from tap_circleci.client import BuildStream, unseen
from tap_circleci.reruns import RerunsFromInsights

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    import requests

    from rest_tap import Row

FINAL_STATES = {"created", "errored"}


def changed(pipeline: Row, run: datetime | None) -> bool:
    """Tell whether a pipeline's own row may differ from what a run saw.

    Reruns do not touch it: `updated_at` moves while CircleCI reads the configuration, and then
    no more.
    """
    return pipeline.get("state") not in FINAL_STATES or unseen(pipeline.get("updated_at"), run)


class Pipelines(RerunsFromInsights):
    """Pipelines, newest first (operationIds listPipelinesForProject, listPipelines)."""

    name = "pipelines"
    path = "/project/{list_slug}/pipeline"
    primary_keys = ("id",)
    replication_key = "created_at"
    newest_first = True
    partition_may_be_missing = True
    hands_down: ClassVar[Mapping[str, str]] = {
        "pipeline_id": "id",
        "project_slug": "project_slug",
    }
    schema = th.PropertiesList(
        th.Property("id", th.UUIDType, required=True, description="Identifies the pipeline."),
        th.Property("number", th.IntegerType, description="Counts the project's pipelines."),
        th.Property("project_slug", th.StringType, description="Project that was built."),
        th.Property("state", th.StringType, description="How far CircleCI got with its setup."),
        th.Property("created_at", th.DateTimeType, description="When it was triggered."),
        th.Property(
            "updated_at",
            th.DateTimeType,
            description="When the pipeline itself last changed; reruns do not move it.",
        ),
        th.Property(
            "errors",
            th.ArrayType(
                th.ObjectType(
                    th.Property("type", th.StringType, description="Kind of the error."),
                    th.Property("message", th.StringType, description="The error in words."),
                )
            ),
            description="Why no workflow could start.",
        ),
        th.Property(
            "trigger_parameters",
            th.ObjectType(additional_properties=True),
            description="What the trigger handed over, by name.",
        ),
        th.Property(
            "trigger",
            th.ObjectType(
                th.Property("type", th.StringType, description="Webhook, API, schedule or hand."),
                th.Property("received_at", th.DateTimeType, description="When it arrived."),
                th.Property(
                    "actor",
                    th.ObjectType(
                        th.Property("login", th.StringType, description="Login at the VCS."),
                        th.Property("avatar_url", th.StringType, description="Picture."),
                    ),
                    description="Who caused it.",
                ),
            ),
            description="What started the pipeline.",
        ),
        th.Property(
            "vcs",
            th.ObjectType(
                th.Property("provider_name", th.StringType, description="GitHub, Bitbucket..."),
                th.Property(
                    "target_repository_url",
                    th.StringType,
                    description="Repository that the change is meant for.",
                ),
                th.Property(
                    "origin_repository_url",
                    th.StringType,
                    description="Repository that the change comes from, such as a fork.",
                ),
                th.Property("branch", th.StringType, description="Branch, unless a tag was built."),
                th.Property("tag", th.StringType, description="Tag, unless a branch was built."),
                th.Property("revision", th.StringType, description="Commit that was built."),
                th.Property("review_id", th.StringType, description="Number of the pull request."),
                th.Property("review_url", th.StringType, description="Page of the pull request."),
                th.Property(
                    "commit",
                    th.ObjectType(
                        th.Property("subject", th.StringType, description="First line."),
                        th.Property("body", th.StringType, description="The rest."),
                    ),
                    description="Message of the newest commit.",
                ),
            ),
            description="What was built; absent for triggers that know no repository.",
        ),
    ).to_dict()

    @property
    def partitions(self) -> list[dict[str, str]]:
        """One list for each project and branch, or one for each organization."""
        branches = self._tap.branches
        if not (slugs := self._tap.project_slugs):
            # The list is whole, but other branches than before are to be read from the beginning
            narrowed = {"branches": ", ".join(branches)} if branches else {}
            return [{"org_slug": slug, **narrowed} for slug in self._tap.org_slugs]
        if not branches:
            return [{"list_slug": slug} for slug in slugs]
        return [{"list_slug": slug, "branch": branch} for slug in slugs for branch in branches]

    def own_since(self, context: Mapping[str, Any]) -> datetime | None:
        """Start at the last run less the look-back.

        Not at the newest pipeline: what ran then is older, and a project may have been idle.
        """
        run, start = self.last_run(context), self._tap.start_date
        return start if run is None else max(run - self.lookback, start)

    def get_url(self, context: Mapping[str, Any] | None) -> str:
        """Ask for the list of a project or of an organization."""
        if context and "org_slug" in context:
            return f"{self.url_base}/pipeline"
        return super().get_url(context)

    def query(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Name the organization or the branch."""
        return {"org-slug": context.get("org_slug"), "branch": context.get("branch")}

    def post_process(self, row: Row, context: Mapping[str, Any] | None = None) -> Row:  # noqa: ARG002
        """Note which projects there are."""
        self._tap.known_projects.note(row.get("project_slug"))
        return row

    def stream_done(self) -> None:
        """Remember which projects there are."""
        super().stream_done()
        self._tap.known_projects.keep()

    def get_child_context(self, record: Row, context: Mapping[str, Any] | None) -> Any:
        """Leave out other branches: the list of an organization cannot."""
        return super().get_child_context(record, context) if self._is_asked(record) else None

    def is_news(self, row: Row, context: Mapping[str, Any]) -> bool:
        """Write a pipeline again only when it may have changed."""
        is_known = "reruns_slug" in context or not self._is_asked(row)
        return not is_known and changed(row, self.last_run(context))

    def _is_asked(self, pipeline: Row) -> bool:
        branches = self._tap.branches
        return not branches or (pipeline.get("vcs") or {}).get("branch") in branches


class Workflows(BuildStream):
    """Workflows of a pipeline, reruns included (operationId listWorkflowsByPipelineId)."""

    name = "workflows"
    path = "/pipeline/{pipeline_id}/workflow"
    primary_keys = ("id",)
    parent_stream_type = Pipelines
    hands_down: ClassVar[Mapping[str, str]] = {
        "workflow_id": "id",
        "workflow_created_at": "created_at",
    }
    seen_ids: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "users": ("started_by", "canceled_by", "errored_by")
    }
    schema = th.PropertiesList(
        th.Property("id", th.UUIDType, required=True, description="Identifies the workflow."),
        th.Property("pipeline_id", th.UUIDType, description="Pipeline that it belongs to."),
        th.Property("pipeline_number", th.IntegerType, description="Number of that pipeline."),
        th.Property("project_slug", th.StringType, description="Project that was built."),
        th.Property("name", th.StringType, description="Name in the configuration."),
        th.Property("status", th.StringType, description="How far it got, or how it ended."),
        th.Property("created_at", th.DateTimeType, description="When it was created."),
        th.Property("stopped_at", th.DateTimeType, description="When it ended; null until then."),
        th.Property("started_by", th.UUIDType, description="User who started or reran it."),
        th.Property("canceled_by", th.UUIDType, description="User who canceled it."),
        th.Property("errored_by", th.UUIDType, description="User who caused its error."),
        th.Property("tag", th.StringType, description="`setup` for a setup workflow."),
        th.Property("auto_rerun_number", th.IntegerType, description="Which automatic rerun."),
        th.Property("max_auto_reruns", th.IntegerType, description="Most automatic reruns."),
    ).to_dict()

    def post_process(self, row: Row, context: Mapping[str, Any] | None = None) -> Row:
        """Note what needs no second look, where insights tell the reruns."""
        if not self._tap.lists_reruns and context and self.last_run(context):
            self._tap.workflows_read.add(row["id"])
        return row

    def is_news(self, row: Row, context: Mapping[str, Any]) -> bool:
        """Write a workflow again until it was seen with its end."""
        return unseen(row.get("stopped_at"), self.last_run(context))


class PipelineDetails(BuildStream):
    """What one request a pipeline tells; it does not change once the pipeline is set up."""

    primary_keys = ("pipeline_id",)
    parent_stream_type = Pipelines
    selected_by_default = False
    records_key = None

    def wanted(self, parent: Row, context: Mapping[str, Any]) -> bool:
        """Read new pipelines, and those that were not set up when they were read."""
        return "reruns_slug" not in context and changed(parent, self.last_run(context))


class PipelineValues(PipelineDetails):
    """Pipeline values, by name (operationId getPipelineValuesById)."""

    name = "pipeline_values"
    path = "/pipeline/{pipeline_id}/values"
    schema = th.PropertiesList(
        th.Property("pipeline_id", th.UUIDType, required=True, description="The pipeline."),
        th.Property("project_slug", th.StringType, description="Its project."),
        th.Property(
            "values",
            th.ObjectType(additional_properties=True),
            description="What `pipeline.*` in the configuration stood for.",
        ),
    ).to_dict()

    def parse_response(self, response: requests.Response) -> Iterable[Row]:
        """Put the map into one column, its keys as they are."""
        return [{"values": json_of(response)}]


class PipelineConfigs(PipelineDetails):
    """Configuration of a pipeline, as written and as run (operationId getPipelineConfigById)."""

    name = "pipeline_configs"
    path = "/pipeline/{pipeline_id}/config"
    schema = th.PropertiesList(
        th.Property("pipeline_id", th.UUIDType, required=True, description="The pipeline."),
        th.Property("project_slug", th.StringType, description="Its project."),
        th.Property("source", th.StringType, description="YAML as in the repository."),
        th.Property("compiled", th.StringType, description="YAML with all orbs expanded."),
        th.Property("setup_config", th.StringType, description="YAML of the setup workflow."),
        th.Property(
            "compiled_setup_config",
            th.StringType,
            description="YAML of the setup workflow with all orbs expanded.",
        ),
    ).to_dict()
