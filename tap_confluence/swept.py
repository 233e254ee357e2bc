"""Streams whose changes no date tells in full: all ids are listed when that is due."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from rest_tap.state import TEXT
from tap_confluence.client import ConfluenceStream
from tap_confluence.space_filter import IDS_A_REQUEST, joined
from tap_confluence.sweep import Changes, Sweep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from rest_tap import Listing, Row
    from rest_tap.state import Kind

KNOWN = "known"  # Where the state holds the sketch
MANY = 25  # Streams, which leave less of a state for each


class SweptStream(ConfluenceStream):
    """What is read as it changes, and compared with the list of all when that is due."""

    primary_keys = ("id",)
    tells_vanished = True
    state_keys: ClassVar[Mapping[str, Kind]] = {KNOWN: TEXT.spare()}

    derived_columns = ()  # What is made of others, such as the Markdown, is made of what fits

    differs_by: tuple[str, ...] = ()
    """The columns that may change without a version or a date."""

    sketch_rows: tuple[int, ...] = (10, 10, 10, 10)
    """Cells of the sketch: about half as many changes can be told apart."""

    small_sketch_rows: tuple[int, ...] = (3, 3, 3, 3)
    """The same where many streams share the state."""

    can_miss = True
    """Whether what is not answered is gone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_read_again = False
        """Whether this run reads everything again, for more has vanished than can be named."""
        self.missing: set[str] = set()
        """What went, but for what is answered when it is asked for by its id."""

    @cached_property
    def sweep(self) -> Sweep:
        """What this run sees of all that exists."""
        known = self.bookmarks.held().get(KNOWN)
        selected = sum(stream.selected for stream in self.run.streams.values())
        rows = self.sketch_rows if selected <= MANY else self.small_sketch_rows
        return Sweep(rows, self.differs_by, known, lambda: self.run.began)

    @property
    def is_swept(self) -> bool:
        """Whether all is listed in this run though only what changed is read."""
        return self.selected and self.reconciliation.is_due

    @property
    def reads_all_now(self) -> bool:
        """Whether this run lists everything that exists, so that the rest has vanished."""
        return self.is_read_again

    # What differs

    def differing(self, also: Changes) -> Iterator[Sequence[Listing]]:
        """Read what differs from what was known, and tell what has vanished.

        Args:
            also: What is known to have come or gone beside it.
        """
        found = self.sweep.changes()
        if found is None and not self.sweep.has_same_numbers:
            self.logger.info(
                "%s: more came or went than its state can tell apart: reading everything again. "
                "What has vanished is told by ACTIVATE_VERSION, where that can be",
                self.name,
            )
            self.is_read_again = self.run.start_date is None  # Else the table may hold more
            yield self.all_again()
            return
        if found is None:
            self.logger.info(
                "%s: more has changed than its state can tell apart: reading the parts of the "
                "site again in which that is",
                self.name,
            )
            yield self.spaces_again(sorted(self.sweep.spaces_changed))
        came, went = (also[of] | (found[of] if found else set()) for of in (0, 1))
        self.missing = {self.id_of(number) for number in went - came}
        yield self.by_id(sorted(map(self.id_of, came | went)))
        if self.missing and self.can_miss:
            yield [self.listing(known=[self.last_row(id=i) for i in sorted(self.missing)])]

    def not_missing(self, rows: list[Row]) -> list[Row]:
        """Take down what is answered."""
        self.missing.difference_update(row["id"] for row in rows)
        return rows

    def id_of(self, number: int) -> str:
        """Make the id of a number."""
        return str(number)

    def all_again(self) -> list[Listing]:
        """Describe the lists that have everything between them."""
        raise NotImplementedError

    def spaces_again(self, spaces: Collection[str]) -> list[Listing]:  # noqa: ARG002
        """Describe the lists of some spaces; all, where they cannot be asked for."""
        return self.all_again()

    def by_id(self, ids: Sequence[str]) -> list[Listing]:
        """Describe the lists of what has these ids."""
        raise NotImplementedError

    # What is remembered

    def rows_to_write(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Note what is new."""
        rows = super().rows_to_write(rows, listing)
        self.sweep.note_written(rows)
        return rows

    def stream_done(self) -> None:
        """Remember what the table holds now, and when all was compared with it."""
        if self.selected and self.sweep.is_worth_keeping:
            self.bookmarks.state()[KNOWN] = self.sweep.dump()
        if self.selected and self.sweep.is_complete:
            self.reconciliation.note_whole()


def batches(ids: Sequence[str]) -> list[str]:
    """Join ids with commas, as many as a request may ask for."""
    return joined(ids, IDS_A_REQUEST)
