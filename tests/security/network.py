"""What stands between a tap and a vendor: TLS with a private authority, and a proxy."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from concurrent.futures import Future
from urllib.parse import urlsplit

import trustme


class Relay:
    """A server on a thread of its own that passes bytes on to another port of this machine."""

    def __init__(self, url, *, certificate=None):
        self.target = urlsplit(url).port
        self.certificate = certificate
        self.asked: list[str] = []  # The CONNECT requests of those who took it for a proxy

    def __enter__(self):
        started: Future[int] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)))
        self._thread.start()
        self.port = started.result(timeout=30)
        return self

    def __exit__(self, *error):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=30)

    async def _serve(self, started):
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        context = None
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.certificate.configure_cert(context)
        server = await asyncio.start_server(self._relay, "127.0.0.1", 0, ssl=context)
        started.set_result(server.sockets[0].getsockname()[1])
        await self._stop.wait()
        server.close()
        relays = asyncio.all_tasks() - {asyncio.current_task()}
        for task in relays:
            task.cancel()
        await asyncio.gather(*relays, return_exceptions=True)

    async def _relay(self, reader, writer):
        async with contextlib.AsyncExitStack() as stack:
            stack.enter_context(contextlib.suppress(OSError, asyncio.IncompleteReadError))
            stack.push_async_callback(_close, writer)
            await self._greet(reader, writer)
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            stack.push_async_callback(_close, far_writer)
            await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))

    async def _greet(self, reader, writer):
        pass


class Proxy(Relay):
    """A proxy that leads every CONNECT to the same place, whatever host was asked for."""

    async def _greet(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.decode())
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()


async def _close(writer):
    writer.close()
    with contextlib.suppress(OSError, asyncio.CancelledError):
        await asyncio.wait_for(writer.wait_closed(), timeout=5)


async def _pipe(reader, writer):
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


def authority(folder):
    """Make a certificate authority that nobody knows, and the file with which to trust it."""
    made = trustme.CA()
    file = folder / "authority.pem"
    made.cert_pem.write_to_path(file)
    return made, file
