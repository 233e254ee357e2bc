"""Finding out what differs without a version: moves, owners, what is gone, hidden or seen again.

Nothing of that changes a date, so no list sorted by date shows it. A list of all ids does, without
bodies, if one knows what it held last time. The state keeps that as a sketch (see `Sketch`) of
what the table holds: a member is the number of a content with a hash of what of it may change
while its version stays, and of the part of the site that it is in. A sweep, when it is due, lists
all, and reads back what came or went since. A change is both.

If more changed than the sketch can name, its first row tells in which parts of the site, as each
of its cells stands for a part. And a sum of all numbers tells whether anything came or went at
all; then nobody knows what, and the table must be told everything anew.

Between two sweeps, what is new is put into the sketch when it is written, so that the next one
misses it if it goes. What was created before the last run is known already; what appears late
counts as having come.
"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from rest_tap import parse_timestamp
from rest_tap.names import each
from rest_tap.sketch import HASHED, Sketch
from rest_tap.timestamps import latest
from tap_confluence.removed import number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rest_tap import Row
    from tap_confluence.removed import Step

    NewPass = Callable[[], Step]

PARTS = 16
_EPOCH = datetime.fromtimestamp(0, UTC)
_MICROSECOND = timedelta(microseconds=1)
_HEAD = 8  # Bytes of the sum of numbers, and of the moment
_PART_BITS, _HASH_BITS = 4, 16
_ROWS = 4  # Of cells, in each form
_ONE_BYTE, _TWO_BYTES = 0xFF, 0xFFFF
_ALL_BITS = (1 << 8 * _HEAD) - 1
_LATEST = 10**17  # Microseconds: in some thousand years


class KnownSketch(Sketch):
    """What the table holds of contents that were created until a moment."""

    def __init__(self, rows: tuple[int, ...]) -> None:
        super().__init__(rows, checksum=1)
        self.numbers = 0
        self.until = _EPOCH

    def places(self, member: int) -> tuple[list[int], int]:
        """Choose them in few steps, for a first sync has many; the first cell is of the part."""
        raw = member.to_bytes(max(HASHED, member.bit_length() // 8 + 1))
        digest = int.from_bytes(blake2b(raw, digest_size=HASHED).digest())
        parts, second, third, fourth = self.rows
        cells = [
            member % PARTS % parts,
            parts + (digest >> 40) % second,
            parts + second + (digest >> 24 & _TWO_BYTES) % third,
            parts + second + third + (digest >> 8 & _TWO_BYTES) % fourth,
        ]
        return cells, digest & _ONE_BYTE

    def add(self, number: int, values: Iterable[object], part: int) -> None:
        """Put in a content that was not put in before.

        Args:
            number: The number that its id is.
            values: What of it may change while its version stays.
            part: The part of the site that it is in, of `PARTS`.
        """
        hashed = zlib.crc32(repr([*values]).encode()) >> 32 - _HASH_BITS
        self.fold(((number << _HASH_BITS | hashed) << _PART_BITS) | part)

    def fold(self, member: int, count: int = 1) -> None:
        """Fold the number into the sum as well."""
        super().fold(member, count)
        self.numbers ^= _mixed(number_in(member))

    def merge(self, other: Sketch, sign: int = 1) -> None:
        """Put in the sum as well."""
        super().merge(other, sign)
        if isinstance(other, KnownSketch):
            self.numbers ^= other.numbers

    def parts_changed(self, before: KnownSketch) -> set[int]:
        """Find the parts of the site in which anything changed."""
        rest, count = self.without(before), self.rows[0]
        cells = zip(rest.counts[:count], rest.members[:count], rest.checksums[:count], strict=True)
        changed = [any(cell) for cell in cells]
        return {part for part in range(PARTS) if changed[part % count]}

    def empty(self) -> KnownSketch:
        """Make another one of the same form."""
        made = super().empty()
        made.numbers = 0
        return made

    def raw(self) -> bytes:
        """Write the form, the sum and the moment before the cells."""
        moment = (self.until - _EPOCH) // _MICROSECOND
        head = self.numbers.to_bytes(_HEAD) + moment.to_bytes(_HEAD)
        return bytes(self.rows) + head + super().raw()

    def read(self, raw: bytes) -> KnownSketch | None:
        """Read what `raw` has written, of any form; None if it did not."""
        form, raw = tuple(raw[:_ROWS]), raw[_ROWS:]
        sketch = Sketch.read(KnownSketch(form), raw[2 * _HEAD :]) if all(form) else None
        if sketch is not None:
            sketch.numbers = int.from_bytes(raw[:_HEAD])
            moment = int.from_bytes(raw[_HEAD : 2 * _HEAD])
            sketch.until = _EPOCH + min(moment, _LATEST) * _MICROSECOND
        return sketch


def _mixed(number: int) -> int:
    """Spread a number over 64 bits, so that no two sets have one sum but by chance."""
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & _ALL_BITS
    return (number ^ number >> 27) * 0x94D049BB133111EB & _ALL_BITS


def number_in(member: int) -> int:
    """Take the number out of a member."""
    return member >> _HASH_BITS + _PART_BITS


class Changes(NamedTuple):
    """What differs from what was known."""

    came: set[int]
    """Numbers of what was not known, or otherwise."""
    went: set[int]
    """Numbers of what is not so any more; those that did not come, too, may be gone."""


NO_CHANGES = Changes(set(), set())


class Sweep:
    """What a run sees of all that a stream's table holds.

    Args:
        rows: The form of the sketch.
        columns: What of a row may change while its version stays.
        known: The sketch of the last run, from the state.
        began: Tells when the run began.
    """

    def __init__(
        self,
        rows: tuple[int, ...],
        columns: Sequence[str],
        known: object,
        began: Callable[[], datetime],
    ) -> None:
        self._empty = KnownSketch(rows)
        self._columns = columns
        self._began = began
        self.before = self._empty.load(known) if known else None
        # Of another form, where more or fewer streams are selected now
        self._old_form = self.before.empty() if self.before else self._empty
        self._is_of_form = self._old_form.rows == self._empty.rows
        self.is_complete = False
        """All lists that have everything between them were counted to their end."""
        self._lists: list[tuple[KnownSketch, KnownSketch]] = []
        self._new = self._old_form.empty()
        self._written: set[int] = set()
        self._parts: dict[str, int] = {}
        self.spaces: dict[int, set[str]] = {part: set() for part in range(PARTS)}
        """The spaces in each part of the site."""

    # What is seen

    def counting(self, then: NewPass) -> NewPass:
        """Count a list's rows before they go further; a list that is begun anew counts anew."""
        place = len(self._lists)
        self._lists.append((self._old_form, self._empty))

        def new_pass() -> Step:
            self._lists[place] = old, new = self._old_form.empty(), self._empty.empty()
            step, began = then(), self._began()

            def count(rows: list[Row]) -> list[Row]:
                if self.before is None and self._are_older(rows, began):
                    for row in rows:
                        self._add(old, row)
                    return step(rows)
                for row in rows:
                    created = created_at(row)
                    if self._is_counted(row, created, began):
                        is_new = self._is_new(created)
                        if not is_new:
                            self._add(old, row)
                        if is_new or not self._is_of_form:
                            self._add(new, row)
                return step(rows)

            return count

        return new_pass

    def _are_older(self, rows: list[Row], moment: datetime) -> bool:
        """Tell at one look that all rows, each with an ID, are older than a moment."""
        newest = latest([*each(rows, "created_at"), *each(rows, "modified_at")])
        return None not in each(rows, "id") and (newest is None or newest < moment)

    def _is_counted(self, row: Row, created: datetime | None, began: datetime) -> bool:
        """Leave out what the next run sees, and at first what may be shown twice."""
        if row.get("id") is None or (created and created > began):
            return False
        changed = None if self.before else parse_timestamp(row.get("modified_at"))
        return changed is None or changed < began

    def _is_new(self, created: datetime | None) -> bool:
        return bool(created and self.before and created > self.before.until)

    def _add(self, sketch: KnownSketch, row: Row) -> None:
        space = str(row.get("space_id"))
        if (part := self._parts.get(space)) is None:
            self._parts[space] = part = zlib.crc32(space.encode()) % PARTS
            self.spaces[part].add(space)
        sketch.add(number_of(row["id"]), map(row.get, self._columns), part)

    def note_written(self, rows: Iterable[Row]) -> None:
        """Note what is new among the rows that are written, where not all is swept."""
        if self.is_complete or self.before is None:
            return
        began = self._began()
        for row in rows:
            created = created_at(row)
            if created and self._is_new(created) and self._is_counted(row, created, began):
                number = number_of(row["id"])
                if number not in self._written:
                    self._add(self._new, row)
                self._written.add(number)

    # What comes of it

    def changes(self) -> Changes | None:
        """Find what differs from what was known; None if it is too much."""
        if not (self.is_complete and self.before):
            return NO_CHANGES
        found = self._old.members_changed(self.before)
        if found is None:
            return None
        came, went = ({number_in(member) for member in members} for members in found)
        return Changes(came, went)

    @property
    def _old(self) -> KnownSketch:
        """What was counted of what should have been known."""
        return _merged(self._old_form, (old for old, _ in self._lists))

    @property
    def has_same_numbers(self) -> bool:
        """Whether nothing came or went, though something changed."""
        return bool(self.before and self._old.numbers == self.before.numbers)

    @property
    def spaces_changed(self) -> set[str]:
        """The spaces of the parts in which anything changed."""
        parts = self._old.parts_changed(self.before) if self.before else ()
        return {space for part in parts for space in self.spaces[part]}

    @property
    def is_worth_keeping(self) -> bool:
        """Whether there is anything to remember: without a sweep, only what adds to an earlier."""
        return self.is_complete or self.before is not None

    def dump(self) -> str:
        """Write what the table holds now, for the state."""
        if not self.is_complete:
            sketch = _merged(self._old_form, [self.before or self._old_form, self._new])
        elif self._is_of_form:
            sketch = _merged(self._empty, (each for pair in self._lists for each in pair))
        else:
            sketch = _merged(self._empty, (new for _, new in self._lists))
        sketch.until = self._began()
        return sketch.dump()


def _merged(form: KnownSketch, sketches: Iterable[KnownSketch]) -> KnownSketch:
    whole = form.empty()
    for sketch in sketches:
        whole.merge(sketch)
    return whole


def created_at(row: Row) -> datetime | None:
    """Find when a content was created; None where its row does not tell."""
    told = row.get("created_at")
    if told is None and (row.get("version") or {}).get("number") == 1:
        told = row.get("modified_at")
    return parse_timestamp(told)
