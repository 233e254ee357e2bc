"""Pages of lists: opaque cursors that stand for a place in the order, not for a row number.

A cursor holds the sort value and number of the last row of its page. What is edited between two
requests moves to another place in the order and disturbs nothing else, as on a live site.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from sandbox.confluence.query import InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sandbox.messages import Request

Entry = tuple[Any, Any, Any]
"""Sort value, number, item."""

_SECRET = b"only this site issues cursors"
_MARK = b"\xfb\xef\xbe"  # "++++" in base64: a cursor that is not encoded in a query gets lost


def ordered(
    items: Iterable[Any], value: Callable[[Any], Any], number: Callable[[Any], Any]
) -> list[Entry]:
    """Return entries in ascending order."""
    return sorted(((value(item), number(item), item) for item in items), key=_place)


def _place(entry: Entry) -> tuple[Any, Any]:
    return entry[0], entry[1]


def cut(
    entries: Sequence[Entry], after: tuple[Any, Any] | None, limit: int, *, descending: bool
) -> tuple[Sequence[Entry], bool]:
    """Return the entries after a place, at most `limit`, and whether there are more."""
    if descending:
        end = len(entries) if after is None else bisect_left(entries, after, key=_place)
        start = max(0, end - limit)
        return entries[start:end][::-1], start > 0
    start = 0 if after is None else bisect_right(entries, after, key=_place)
    return entries[start : start + limit], start + limit < len(entries)


def issue(scope: str, place: tuple[Any, Any]) -> str:
    """Return the cursor of a place in the list that `scope` names."""
    content = msgspec.json.encode([_digest(scope.encode()), *place])
    signed = _MARK + _digest(content).encode() + content
    # Padded so that there is always a "=" at the end to be encoded.
    return base64.b64encode(signed + b" " * (-(len(signed) + 1) % 3)).decode()


def redeem(scope: str, cursor: str) -> tuple[Any, Any]:
    """Return the place of a cursor; only one that was issued for this list is taken."""
    try:
        signed = base64.b64decode(cursor, validate=True)
        content = signed[len(_MARK) + 8 :].rstrip(b" ")
        if signed[len(_MARK) :][:8].decode() != _digest(content):
            raise InvalidError("Cursor was not issued here. Expected type is Cursor")
        issued_for, value, number = msgspec.json.decode(content)
    except ValueError as error:
        raise InvalidError(f"'{cursor}' is not a cursor. Expected type is Cursor") from error
    if issued_for != _digest(scope.encode()):
        raise InvalidError("Cursor was issued for another list")
    return value, number


def _digest(content: bytes) -> str:
    return hmac.new(_SECRET, content, hashlib.sha256).hexdigest()[:8]


def scope(request: Request) -> str:
    """Name the list that a request is about: its path and parameters, paging aside."""
    told = sorted(
        (name, tuple(values))
        for name, values in request.query.items()
        if name not in ("cursor", "limit", "start", "next", "body-format", "expand")
    )
    return f"{request.raw_path}?{urlencode(told, doseq=True)}"


def next_query(request: Request, cursor: str, **more: object) -> str:
    """Return the query of the next page: as it was asked, with the cursor first or last."""
    told = [
        (name, value)
        for name, values in request.query.items()
        if name not in ("cursor", *more)
        for value in values
    ]
    told += [(name, str(value)) for name, value in more.items()]
    # Its place in the query varies on a live site as well.
    told.insert(0 if sum(cursor.encode()) % 2 else len(told), ("cursor", cursor))
    return urlencode(told)
