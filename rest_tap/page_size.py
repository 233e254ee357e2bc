"""How many rows to ask for at once: fewer where one of them breaks its page."""

from __future__ import annotations


class PageSize:
    """Closes in on a row that the API cannot answer, by halves, and passes it.

    Args:
        full: The most rows that the API gives at once; None if it cannot be asked for fewer.
    """

    def __init__(self, full: int | None) -> None:
        self._full = full
        self._window: int | None = None  # One of so many next rows breaks its page
        self.is_sure = False
        """Fewer rows were answered where more failed: it is the rows, and no passing fault."""

    @property
    def wanted(self) -> int | None:
        """How many rows to ask for; None for all that the API gives."""
        return None if self._window is None else max(1, self._window // 2)

    @property
    def can_shrink(self) -> bool:
        """Whether fewer rows can be asked for than at last."""
        return self._full is not None and self.wanted != 1

    def shrink(self) -> None:
        """Note that the rows that were asked for cannot be had."""
        self._window = self.wanted or self._full

    def passed(self, rows: int) -> None:
        """Note that so many rows were answered."""
        if self._window is not None:
            self._window -= rows
            self.is_sure = self._window > 0 < rows
            if not self.is_sure:
                self._window = None
