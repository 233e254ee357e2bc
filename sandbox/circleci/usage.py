"""Exports of usage: asked for, prepared for a while, and downloaded from another address."""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.circleci.answers import RefusedError, error
from sandbox.circleci.model import iso, moment, uuid
from sandbox.circleci.places import by_id
from sandbox.messages import Response

if TYPE_CHECKING:
    from sandbox.circleci.model import Row, Workflow
    from sandbox.circleci.world import World
    from sandbox.messages import Request

LONGEST = timedelta(days=31)
OLDEST = timedelta(days=366)
HOUR = timedelta(hours=1)
PER_HOUR = 10
PARTS = 2
DOWNLOADS = "/downloads/"
JOB_COLUMNS = """
ORGANIZATION_ID ORGANIZATION_NAME ORGANIZATION_CREATED_DATE PROJECT_ID PROJECT_NAME
PROJECT_CREATED_DATE LAST_BUILD_FINISHED_AT VCS_NAME VCS_URL VCS_BRANCH PIPELINE_ID
PIPELINE_CREATED_AT PIPELINE_NUMBER IS_UNREGISTERED_USER PIPELINE_TRIGGER_SOURCE
PIPELINE_TRIGGER_USER_ID WORKFLOW_ID WORKFLOW_NAME WORKFLOW_FIRST_JOB_QUEUED_AT
WORKFLOW_FIRST_JOB_STARTED_AT WORKFLOW_STOPPED_AT IS_WORKFLOW_SUCCESSFUL JOB_NAME JOB_RUN_NUMBER
JOB_ID JOB_RUN_DATE JOB_RUN_QUEUED_AT JOB_RUN_STARTED_AT JOB_RUN_STOPPED_AT JOB_BUILD_STATUS
RESOURCE_CLASS OPERATING_SYSTEM EXECUTOR PARALLELISM JOB_RUN_SECONDS MEDIAN_CPU_UTILIZATION_PCT
MAX_CPU_UTILIZATION_PCT MEDIAN_RAM_UTILIZATION_PCT MAX_RAM_UTILIZATION_PCT COMPUTE_CREDITS
DLC_CREDITS USER_CREDITS STORAGE_CREDITS NETWORK_CREDITS LEASE_CREDITS LEASE_OVERAGE_CREDITS
IPRANGES_CREDITS TOTAL_CREDITS
"""
COLUMNS = JOB_COLUMNS.split()
NULL = r"\N"


@dataclass(slots=True)
class Export:
    """An export that was asked for."""

    id: str
    organization: str
    start: datetime
    end: datetime
    ready: datetime


