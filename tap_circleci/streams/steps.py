"""Steps of jobs, which API v2 does not tell: by API v3, or by v1.1 where a server has no v3."""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from rest_tap import DeniedError, columns, json_of
from rest_tap.errors import TransientError
from rest_tap.http.client import MAX_TRIES
from tap_circleci.streams.jobs import JobStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import requests

    from rest_tap import Listing, Row

COLUMNS = ("num", "name", "type", "phase", "outcome", "exit_code", "started_at", "ended_at")
OUTCOMES = {"success": "succeeded", "error": "errored"}
"""The words of API v3 for those of v1.1, where they differ."""


class JobSteps(JobStream):
    """Steps of each machine of a job that ended (GET /jobs/{id} of API v3)."""

    name = "job_steps"
    path = "/jobs/{job_id}"
    primary_keys = ("job_id", "execution", "num")
    records_key = None
    schema = columns.table(
        columns.key("job_id", "Job that they are of.", th.UUIDType),
        columns.key("execution", "Machine of the job, counted from 0.", th.IntegerType),
        columns.key("num", "Number of the step, on its machine.", th.IntegerType),
        columns.text("name", "Name of the step."),
        columns.text("type", "Kind of the step, such as run or builtin."),
        columns.text("phase", "How far it got: created, queued, started, ended."),
        columns.text("outcome", "How it ended, such as succeeded, failed, canceled, timedout."),
        columns.integer("exit_code", "Exit code of its command; null where it has none."),
        columns.timestamp("started_at", "When it started."),
        columns.timestamp("ended_at", "When it ended."),
        columns.text("project_slug", "Project of the job."),
        columns.integer("job_number", "Number of the job."),
        columns.uuid("workflow_id", "Workflow that ran the job."),
        columns.uuid("pipeline_id", "Pipeline of that workflow."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deciding = threading.Lock()
        self._has_v3: bool | None = None

    def url_of(self, listing: Listing) -> str:
        """Ask API v3 for a job by its id; v1.1 by its number."""
        if self._has_v3 is not False:
            return f"{self.run.choices.v3_url}{self.path.format_map(listing.keys)}"
        slug = self.quote("project_slug", str(listing.keys["project_slug"]))
        return f"{self.run.choices.v1_url}/project/{slug}/{listing.keys['job_number']}"

    def send(
        self,
        build: Callable[[], requests.PreparedRequest],
        read: Callable[[requests.Response], object] | None = json_of,
        max_tries: int = MAX_TRIES,
    ) -> requests.Response:
        """Ask API v3; find out with the first job that is there whether the server has it."""
        if self._has_v3 is None:
            with self._deciding:
                if self._has_v3 is None:
                    return self._decide(build, read, max_tries)
        return super().send(build, read, max_tries)

    def _decide(
        self,
        build: Callable[[], requests.PreparedRequest],
        read: Callable[[requests.Response], object] | None,
        max_tries: int,
    ) -> requests.Response:
        try:
            response = super().send(build, read, max_tries)
        except DeniedError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            self._has_v3 = False
            try:
                return super().send(build, read, max_tries)
            except DeniedError:
                self._has_v3 = None  # The job is not there, which tells nothing of the server
                raise error from None
        self._has_v3 = True
        return response

    def parse_response(self, response: requests.Response) -> Iterable[Row]:
        """Make a row of each step on each machine.

        Raises:
            TransientError: If the answer tells of no steps.
        """
        body = json_of(response)
        if isinstance(body, dict) and isinstance(body.get("steps"), list):
            return [*_steps_of_v1(body["steps"])]
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, dict):
            raise TransientError("the answer has no job", response)
        return [*_steps_of_v3((data.get("attributes") or {}).get("parallel_executions") or ())]


def _steps_of_v3(executions: Iterable[Row]) -> Iterator[Row]:
    for execution, each in enumerate(executions):
        for step in each.get("steps") or ():
            yield {"execution": execution, **{name: step.get(name) for name in COLUMNS}}


def _steps_of_v1(steps: Iterable[Row]) -> Iterator[Row]:
    for step in steps:
        for action in step.get("actions") or ():
            status = action.get("status")
            yield {
                "execution": action.get("index"),
                "num": action.get("step"),
                "name": action.get("name") or step.get("name"),
                "type": action.get("type"),
                "phase": "ended" if action.get("end_time") else "started",
                "outcome": OUTCOMES.get(status, status),
                "exit_code": action.get("exit_code"),
                "started_at": action.get("start_time"),
                "ended_at": action.get("end_time"),
            }
