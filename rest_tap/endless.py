"""Lists without an end: pages that bring nothing new, or hold nothing, for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_tap.errors import StreamError
from rest_tap.names import each

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_EMPTY = 500  # Pages in a row, whose rows may all be hidden from this user
MOST_KNOWN = 3  # Pages in a row of rows that were all seen; the last row may come twice
MOST_ROWS = 100_000  # That are remembered at once


class EndGuard:
    """Notices that a list has no end, in bounded memory.

    Rows are known by their `id`, for another part of a row may differ each time. When the memory
    is full, it is emptied: rows that go round in a circle are met again soon after.

    Args:
        url: Of the list, for the message.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._tokens: set[int] = set()
        self._rows: set[int] = set()
        self._empty = 0
        self._known = 0

    def check_token(self, token: object) -> None:
        """Take down the token of a page that is asked for.

        Raises:
            StreamError: If it was asked for before.
        """
        number = hash(str(token))
        if number in self._tokens:
            raise StreamError(f"{self._url}: a next page was one that had been read")
        self._tokens.add(number)

    def check_page(self, rows: Sequence[object]) -> None:
        """Take down what a page holds.

        Raises:
            StreamError: If it is one of several that hold nothing new, or of many that hold none.
        """
        if not rows:
            self._empty += 1
            if self._empty == MOST_EMPTY:
                raise StreamError(
                    f"{self._url}: {MOST_EMPTY} pages in a row were empty: it has no end"
                )
            return
        self._empty = 0
        ids = each(rows, "id")
        marks = [(rows[0], rows[-1], len(rows))] if None in ids else ids
        new = {hash(str(mark)) for mark in marks} - self._rows
        self._known = 0 if new else self._known + 1
        if self._known == MOST_KNOWN:
            raise StreamError(f"{self._url}: pages repeat what had been read: it has no end")
        if len(self._rows) > MOST_ROWS:
            self._rows.clear()
        self._rows |= new
