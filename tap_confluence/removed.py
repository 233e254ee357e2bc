"""Finding out whose status changed, where no date tells it: a sketch of what is removed.

Archiving, trashing and restoring a page leave its version and date alone, so no list sorted by
date shows them. The list of what is archived and trashed does, if one knows what it held last
time; but it may hold a million rows, and the state must stay small. So the state keeps a sketch
of it (see `Sketch`), from which some thirty changes can be read back.

A member is the number of the content together with its status: archived to trashed is a change.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from rest_tap import parse_timestamp
from rest_tap.sketch import Sketch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from rest_tap import Row

    Step = Callable[[list[Row]], list[Row]]

_ROWS = (16, 16, 16, 16)
_STATUSES = {"archived": 0, "trashed": 1, "deleted": 2, "draft": 3, "historical": 4}
_OTHER = 7  # Any status that is not known
_ROOM = 8  # Statuses that fit beside a number

Member = tuple[int, str]
"""The number of a content, and its status."""


class RemovedSketch(Sketch):
    """A set of contents and their statuses."""

    def __init__(self) -> None:
        super().__init__(_ROWS)

    def add(self, number: int, status: str | None) -> None:
        """Put in a content that was not put in before."""
        self.fold(number * _ROOM + _STATUSES.get(status or "", _OTHER))

    def changes(self, before: RemovedSketch) -> tuple[set[int], set[int]] | None:
        """Find the numbers of what came and of what went; None if they are too many.

        What changed its status is in both.
        """
        changed = self.members_changed(before)
        if changed is None:
            return None
        came, went = ({member // _ROOM for member in members} for members in changed)
        return came, went


class RemovedContent:
    """What a run sees of the archived and the trashed, part by part.

    Args:
        watched: The statuses of what is removed.
        start: From when on changes are read; None where everything is.
    """

    def __init__(self, watched: Collection[str], start: datetime | None) -> None:
        self._watched = watched
        self._start = start
        self._parts: list[RemovedSketch] = []
        # What both kinds of lists show of the removed that changed: they are not read in one moment
        self._changed: set[Member] = set()
        self._looked_at: set[Member] = set()

    def counting(self, then: Step) -> Callable[[], Step]:
        """Count a list's rows before they go further; a list that is begun anew counts anew."""
        part = len(self._parts)
        self._parts.append(RemovedSketch())

        def new_pass() -> Step:
            self._parts[part] = sketch = RemovedSketch()

            def count(rows: list[Row]) -> list[Row]:
                for row in rows:
                    sketch.add(number_of(row["id"]), row.get("status"))
                return then(rows)

            return count

        return new_pass

    def changed(self, rows: list[Row]) -> list[Row]:
        """Note what the list of changes shows of the removed; return all of it."""
        self._changed.update(self._recently_removed(rows))
        return rows

    def looked_at(self, rows: list[Row]) -> None:
        """Note what the lists of the removed show."""
        self._looked_at.update(self._recently_removed(rows))

    def _recently_removed(self, rows: list[Row]) -> Iterator[Member]:
        for row in rows:
            changed = parse_timestamp(row["modified_at"])
            is_recent = self._start and (changed is None or changed >= self._start)
            if is_recent and row.get("status") in self._watched:
                yield number_of(row["id"]), row["status"]

    def sketch(self) -> RemovedSketch:
        """Sketch all that was counted."""
        whole = RemovedSketch()
        for part in self._parts:
            whole.merge(part)
        # Removed between the two, and told as such: without it nobody would see it come back
        for number, status in self._changed - self._looked_at:
            whole.add(number, status)
        return whole


def number_of(content: str) -> int:
    """Make a number of an id: the one that it is, where it is one."""
    digits = content.removeprefix("att")
    return int(digits) if digits.isdecimal() else zlib.crc32(content.encode())
