"""Insights into the workflows of a project, by their names."""

from __future__ import annotations

from datetime import UTC, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import Bookmarks, ValidFor, columns
from tap_circleci.client import CircleCIStream, vendor_timestamp
from tap_circleci.streams.insights import figures
from tap_circleci.streams.projects import OptionalStream, of_project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rest_tap import Listing

RETENTION = timedelta(days=90)
"""How far back insights reach, and how long a window may be."""

DURATIONS = columns.nested(
    "duration_metrics",
    "How long runs took.",
    *figures("min", "mean", "median", "p95", "max", "standard_deviation"),
)
WINDOW = (
    columns.key("window_start", "First run in the window.", th.DateTimeType),
    columns.key("window_end", "Last run in the window.", th.DateTimeType),
)


class WindowStream(OptionalStream):
    """Figures of the window of the settings."""

    rows_stay_true = True  # The figures of earlier windows

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for the window, and for all branches: else only the default branch counts."""
        return {
            "reporting-window": self.run.choices.reporting_window,
            **self.run.choices.all_branches,
        }


class InsightsWorkflows(WindowStream):
    """Figures of each workflow of a project (operationId getProjectWorkflowMetrics)."""

    name = "insights_workflows"
    path = "/insights/{project_slug}/workflows"
    primary_keys = ("project_slug", "name", "window_start", "window_end")
    child_keys: ClassVar[Mapping[str, str]] = {"workflow_name": "name"}
    schema = columns.table(
        *of_project(
            columns.key("name", "The workflow."),
            *WINDOW,
        ),
        columns.nested(
            "metrics",
            "Figures of the window.",
            *figures("total_runs", "successful_runs", "failed_runs", "success_rate"),
            *figures("throughput", "total_credits_used", "mttr", "total_recoveries"),
            DURATIONS,
        ),
    )


class OfWorkflow(CircleCIStream):
    """A list that belongs to the name of a workflow."""

    parent_stream_type = InsightsWorkflows


def of_workflow(*more: columns.Column) -> tuple[columns.Column, ...]:
    """Describe the keys that each of its rows carries."""
    return of_project(
        columns.key("workflow_name", "The workflow."),
        *more,
    )


class InsightsWorkflowJobs(WindowStream):
    """Figures of each job of a workflow (operationId getProjectWorkflowJobMetrics)."""

    name = "insights_workflow_jobs"
    path = "/insights/{project_slug}/workflows/{workflow_name}/jobs"
    primary_keys = ("project_slug", "workflow_name", "name", "window_start", "window_end")
    parent_stream_type = InsightsWorkflows
    schema = columns.table(
        *of_workflow(columns.key("name", "The job."), *WINDOW),
        columns.nested(
            "metrics",
            "Figures of the window.",
            *figures("total_runs", "successful_runs", "failed_runs", "success_rate"),
            *figures("throughput", "total_credits_used"),
            DURATIONS,
        ),
    )


class RecentBookmarks(Bookmarks):
    """Remember when a project was read, whatever was in it."""

    def advance(self, keys: Mapping[str, Any], newest: datetime | None) -> None:
        """Leave out the newest row, which no run looks at."""

    def complete(self, keys: Mapping[str, Any], newest: datetime | None) -> None:  # noqa: ARG002
        """Let `last_run` be the beginning of this run."""
        state = self.state(keys)
        for name in ("replication_key", "replication_key_value"):
            state.pop(name, None)  # Version 0.1.0 kept them
        self.keep_last_run(keys, self._run.began)


class RecentStream(OfWorkflow):
    """A list that can be asked from a date on; one look at the days since the last run.

    The start is the last run less the look-back, for insights list a run when it has ended, by
    the date on which it began.
    """

    valid_for = ValidFor("")  # Whatever decides on the lists above
    state_partitioning_keys = ("project_slug",)
    keeps_last_run = True
    rows_stay_true = True

    @cached_property
    def bookmarks(self) -> Bookmarks:
        """When each project was read last."""
        return RecentBookmarks(self, self.run)

    def from_date(self, keys: Mapping[str, Any]) -> datetime:
        """Find where the list starts: never before what insights keep."""
        run, began, start = self.bookmarks.last_run(keys), self.run.began, self.run.start_date
        return max(start if run is None else run - self.run.choices.lookback, began - RETENTION)


class InsightsWorkflowRuns(RecentStream):
    """Runs of a workflow that have ended (operationId getProjectWorkflowRuns)."""

    name = "insights_workflow_runs"
    path = "/insights/{project_slug}/workflows/{workflow_name}"
    primary_keys = ("id",)
    replication_key = "created_at"
    schema = columns.table(
        *of_workflow(
            columns.key("id", "Id of the workflow.", th.UUIDType),
        ),
        columns.text("branch", "Branch that was built."),
        columns.text("status", "How it ended."),
        columns.timestamp("created_at", "When it was created."),
        columns.timestamp("stopped_at", "When it ended."),
        columns.integer("duration", "Seconds that it took."),
        columns.integer("credits_used", "Credits; not for billing."),
        columns.boolean("is_approval", "Whether it is an approval."),
    )

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Ask for the days since the last run, at most the 90 that a window may have."""
        dates = {
            "start-date": vendor_timestamp(self.from_date(listing.keys)),
            "end-date": vendor_timestamp(self.run.began),
        }
        return {**dates, **self.run.choices.all_branches}


