"""A vendor that has prepared everything: each request is answered with bytes kept from before.

The first time that something is asked, the sandbox answers. From then on the same request gets
the same bytes, with one look into a dict, so that a tap is measured and not the sandbox.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Self

from multidict import CIMultiDict

from sandbox import Request
from sandbox.messages import JSON

if TYPE_CHECKING:
    from types import TracebackType

    from sandbox import Vendor

END = b"\r\n\r\n"


class Replay:
    """Serves a vendor while the context is open, at 127.0.0.1, without latency or faults."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.url = ""
        self.requests = 0
        self._known: dict[bytes, bytes] = {}

    def __enter__(self) -> Self:
        started: Future[str] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)))
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

    async def _serve(self, started: Future[str]) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(lambda: _Connection(self), "127.0.0.1", 0)
        started.set_result(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await self._stop.wait()
        server.close()

    def clear(self) -> None:
        """Forget how much was asked."""
        self.requests = 0

    @property
    def targets(self) -> list[str]:
        """What has been asked: paths and queries."""
        return [line.decode().split(" ")[1] for line in self._known]

    def answer(self, head: bytes) -> bytes:
        """Answer a request without a body."""
        self.requests += 1
        line, _, rest = head.partition(b"\r\n")
        if line not in self._known:
            method, target, _ = line.decode().split(" ", 2)
            fields = (field.partition(": ") for field in rest.decode().split("\r\n"))
            headers = CIMultiDict((name, value) for name, _, value in fields)
            answer = self.vendor.handle(Request.parse(method, target, headers))
            body = answer.encoded()
            told = {"Content-Type": JSON, **answer.headers, "Content-Length": str(len(body))}
            lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
            start = f"HTTP/1.1 {answer.status} Answer\r\n{lines}\r\n"
            self._known[line] = start.encode() + body
        return self._known[line]


class _Connection(asyncio.Protocol):
    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while END in self._received:
            head, _, self._received = self._received.partition(END)
            self._transport.write(self._replay.answer(head))  # type: ignore[attr-defined]
