"""Insights, as API v2 answers for them: computed from the workflows that have ended."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.circleci.answers import RefusedError, page
from sandbox.circleci.builds import the_project
from sandbox.circleci.figures import by_name, durations, metrics, seconds, summary, with_more
from sandbox.circleci.model import iso, moment
from sandbox.circleci.operations import Operations
from sandbox.circleci.places import the_organization
from sandbox.messages import Response

if TYPE_CHECKING:
    from sandbox.circleci.model import Project, Row, Workflow
    from sandbox.circleci.world import World
    from sandbox.messages import Request

operations = Operations()
RETENTION = timedelta(days=90)
WINDOWS = {"last-24-hours": 1, "last-7-days": 7, "last-30-days": 30, "last-60-days": 60}
BRANCHES = ("branch", "all-branches")


def _window(request: Request) -> timedelta:
    name = request.first("reporting-window") or "last-90-days"
    if name not in {*WINDOWS, "last-90-days"}:
        raise RefusedError(400, "Invalid reporting-window")
    return timedelta(days=WINDOWS.get(name, 90))


def _ended(world: World, request: Request, project: Project, age: timedelta) -> list[Workflow]:
    """List the workflows of a project that have ended, newest first."""
    if request.first("branch") and request.first("all-branches"):
        raise RefusedError(400, "Give branch or all-branches, not both")
    branch = request.first("branch") or "main"
    everything = request.first("all-branches") == "true"
    found = [
        workflow
        for pipeline in project.pipelines
        if everything or pipeline.branch == branch
        for workflow in pipeline.workflows
        if workflow.has_ended
        and moment(workflow.row["created_at"]) >= world.now - age
        and moment(workflow.row["stopped_at"]) <= world.now - world.insights_take
    ]
    return sorted(found, key=lambda workflow: workflow.row["created_at"], reverse=True)


@operations.get("/insights/pages/{slug*}/summary", "reporting-window", "branches", "workflow-names")
def project_summary(world: World, request: Request, slug: str) -> Response:
    """Sum a project up."""
    project = the_project(world, slug)
    _window(request)
    rows = [w.row for p in project.pipelines for w in p.workflows if w.has_ended]
    names = by_name(rows)
    return Response(
        200,
        {
            "org_id": project.organization.id,
            "project_id": project.id,
            "project_data": with_more(summary(rows), total_duration_secs=60, throughput=1.5),
            "project_workflow_data": [
                {"workflow_name": name, **with_more(summary(found), p95_duration_secs=2.5)}
                for name, found in names.items()
            ],
            "project_workflow_branch_data": [
                {"workflow_name": name, "branch": "main"}
                | with_more(summary(found), p95_duration_secs=2.5)
                for name, found in names.items()
            ],
            "all_branches": _branches(project),
            "all_workflows": [*names],
        },
    )


def _branches(project: Project) -> list[str]:
    return sorted({pipeline.branch for pipeline in project.pipelines if pipeline.branch})


@operations.get(
    "/insights/time-series/{slug*}/workflows/{name}/jobs",
    *("branch", "granularity", "start-date", "end-date", "page-token"),
)
def timeseries(world: World, request: Request, slug: str, name: str) -> Response:
    """Tell the figures of a workflow's jobs by day."""
    if request.first("granularity") not in ("daily", "hourly"):
        raise RefusedError(400, "Invalid granularity")
    dates = _dates(world, request)
    days: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for workflow in _named(world, request, (slug, name), dates):
        for job in workflow.jobs:
            if job.get("started_at") and job.get("stopped_at"):
                days[job["name"], job["started_at"][:10]].append(job)
    rows = []
    for (job_name, day), ran in sorted(days.items()):
        spread = durations([seconds(job) for job in ran])
        del spread["mean"], spread["standard_deviation"]
        numbers = {**metrics(ran), "median_credits_used": 10}
        del numbers["success_rate"]
        rows.append(
            {
                "name": job_name,
                "min_started_at": min(job["started_at"] for job in ran),
                "max_ended_at": max(job["stopped_at"] for job in ran),
                "timestamp": f"{day}T00:00:00Z",
                "metrics": {**numbers, "duration_metrics": {**spread, "total": 60}},
            }
        )
    return page(request, rows)


def _dates(world: World, request: Request) -> tuple[datetime, datetime]:
    first, last = request.first("start-date"), request.first("end-date")
    if last and not first:
        raise RefusedError(400, "end-date needs start-date")
    end = moment(last) if last else world.now
    start = moment(first) if first else end - RETENTION
    if last and end - start > RETENTION:
        raise RefusedError(400, "end-date must be no more than 90 days after start-date")
    return start, end


def _named(
    world: World,
    request: Request,
    slug_and_name: tuple[str, str],
    dates: tuple[datetime, datetime],
) -> list[Workflow]:
    (slug, name), (start, end) = slug_and_name, dates
    ended = _ended(world, request, the_project(world, slug), RETENTION)
    return [
        workflow
        for workflow in ended
        if workflow.row["name"] == name and start <= moment(workflow.row["created_at"]) < end
    ]


@operations.get("/insights/{slug*}/branches", "workflow-name")
def branches(world: World, _: Request, slug: str) -> Response:
    """List the branches of a project."""
    project = the_project(world, slug)
    ids = {"org_id": project.organization.id, "project_id": project.id}
    return Response(200, {**ids, "branches": _branches(project)})