class InsightsJobTimeseries(RecentStream):
    """Figures of each job of a workflow by day (operationId getJobTimeseries).

    CircleCI offers them for one branch at a time, and this is the default branch.
    """

    name = "insights_job_timeseries"
    path = "/insights/time-series/{project_slug}/workflows/{workflow_name}/jobs"
    primary_keys = ("project_slug", "workflow_name", "name", "timestamp")
    replication_key = "timestamp"
    schema = columns.table(
        *of_workflow(
            columns.key("name", "The job."),
            columns.key("timestamp", "The day.", th.DateTimeType),
        ),
        columns.timestamp("min_started_at", "When its first run began."),
        columns.timestamp("max_ended_at", "When its last run ended."),
        columns.nested(
            "metrics",
            "Figures of the day.",
            *figures("total_runs", "successful_runs", "failed_runs", "throughput"),
            *figures("total_credits_used", "median_credits_used"),
            columns.nested(
                "duration_metrics",
                "How long runs took.",
                *figures("min", "median", "p95", "max", "total"),
            ),
        ),
    )

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Ask for whole days: a part of one would replace its figures."""
        start = self.from_date(listing.keys).astimezone(UTC)
        day = start.replace(hour=0, minute=0, second=0, microsecond=0)
        return {"granularity": "daily", "start-date": vendor_timestamp(day)}


def _tests(name: str, description: str) -> columns.Column:
    return columns.nested_list(
        name,
        description,
        columns.text("test_name", "Name of the test."),
        columns.text("classname", "Class of the test."),
        columns.text("file", "File of the test."),
        columns.text("source", "Program that ran the test."),
        columns.text("job_name", "Job that ran the test."),
        columns.integer("total_runs", "How often it ran."),
        columns.integer("failed_runs", "How often it failed."),
        columns.number("p95_duration", "Seconds, nearly always."),
        columns.boolean("flaky", "Whether it is flaky."),
    )


class InsightsTestMetrics(OfWorkflow):
    """Tests of a workflow's ten newest runs (operationId getProjectWorkflowTestMetrics)."""

    name = "insights_test_metrics"
    path = "/insights/{project_slug}/workflows/{workflow_name}/test-metrics"
    primary_keys = ("project_slug", "workflow_name")
    records_key = None
    schema = columns.table(
        *of_workflow(),
        columns.integer("average_test_count", "Tests in a run."),
        columns.integer("total_test_runs", "Runs with tests."),
        _tests("most_failed_tests", "Tests that fail most."),
        columns.integer("most_failed_tests_extra", "As many again."),
        _tests("slowest_tests", "Tests that take longest."),
        columns.integer("slowest_tests_extra", "As many again."),
        columns.nested_list(
            "test_runs",
            "The runs.",
            columns.integer("pipeline_number", "The pipeline."),
            columns.text("workflow_id", "The workflow."),
            columns.number("success_rate", "Share that passed."),
            columns.nested(
                "test_counts",
                "Tests by result.",
                *(
                    columns.integer(kind, f"Tests: {kind}.")
                    for kind in ("error", "failure", "skipped", "success", "total")
                ),
            ),
        ),
    )

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for all branches."""
        return dict(self.run.choices.all_branches)
