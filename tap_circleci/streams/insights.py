"""Insights into projects: figures of the past weeks, as they stand on the day they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import EMPTY_KEY, json_of
from tap_circleci.client import CircleCIStream
from tap_circleci.streams.organization import OrganizationStream, of_organization
from tap_circleci.streams.projects import OptionalStream, of_project

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import requests

    from rest_tap import Listing, Row

FIGURES = {
    "total_runs": "Runs, unfinished ones included.",
    "successful_runs": "Runs that succeeded.",
    "failed_runs": "Runs that failed.",
    "success_rate": "Share of runs that succeeded.",
    "throughput": "Runs a day.",
    "total_credits_used": "Credits spent; not for billing.",
    "median_credits_used": "Credits of the run in the middle; not for billing.",
    "total_duration_secs": "Seconds of all runs together.",
    "p95_duration_secs": "Seconds that 95% of the runs stay under.",
    "mttr": "Seconds from a failure to the next success, on average.",
    "total_recoveries": "Failures that were followed by a success, a day.",
    "min": "Seconds of the shortest run.",
    "mean": "Seconds of a run on average.",
    "median": "Seconds of the run in the middle.",
    "p95": "Seconds that 95% of the runs stay under.",
    "max": "Seconds of the longest run.",
    "standard_deviation": "How far the seconds of runs spread.",
    "total": "Seconds of all runs together.",
}
FRACTIONS = {"success_rate", "throughput", "p95_duration_secs", "standard_deviation"}


def figures(*names: str, always_fractions: bool = False) -> list[th.Property[Any]]:
    """Describe figures by their names."""
    kinds = (
        th.NumberType if always_fractions or name in FRACTIONS else th.IntegerType for name in names
    )
    return [
        th.Property(name, kind, description=FIGURES[name])
        for name, kind in zip(names, kinds, strict=True)
    ]


def with_trends(*names: str) -> tuple[th.Property[Any], th.Property[Any]]:
    """Describe figures, and how each changed against the window before."""
    return (
        th.Property(
            "metrics", th.ObjectType(*figures(*names)), description="Figures of the window."
        ),
        th.Property(
            "trends",
            th.ObjectType(*figures(*names, always_fractions=True)),
            description="Change against the window before.",
        ),
    )


AT_ONCE = 50
OF_PROJECTS = ("total_runs", "total_duration_secs", "total_credits_used", "success_rate")
OF_WORKFLOWS = ("total_runs", "p95_duration_secs", "total_credits_used", "success_rate")
REPORTING_WINDOW = th.Property(
    "reporting_window",
    th.StringType,
    required=True,
    description="What the figures cover, as set for the tap.",
)


class ReportingWindow(CircleCIStream):
    """A summary of the window of the settings, one row for each."""

    reads_all = False  # The summaries of other windows stay true
    records_key = None

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for the window."""
        return {"reporting-window": self._tap.reporting_window}

    def post_process(self, row: Row, context: Mapping[str, Any] | None = None) -> Row:  # noqa: ARG002
        """Say what window it is."""
        return {**row, "reporting_window": self._tap.reporting_window}


