"""How CircleCI answers: pages with opaque tokens, errors with a message, and nothing unasked."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from sandbox.messages import Response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.circleci.model import Row
    from sandbox.messages import Request

PAGE = 20


class RefusedError(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def error(status: int, message: str) -> Response:
    """Answer with an error."""
    return Response(status, {"message": message})


def check_parameters(request: Request, allowed: Sequence[str]) -> None:
    """Refuse parameters that an operation does not have, and values given twice.

    Raises:
        RefusedError: 400.
    """
    for name, values in request.query.items():
        if name not in allowed:
            raise RefusedError(400, f"Unexpected query parameter: {name}")
        if len(values) != 1:
            raise RefusedError(400, f"Query parameter given twice: {name}")


def required(request: Request, name: str) -> str:
    """Get a parameter.

    Raises:
        RefusedError: 400 if it is absent.
    """
    value = request.first(name)
    if not value:
        raise RefusedError(400, f"Missing query parameter: {name}")
    return value


def page(request: Request, rows: Sequence[Row], size: int = PAGE) -> Response:
    """Answer with one page of a list."""
    start = _position(request)
    more = start + size < len(rows)
    return listing(rows[start : start + size], _token(request, start + size) if more else None)


def page_by_number(request: Request, rows: Sequence[tuple[int, Row]]) -> Response:
    """Answer with one page of a list from the highest number down, which grows meanwhile."""
    below = _position(request)
    rest = [(number, row) for number, row in rows if not below or number < below]
    shown = rest[:PAGE]
    token = _token(request, shown[-1][0]) if len(rest) > PAGE else None
    return listing([row for _, row in shown], token)


def listing(rows: Sequence[Row], token: str | None = None, **more: Any) -> Response:
    """Answer with rows and the way on."""
    return Response(200, {"items": rows, "next_page_token": token, **more})


def _token(request: Request, position: int) -> str:
    """Make a token that only the same list understands."""
    text = f"{request.path}#{position}"
    return base64.urlsafe_b64encode(text.encode()[::-1]).decode().rstrip("=")


def _position(request: Request) -> int:
    token = request.first("page-token")
    if token is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))[::-1].decode()
        path, _, position = text.rpartition("#")
        if path == request.path:
            return int(position)
    except ValueError:
        pass
    raise RefusedError(400, "Invalid page token")
