"""What can go wrong between a vendor and a tap, as a test orders it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sandbox.messages import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

HTML = b"<!DOCTYPE html><html><head><title>Sorry</title></head><body>Try later.</body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; made by the functions below, given by `Sandbox.fault`.

    `answer` replaces the vendor's answer; where it is None, the vendor's own is spoilt.
    """

    kind: Literal["answer", "reset", "truncate", "slow"]
    answer: Response | None = None
    seconds: float = field(default=0.0)

    @classmethod
    def status(
        cls,
        code: int,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Fault:
        """Answer with this status instead of the vendor's answer."""
        content = {"message": f"fault {code}"} if body is None else body
        return cls("answer", Response(code, content, dict(headers or {})))

    @classmethod
    def rate_limited(
        cls, retry_after: float | str | None = 1, headers: Mapping[str, str] | None = None
    ) -> Fault:
        """Answer 429; `retry_after` in seconds or as an HTTP date, None for no such header."""
        told = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return cls.status(429, {**told, **(headers or {})})

    @classmethod
    def reset(cls) -> Fault:
        """Reset the connection before anything is answered."""
        return cls("reset")

    @classmethod
    def truncate(cls) -> Fault:
        """Announce the vendor's whole answer, send half of it, and close."""
        return cls("truncate")

    @classmethod
    def malformed(cls) -> Fault:
        """Answer 200 with JSON that breaks off."""
        return cls("answer", Response(200, b'{"results": [{"id": "1", "items": [{"id'))

    @classmethod
    def html(cls, code: int = 200) -> Fault:
        """Answer with a web page, as proxies and log-in screens do."""
        return cls("answer", Response(code, HTML, {"Content-Type": "text/html; charset=utf-8"}))

    @classmethod
    def slow(cls, seconds: float) -> Fault:
        """Let the vendor's answer trickle in over so many seconds."""
        return cls("slow", seconds=seconds)
