"""The labels of the site, as far as it can make sense to ask for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_tap import DeniedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_tap import Row
    from tap_confluence.client import ConfluenceStream

MOST = 5_000
"""Labels that are kept; with more of them, whatever is labelled is found by search."""


class KnownLabels:
    """Labels that were read in this run, by their own stream or for those of what carries them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.is_complete = False

    def new_pass(self) -> Callable[[list[Row]], list[Row]]:
        """Begin to note the rows of the whole list."""
        self.rows, self.is_complete = [], False
        return self._note

    def _note(self, rows: list[Row]) -> list[Row]:
        kept = ("id", "name", "prefix")
        self.rows += ({name: row.get(name) for name in kept} for row in rows)
        del self.rows[MOST + 1 :]
        return rows

    def done(self) -> None:
        """Note that the list was read to its end."""
        self.is_complete = len(self.rows) <= MOST

    def look_up(self, stream: ConfluenceStream, most: int) -> None:
        """Ask for the labels, but not for many more than a number."""
        note = self.new_pass()
        try:
            for rows in stream.ask_pages("/api/v2/labels", limit="250"):
                note(rows)
                if len(self.rows) > most:
                    return
        except DeniedError:
            return
        self.done()

    def are_fewer_than(self, count: int) -> bool:
        """Tell whether all labels are known, and are fewer than so many."""
        return self.is_complete and len(self.rows) < count
