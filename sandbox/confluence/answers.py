"""Answers of API v2: lists with cursors, single things, and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.confluence.paging import Entry, cut, issue, next_query, redeem, scope
from sandbox.confluence.query import InvalidError
from sandbox.messages import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.confluence.model import Content
    from sandbox.confluence.rows import Row
    from sandbox.confluence.store import Store
    from sandbox.messages import Request


class MissingError(Exception):
    """What is asked for is not there, or not to be seen: answered 404."""


def error(status: int, message: str) -> Response:
    """Return an error in the form of API v2."""
    codes = {400: "INVALID_REQUEST_PARAMETER", 403: "FORBIDDEN", 404: "NOT_FOUND"}
    code = codes.get(status, "ERROR")
    told = {"status": status, "code": code, "title": message, "detail": None}
    return Response(status, {"errors": [told]})


def base(request: Request) -> str:
    """Return the address of the site, as its links give it."""
    return f"http://{request.headers.get('Host', 'localhost')}/wiki"


def listed(  # noqa: PLR0913 -- two of them have a default
    request: Request,
    asked: Mapping[str, Any],
    entries: Sequence[Entry],
    render: Callable[[Any], Row],
    *,
    limit: int = 25,
    descending: bool | None = None,
) -> Response:
    """Answer one page of a list whose entries are in ascending order."""
    if descending is None:
        descending = asked.get("sort", "").startswith("-")
    limit = asked.get("limit", limit)
    after = redeem(scope(request), asked["cursor"]) if "cursor" in asked else None
    rows, more = cut(entries, after, limit, descending=descending)
    links, headers = {"base": base(request)}, {}
    link = f'<{base(request)}>; rel="base"'
    if more and rows:
        cursor = issue(scope(request), rows[-1][:2])
        links["next"] = f"{request.raw_path}?{next_query(request, cursor)}"
        link = f'<{links["next"]}>; rel="next", {link}'
    headers["Link"] = link
    body = {"results": [render(item) for _, _, item in rows], "_links": links}
    return Response(200, body, headers)


def number_of(given: str, prefix: str = "") -> int:
    """Return the number of an id in a path."""
    digits = given.removeprefix(prefix)
    if not digits.isdecimal():
        raise InvalidError(f"'{given}' is not an id")
    return int(digits)


def found(store: Store, kind: type[Content], given: str) -> Content:
    """Return the content of this id and kind."""
    prefix = "att" if kind.kind == "attachment" else ""
    item = store.content(number_of(given, prefix))
    if not isinstance(item, kind) or not store.is_visible(item):
        raise MissingError(f"Not found: {kind.kind} {given}")
    return item
