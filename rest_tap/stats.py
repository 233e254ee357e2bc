"""What a run tells: a line now and then while it goes on, and a line a stream at its end."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from rest_tap.errors import DeniedError

if TYPE_CHECKING:
    import logging

    from rest_tap.errors import StreamError

PROGRESS_EVERY = 10.0  # Seconds


class StreamStats:
    """What one stream has sent, written and left out. Threads add to it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.records = self.requests = self.retries = 0
        self.waited = 0.0
        self.skipped: Counter[str] = Counter()
        self.missing: list[str] = []
        self.failure: StreamError | None = None
        self.asked = self.denied = self.failed = self.failed_in_a_row = 0
        self.last_denial: DeniedError | None = None
        self.last_failure: StreamError | None = None
        self.total: int | None = None
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

    @property
    def is_incomplete(self) -> bool:
        """Whether something failed or was not found."""
        return bool(self.failure or self.failed or self.missing)

    @property
    def is_denied(self) -> bool:
        """Whether the credentials may not read the stream."""
        return isinstance(self.failure, DeniedError)

    def __str__(self) -> str:
        parts = [
            f"{self.records:,} records",
            f"{self.requests:,} requests",
            f"{self.retries:,} retries",
            f"{self.waited:.1f} s waited",
        ]
        if self.skipped:
            reasons = ", ".join(f"{count} x {reason}" for reason, count in self.skipped.items())
            parts.append(f"{self.skipped.total():,} skipped ({reasons})")
        if self.missing:
            parts.append(f"not found: {', '.join(self.missing)}")
        if self.failed and not self.failure:
            parts.append(f"NOT COMPLETE: {self.failed:,} failed, the last: {self.last_failure}")
        if self.failure:
            parts.append(f"NOT COMPLETE: {self.failure}")
        return f"{self.name}: {', '.join(parts)}"


class RunSummary:
    """The streams of a run's streams."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._tallies: dict[str, StreamStats] = {}
        self._began = self._told = time.monotonic()
        self.current: str | None = None

    def of(self, name: str) -> StreamStats:
        """Get a stream's stats."""
        return self._tallies.get(name) or self._tallies.setdefault(name, StreamStats(name))

    @property
    def streams(self) -> list[StreamStats]:
        """The streams of all streams that did anything, by name."""
        return sorted(self._tallies.values(), key=lambda stats: stats.name)

    def log_progress(self) -> None:
        """Log one line if the last one is long enough ago."""
        now = time.monotonic()
        if now - self._told < PROGRESS_EVERY or self.current is None:
            return
        self._told = now
        stats = self.of(self.current)
        rate = sum(stats.records for stats in self._tallies.values()) / (now - self._began)
        share = f", {min(stats.records / stats.total, 1):.0%} done" if stats.total else ""
        self._logger.info(
            "Progress: %s: %s records, %s requests, %.0f records/s in all%s",
            *(stats.name, f"{stats.records:,}", f"{stats.requests:,}", rate, share),
        )

    def log(self) -> None:
        """Log a line a stream, then one for the run."""
        for stats in self.streams:
            level = self._logger.warning if stats.is_incomplete else self._logger.info
            level("Summary: %s", stats)
        self._logger.info(
            "Summary: %s records, %s requests in %.1f s",
            f"{sum(stats.records for stats in self._tallies.values()):,}",
            f"{sum(stats.requests for stats in self._tallies.values()):,}",
            time.monotonic() - self._began,
        )
