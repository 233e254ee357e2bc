"""Pipelines, workflows and jobs, as API v2 answers for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.circleci.answers import RefusedError, page, page_by_number, required
from sandbox.circleci.operations import Operations
from sandbox.messages import Response

if TYPE_CHECKING:
    from sandbox.circleci.model import Pipeline, Project, Row, Workflow
    from sandbox.circleci.world import World
    from sandbox.messages import Request

operations = Operations()


def the_project(world: World, slug: str) -> Project:
    """Find a project.

    Raises:
        RefusedError: 404.
    """
    project = world.project(slug)
    if project is None:
        raise RefusedError(404, "Project not found")
    return project


def _the_pipeline(world: World, identity: str) -> Pipeline:
    pipeline = world.pipelines.get(identity)
    if pipeline is None or pipeline.has_aged_out:
        raise RefusedError(404, "Pipeline not found")
    return pipeline


def _the_workflow(world: World, identity: str) -> Workflow:
    workflow = world.workflows.get(identity)
    if workflow is None or workflow.pipeline.has_aged_out:
        raise RefusedError(404, "Workflow not found")
    return workflow


def _newest_first(pipelines: list[Pipeline]) -> list[tuple[int, Row]]:
    newest = sorted(pipelines, key=lambda pipeline: -pipeline.number)
    return [(pipeline.number, pipeline.row) for pipeline in newest]


@operations.get("/pipeline", "org-slug", "mine", "page-token")
def pipelines_of_organization(world: World, request: Request) -> Response:
    """List the pipelines of the followed projects of an organization."""
    organization = world.organization(required(request, "org-slug"))
    if organization is None:
        raise RefusedError(404, "Organization not found")
    followed = [p for p in world.projects if p.organization is organization and p.is_followed]
    return page_by_number(request, _newest_first([n for p in followed for n in p.pipelines]))


@operations.get("/project/{slug*}/pipeline/{number}")
def pipeline_by_number(world: World, _: Request, slug: str, number: str) -> Response:
    """Tell a pipeline by its number in its project."""
    for found in the_project(world, slug).pipelines:
        if str(found.row["number"]) == number and not found.has_aged_out:
            return Response(200, found.row)
    raise RefusedError(404, "Pipeline not found")


@operations.get("/pipeline/{identity}")
def pipeline(world: World, _: Request, identity: str) -> Response:
    """Tell a pipeline."""
    return Response(200, _the_pipeline(world, identity).row)


@operations.get("/pipeline/{identity}/workflow", "page-token")
def workflows_of_pipeline(world: World, request: Request, identity: str) -> Response:
    """List the workflows of a pipeline."""
    pipeline = _the_pipeline(world, identity)
    return page(request, [workflow.row for workflow in pipeline.workflows])


@operations.get("/pipeline/{identity}/values")
def values(world: World, _: Request, identity: str) -> Response:
    """Tell the values of a pipeline."""
    pipeline = _the_pipeline(world, identity)
    return Response(200, pipeline_values(pipeline))


def pipeline_values(pipeline: Pipeline) -> Row:
    """Make the values of a pipeline; names with dots and capitals must survive."""
    row = pipeline.row
    return {"pipeline.id": row["id"], "pipeline.number": row["number"], "pipelineName": "main"}


@operations.get("/pipeline/{identity}/config")
def config(world: World, _: Request, identity: str) -> Response:
    """Tell the configuration of a pipeline."""
    _the_pipeline(world, identity)
    source = "version: 2.1\n"
    return Response(200, {"source": source, "compiled": source, "setup-config": source})


@operations.get("/workflow/{identity}")
def workflow_by_id(world: World, _: Request, identity: str) -> Response:
    """Tell a workflow."""
    return Response(200, _the_workflow(world, identity).row)


@operations.get("/workflow/{identity}/job", "page-token")
def jobs_of_workflow(world: World, request: Request, identity: str) -> Response:
    """List the jobs of a workflow."""
    return page(request, _the_workflow(world, identity).jobs)


@operations.get("/project/{slug*}/pipeline", "branch", "page-token")
def pipelines_of_project(world: World, request: Request, slug: str) -> Response:
    """List the pipelines of a project."""
    branch, project = request.first("branch"), the_project(world, slug)
    chosen = [p for p in project.pipelines if branch is None or p.branch == branch]
    return page_by_number(request, _newest_first(chosen))


def the_job(world: World, slug: str, number: str) -> tuple[Workflow, Row]:
    """Find a job, and the workflow that ran it.

    Raises:
        RefusedError: 404.
    """
    project = the_project(world, slug)
    workflow = world.jobs.get((project.slug, int(number))) if number.isdigit() else None
    if workflow is None or workflow.row["id"] not in world.workflows:
        raise RefusedError(404, "Job not found")
    return workflow, next(j for j in workflow.jobs if j.get("job_number") == int(number))


@operations.get("/project/{slug*}/job/{number}")
def job_details(world: World, _: Request, slug: str, number: str) -> Response:
    """Tell a job."""
    return Response(200, details(*the_job(world, slug, number)))


def details(workflow: Workflow, job: Row) -> Row:
    """Make the details of a job."""
    pipeline, number = workflow.pipeline, job["job_number"]
    project = pipeline.project
    return {
        "web_url": f"https://app.circleci.example/{project.slug}/{number}",
        "project": {
            "id": project.id,
            "slug": project.slug,
            "name": project.name,
            "external_url": f"https://vcs.example/{project.organization.name}/{project.name}",
        },
        "parallel_runs": [{"index": 0, "status": job["status"]}],
        "started_at": job.get("started_at"),
        "latest_workflow": {"id": workflow.row["id"], "name": workflow.row["name"]},
        "name": job["name"],
        "executor": {"resource_class": "medium", "type": "docker"},
        "parallelism": 1,
        "status": job["status"],
        "number": number,
        "pipeline": {"id": pipeline.row["id"]},
        "duration": 1000 * number,
        "created_at": workflow.row["created_at"],
        "messages": [],
        "contexts": [{"name": "context-0"}],
        "organization": {"name": project.organization.name},
        "queued_at": workflow.row["created_at"],
        "stopped_at": job.get("stopped_at"),
    }


@operations.get("/project/{slug*}/{number}/tests", "page-token")
def tests_of_job(world: World, request: Request, slug: str, number: str) -> Response:
    """List the tests of a job."""
    return page(request, tests(the_job(world, slug, number)[1]))


def tests(job: Row) -> list[Row]:
    """Make the tests of a job: more than a page of them, and each name twice."""
    return [
        {
            "message": "" if job["status"] == "success" else "expected 1, got 2",
            "source": "pytest",
            "run_time": count / 8,
            "file": "tests/test_login.py",
            "result": "success",
            "name": f"test_login[{count // 2}]",
            "classname": "tests.test_login",
        }
        for count in range(26)
    ]


@operations.get("/project/{slug*}/{number}/artifacts", "page-token")
def artifacts_of_job(world: World, request: Request, slug: str, number: str) -> Response:
    """List the artifacts of a job."""
    return page(request, artifacts(the_job(world, slug, number)[1]))


def artifacts(job: Row) -> list[Row]:
    """Make the artifacts of a job."""
    return [
        {
            "path": path,
            "node_index": 0,
            "url": f"https://files.circleci.example/{job['id']}/{path}",
        }
        for path in ("coverage/index.html", "report.xml")
    ]