@operations.get("/insights/{slug*}/flaky-tests")
def flaky_tests(world: World, _: Request, slug: str) -> Response:
    """List the flaky tests of a project; one of them has no class."""
    project = the_project(world, slug)
    ran = [w for p in project.pipelines[-1:] for w in p.workflows[:1] if w.has_ended]
    rows = [
        {
            "time-wasted": 12,
            "workflow-created-at": workflow.row["created_at"],
            "workflow-id": workflow.row["id"],
            "classname": classname,
            "pipeline-number": workflow.row["pipeline_number"],
            "workflow-name": workflow.row["name"],
            "test-name": "test_login",
            "job-name": workflow.jobs[0]["name"],
            "job-number": workflow.jobs[0]["job_number"],
            "times-flaked": 3,
            "source": "pytest",
            "file": None,
        }
        for workflow in ran
        for classname in ("tests.test_login", None)
    ]
    return Response(200, {"flaky-tests": rows, "total-flaky-tests": len(rows)})


@operations.get("/insights/{slug*}/workflows", "reporting-window", "page-token", *BRANCHES)
def workflows(world: World, request: Request, slug: str) -> Response:
    """Tell the figures of a project's workflows; 404 for a project without any."""
    project = the_project(world, slug)
    rows = [w.row for w in _ended(world, request, project, _window(request))]
    if not project.pipelines:
        raise RefusedError(404, "No insights for this project")
    more = {"mttr": 60, "total_recoveries": 1}
    return page(
        request,
        [
            {
                "name": name,
                "metrics": {**metrics(found), **more},
                "window_start": found[-1]["created_at"],
                "window_end": found[0]["created_at"],
                "project_id": project.id,
            }
            for name, found in by_name(rows).items()
        ],
    )


@operations.get(
    "/insights/{slug*}/workflows/{name}/jobs",
    *("job-name", "reporting-window", "page-token", *BRANCHES),
)
def jobs(world: World, request: Request, slug: str, name: str) -> Response:
    """Tell the figures of a workflow's jobs."""
    age = _window(request)
    found = _named(world, request, (slug, name), (world.now - age, world.now))
    rows = [job for workflow in found for job in workflow.jobs if job.get("stopped_at")]
    window = {"window_start": iso(world.now - age), "window_end": iso(world.now)}
    return page(
        request,
        [{"name": job, "metrics": metrics(ran), **window} for job, ran in by_name(rows).items()],
    )


@operations.get("/insights/{slug*}/workflows/{name}/test-metrics", *BRANCHES)
def test_metrics(world: World, request: Request, slug: str, name: str) -> Response:
    """Tell the figures of a workflow's tests."""
    found = _named(world, request, (slug, name), (world.now - RETENTION, world.now))[:10]
    worst = {
        "p95_duration": 1.5,
        "total_runs": 10,
        "classname": None,
        "failed_runs": 2,
        "flaky": False,
        "source": "pytest",
        "file": None,
        "job_name": "build-1",
        "test_name": "test_login",
    }
    counts = {"error": 0, "failure": 1, "skipped": 0, "success": 9, "total": 10}
    return Response(
        200,
        {
            "average_test_count": 10,
            "most_failed_tests": [worst],
            "most_failed_tests_extra": 0,
            "slowest_tests": [worst],
            "slowest_tests_extra": 0,
            "total_test_runs": len(found),
            "test_runs": [
                {
                    "pipeline_number": workflow.row["pipeline_number"],
                    "workflow_id": workflow.row["id"],
                    "success_rate": 0.9,
                    "test_counts": counts,
                }
                for workflow in found
            ],
        },
    )


@operations.get(
    "/insights/{slug*}/workflows/{name}", "start-date", "end-date", "page-token", *BRANCHES
)
def runs(world: World, request: Request, slug: str, name: str) -> Response:
    """List the runs of a workflow that have ended."""
    found = _named(world, request, (slug, name), _dates(world, request))
    return page(request, [run(workflow) for workflow in found])


def run(workflow: Workflow) -> Row:
    """Make the row of a run."""
    row = workflow.row
    return {
        "id": row["id"],
        "branch": workflow.pipeline.branch or "",
        "duration": seconds(row),
        "created_at": row["created_at"],
        "stopped_at": row["stopped_at"],
        "credits_used": 10,
        "status": row["status"],
        "is_approval": False,
    }


@operations.get("/insights/{name*}/summary", "reporting-window", "project-names")
def organization_summary(world: World, request: Request, name: str) -> Response:
    """Sum an organization up."""
    _window(request)
    found = the_organization(world, name)
    projects = [project for project in world.projects if project.organization is found]
    per_project = {
        project.name: [w.row for p in project.pipelines for w in p.workflows]
        for project in projects
    }
    everything = [row for rows in per_project.values() for row in rows]
    return Response(
        200,
        {
            "org_data": with_more(summary(everything), total_duration_secs=60, throughput=1.5),
            "org_project_data": [
                {"project_name": name, **with_more(summary(rows), total_duration_secs=60)}
                for name, rows in per_project.items()
            ],
            "all_projects": [*per_project],
        },
    )
