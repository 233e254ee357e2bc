"""What a vendor is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

JSON = "application/json"


@dataclass(slots=True)
class Request:
    """One request, as a vendor sees it."""

    method: str
    raw_path: str
    """The path as it was sent: percent-encoded, without the query."""
    query: Mapping[str, Sequence[str]]
    """Every value of every parameter; blank values are kept."""
    headers: Mapping[str, str]
    """Case-insensitive."""
    content: bytes = b""
    target: str = ""
    """Path and query as they were sent."""

    @classmethod
    def parse(
        cls, method: str, target: str, headers: Mapping[str, str], content: bytes = b""
    ) -> Request:
        """Take a request target (path and query) apart."""
        raw_path, _, query = target.partition("?")
        parsed = parse_qs(query, keep_blank_values=True) if query else {}
        return cls(method, raw_path, parsed, headers, content, target)

    @property
    def path(self) -> str:
        """The path, percent-decoded."""
        return unquote(self.raw_path)

    @property
    def body(self) -> Any:
        """The JSON sent, or None where there is none or it is broken."""
        try:
            return msgspec.json.decode(self.content)
        except msgspec.DecodeError:
            return None

    @property
    def form(self) -> Mapping[str, Sequence[str]]:
        """The fields of a form (application/x-www-form-urlencoded)."""
        return parse_qs(self.content.decode(errors="replace"), keep_blank_values=True)

    def first(self, name: str) -> str | None:
        """Return the first value of a query parameter, None where it is absent."""
        values = self.query.get(name)
        return values[0] if values else None


@dataclass(slots=True)
class Response:
    """One answer: a body that is JSON-able, or bytes that are sent as they are."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Return the body as it is sent."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)
