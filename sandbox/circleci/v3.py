"""What the tap asks of API v3, and of v1.1 for steps, where that is all a CircleCI Server has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.circleci.answers import RefusedError
from sandbox.circleci.builds import the_job
from sandbox.circleci.operations import Operations
from sandbox.circleci.places import by_id
from sandbox.messages import Response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.circleci.model import Project, Row
    from sandbox.circleci.world import World
    from sandbox.messages import Request

PREFIX = "/api/v3"
V1_PREFIX = "/api/v1.1"
SCOPES = ("filter[org_id]", "filter[slug]", "filter[following]")
OUTCOMES = {"success": "succeeded", "error": "errored"}

operations = Operations(PREFIX)
v1_operations = Operations(V1_PREFIX)


def error(status: int, detail: str) -> Response:
    """Answer with an error, as this version words it."""
    kind = {400: "validation_error", 404: "not_found"}.get(status, "error")
    shown = {"type": kind, "id": "e-1", "title": kind.replace("_", " "), "detail": detail}
    return Response(status, {"error": shown})


def _size(value: object, most: int) -> int:
    """Read a page size: one that is out of range is refused, not cut.

    Raises:
        RefusedError: 400.
    """
    if not str(value).isdigit() or not 1 <= int(str(value)) <= most:
        raise RefusedError(400, f"page[limit] must be between 1 and {most}")
    return int(str(value))


def _page(request: Request, rows: Sequence[Row]) -> Response:
    size = _size(request.first("page[limit]") or 50, 50)
    cursor = request.first("page[cursor]") or "cursor-0"
    start = int(cursor.removeprefix("cursor-"))
    more = start + size < len(rows)
    way = {"next": f"cursor-{start + size}" if more else None, "prev": None}
    return Response(200, {"data": rows[start : start + size], "page": way})


@operations.get("/projects", *SCOPES, "filter[name]", "order_by", "page[cursor]", "page[limit]")
def projects(world: World, request: Request) -> Response:
    """List the projects of an organization: ids and names, no slugs."""
    if not any(request.first(name) for name in SCOPES):
        raise RefusedError(400, "Query parameter 'filter[org_id]' is required.")
    found = by_id(world, request.first("filter[org_id]") or "")
    org = {"id": found.id, "attributes": {"name": found.name}}
    rows = [
        {"id": each.id, "attributes": {"name": each.name}, "references": {"org": org}}
        for each in world.projects
        if each.organization is found
    ]
    return _page(request, rows)


@operations.add("POST", "/runs/search")
def search_runs(world: World, request: Request) -> Response:
    """List the runs, which API v2 calls pipelines, of some projects within some time."""
    asked: dict[str, Any] = request.body
    scope = asked["scope"]
    size = _size(asked["page"]["limit"], 20)
    projects_: list[Project] = [p for p in world.projects if p.id in scope["project_ids"]]
    rows = [
        {
            "id": pipeline.row["id"],
            "attributes": {
                "number": pipeline.row["number"],
                "phase": "ended",
                "current_outcome": "succeeded",
                "created_at": pipeline.row["created_at"],
                "errors": [],
            },
            "references": {"project": {"id": project.id}},
        }
        for project in projects_
        for pipeline in reversed(project.pipelines)
        if scope["from"] <= pipeline.row["created_at"] < scope["to"]
    ]
    return Response(200, {"data": rows[:size], "page": {"next": None, "prev": None}})


def steps(job: Row) -> list[Row]:
    """Make the steps of a job that ended: two on each of two machines."""
    outcome = OUTCOMES.get(str(job["status"]), str(job["status"]))
    codes = {"succeeded": 0, "failed": 1}
    last: Row = {"outcome": outcome, "exit_code": codes.get(outcome)}
    shared = {
        "phase": "ended",
        "started_at": job.get("started_at"),
        "ended_at": job.get("stopped_at"),
    }
    return [
        {"execution": execution, **step, **shared}
        for execution in (0, 1)
        for step in (
            {
                "num": 0,
                "name": "Spin up environment",
                "type": "builtin",
                "outcome": "succeeded",
                "exit_code": None,
            },
            {"num": 101, "name": "Run tests", "type": "run", **last},
        )
    ]


@operations.get("/jobs/{identity}")
def job(world: World, _: Request, identity: str) -> Response:
    """Tell a job with its steps."""
    for workflow in world.workflows.values():
        for row in workflow.jobs:
            if row["id"] == identity and not workflow.pipeline.has_aged_out:
                return Response(200, {"data": _job(row, workflow.pipeline.row["id"])})
    raise RefusedError(404, "Job not found")


def _job(row: Row, run: str) -> Row:
    told = steps(row) if row.get("started_at") else []
    parts = [
        {
            "steps": [
                {name: value for name, value in step.items() if name != "execution"}
                | {"command": "make test", "stdout_bytes": 10, "stderr_bytes": 0}
                for step in told
                if step["execution"] == execution
            ]
        }
        for execution in (0, 1)
    ]
    return {
        "id": row["id"],
        "attributes": {
            "name": row["name"],
            "type": row["type"],
            "phase": "ended",
            "outcome": OUTCOMES.get(row["status"], row["status"]),
            "started_at": row.get("started_at"),
            "ended_at": row.get("stopped_at"),
            "parallel_executions": parts,
        },
        "references": {"pipeline": {"id": run}},
    }


@operations.get(
    "/deploy/deployments", "filter[org_id]", "filter[project_id]", "page[cursor]", "page[limit]"
)
def deployments(world: World, request: Request) -> Response:
    """List the deployments of an organization."""
    if not request.first("filter[org_id]"):
        raise RefusedError(400, "Query parameter 'filter[org_id]' is required.")
    found = by_id(world, request.first("filter[org_id]") or "")
    return _page(request, found.lists["deployments"])


@v1_operations.get("/project/{slug*}/{number}")
def build(world: World, _: Request, slug: str, number: str) -> Response:
    """Tell a job as API v1.1 does: its steps, each with an action for each machine."""
    row = the_job(world, slug, number)[1]
    told = steps(row) if row.get("started_at") else []
    words = {new: old for old, new in OUTCOMES.items()}
    actions: dict[int, list[Row]] = {}
    for step in told:
        action = {
            "index": step["execution"],
            "step": step["num"],
            "name": step["name"],
            "type": step["type"],
            "status": words.get(step["outcome"], step["outcome"]),
            "exit_code": step["exit_code"],
            "start_time": step["started_at"],
            "end_time": step["ended_at"],
            "bash_command": "make test",
        }
        actions.setdefault(step["num"], []).append(action)
    shown = [{"name": each[0]["name"], "actions": each} for each in actions.values()]
    return Response(200, {"build_num": int(number), "steps": shown})