class InsightsOrgSummary(ReportingWindow, OrganizationStream):
    """Figures of an organization and of each of its projects (operationId getOrgSummaryData)."""

    name = "insights_org_summary"
    path = "/insights/{organization_slug}/summary"
    primary_keys = ("organization_id", "reporting_window")
    schema = th.PropertiesList(
        *of_organization(REPORTING_WINDOW),
        th.Property(
            "org_data",
            th.ObjectType(*with_trends(*OF_PROJECTS, "throughput")),
            description="Figures of the organization.",
        ),
        th.Property(
            "org_project_data",
            th.ArrayType(
                th.ObjectType(
                    th.Property("project_name", th.StringType, description="Name of the project."),
                    *with_trends(*OF_PROJECTS),
                )
            ),
            description="Figures of each project.",
        ),
        th.Property(
            "all_projects",
            th.ArrayType(th.StringType),
            description="Names of all its projects; names are not slugs.",
        ),
    ).to_dict()

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Ask for the projects by name, where their figures are not given unasked."""
        for row in rows:
            names = [name for name in row.get("all_projects") or () if name]
            if names and not row.get("org_project_data"):
                row["org_project_data"] = [*self._of_projects(names, listing)]
        return rows

    def _of_projects(self, names: list[str], listing: Listing) -> Iterator[Row]:
        """Ask for the figures of projects, of some at a time: an address has a longest length."""
        path = self.path.format_map(listing.keys)
        for start in range(0, len(names), AT_ONCE):
            asked = {**self.query(listing), "project-names": names[start : start + AT_ONCE]}
            yield from self.get_json(path, asked).get("org_project_data") or ()


class InsightsProjectSummary(ReportingWindow, OptionalStream):
    """Figures of a project by workflow and branch (operationId getProjectWorkflowsPageData)."""

    name = "insights_project_summary"
    path = "/insights/pages/{project_slug}/summary"
    primary_keys = ("project_slug", "reporting_window")
    schema = th.PropertiesList(
        *of_project(REPORTING_WINDOW),
        th.Property("org_id", th.UUIDType, description="Id of the organization."),
        th.Property(
            "project_data",
            th.ObjectType(*with_trends(*OF_PROJECTS, "throughput")),
            description="Figures of the project.",
        ),
        th.Property(
            "project_workflow_data",
            th.ArrayType(
                th.ObjectType(
                    th.Property("workflow_name", th.StringType, description="The workflow."),
                    *with_trends(*OF_WORKFLOWS),
                )
            ),
            description="Figures of each workflow.",
        ),
        th.Property(
            "project_workflow_branch_data",
            th.ArrayType(
                th.ObjectType(
                    th.Property("workflow_name", th.StringType, description="The workflow."),
                    th.Property("branch", th.StringType, description="The branch."),
                    *with_trends(*OF_WORKFLOWS),
                )
            ),
            description="Figures of each workflow on each branch.",
        ),
        th.Property("all_branches", th.ArrayType(th.StringType), description="All branches."),
        th.Property("all_workflows", th.ArrayType(th.StringType), description="All workflows."),
    ).to_dict()


class InsightsBranches(OptionalStream):
    """Branches that insights know, 5,000 at most (operationId getAllInsightsBranches)."""

    name = "insights_branches"
    path = "/insights/{project_slug}/branches"
    primary_keys = ("project_slug", "branch")
    schema = th.PropertiesList(
        *of_project(
            th.Property("branch", th.StringType, required=True, description="Name of the branch."),
        ),
        th.Property("org_id", th.UUIDType, description="Id of the organization."),
    ).to_dict()

    def parse_response(self, response: requests.Response) -> Iterable[Row]:
        """Make a row of each name in the one answer."""
        body = json_of(response)
        shared = {key: value for key, value in body.items() if key != "branches"}
        return [{**shared, "branch": branch} for branch in body.get("branches", ())]


class FlakyTests(OptionalStream):
    """Tests that failed and passed on the same commit (operationId getFlakyTests)."""

    name = "flaky_tests"
    path = "/insights/{project_slug}/flaky-tests"
    primary_keys = (
        *("project_slug", "workflow_name", "job_name", "classname", "test_name", "file"),
        "job_number",  # A test is listed once for each of its jobs
    )
    key_defaults: ClassVar[Mapping[str, str]] = dict.fromkeys(("classname", "file"), EMPTY_KEY)
    records_key = "flaky_tests"
    schema = th.PropertiesList(
        *of_project(),
        th.Property("workflow_name", th.StringType, required=True, description="Its workflow."),
        th.Property("job_name", th.StringType, required=True, description="Its job."),
        th.Property("classname", th.StringType, required=True, description="Its class, if any."),
        th.Property("test_name", th.StringType, required=True, description="Name of the test."),
        th.Property("file", th.StringType, required=True, description="Its file, if any."),
        th.Property("source", th.StringType, description="Program that ran the test."),
        th.Property("times_flaked", th.IntegerType, description="How often it was flaky."),
        th.Property("time_wasted", th.IntegerType, description="Time that it cost."),
        th.Property("workflow_id", th.StringType, description="Workflow in which it was flaky."),
        th.Property("workflow_created_at", th.DateTimeType, description="When that was created."),
        th.Property("pipeline_number", th.IntegerType, description="Pipeline of that workflow."),
        th.Property(
            "job_number", th.IntegerType, required=True, description="Job in which it was flaky."
        ),
    ).to_dict()
