"""Lists without an end: pages that repeat themselves, or hold nothing, for ever."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from rest_tap.errors import StreamError

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_EMPTY = 500  # Pages in a row, whose rows may all be hidden from this user


class EndGuard:
    """Notices that a list has no end, in the memory of two rows and a few numbers.

    A page is compared with one before it, which is moved on each time that the number of pages
    has doubled. So pages that go round in a circle are noticed, however long the circle is.

    Args:
        url: Of the list, for the message.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._tokens: set[int] = set()
        self._empty = 0
        self._pages = 0
        self._compare_until = 1
        self._page: tuple[object, object, int] | None = None

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
            StreamError: If it is what an earlier one held, or one of many that hold nothing.
        """
        self._empty = 0 if rows else self._empty + 1
        if self._empty == MOST_EMPTY:
            raise StreamError(f"{self._url}: {MOST_EMPTY} pages in a row were empty: it has no end")
        if len(rows) < 2:  # noqa: PLR2004 - the last row may stand on the next page, too
            return
        if (rows[0], rows[-1], len(rows)) == self._page:
            raise StreamError(f"{self._url}: pages repeat what had been read: it has no end")
        self._pages += 1
        if self._pages == self._compare_until:
            self._compare_until *= 2
            self._page = (copy(rows[0]), copy(rows[-1]), len(rows))  # Rows get more columns
