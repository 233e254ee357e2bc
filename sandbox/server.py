"""A vendor on 127.0.0.1: served from a thread, watched, slowed down and disturbed on demand."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

from aiohttp import web

from sandbox.messages import JSON, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from sandbox.faults import Fault

TRICKLES = 20
NOTHING_SENT = 0


class Vendor(Protocol):
    """A vendor: one function from a request to an answer, called on the server's thread."""

    def handle(self, request: Request) -> Response:
        """Answer a request."""


@runtime_checkable
class TellsLimits(Protocol):
    """A vendor that has its own way to say that there were too many requests."""

    def too_many(self, retry_after: int) -> Response:
        """Answer a request above the limit."""


@dataclass(slots=True)
class Asked:
    """A request as it was seen, and what became of it; times are monotonic."""

    number: int
    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    started: float
    ended: float = 0.0
    status: int = NOTHING_SENT


class Sandbox:
    """Serves a vendor while the context is open.

    A fault of the sandbox itself (an exception in a vendor) answers 500 and is raised when the
    context closes, so that no test takes it for a vendor's bad day.
    """

    def __init__(
        self,
        vendor: Vendor,
        *,
        latency: float = 0.0,
        requests_per_second: int | None = None,
        port: int = 0,
        compress: bool = False,
    ) -> None:
        self.vendor = vendor
        self.latency = latency
        self.requests_per_second = requests_per_second
        self.compress = compress
        self.fault: Callable[[Request, int], Fault | None] | None = None
        self.requests: list[Asked] = []
        self.max_in_flight = 0
        self.errors: list[Exception] = []
        self.url = ""
        self._port = port
        self._number = 0
        self._in_flight = 0
        self._window = (0, 0)

    def count(self, prefix: str = "") -> int:
        """Return how many requests were made to paths that start so."""
        return sum(asked.path.startswith(prefix) for asked in self.requests)

    def clear(self) -> None:
        """Forget what was asked so far; numbers given to `fault` start again at 1."""
        self.requests = []
        self.max_in_flight = self._in_flight
        self._number = 0

    def __enter__(self) -> Self:
        started: Future[str] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(started)), name="sandbox", daemon=True
        )
        self._thread.start()
        self.url = started.result(timeout=30)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=30)
        if self.errors and error is None:
            raise self.errors[0]

    async def _serve(self, started: Future[str]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        # A tap that was killed leaves requests behind: nobody waits for their answers.
        runner = web.ServerRunner(web.Server(self._answer, access_log=None), shutdown_timeout=0.1)
        try:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", self._port).start()
            started.set_result(f"http://127.0.0.1:{runner.addresses[0][1]}")
            await self._stop.wait()
        except OSError as error:
            started.set_exception(error)
        finally:
            await runner.cleanup()

    async def _answer(self, incoming: web.BaseRequest) -> web.StreamResponse:
        request = Request.parse(
            incoming.method, incoming.raw_path, incoming.headers, await incoming.read()
        )
        self._number += 1
        asked = Asked(
            self._number,
            request.method,
            request.path,
            request.query,
            request.headers,
            time.monotonic(),
        )
        self.requests.append(asked)
        self._in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self._in_flight)
        try:
            return await self._respond(incoming, request, asked)
        finally:
            self._in_flight -= 1
            asked.ended = time.monotonic()

    async def _respond(
        self, incoming: web.BaseRequest, request: Request, asked: Asked
    ) -> web.StreamResponse:
        fault = self.fault(request, asked.number) if self.fault else None
        limited = self._limited()
        if self.latency:
            await asyncio.sleep(self.latency)
        if fault and fault.kind == "reset":
            _reset(incoming)
            return web.Response()
        answer = (fault and fault.answer) or limited or self._handled(request)
        asked.status = answer.status
        headers = {"Content-Type": JSON, **answer.headers}
        if fault and fault.kind in ("truncate", "slow"):
            return await _spoil(incoming, answer, headers, fault)
        response = web.Response(status=answer.status, body=answer.encoded(), headers=headers)
        if self.compress:
            response.enable_compression()
        return response

    def _handled(self, request: Request) -> Response:
        try:
            return self.vendor.handle(request)
        except Exception as error:  # noqa: BLE001 -- told when the context closes
            self.errors.append(error)
            return Response(500, {"message": f"the sandbox failed: {error!r}"})

    def _limited(self) -> Response | None:
        """Return the answer to a request above the limit of this second's window."""
        if self.requests_per_second is None:
            return None
        second = int(time.monotonic())
        served = self._window[1] if self._window[0] == second else 0
        if served < self.requests_per_second:
            self._window = (second, served + 1)
            return None
        if isinstance(self.vendor, TellsLimits):
            return self.vendor.too_many(1)
        return Response(429, {"message": "Too many requests"}, {"Retry-After": "1"})


def _reset(incoming: web.BaseRequest) -> None:
    if incoming.transport is None:
        return
    # Closing with a linger of zero makes the kernel send a real RST.
    connection = incoming.transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    incoming.transport.abort()


async def _spoil(
    incoming: web.BaseRequest, answer: Response, headers: dict[str, str], fault: Fault
) -> web.StreamResponse:
    """Send half of an answer, or all of it bit by bit."""
    content = answer.encoded()
    response = web.StreamResponse(status=answer.status, headers=headers)
    response.content_length = len(content)
    await response.prepare(incoming)
    if fault.kind == "truncate":
        await response.write(content[: len(content) // 2])
        if incoming.transport is not None:
            incoming.transport.close()
        return response
    size = max(1, -(-len(content) // TRICKLES))
    for start in range(0, len(content), size):
        await asyncio.sleep(fault.seconds / TRICKLES)
        await response.write(content[start : start + size])
    return response
