"""Answers as a connection gives them: bounded, and each of them to the request that was sent.

Whatever else a server sends on a connection, such as interim answers, more bytes than it announced
or an answer that nobody asked for, must never be taken for the answer to the next request. So a
connection on which anything is odd is not used again.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import ssl
import sys
import time
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_tap.http.limits import Limits

MEGABYTE = 1_000_000
HABIT = 3  # So many interim answers in a row are taken for a server's habit, and read over
MOST_INTERIM = 20
FINAL = 200  # The lowest status of an answer that is not interim
FRAMING = ("content-length", "transfer-encoding", "content-encoding", "connection")


class InterimAnswerError(http.client.HTTPException):
    """An answer of 1xx came, so that the final one comes later, if at all."""


class Interim:
    """How many answers in a row had interim ones before them; all connections share it."""

    in_a_row = 0


class BoundedReader(io.RawIOBase):
    """Reads what a server sends in answer to one request, so long and so much.

    Args:
        connected: The connection.
        limits: How long and how much.
    """

    def __init__(self, connected: socket.socket, limits: Limits) -> None:
        self._socket = connected
        self._raw = connected.makefile("rb", buffering=0)
        self._limits = limits
        self._seconds = limits.answer_seconds
        self._bytes = 0
        self._is_over = False
        self.is_file = False

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what has come; wait if nothing has.

        Raises:
            BoundExceededError: If that is too much, or took too long.
        """
        if self._is_over:
            return None  # As if nothing had come
        timeout = self._socket.gettimeout()
        if timeout and self._seconds < timeout:
            self._socket.settimeout(max(self._seconds, 0.001))
        began = time.monotonic()
        try:
            count: int | None = self._raw.readinto(buffer)
        except TimeoutError:
            if timeout and self._seconds < timeout:
                raise self._limits.is_too_slow from None
            raise
        self._seconds -= time.monotonic() - began
        before, self._bytes = self._bytes, self._bytes + (count or 0)
        if self.is_file and self._bytes // MEGABYTE > before // MEGABYTE:
            self._seconds = self._limits.answer_seconds
        if self._seconds <= 0:
            raise self._limits.is_too_slow
        if self._bytes > self._limits.answer_bytes and not self.is_file:
            raise self._limits.is_too_large
        return count

    def has_more(self, buffered: io.BufferedReader) -> bool:
        """Tell whether more was received than was read.

        What has not been received by now is found by urllib3, which looks at a connection before
        it is used again; but not into TLS.
        """
        self._is_over = True
        return bool(buffered.peek(1)) or (
            isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0
        )

    def abandon(self) -> None:
        """Let the connection look as if the server had closed it."""
        with contextlib.suppress(OSError):  # It has
            self._socket.shutdown(socket.SHUT_RDWR)

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002
        """Give http.client what it reads from."""
        return io.BufferedReader(self)

    def close(self) -> None:
        """Let go of the connection."""
        self._raw.close()
        super().close()


class Answer(http.client.HTTPResponse):
    """An answer whose beginning and end are certain.

    Args:
        connected: The connection.
        limits: How long it may take, and how large it may be.
        interim: How many before it had interim answers.
    """

    def __init__(
        self, connected: socket.socket, *args: Any, limits: Limits, interim: Interim, **kwargs: Any
    ) -> None:
        self.reader = BoundedReader(connected, limits)
        self._interim = interim
        super().__init__(self.reader, *args, **kwargs)  # type: ignore[arg-type]

    def _read_status(self) -> tuple[str, int, str]:
        """Read the first line; an interim answer is refused, unless the server always sends one."""
        for number in range(MOST_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status >= FINAL:
                if not number:
                    self._interim.in_a_row = 0
                self._had_interim = number > 0
                return version, status, reason
            self._interim.in_a_row += not number
            if self._interim.in_a_row <= HABIT or status == HTTPStatus.SWITCHING_PROTOCOLS:
                break
            http.client.parse_headers(self.fp)
        raise InterimAnswerError(f"it answered {status} first")

    def begin(self) -> None:
        """Read the head of the answer.

        Raises:
            HTTPException: If it does not tell for certain where the answer ends.
        """
        super().begin()
        headers = self.headers
        if headers.defects:
            rest = str(headers.get_payload()).lower()
            if any(name in rest for name in FRAMING):
                raise http.client.HTTPException("a line among its headers is none")
            headers.set_payload("")
            headers.defects.clear()  # Or they are logged, with all that the line says
        names = " ".join(headers.keys()).lower()
        if self.length is None or names.count("content-length") != 1 or "transfer-enc" in names:
            lengths = headers.get_all("Content-Length") or []
            self._check_framing(set(lengths), headers.get_all("Transfer-Encoding") or [])
        if self._had_interim:
            self.will_close = True

    def _check_framing(self, lengths: set[str], codings: list[str]) -> None:
        if [coding.strip().lower() for coding in codings] not in ([], ["chunked"]):
            raise http.client.HTTPException("its Transfer-Encoding is not chunked")
        if len(lengths) > 1 or not all(length.strip().isdecimal() for length in lengths):
            raise http.client.HTTPException("its Content-Length is none")
        if codings and lengths:
            self.will_close = True

    def _safe_read(self, amt: int) -> bytes:
        """Read a part of the body, whose length the server may have told as none."""
        if not 0 <= amt <= sys.maxsize:
            raise http.client.HTTPException("a chunk has no length that could be")
        read: bytes = super()._safe_read(amt)  # type: ignore[misc]
        return read

    def _close_conn(self) -> None:
        """Let go of the connection at the end; it must be silent then."""
        if not self.will_close and self.fp and self.reader.has_more(self.fp):
            self.reader.abandon()
        super()._close_conn()  # type: ignore[misc]


def _pool(
    kind: type[HTTPConnectionPool], answer_class: Callable[..., Answer], *args: Any, **options: Any
) -> HTTPConnectionPool:
    pool = kind(*args, **options)
    connection_class = pool.ConnectionCls

    def connect(**kwargs: Any) -> Any:
        made: Any = connection_class(**kwargs)
        made.response_class = answer_class
        return made

    pool.ConnectionCls = connect  # type: ignore[assignment]
    return pool


def pool_classes(limits: Limits) -> dict[str, Callable[..., HTTPConnectionPool]]:
    """Make what urllib3 keeps its connections in, by scheme."""
    answer_class = partial(Answer, limits=limits, interim=Interim())
    return {
        "http": partial(_pool, HTTPConnectionPool, answer_class),
        "https": partial(_pool, HTTPSConnectionPool, answer_class),
    }
