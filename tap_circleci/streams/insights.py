"""Insights into projects: figures of the past weeks, as they stand on the day they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import EMPTY_KEY, columns, json_of
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


def figures(*names: str, always_fractions: bool = False) -> list[columns.Column]:
    """Describe figures by their names."""
    kinds = (
        th.NumberType if always_fractions or name in FRACTIONS else th.IntegerType for name in names
    )
    return [
        columns.column(name, kind, FIGURES[name]) for name, kind in zip(names, kinds, strict=True)
    ]


def with_trends(*names: str) -> tuple[columns.Column, columns.Column]:
    """Describe figures, and how each changed against the window before."""
    return (
        columns.nested("metrics", "Figures of the window.", *figures(*names)),
        columns.nested(
            "trends", "Change against the window before.", *figures(*names, always_fractions=True)
        ),
    )


AT_ONCE = 50
OF_PROJECTS = ("total_runs", "total_duration_secs", "total_credits_used", "success_rate")
OF_WORKFLOWS = ("total_runs", "p95_duration_secs", "total_credits_used", "success_rate")
REPORTING_WINDOW = columns.key("reporting_window", "What the figures cover, as set for the tap.")


class ReportingWindow(CircleCIStream):
    """A summary of the window of the settings, one row for each."""

    rows_stay_true = True  # The summaries of other windows
    records_key = None

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for the window."""
        return {"reporting-window": self.run.choices.reporting_window}

    def post_process(self, row: Row, context: Mapping[str, Any] | None = None) -> Row:  # noqa: ARG002
        """Say what window it is."""
        return {**row, "reporting_window": self.run.choices.reporting_window}


class InsightsOrgSummary(ReportingWindow, OrganizationStream):
    """Figures of an organization and of each of its projects (operationId getOrgSummaryData)."""

    name = "insights_org_summary"
    path = "/insights/{organization_slug}/summary"
    primary_keys = ("organization_id", "reporting_window")
    schema = columns.table(
        *of_organization(REPORTING_WINDOW),
        columns.nested(
            "org_data", "Figures of the organization.", *with_trends(*OF_PROJECTS, "throughput")
        ),
        columns.nested_list(
            "org_project_data",
            "Figures of each project.",
            columns.text("project_name", "Name of the project."),
            *with_trends(*OF_PROJECTS),
        ),
        columns.texts("all_projects", "Names of all its projects; names are not slugs."),
    )

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
    schema = columns.table(
        *of_project(REPORTING_WINDOW),
        columns.uuid("org_id", "Id of the organization."),
        columns.nested(
            "project_data", "Figures of the project.", *with_trends(*OF_PROJECTS, "throughput")
        ),
        columns.nested_list(
            "project_workflow_data",
            "Figures of each workflow.",
            columns.text("workflow_name", "The workflow."),
            *with_trends(*OF_WORKFLOWS),
        ),
        columns.nested_list(
            "project_workflow_branch_data",
            "Figures of each workflow on each branch.",
            columns.text("workflow_name", "The workflow."),
            columns.text("branch", "The branch."),
            *with_trends(*OF_WORKFLOWS),
        ),
        columns.texts("all_branches", "All branches."),
        columns.texts("all_workflows", "All workflows."),
    )


class InsightsBranches(OptionalStream):
    """Branches that insights know, 5,000 at most (operationId getAllInsightsBranches)."""

    name = "insights_branches"
    path = "/insights/{project_slug}/branches"
    primary_keys = ("project_slug", "branch")
    schema = columns.table(
        *of_project(
            columns.key("branch", "Name of the branch."),
        ),
        columns.uuid("org_id", "Id of the organization."),
    )

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
    schema = columns.table(
        *of_project(),
        columns.key("workflow_name", "Its workflow."),
        columns.key("job_name", "Its job."),
        columns.key("classname", "Its class, if any."),
        columns.key("test_name", "Name of the test."),
        columns.key("file", "Its file, if any."),
        columns.text("source", "Program that ran the test."),
        columns.integer("times_flaked", "How often it was flaky."),
        columns.integer("time_wasted", "Time that it cost."),
        columns.text("workflow_id", "Workflow in which it was flaky."),
        columns.timestamp("workflow_created_at", "When that was created."),
        columns.integer("pipeline_number", "Pipeline of that workflow."),
        columns.key("job_number", "Job in which it was flaky.", th.IntegerType),
    )
