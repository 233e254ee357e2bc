"""What search lacks of the lists of API v2, and so must be asked for by id."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ListedIds:
    """The ids that a list showed and a search did not; both are read side by side.

    Only the difference is held, as numbers: where both come in the same order, it stays small.

    Args:
        prefix: What stands before the number of an id.
    """

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._listed: set[int] = set()
        self._found: set[int] = set()
        self._lock = threading.Lock()
        self.is_complete = False
        """The list was read to its end."""

    def listed(self, ids: Iterable[str]) -> None:
        """Note what the list shows."""
        self._note(ids, self._found, self._listed)

    def found(self, ids: Iterable[str]) -> None:
        """Note what the search has found; it may show the same twice."""
        self._note(ids, self._listed, self._found)

    def _note(self, ids: Iterable[str], others: set[int], own: set[int]) -> None:
        with self._lock:
            for content in ids:
                digits = str(content).removeprefix(self._prefix)
                if not digits.isdecimal():  # Neither the list nor the search tells others
                    continue
                number = int(digits)
                if number in others:
                    others.remove(number)
                else:
                    own.add(number)

    @property
    def lacking(self) -> list[str]:
        """The ids that were listed and not found, in order."""
        return [f"{self._prefix}{number}" for number in sorted(self._listed)]
