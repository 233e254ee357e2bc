"""Pipelines, their workflows, and what each pipeline was configured with."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import DeniedError, json_of
from tap_circleci.client import BuildStream, unseen
from tap_circleci.memory import is_open
from tap_circleci.reruns import RerunsFromInsights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    import requests

    from rest_tap import Row

FINAL_STATES = {"created", "errored"}
AFTER = timedelta(microseconds=1)


def changed(pipeline: Row, seen: datetime | None) -> bool:
    """Tell whether a pipeline's own row may differ from what was seen.

    Reruns do not touch it: `updated_at` moves while CircleCI reads the configuration, and then
    no more.
    """
    return pipeline.get("state") not in FINAL_STATES or unseen(pipeline.get("updated_at"), seen)


class Pipelines(RerunsFromInsights):
    """Pipelines, newest first (operationIds listPipelinesForProject, listPipelines)."""

    name = "pipelines"
    path = "/project/{list_slug}/pipeline"
    primary_keys = ("id",)
    replication_key = "created_at"
    newest_first = True
    partition_may_be_missing = True
    late_despite_failures = True
    child_keys: ClassVar[Mapping[str, str]] = {
        "pipeline_id": "id",
        "project_slug": "project_slug",
        "pipeline_created_at": "created_at",
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

    def since(self, context: Mapping[str, Any]) -> datetime | None:
        """Never stop before the newest pipeline that was seen, nor where none ever was."""
        start, newest = super().since(context), self._memory.newest_pipeline(context)
        if start is None or newest is None:
            return self._tap.start_date
        return max(min(start, newest + AFTER), self._tap.start_date)

    def late_partitions(self) -> Sequence[Mapping[str, Any]]:
        """Look at workflows that had not ended, and whose pipelines are too old for the lists."""
        is_asked = any(child.name == "workflows" for child in self.active_children)
        return (is_asked and self._memory.unfinished()) or super().late_partitions()

    def is_single(self, context: Mapping[str, Any]) -> bool:
        """Let a workflow that is denied be no reason to name its project as missing."""
        return "open_workflow" in context

    def missing_is_empty(self, context: Mapping[str, Any]) -> bool:
        """Pass over an organization that nobody set, where CircleCI has none of this name."""
        return "org_slug" in context and self._tap.may_lack(context["org_slug"])

    def pages(self, context: Mapping[str, Any]) -> Iterator[list[Row]] | None:
        """Make a page of a workflow that had not ended."""
        if "open_workflow" in context:
            return self._open_workflow(context)
        return super().pages(context)

    def _open_workflow(self, context: Mapping[str, Any]) -> Iterator[list[Row]]:
        workflow_id = context["open_workflow"]
        try:
            workflow = self.get_json(f"/workflow/{workflow_id}")
        except DeniedError as error:
            if error.is_forbidden:
                raise
            self.logger.warning("workflows: %s is gone, and had not ended", workflow_id)
            self._memory.drop(workflow_id, context)
            return
        slug = workflow.get("project_slug")
        yield [{"id": workflow["pipeline_id"], "project_slug": slug, "workflow": workflow}]

    def get_url(self, context: Mapping[str, Any] | None) -> str:
        """Ask for the list of a project or of an organization."""
        if context and "org_slug" in context:
            return f"{self.url_base}/pipeline"
        return super().get_url(context)

    def query(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Name the organization or the branch."""
        return {"org-slug": context.get("org_slug"), "branch": context.get("branch")}

    def post_process(self, row: Row, context: Mapping[str, Any] | None = None) -> Row:
        """Note which projects there are."""
        row["project_slug"] = row.get("project_slug") or (context or {}).get("list_slug")
        self._tap.known_projects.add(row["project_slug"])
        return row

    def get_child_context(self, record: Row, context: Mapping[str, Any] | None) -> Any:
        """Leave out other branches: the list of an organization cannot."""
        is_asked = "workflow" in record or self._is_asked(record)
        return super().get_child_context(record, context) if is_asked else None

    def news(self, rows: list[Row], context: Mapping[str, Any]) -> list[Row]:
        """Write a pipeline again only when it may have changed."""
        if self.is_second_look(context):
            return []
        return [row for row in rows if self._is_asked(row) and self._has_changed(row, context)]

    def _has_changed(self, row: Row, context: Mapping[str, Any]) -> bool:
        return changed(row, self.seen({**context, "pipeline_created_at": row.get("created_at")}))

    def _is_asked(self, pipeline: Row) -> bool:
        branches = self._tap.branches
        return not branches or (pipeline.get("vcs") or {}).get("branch") in branches


class Workflows(BuildStream):
    """Workflows of a pipeline, reruns included (operationId listWorkflowsByPipelineId)."""

    name = "workflows"
    path = "/pipeline/{pipeline_id}/workflow"
    primary_keys = ("id",)
    parent_stream_type = Pipelines
    child_keys: ClassVar[Mapping[str, str]] = {
        "workflow_id": "id",
        "workflow_created_at": "created_at",
    }
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {
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
        """Note what needs no second look where insights tell the reruns, and what needs one."""
        if context and (workflow_id := row.get("id")):
            if not self._tap.lists_reruns and self.remembered(context):
                self._tap.workflows_read.add(workflow_id)
            self._memory.track(row, context)
        return row

    def derived(self, parent: Row, context: Mapping[str, Any]) -> list[Row] | None:  # noqa: ARG002
        """Take the one workflow that was asked for."""
        return [dict(parent["workflow"])] if "workflow" in parent else None

    def news(self, rows: list[Row], context: Mapping[str, Any]) -> list[Row]:
        """Write a workflow again until it was seen with its end.

        That is remembered here, on the rows' way out, where nothing below them is read first.
        """
        return [row for row in rows if self._is_news(row, context)]

    def _is_news(self, row: Row, context: Mapping[str, Any]) -> bool:
        if is_open(row):
            return True
        if not self.active_children or not self._tap.passes_filter(self, row):
            self._memory.drop(row.get("id", ""), context)
        was_open = self._memory.was_open(row.get("id"), context)
        return was_open or unseen(row.get("stopped_at"), self.seen(context))


class PipelineDetails(BuildStream):
    """What one request a pipeline tells; it does not change once the pipeline is set up."""

    primary_keys = ("pipeline_id",)
    parent_stream_type = Pipelines
    selected_by_default = False
    records_key = None

    def wanted(self, parent: Row, context: Mapping[str, Any]) -> bool:
        """Read new pipelines, and those that were not set up when they were read."""
        return not self.is_second_look(context) and changed(parent, self.seen(context))


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