class Exports:
    """The exports of a world, and how often each organization asked."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exports: dict[str, Export] = {}
        self._asked: defaultdict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def limited(self, request: Request, identity: str) -> Response | None:
        """Refuse the eleventh request of a kind in an hour."""
        asked, now = self._asked[request.method, identity], self._world.now
        while asked and asked[0] <= now - HOUR:
            asked.popleft()
        if len(asked) < PER_HOUR:
            asked.append(now)
            return None
        seconds = int((asked[0] + HOUR - now).total_seconds()) + 1
        answer = error(429, "Too many usage exports")
        answer.headers["Retry-After"] = str(seconds)
        return answer

    def begin(self, request: Request, identity: str) -> Response:
        """Begin an export.

        Raises:
            RefusedError: 400 if the window is none that CircleCI exports.
        """
        by_id(self._world, identity)
        body = request.body
        if not isinstance(body, dict) or set(body) != {"start", "end"}:
            raise RefusedError(400, "Give start and end")
        start, end, now = moment(body["start"]), moment(body["end"]), self._world.now
        if not start <= end <= start + LONGEST or end > now or start < now - OLDEST:
            raise RefusedError(400, "Invalid window")
        export = Export(
            uuid(self._world.random), identity, start, end, now + self._world.usage_takes
        )
        self._exports[export.id] = export
        told = {"usage_export_job_id": export.id, "state": "created", "download_urls": []}
        return Response(201, {**told, "start": body["start"], "end": body["end"]})

    def look(self, request: Request, identity: str, export_id: str) -> Response:
        """Tell how far an export is.

        Raises:
            RefusedError: 404 if there is none.
        """
        export = self._exports.get(export_id)
        if export is None or export.organization != identity:
            raise RefusedError(404, "Usage export not found")
        told: dict[str, Any] = {"usage_export_job_id": export.id, "download_urls": []}
        if self._world.now < export.ready:
            return Response(200, {**told, "state": "processing"})
        if self._world.usage_fails:
            return Response(
                200, {**told, "state": "failed", "error_reason": self._world.usage_fails}
            )
        host = request.headers["Host"]
        urls = [f"http://{host}{DOWNLOADS}{export.id}/{part}?signature=s" for part in range(PARTS)]
        return Response(200, {**told, "state": "completed", "download_urls": urls})

    def download(self, request: Request) -> Response:
        """Hand over a file, to anyone who knows its address and shows nothing else."""
        if any(name in request.headers for name in ("Circle-Token", "Authorization")):
            return error(400, "Only one auth mechanism allowed")
        export_id, _, part = request.path.removeprefix(DOWNLOADS).partition("/")
        export = self._exports.get(export_id)
        if export is None or request.first("signature") != "s" or not part.isdigit():
            return error(403, "Access denied")
        rows = usage(self._world, export.organization, export.start, export.end)[int(part) :: PARTS]
        text = io.StringIO()
        table = csv.DictWriter(text, COLUMNS, restval=NULL)
        table.writeheader()
        table.writerows(rows)
        content = gzip.compress(text.getvalue().encode())
        return Response(200, content, {"Content-Type": "application/gzip"})


def usage(world: World, organization_id: str, start: datetime, end: datetime) -> list[Row]:
    """List the job runs of an organization in a window, and the credits of a seat."""
    rows = [
        _row(workflow, job)
        for project in world.projects
        if project.organization.id == organization_id
        for pipeline in project.pipelines
        for workflow in pipeline.workflows
        for job in workflow.jobs
        if job.get("job_number")
        and world.jobs[project.slug, job["job_number"]] is workflow
        and job.get("stopped_at")
        and start <= moment(job["started_at"]) <= end
    ]
    seat = {"ORGANIZATION_ID": organization_id, "USER_CREDITS": "25000.0"}
    for user in list(world.users)[:2]:
        day = end.strftime("%Y-%m-01")
        rows.append({**seat, "PIPELINE_TRIGGER_USER_ID": user, "JOB_RUN_DATE": day})
    return rows


def _row(workflow: Workflow, job: Row) -> Row:
    project = workflow.pipeline.project
    stopped = job["stopped_at"]
    size, wait = job["job_number"] % 3, job["job_number"] * 7 % 30
    return {
        "ORGANIZATION_ID": project.organization.id,
        "ORGANIZATION_NAME": project.organization.name,
        "PROJECT_ID": project.id,
        "PROJECT_NAME": project.name,
        "VCS_BRANCH": workflow.pipeline.branch or "",
        "PIPELINE_ID": workflow.pipeline.row["id"],
        "PIPELINE_CREATED_AT": _plain(workflow.pipeline.row["created_at"]),
        "PIPELINE_NUMBER": workflow.pipeline.row["number"],
        "IS_UNREGISTERED_USER": "false",
        "PIPELINE_TRIGGER_USER_ID": workflow.row["started_by"],
        "WORKFLOW_ID": workflow.row["id"],
        "WORKFLOW_NAME": workflow.row["name"],
        "IS_WORKFLOW_SUCCESSFUL": str(workflow.row["status"] == "success").lower(),
        "JOB_NAME": job["name"],
        "JOB_RUN_NUMBER": job["job_number"],
        "JOB_ID": job["id"],
        "JOB_RUN_DATE": stopped[:10],
        "JOB_RUN_QUEUED_AT": _plain(iso(moment(job["started_at"]) - timedelta(seconds=wait))),
        "JOB_RUN_STARTED_AT": _plain(job["started_at"]),
        "JOB_RUN_STOPPED_AT": _plain(stopped),
        "JOB_BUILD_STATUS": job["status"],
        "RESOURCE_CLASS": ("small", "medium", "large")[size],
        "EXECUTOR": "docker",
        "PARALLELISM": "1",
        "JOB_RUN_SECONDS": "12",
        "COMPUTE_CREDITS": str(10.5 * 2**size),
        "TOTAL_CREDITS": str(10.5 * 2**size),
    }


def _plain(at: str) -> str:
    return at[:19].replace("T", " ")
