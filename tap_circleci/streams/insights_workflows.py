"""Insights into the workflows of a project, by their names."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from tap_circleci.client import CircleCIStream, vendor_timestamp
from tap_circleci.streams.insights import figures
from tap_circleci.streams.projects import OptionalStream, of_project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rest_tap import Listing

RETENTION = timedelta(days=90)
"""How far back insights reach, and how long a window may be."""

DURATIONS = th.Property(
    "duration_metrics",
    th.ObjectType(*figures("min", "mean", "median", "p95", "max", "standard_deviation")),
    description="How long runs took.",
)
WINDOW = (
    th.Property(
        "window_start", th.DateTimeType, required=True, description="First run in the window."
    ),
    th.Property(
        "window_end", th.DateTimeType, required=True, description="Last run in the window."
    ),
)


class WindowStream(OptionalStream):
    """Figures of the window of the settings."""

    reads_all = False  # The figures of earlier windows stay true

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for the window, and for all branches: else only the default branch counts."""
        return {"reporting-window": self._tap.reporting_window, **self._tap.all_branches}


class InsightsWorkflows(WindowStream):
    """Figures of each workflow of a project (operationId getProjectWorkflowMetrics)."""

    name = "insights_workflows"
    path = "/insights/{project_slug}/workflows"
    primary_keys = ("project_slug", "name", "window_start", "window_end")
    child_keys: ClassVar[Mapping[str, str]] = {"workflow_name": "name"}
    schema = th.PropertiesList(
        *of_project(
            th.Property("name", th.StringType, required=True, description="The workflow."),
            *WINDOW,
        ),
        th.Property(
            "metrics",
            th.ObjectType(
                *figures("total_runs", "successful_runs", "failed_runs", "success_rate"),
                *figures("throughput", "total_credits_used", "mttr", "total_recoveries"),
                DURATIONS,
            ),
            description="Figures of the window.",
        ),
    ).to_dict()


class OfWorkflow(CircleCIStream):
    """A list that belongs to the name of a workflow."""

    parent_stream_type = InsightsWorkflows


def of_workflow(*more: th.Property[Any]) -> tuple[th.Property[Any], ...]:
    """Describe the keys that each of its rows carries."""
    return of_project(
        th.Property("workflow_name", th.StringType, required=True, description="The workflow."),
        *more,
    )


class InsightsWorkflowJobs(WindowStream):
    """Figures of each job of a workflow (operationId getProjectWorkflowJobMetrics)."""

    name = "insights_workflow_jobs"
    path = "/insights/{project_slug}/workflows/{workflow_name}/jobs"
    primary_keys = ("project_slug", "workflow_name", "name", "window_start", "window_end")
    parent_stream_type = InsightsWorkflows
    schema = th.PropertiesList(
        *of_workflow(
            th.Property("name", th.StringType, required=True, description="The job."), *WINDOW
        ),
        th.Property(
            "metrics",
            th.ObjectType(
                *figures("total_runs", "successful_runs", "failed_runs", "success_rate"),
                *figures("throughput", "total_credits_used"),
                DURATIONS,
            ),
            description="Figures of the window.",
        ),
    ).to_dict()


class RecentStream(OfWorkflow):
    """A list that can be asked from a date on; one look at the days since the last run.

    The start is the last run less the look-back, for insights list a run when it has ended, by
    the date on which it began.
    """

    state_partitioning_keys = ("project_slug",)
    keeps_last_run = True

    def from_date(self, keys: Mapping[str, Any]) -> datetime:
        """Find where the list starts: never before what insights keep."""
        run, began, start = self.bookmarks.last_run(keys), self._tap.began, self._tap.start_date
        return max(start if run is None else run - self._tap.lookback, began - RETENTION)


