"""Finding out whose status changed, where no date tells it: a sketch of a set in a kilobyte.

Archiving, trashing and restoring a page leave its version and date alone, so no list sorted by
date shows them. The list of what is archived and trashed does, if one knows what it held last
time; but it may hold a million rows, and the state must stay small. So the state keeps a sketch
of it, an invertible Bloom lookup table. Each member is folded by XOR into four of 64 cells. Fold
the old sketch over the new one, and what both hold cancels out: what is left are the few members
that came or went. A cell that holds only one of them shows which, and taking that one out of its
other cells uncovers the next. Some thirty changes can be read back so, from lists of any length;
if there were more, `changes` says that it cannot tell.

A member is the number of the content together with its status: archived to trashed is a change.
A cell is written as one byte (how many, modulo 256), the XOR of members, as wide as the widest of
them needs, and two bytes (the XOR of their checksums).
"""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib
from typing import TYPE_CHECKING

from rest_tap import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from rest_tap import Row

    Step = Callable[[list[Row]], list[Row]]

_CELLS = 64
_FOLDS = 4  # Each member goes into one cell of each quarter
_QUARTER = _CELLS // _FOLDS
_STATUSES = {"archived": 0, "trashed": 1, "deleted": 2, "draft": 3, "historical": 4}
_OTHER = 7  # Any status that is not known
_ROOM = 8  # Statuses that fit beside a number
_WIDTH = 8  # Bytes of a member; ids that need more get more

Member = tuple[int, str]
"""The number of a content, and its status."""


def _width(member: int) -> int:
    return max(_WIDTH, (member.bit_length() + 7) // 8)


def _places(member: int) -> tuple[list[int], int]:
    """Choose a member's cells and its checksum."""
    raw = member.to_bytes(_width(member))
    digest = hashlib.blake2b(raw, digest_size=2 * _FOLDS + 2).digest()
    *numbers, checksum = struct.unpack(f">{_FOLDS + 1}H", digest)
    cells = [quarter * _QUARTER + number % _QUARTER for quarter, number in enumerate(numbers)]
    return cells, checksum


class Sketch:
    """A set of contents and their statuses, of which only changes can be read back."""

    def __init__(self) -> None:
        self._counts = [0] * _CELLS
        self._members = [0] * _CELLS
        self._checksums = [0] * _CELLS

    def add(self, number: int, status: str | None) -> None:
        """Put in a content that was not put in before."""
        self._fold(number * _ROOM + _STATUSES.get(status or "", _OTHER), 1)

    def _fold(self, member: int, count: int) -> None:
        cells, checksum = _places(member)
        for cell in cells:
            self._counts[cell] = (self._counts[cell] + count) % 256
            self._members[cell] ^= member
            self._checksums[cell] ^= checksum

    def merge(self, other: Sketch, sign: int = 1) -> None:
        """Put in all that another sketch holds, or take it out with the sign -1."""
        for cell in range(_CELLS):
            self._counts[cell] = (self._counts[cell] + sign * other._counts[cell]) % 256
            self._members[cell] ^= other._members[cell]
            self._checksums[cell] ^= other._checksums[cell]

    def changes(self, before: Sketch) -> tuple[set[int], set[int]] | None:
        """Find the numbers of what came and of what went; None if they are too many.

        What changed its status is in both.
        """
        rest = Sketch()
        rest.merge(self)
        rest.merge(before, -1)
        came: list[int] = []
        went: list[int] = []
        uncovered = list(range(_CELLS))
        while uncovered:
            cell = uncovered.pop()
            count, member = rest._counts[cell], rest._members[cell]
            if count not in {1, 255}:
                continue
            cells, checksum = _places(member)
            if cell not in cells or checksum != rest._checksums[cell]:
                continue
            if len(came) + len(went) > _CELLS:
                return None
            (came if count == 1 else went).append(member // _ROOM)
            rest._fold(member, -1 if count == 1 else 1)
            uncovered.extend(cells)
        return None if any(rest._counts) or any(rest._members) else (set(came), set(went))

    def dump(self) -> str:
        """Write the sketch for the state."""
        width = max(map(_width, self._members))
        cells = zip(self._counts, self._members, self._checksums, strict=True)
        raw = b"".join(
            count.to_bytes() + member.to_bytes(width) + checksum.to_bytes(2)
            for count, member, checksum in cells
        )
        return base64.b85encode(zlib.compress(raw)).decode()

    @classmethod
    def load(cls, text: object) -> Sketch | None:
        """Read a sketch from the state; None if it is not one."""
        try:
            raw = zlib.decompress(base64.b85decode(str(text)))
        except (ValueError, zlib.error):
            return None
        size, odd = divmod(len(raw), _CELLS)
        if odd or size < 1 + _WIDTH + 2:
            return None
        sketch = cls()
        for cell in range(_CELLS):
            part = raw[cell * size : (cell + 1) * size]
            sketch._counts[cell] = part[0]
            sketch._members[cell] = int.from_bytes(part[1:-2])
            sketch._checksums[cell] = int.from_bytes(part[-2:])
        return sketch


class RemovedContent:
    """What a run sees of the archived and the trashed, part by part.

    Args:
        watched: The statuses of what is removed.
        start: From when on changes are read; None where everything is.
    """

    def __init__(self, watched: Collection[str], start: datetime | None) -> None:
        self._watched = watched
        self._start = start
        self._parts: list[Sketch] = []
        # What both kinds of lists show of the removed that changed: they are not read in one moment
        self._changed: set[Member] = set()
        self._looked_at: set[Member] = set()

    def counting(self, then: Step) -> Callable[[], Step]:
        """Count a list's rows before they go further; a list that is begun anew counts anew."""
        part = len(self._parts)
        self._parts.append(Sketch())

        def new_pass() -> Step:
            self._parts[part] = sketch = Sketch()

            def count(rows: list[Row]) -> list[Row]:
                for row in rows:
                    sketch.add(_number(row["id"]), row.get("status"))
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
                yield _number(row["id"]), row["status"]

    def sketch(self) -> Sketch:
        """Sketch all that was counted."""
        whole = Sketch()
        for part in self._parts:
            whole.merge(part)
        # Removed between the two, and told as such: without it nobody would see it come back
        for number, status in self._changed - self._looked_at:
            whole.add(number, status)
        return whole


def _number(content: str) -> int:
    """Make a number of an id: the one that it is, where it is one."""
    digits = content.removeprefix("att")
    return int(digits) if digits.isdecimal() else zlib.crc32(content.encode())
