"""A set of numbers in some hundred bytes, of which only changes can be read back.

It is an invertible Bloom lookup table. Each member is folded by XOR into one cell of each of some
rows of cells. Fold the old sketch over the new one, and what both hold cancels out: what is left
are the few members that came or went. A cell that holds only one of them shows which, and taking
that one out of its other cells uncovers the next. About half as many changes as there are cells
can be read back so, from sets of any size; if there were more, `changes` says that it cannot tell.

A cell is written as one byte (how many, modulo 256), the XOR of members, as wide as the widest of
them needs, and the XOR of their checksums.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import struct
import zlib
from typing import Self

HASHED = 8  # Bytes of a member that its places are made of; ids that need more get more
LONE = {1, 255}  # What a cell counts that may hold a single member, which came or went


class Sketch:
    """A set of numbers.

    Args:
        rows: How many cells each row has; a member is in one of each.
        checksum: Bytes of a checksum.
    """

    def __init__(self, rows: tuple[int, ...], checksum: int = 2) -> None:
        self.rows = rows
        self.checksum = checksum
        self._unpack = struct.Struct(f">{len(rows) + 1}H").unpack
        self.counts, self.members, self.checksums = ([0] * sum(rows) for _ in range(3))

    def places(self, member: int) -> tuple[list[int], int]:
        """Choose a member's cells and its checksum."""
        raw = member.to_bytes(max(HASHED, _width(member)))
        digest = hashlib.blake2b(raw, digest_size=2 * len(self.rows) + 2).digest()
        *numbers, checksum = self._unpack(digest)
        cells, first = [], 0
        for number, size in zip(numbers, self.rows, strict=True):
            cells.append(first + number % size)
            first += size
        return cells, checksum >> 8 * (2 - self.checksum)

    def fold(self, member: int, count: int = 1) -> None:
        """Put in a member that was not put in before, or take one out with the count -1."""
        cells, checksum = self.places(member)
        counts, members, checksums = self.counts, self.members, self.checksums
        for cell in cells:
            counts[cell] = (counts[cell] + count) % 256
            members[cell] ^= member
            checksums[cell] ^= checksum

    def empty(self) -> Self:
        """Make another one of the same form."""
        made = copy.copy(self)
        made.counts, made.members, made.checksums = ([0] * len(self.counts) for _ in range(3))
        return made

    def merge(self, other: Sketch, sign: int = 1) -> None:
        """Put in all that another sketch holds, or take it out with the sign -1."""
        for cell, count in enumerate(other.counts):
            self.counts[cell] = (self.counts[cell] + sign * count) % 256
            self.members[cell] ^= other.members[cell]
            self.checksums[cell] ^= other.checksums[cell]

    def without(self, before: Sketch) -> Self:
        """Leave what came or went since another sketch."""
        rest = self.empty()
        rest.merge(self)
        rest.merge(before, -1)
        return rest

    def members_changed(self, before: Sketch) -> tuple[list[int], list[int]] | None:
        """Find the members that came and those that went; None if they are too many."""
        rest = self.without(before)
        came: list[int] = []
        went: list[int] = []
        uncovered = list(range(len(rest.counts)))
        while uncovered:
            cell = uncovered.pop()
            count, member = rest.counts[cell], rest.members[cell]
            if count not in LONE:
                continue
            cells, checksum = self.places(member)
            if cell not in cells or checksum != rest.checksums[cell]:
                continue
            if len(came) + len(went) > len(rest.counts):
                return None
            (came if count == 1 else went).append(member)
            rest.fold(member, -1 if count == 1 else 1)
            uncovered.extend(cells)
        return None if any(rest.counts) or any(rest.members) else (came, went)

    def dump(self) -> str:
        """Write the sketch for the state."""
        return base64.b85encode(zlib.compress(self.raw(), 9)).decode()

    def raw(self) -> bytes:
        """Write the cells."""
        width = max(1, *map(_width, self.members))
        cells = zip(self.counts, self.members, self.checksums, strict=True)
        return b"".join(
            count.to_bytes() + member.to_bytes(width) + checksum.to_bytes(self.checksum)
            for count, member, checksum in cells
        )

    def load(self, text: object) -> Self | None:
        """Read a sketch of the same form from the state; None if it is not one."""
        try:
            return self.read(zlib.decompress(base64.b85decode(str(text))))
        except (ValueError, zlib.error):
            return None

    def read(self, raw: bytes) -> Self | None:
        """Read cells; None if they are not of this form."""
        size, odd = divmod(len(raw), len(self.counts))
        if odd or size < 2 + self.checksum:
            return None
        sketch = self.empty()
        for cell in range(len(self.counts)):
            part = raw[cell * size : (cell + 1) * size]
            sketch.counts[cell] = part[0]
            sketch.members[cell] = int.from_bytes(part[1 : -self.checksum])
            sketch.checksums[cell] = int.from_bytes(part[-self.checksum :])
        return sketch


def _width(member: int) -> int:
    return (member.bit_length() + 7) // 8