class InsightsWorkflowRuns(RecentStream):
    """Runs of a workflow that have ended (operationId getProjectWorkflowRuns)."""

    name = "insights_workflow_runs"
    path = "/insights/{project_slug}/workflows/{workflow_name}"
    primary_keys = ("id",)
    replication_key = "created_at"
    schema = th.PropertiesList(
        *of_workflow(
            th.Property("id", th.UUIDType, required=True, description="Id of the workflow."),
        ),
        th.Property("branch", th.StringType, description="Branch that was built."),
        th.Property("status", th.StringType, description="How it ended."),
        th.Property("created_at", th.DateTimeType, description="When it was created."),
        th.Property("stopped_at", th.DateTimeType, description="When it ended."),
        th.Property("duration", th.IntegerType, description="Seconds that it took."),
        th.Property("credits_used", th.IntegerType, description="Credits; not for billing."),
        th.Property("is_approval", th.BooleanType, description="Whether it is an approval."),
    ).to_dict()

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Ask for the days since the last run, at most the 90 that a window may have."""
        dates = {
            "start-date": vendor_timestamp(self.from_date(listing.keys)),
            "end-date": vendor_timestamp(self._tap.began),
        }
        return {**dates, **self._tap.all_branches}


class InsightsJobTimeseries(RecentStream):
    """Figures of each job of a workflow by day (operationId getJobTimeseries).

    CircleCI offers them for one branch at a time, and this is the default branch.
    """

    name = "insights_job_timeseries"
    path = "/insights/time-series/{project_slug}/workflows/{workflow_name}/jobs"
    primary_keys = ("project_slug", "workflow_name", "name", "timestamp")
    replication_key = "timestamp"
    schema = th.PropertiesList(
        *of_workflow(
            th.Property("name", th.StringType, required=True, description="The job."),
            th.Property("timestamp", th.DateTimeType, required=True, description="The day."),
        ),
        th.Property("min_started_at", th.DateTimeType, description="When its first run began."),
        th.Property("max_ended_at", th.DateTimeType, description="When its last run ended."),
        th.Property(
            "metrics",
            th.ObjectType(
                *figures("total_runs", "successful_runs", "failed_runs", "throughput"),
                *figures("total_credits_used", "median_credits_used"),
                th.Property(
                    "duration_metrics",
                    th.ObjectType(*figures("min", "median", "p95", "max", "total")),
                    description="How long runs took.",
                ),
            ),
            description="Figures of the day.",
        ),
    ).to_dict()

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Ask for whole days: a part of one would replace its figures."""
        start = self.from_date(listing.keys).astimezone(UTC)
        day = start.replace(hour=0, minute=0, second=0, microsecond=0)
        return {"granularity": "daily", "start-date": vendor_timestamp(day)}


def _tests(name: str, description: str) -> th.Property[Any]:
    return th.Property(
        name,
        th.ArrayType(
            th.ObjectType(
                th.Property("test_name", th.StringType, description="Name of the test."),
                th.Property("classname", th.StringType, description="Class of the test."),
                th.Property("file", th.StringType, description="File of the test."),
                th.Property("source", th.StringType, description="Program that ran the test."),
                th.Property("job_name", th.StringType, description="Job that ran the test."),
                th.Property("total_runs", th.IntegerType, description="How often it ran."),
                th.Property("failed_runs", th.IntegerType, description="How often it failed."),
                th.Property("p95_duration", th.NumberType, description="Seconds, nearly always."),
                th.Property("flaky", th.BooleanType, description="Whether it is flaky."),
            )
        ),
        description=description,
    )


class InsightsTestMetrics(OfWorkflow):
    """Tests of a workflow's ten newest runs (operationId getProjectWorkflowTestMetrics)."""

    name = "insights_test_metrics"
    path = "/insights/{project_slug}/workflows/{workflow_name}/test-metrics"
    primary_keys = ("project_slug", "workflow_name")
    records_key = None
    schema = th.PropertiesList(
        *of_workflow(),
        th.Property("average_test_count", th.IntegerType, description="Tests in a run."),
        th.Property("total_test_runs", th.IntegerType, description="Runs with tests."),
        _tests("most_failed_tests", "Tests that fail most."),
        th.Property("most_failed_tests_extra", th.IntegerType, description="As many again."),
        _tests("slowest_tests", "Tests that take longest."),
        th.Property("slowest_tests_extra", th.IntegerType, description="As many again."),
        th.Property(
            "test_runs",
            th.ArrayType(
                th.ObjectType(
                    th.Property("pipeline_number", th.IntegerType, description="The pipeline."),
                    th.Property("workflow_id", th.StringType, description="The workflow."),
                    th.Property("success_rate", th.NumberType, description="Share that passed."),
                    th.Property(
                        "test_counts",
                        th.ObjectType(
                            *(
                                th.Property(kind, th.IntegerType, description=f"Tests: {kind}.")
                                for kind in ("error", "failure", "skipped", "success", "total")
                            )
                        ),
                        description="Tests by result.",
                    ),
                )
            ),
            description="The runs.",
        ),
    ).to_dict()

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for all branches."""
        return dict(self._tap.all_branches)
