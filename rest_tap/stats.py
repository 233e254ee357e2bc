"""What a run tells: a line now and then while it goes on, and a line a stream at its end."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from rest_tap.errors import DeniedError
from rest_tap.redaction import LONGEST_LINE, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rest_tap.errors import StreamError

PROGRESS_EVERY = 10.0  # Seconds
TOLD = 3  # Warnings of a kind that a stream logs; more of them are counted
NAMED = 5  # Names of what is missing or lost that are told
LONGEST_NAME = 60  # Characters of one of them
LONGEST_PART = LONGEST_LINE - 100  # Characters of a part of a summary, beside the stream's name


class Names:
    """Names of what is told: the first few, and how many there are."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._count = 0

    def append(self, name: str) -> None:
        """Add a name."""
        self._count += 1
        if len(self._first) < NAMED:
            self._first.append(shown(name, LONGEST_NAME))

    def __len__(self) -> int:
        return self._count

    def __str__(self) -> str:
        more = self._count - len(self._first)
        return ", ".join(self._first) + (f" and {more:,} more" if more else "")


class StreamStats:
    """What one stream has sent, written and left out. Threads add to it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.records = self.requests = self.retries = 0
        self.waited = 0.0
        self.skipped: Counter[str] = Counter()
        self.mended: Counter[str] = Counter()
        self.masked: Counter[str] = Counter()
        self.missing = Names()
        self.lost = Names()
        self.failure: StreamError | None = None
        self.asked = self.denied = self.failed = self.failed_in_a_row = 0
        self.last_denial: DeniedError | None = None
        self.last_failure: StreamError | None = None
        self.remark = ""
        """Why the stream was not read, or not whole, though nothing is wrong."""
        self._warned: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(
        self, *, records: int = 0, requests: int = 0, retries: int = 0, waited: float = 0.0
    ) -> None:
        """Add to the counts."""
        with self._lock:
            self.records += records
            self.requests += requests
            self.retries += retries
            self.waited += waited

    def skip(self, what: str) -> int:
        """Count something that was left out; return how many of the kind there are by now."""
        with self._lock:
            self.skipped[what] += 1
            return self.skipped[what]

    def mend(self, column: str, count: int = 1) -> bool:
        """Count values of a column that were made to fit; tell whether they are the first."""
        return self._is_first(self.mended, column, count)

    def mask(self, column: str, count: int = 1) -> bool:
        """Count secrets in a column that were masked; tell whether they are the first."""
        return self._is_first(self.masked, column, count)

    def _is_first(self, counts: Counter[str], column: str, count: int) -> bool:
        with self._lock:
            counts[column] += count
            return counts[column] == count

    def lose(self, name: str) -> None:
        """Count a row that the API tells of and does not give; the run is incomplete."""
        with self._lock:
            self.lost.append(name)

    def warn(
        self,
        logger: logging.Logger,
        kind: str,
        message: str,
        *args: object,
        level: int = logging.WARNING,
    ) -> None:
        """Log a warning or an error, but only the first few of a kind."""
        with self._lock:
            self._warned[kind] += 1
            number = self._warned[kind]
        if number < TOLD:
            logger.log(level, message, *args)
        elif number == TOLD:
            logger.log(level, "%s (more of these are only counted)", message % args)

    @property
    def is_incomplete(self) -> bool:
        """Whether something failed, was lost or was not found."""
        return bool(self.failure or self.failed or self.missing or self.lost)

    @property
    def is_denied(self) -> bool:
        """Whether the credentials may not read the stream."""
        return isinstance(self.failure, DeniedError)

    def lines(self) -> list[str]:
        """Say it in one line, or in more where that would be too long."""
        lines = [f"{self.name}: {next(parts := self._parts())}"]
        for part in parts:
            fitting = shown(part, LONGEST_PART)
            if len(lines[-1]) + len(fitting) + 2 <= LONGEST_LINE - len("Summary: "):
                lines[-1] += f", {fitting}"
            else:
                lines.append(f"{self.name}: {fitting}")
        return lines

    def _parts(self) -> Iterator[str]:
        yield (
            f"{self.records:,} records, {self.requests:,} requests, {self.retries:,} retries, "
            f"{self.waited:.1f} s waited"
        )
        if self.remark:
            yield self.remark
        if self.skipped:
            reasons = ", ".join(f"{count:,} x {why}" for why, count in self.skipped.most_common())
            yield f"{self.skipped.total():,} skipped ({reasons})"
        if self.mended:
            yield f"{_counted(self.mended, 'value')} mended in {_columns(self.mended)}"
        if self.masked:
            yield f"{_counted(self.masked, 'secret')} masked in {_columns(self.masked)}"
        if self.missing:
            yield f"not found: {self.missing}"
        if self.lost:
            yield f"LOST: {self.lost}"
        if self.failed and not self.failure:
            yield f"NOT COMPLETE: {self.failed:,} failed, the last: {self.last_failure}"
        if self.failure:
            yield f"NOT COMPLETE: {self.failure}"


def _counted(counts: Counter[str], what: str) -> str:
    return f"{counts.total():,} {what}{'' if counts.total() == 1 else 's'}"


def _columns(counts: Counter[str]) -> str:
    """Name the columns of which most is told."""
    names = Names()
    for name, _ in counts.most_common():
        names.append(name)
    return f"{len(counts)} column{'' if len(counts) == 1 else 's'}: {names}"


class RunSummary:
    """The stats of a run's streams."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._stats: dict[str, StreamStats] = {}
        self._began = self._told = time.monotonic()
        self.current: str | None = None

    def of(self, name: str) -> StreamStats:
        """Get a stream's stats."""
        return self._stats.get(name) or self._stats.setdefault(name, StreamStats(name))

    @property
    def streams(self) -> list[StreamStats]:
        """The stats of all streams that did anything, by name."""
        return sorted(self._stats.values(), key=lambda stats: stats.name)

    def log_progress(self) -> None:
        """Log one line if the last one is long enough ago."""
        now = time.monotonic()
        if now - self._told < PROGRESS_EVERY or self.current is None:
            return
        self._told = now
        stats = self.of(self.current)
        rate = sum(stats.records for stats in self._stats.values()) / (now - self._began)
        self._logger.info(
            "Progress: %s: %s records, %s requests, %.0f records/s in all",
            *(stats.name, f"{stats.records:,}", f"{stats.requests:,}", rate),
        )

    def log(self) -> None:
        """Log a line a stream, then one for the run."""
        for stats in self.streams:
            level = self._logger.warning if stats.is_incomplete else self._logger.info
            for line in stats.lines():
                level("Summary: %s", line)
        self._logger.info(
            "Summary: %s records, %s requests in %.1f s",
            f"{sum(stats.records for stats in self._stats.values()):,}",
            f"{sum(stats.requests for stats in self._stats.values()):,}",
            time.monotonic() - self._began,
        )
