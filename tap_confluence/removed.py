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
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
import zlib

_CELLS = 64
_FOLDS = 4  # Each member goes into one cell of each quarter
_QUARTER = _CELLS // _FOLDS
_CELL = struct.Struct(">BQH")  # How many, modulo 256; XOR of members; XOR of their checksums
_STATUSES = ("archived", "trashed", "deleted", "draft", "historical")
_ROOM = 8  # Statuses that fit beside a number


def _places(member: int) -> tuple[list[int], int]:
    """Choose a member's cells and its checksum."""
    digest = hashlib.blake2b(member.to_bytes(8), digest_size=2 * _FOLDS + 2).digest()
    *numbers, checksum = struct.unpack(f">{_FOLDS + 1}H", digest)
    cells = [quarter * _QUARTER + number % _QUARTER for quarter, number in enumerate(numbers)]
    return cells, checksum


class Sketch:
    """A set of contents and their statuses, of which only changes can be read back."""

    def __init__(self) -> None:
        self._counts = [0] * _CELLS
        self._members = [0] * _CELLS
        self._checksums = [0] * _CELLS

    def add(self, number: int, status: str) -> None:
        """Put in a content that was not put in before."""
        self._fold(number * _ROOM + _STATUSES.index(status), 1)

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

    def changes(self, before: Sketch) -> set[int] | None:
        """Find the numbers of what came, went or changed its status; None if they are too many."""
        rest = Sketch()
        rest.merge(self)
        rest.merge(before, -1)
        found: list[int] = []
        uncovered = list(range(_CELLS))
        while uncovered:
            cell = uncovered.pop()
            count, member = rest._counts[cell], rest._members[cell]
            if count not in {1, 255} or member >= 1 << 63:
                continue
            cells, checksum = _places(member)
            if cell not in cells or checksum != rest._checksums[cell]:
                continue
            if len(found) > _CELLS:
                return None
            found.append(member // _ROOM)
            rest._fold(member, -1 if count == 1 else 1)
            uncovered.extend(cells)
        return None if any(rest._counts) or any(rest._members) else set(found)

    def dump(self) -> str:
        """Write the sketch for the state."""
        cells = zip(self._counts, self._members, self._checksums, strict=True)
        return base64.b85encode(
            zlib.compress(b"".join(_CELL.pack(*cell) for cell in cells))
        ).decode()

    @classmethod
    def load(cls, text: object) -> Sketch | None:
        """Read a sketch from the state; None if it is not one."""
        sketch = cls()
        try:
            raw = zlib.decompress(base64.b85decode(str(text)))
            cells = list(_CELL.iter_unpack(raw))
        except (ValueError, zlib.error, struct.error, binascii.Error):
            return None
        if len(cells) != _CELLS:
            return None
        sketch._counts, sketch._members, sketch._checksums = (
            list(part) for part in zip(*cells, strict=True)
        )
        return sketch
