"""Jobs, and what one request a job tells more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import columns, parse_timestamp
from tap_circleci.client import BuildStream, is_after
from tap_circleci.memory import Look, is_open
from tap_circleci.streams.pipelines import Workflows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_tap import Listing, Row


class Jobs(BuildStream):
    """Jobs of a workflow (operationId listWorkflowJobs).

    A rerun from failed lists the jobs that it did not repeat once more, so a job's id alone is
    not unique.
    """

    name = "jobs"
    path = "/workflow/{workflow_id}/job"
    primary_keys = ("id", "workflow_id")
    parent_stream_type = Workflows
    child_keys: ClassVar[Mapping[str, str]] = {
        "job_id": "id",
        "job_number": "job_number",
        "project_slug": "project_slug",
    }
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("canceled_by", "approved_by")}
    schema = columns.table(
        columns.key("id", "Identifies the job.", th.UUIDType),
        columns.key("workflow_id", "Lists the job.", th.UUIDType),
        columns.uuid("pipeline_id", "Pipeline of that workflow."),
        columns.text("project_slug", "Project that was built."),
        columns.integer("job_number", "Null for approvals."),
        columns.text("name", "Name in the configuration."),
        columns.text("type", "`build` or `approval`."),
        columns.text("status", "How far it got, or how it ended."),
        columns.timestamp("started_at", "When it started; null until then."),
        columns.timestamp("stopped_at", "When it ended; null until then."),
        columns.column("dependencies", th.ArrayType(th.UUIDType), "Jobs that had to end before."),
        columns.free_form("requires", "How the jobs before it had to end."),
        columns.uuid("approval_request_id", "Identifies an approval."),
        columns.uuid("approved_by", "User who approved."),
        columns.uuid("canceled_by", "User who canceled it."),
    )

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Read workflows that had not ended when their jobs were read.

        Of those that were asked for one by one, because they wait for long, the end is enough.
        """
        if is_open(row):
            is_needless = above.purpose is Look.UNFINISHED
            return None if is_needless else self.listing_below(above, row, keys)
        was_open = self._memory.was_open(row.get("id"), keys)
        watermark = self.bookmarks.watermark(keys, below=True)
        is_read = not was_open and not is_after(row.get("stopped_at"), watermark)
        if is_read and not above.all_children:
            return None
        running: list[Row] = []

        def note(rows: list[Row]) -> list[Row]:
            running.extend(row for row in rows if row.get("status") == "running")
            return rows

        def done() -> None:
            if running:  # The end of a workflow that is canceled may come before theirs
                self._memory.follow(row, keys)
            else:
                self._memory.drop(row["id"], keys)

        return self.listing_below(above, row, keys, new_pass=lambda: note, done=done)


class JobStream(BuildStream):
    """What is asked once for a job, when it has ended."""

    parent_stream_type = Jobs
    selected_by_default = False

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Read jobs that ran and ended since, but not where a rerun took them over.

        Such a job had ended before its workflow was created. It is read with the workflow that
        ran it.
        """
        ended, created = (
            parse_timestamp(at) for at in (row.get("stopped_at"), keys.get("workflow_created_at"))
        )
        is_approval = row.get("type") == "approval" or row.get("job_number") is None
        if is_approval or not ended or (created and ended < created):
            return None
        is_late = is_open(row) or above.purpose is Look.UNFINISHED or above.all_children
        if is_late or is_after(row["stopped_at"], self.bookmarks.watermark(keys)):
            return self.listing_below(above, row, keys)
        return None


def keys(*more: columns.Column) -> tuple[columns.Column, ...]:
    """Describe the parents' keys that each row below a job carries."""
    return (
        columns.key("project_slug", "Project of the job."),
        columns.key("job_number", "Number of the job.", th.IntegerType),
        *more,
        columns.uuid("job_id", "Id of the job."),
        columns.uuid("workflow_id", "Workflow that ran the job."),
        columns.uuid("pipeline_id", "Pipeline of that workflow."),
    )


class JobDetails(JobStream):
    """A job's machine, times and messages (operationId getJobDetails)."""

    name = "job_details"
    path = "/project/{project_slug}/job/{job_number}"
    primary_keys = ("project_slug", "job_number")
    records_key = None
    schema = columns.table(
        *keys(),
        columns.integer("number", "Number of the job, once more."),
        columns.text("name", "Name in the configuration."),
        columns.text("status", "How it ended."),
        columns.text("web_url", "Page of the job."),
        columns.timestamp("created_at", "When it was created."),
        columns.timestamp("queued_at", "When it began to wait."),
        columns.timestamp("started_at", "When it started."),
        columns.timestamp("stopped_at", "When it ended."),
        columns.integer("duration", "Milliseconds that it ran."),
        columns.integer("parallelism", "Machines that it asked for."),
        columns.nested_list(
            "parallel_runs",
            "Its machines.",
            columns.integer("index", "Counts the machines from 0."),
            columns.text("status", "How this machine ended."),
        ),
        columns.nested(
            "executor",
            "What it ran on.",
            columns.text("resource_class", "Size of the machine."),
            columns.text("type", "Docker, machine, macOS..."),
        ),
        columns.nested_list(
            "messages",
            "What CircleCI had to say about it.",
            columns.text("type", "Kind of the message."),
            columns.text("message", "The message."),
            columns.text("reason", "Why it was given."),
        ),
        columns.nested_list(
            "contexts", "Contexts whose variables it could read.", columns.text("name", "Name.")
        ),
        columns.nested(
            "project",
            "Project of the job.",
            columns.uuid("id", "Id of the project."),
            columns.text("slug", "Slug of the project."),
            columns.text("name", "Name of the project."),
            columns.text("external_url", "Its repository."),
        ),
        columns.nested(
            "organization", "Organization of the project.", columns.text("name", "Name.")
        ),
        columns.nested("pipeline", "Pipeline of the job.", columns.uuid("id", "Id.")),
        columns.nested(
            "latest_workflow",
            "Newest workflow that lists the job.",
            columns.uuid("id", "Id."),
            columns.text("name", "Name."),
        ),
    )


class Tests(JobStream):
    """Results of tests (operationId getTests).

    Nothing that CircleCI tells of a test is unique in a job: the same name occurs several times,
    of parametrised tests and of repeated ones. So its position tells it from the others.
    """

    name = "tests"
    path = "/project/{project_slug}/{job_number}/tests"
    primary_keys = ("project_slug", "job_number", "position")
    row_number_column = "position"
    schema = columns.table(
        *keys(
            columns.key("position", "Counts from 0.", th.IntegerType),
        ),
        columns.text("name", "Name of the test."),
        columns.text("classname", "Class or module of the test."),
        columns.text("file", "File of the test."),
        columns.text("source", "Program that ran the test."),
        columns.text("result", "success, failure, skipped..."),
        columns.number("run_time", "Seconds that it took."),
        columns.text("message", "What it said when it failed."),
    )


class Artifacts(JobStream):
    """Files that a job kept (operationId getJobArtifacts)."""

    name = "artifacts"
    path = "/project/{project_slug}/{job_number}/artifacts"
    primary_keys = ("project_slug", "job_number", "node_index", "path")
    schema = columns.table(
        *keys(
            columns.key("node_index", "Its machine.", th.IntegerType),
            columns.key("path", "Path of the file."),
        ),
        columns.text("url", "Where it is; reading it takes the token."),
    )
