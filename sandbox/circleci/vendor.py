"""CircleCI behind one address: it knows its token, and takes no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from sandbox.circleci import builds, insights, places, v3
from sandbox.circleci.answers import RefusedError, error
from sandbox.circleci.operations import PREFIX, Operations
from sandbox.circleci.usage import DOWNLOADS, Exports
from sandbox.messages import Response

if TYPE_CHECKING:
    from sandbox.circleci.world import World
    from sandbox.messages import Request

TOKEN = "CCIPAT_sandbox_0123456789abcdef"  # noqa: S105 - it opens nothing but the sandbox
PROJECT_TOKEN = "CCIPRJ_sandbox_0123456789abcdef"  # noqa: S105 - it opens nothing at all


class CircleCI:
    """A world behind API v2, and what the tap asks of other versions.

    `denied` maps paths below /api/v2, or whole ones of /api/v3, to the status that is answered for
    them and all below them.
    """

    def __init__(self, world: World, token: str = TOKEN) -> None:
        self.world = world
        self.token = token
        self.denied: dict[str, int] = {}
        self.has_v3 = True
        """Whether API v3 is there, which a CircleCI Server lacks."""
        self.date_ahead = timedelta()
        """How far the Date header is ahead of the clock of the rows."""
        self._exports = Exports(world)
        self._usage = Operations()
        self._kept: dict[str, Response] = {}
        self._kept_edits = 0
        self._add_usage()

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        with self.world.lock:
            try:
                answer = self._answer(request)
            except RefusedError as refusal:
                answer = error(refusal.status, str(refusal))
            # The clock is the world's, not the machine's
            now = self.world.now + self.date_ahead
            answer.headers.setdefault("Date", format_datetime(now, usegmt=True))
        return answer

    def too_many(self, retry_after: int) -> Response:
        """Answer a request above the limit."""
        headers = {"Retry-After": str(retry_after), "RateLimit-Reset": str(retry_after)}
        return Response(429, {"message": "Rate limit exceeded"}, headers)

    def _answer(self, request: Request) -> Response:
        if request.path.startswith(DOWNLOADS):
            return self._exports.download(request)
        if request.path.startswith(f"{v3.PREFIX}/"):
            return self._answer_v3(request)
        given = request.headers.get("Circle-Token")
        if given == PROJECT_TOKEN or given != self.token or "Authorization" in request.headers:
            return error(401, "You must log in first.")
        for path, status in self.denied.items():
            if f"{request.path}/".startswith(f"{PREFIX}{path}/"):
                return error(status, "Permission denied" if status == 403 else "Not found")
        if found := self._usage.find(request):
            handler, captures = found
            return handler(self.world, request, **captures)
        return self._kept_answer(request)

    def _answer_v3(self, request: Request) -> Response:
        """Answer as API v3, which only the cloud has, and which takes the token as a bearer's."""
        if not self.has_v3:
            return error(404, "Not found")
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return error(401, "You must log in first.")
        for path, status in self.denied.items():
            if f"{request.path}/".startswith(f"{path}/"):
                return v3.error(status, "Not for you")
        try:
            if found := v3.operations.find(request):
                handler, captures = found
                return handler(self.world, request, **captures)
        except RefusedError as refusal:
            return v3.error(refusal.status, str(refusal))
        return v3.error(404, "No such route")

    def _kept_answer(self, request: Request) -> Response:
        """Answer from memory while nothing changes: the vendor must not be what is measured."""
        if self._kept_edits != self.world.edits:
            self._kept.clear()
            self._kept_edits = self.world.edits
        key = f"{request.method} {request.target}"
        if key not in self._kept:
            answer = self._fresh(request)
            self._kept[key] = replace(answer, body=answer.encoded())
        return replace(self._kept[key], headers={})

    def _fresh(self, request: Request) -> Response:
        every = (builds.operations, insights.operations, places.operations, v3.v1_operations)
        for operations in every:
            if found := operations.find(request):
                handler, captures = found
                return handler(self.world, request, **captures)
        return error(404, "Not found")

    def _add_usage(self) -> None:
        """Register what depends on who asked how often."""

        def begin(_: World, request: Request, identity: str) -> Response:
            return self._exports.limited(request, identity) or self._exports.begin(
                request, identity
            )

        def look(_: World, request: Request, identity: str, export: str) -> Response:
            return self._exports.limited(request, identity) or self._exports.look(
                request, identity, export
            )

        path = "/organizations/{identity}/usage_export_job"
        self._usage.add("POST", path)(begin)
        self._usage.get(f"{path}/{{export}}")(look)
