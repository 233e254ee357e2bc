"""What the vendor does not take, and how it says so."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.messages import Response

if TYPE_CHECKING:
    from sandbox.messages import Request


class RefusalError(Exception):
    """Ends a request with an error of the API."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def refused(status: int, message: str) -> Response:
    """An error as the API tells it."""
    return Response(status, {"error": {"code": status, "message": message}})


def token_of(path: str, start: int) -> str:
    """Make a page token, which is good for its own list only."""
    return base64.urlsafe_b64encode(f"{path} {start}".encode()).decode()


def start_of(path: str, token: str) -> int:
    """Read where a page starts from its token."""
    try:
        listed, _, start = base64.urlsafe_b64decode(token).decode().rpartition(" ")
        if listed == path:
            return int(start)
    except ValueError:
        pass
    raise RefusalError(400, "page: it is not a token of this list")


def moment_in(request: Request, name: str) -> datetime | None:
    """Read a parameter that is a timestamp."""
    value = request.first(name)
    try:
        return datetime.fromisoformat(value) if value else None
    except ValueError:
        raise RefusalError(400, f"{name}: it is not a timestamp") from None
