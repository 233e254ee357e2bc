"""A vendor that has one oddity at a time."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sandbox import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox import Request


@dataclass(frozen=True)
class Kind:
    """A kind of oddity: in the list that one workflow or pipeline has, or in one row."""

    name: str
    stream: str
    """Whose row, or whose list of jobs, is odd."""
    field: str = ""
    sent: Any = None
    """What is sent in the field."""
    status: int = 0
    """What the list of jobs answers instead."""
    times: int | None = None
    """How often; None: always."""
    change: Callable[[bytes], bytes] | None = None
    """What becomes of the bytes of the list of jobs."""
    is_endless: bool = False
    """Each page of the list of jobs has the same rows, and names a next one."""


KINDS = {
    kind.name: kind
    for kind in (
        Kind("a number sent as text", "pipelines", "number", "12"),
        Kind("an empty text for a date", "jobs", "started_at", ""),
        Kind("a date in the year 20260", "jobs", "started_at", "+20260-04-01T00:00:00Z"),
        Kind("a number for a text", "workflows", "name", 17),
        Kind("NUL in a text", "workflows", "name", "A\0B"),
        Kind("half a surrogate pair in a text", "workflows", "name", "A\ud83dB"),
        Kind("an object for a text", "jobs", "name", {"a": 1}),
        Kind(
            "a byte that is no UTF-8",
            "workflows",
            change=lambda body: body.replace(b'"name":', b'"n\xffame":', 1),
        ),
        Kind(
            "a row that is null",
            "workflows",
            change=lambda body: body.replace(b'"items":[', b'"items":[null,', 1),
        ),
        Kind("a list that answers 500 for ever", "workflows", status=500),
        Kind("a list that answers 404 once", "workflows", status=404, times=1),
        Kind("one 401 among answers of 200", "workflows", status=401, times=1),
        Kind("a list without an end", "workflows", is_endless=True),
    )
}


class OddVendor:
    """A vendor with one oddity.

    Args:
        vendor: Who answers.
        kind: What is odd.
        target: The id of the row, or of the workflow whose jobs are listed.
    """

    def __init__(self, vendor: Any, kind: Kind, target: str) -> None:
        self._vendor = vendor
        self._kind = kind
        self._target = target
        self._number = itertools.count(1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._vendor, name)

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        kind = self._kind
        if kind.field:
            answer = self._vendor.handle(request)
            return Response(answer.status, self._with_value(answer), answer.headers)
        if not request.path.endswith(f"/workflow/{self._target}/job"):
            return self._answered(request)
        number = next(self._number)
        if kind.status and (kind.times is None or number <= kind.times):
            return Response(kind.status, {"message": "Something went wrong"})
        if kind.is_endless:
            body = json.loads(self._answered(replace(request, query={})).encoded())
            return Response(200, {**body, "next_page_token": f"page-{number}"})
        answer = self._answered(request)
        body = answer.encoded()
        return Response(200, kind.change(body) if kind.change else body, answer.headers)

    def _answered(self, request: Request) -> Response:
        answer: Response = self._vendor.handle(request)
        return answer

    def _with_value(self, answer: Response) -> bytes:
        try:
            body = json.loads(answer.encoded())
        except ValueError:
            return answer.encoded()
        for row in body.get("items", ()) if isinstance(body, dict) else ():
            if row.get("id") == self._target and self._kind.field in row:
                row[self._kind.field] = self._kind.sent
        return json.dumps(body).encode()
