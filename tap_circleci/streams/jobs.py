"""Jobs, and what one request a job tells more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import parse_timestamp
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
    schema = th.PropertiesList(
        th.Property("id", th.UUIDType, required=True, description="Identifies the job."),
        th.Property("workflow_id", th.UUIDType, required=True, description="Lists the job."),
        th.Property("pipeline_id", th.UUIDType, description="Pipeline of that workflow."),
        th.Property("project_slug", th.StringType, description="Project that was built."),
        th.Property("job_number", th.IntegerType, description="Null for approvals."),
        th.Property("name", th.StringType, description="Name in the configuration."),
        th.Property("type", th.StringType, description="`build` or `approval`."),
        th.Property("status", th.StringType, description="How far it got, or how it ended."),
        th.Property("started_at", th.DateTimeType, description="When it started; null until then."),
        th.Property("stopped_at", th.DateTimeType, description="When it ended; null until then."),
        th.Property(
            "dependencies", th.ArrayType(th.UUIDType), description="Jobs that had to end before."
        ),
        th.Property(
            "requires",
            th.ObjectType(additional_properties=True),
            description="How the jobs before it had to end.",
        ),
        th.Property("approval_request_id", th.UUIDType, description="Identifies an approval."),
        th.Property("approved_by", th.UUIDType, description="User who approved."),
        th.Property("canceled_by", th.UUIDType, description="User who canceled it."),
    ).to_dict()

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


def keys(*more: th.Property[Any]) -> tuple[th.Property[Any], ...]:
    """Describe the parents' keys that each row below a job carries."""
    return (
        th.Property(
            "project_slug", th.StringType, required=True, description="Project of the job."
        ),
        th.Property("job_number", th.IntegerType, required=True, description="Number of the job."),
        *more,
        th.Property("job_id", th.UUIDType, description="Id of the job."),
        th.Property("workflow_id", th.UUIDType, description="Workflow that ran the job."),
        th.Property("pipeline_id", th.UUIDType, description="Pipeline of that workflow."),
    )


class JobDetails(JobStream):
    """A job's machine, times and messages (operationId getJobDetails)."""

    name = "job_details"
    path = "/project/{project_slug}/job/{job_number}"
    primary_keys = ("project_slug", "job_number")
    records_key = None
    schema = th.PropertiesList(
        *keys(),
        th.Property("number", th.IntegerType, description="Number of the job, once more."),
        th.Property("name", th.StringType, description="Name in the configuration."),
        th.Property("status", th.StringType, description="How it ended."),
        th.Property("web_url", th.StringType, description="Page of the job."),
        th.Property("created_at", th.DateTimeType, description="When it was created."),
        th.Property("queued_at", th.DateTimeType, description="When it began to wait."),
        th.Property("started_at", th.DateTimeType, description="When it started."),
        th.Property("stopped_at", th.DateTimeType, description="When it ended."),
        th.Property("duration", th.IntegerType, description="Milliseconds that it ran."),
        th.Property("parallelism", th.IntegerType, description="Machines that it asked for."),
        th.Property(
            "parallel_runs",
            th.ArrayType(
                th.ObjectType(
                    th.Property("index", th.IntegerType, description="Counts the machines from 0."),
                    th.Property("status", th.StringType, description="How this machine ended."),
                )
            ),
            description="Its machines.",
        ),
        th.Property(
            "executor",
            th.ObjectType(
                th.Property("resource_class", th.StringType, description="Size of the machine."),
                th.Property("type", th.StringType, description="Docker, machine, macOS..."),
            ),
            description="What it ran on.",
        ),
        th.Property(
            "messages",
            th.ArrayType(
                th.ObjectType(
                    th.Property("type", th.StringType, description="Kind of the message."),
                    th.Property("message", th.StringType, description="The message."),
                    th.Property("reason", th.StringType, description="Why it was given."),
                )
            ),
            description="What CircleCI had to say about it.",
        ),
        th.Property(
            "contexts",
            th.ArrayType(th.ObjectType(th.Property("name", th.StringType, description="Name."))),
            description="Contexts whose variables it could read.",
        ),
        th.Property(
            "project",
            th.ObjectType(
                th.Property("id", th.UUIDType, description="Id of the project."),
                th.Property("slug", th.StringType, description="Slug of the project."),
                th.Property("name", th.StringType, description="Name of the project."),
                th.Property("external_url", th.StringType, description="Its repository."),
            ),
            description="Project of the job.",
        ),
        th.Property(
            "organization",
            th.ObjectType(th.Property("name", th.StringType, description="Name.")),
            description="Organization of the project.",
        ),
        th.Property(
            "pipeline",
            th.ObjectType(th.Property("id", th.UUIDType, description="Id.")),
            description="Pipeline of the job.",
        ),
        th.Property(
            "latest_workflow",
            th.ObjectType(
                th.Property("id", th.UUIDType, description="Id."),
                th.Property("name", th.StringType, description="Name."),
            ),
            description="Newest workflow that lists the job.",
        ),
    ).to_dict()


class Tests(JobStream):
    """Results of tests (operationId getTests).

    Nothing that CircleCI tells of a test is unique in a job: the same name occurs several times,
    of parametrised tests and of repeated ones. So its position tells it from the others.
    """

    name = "tests"
    path = "/project/{project_slug}/{job_number}/tests"
    primary_keys = ("project_slug", "job_number", "position")
    row_number_column = "position"
    schema = th.PropertiesList(
        *keys(
            th.Property("position", th.IntegerType, required=True, description="Counts from 0."),
        ),
        th.Property("name", th.StringType, description="Name of the test."),
        th.Property("classname", th.StringType, description="Class or module of the test."),
        th.Property("file", th.StringType, description="File of the test."),
        th.Property("source", th.StringType, description="Program that ran the test."),
        th.Property("result", th.StringType, description="success, failure, skipped..."),
        th.Property("run_time", th.NumberType, description="Seconds that it took."),
        th.Property("message", th.StringType, description="What it said when it failed."),
    ).to_dict()


class Artifacts(JobStream):
    """Files that a job kept (operationId getJobArtifacts)."""

    name = "artifacts"
    path = "/project/{project_slug}/{job_number}/artifacts"
    primary_keys = ("project_slug", "job_number", "node_index", "path")
    schema = th.PropertiesList(
        *keys(
            th.Property("node_index", th.IntegerType, required=True, description="Its machine."),
            th.Property("path", th.StringType, required=True, description="Path of the file."),
        ),
        th.Property("url", th.StringType, description="Where it is; reading it takes the token."),
    ).to_dict()
