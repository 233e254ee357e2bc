"""When a stream is read whole that tells nothing of its changes: the setting `reconcile`."""

from __future__ import annotations

from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Protocol

from rest_tap.timestamps import format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from rest_tap.bookmarks import Bookmarks
    from rest_tap.run import Run

EVERY_DAY = timedelta(days=1, minutes=-15)  # A daily schedule starts some seconds early at times
FOR_EVER = timedelta(days=365 * 100)


class Reconciled(Protocol):
    """What is known of the stream."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def bookmarks(self) -> Bookmarks: ...  # noqa: D102


class Reconciliation:
    """Tells when a stream is due, by when the last run began that read it whole.

    Args:
        stream: The stream.
        run: The run that it is read in.
    """

    names: tuple[str, ...] = ()
    """The streams that are read together, any of which a setting may name; the stream if empty."""

    def __init__(self, stream: Reconciled, run: Run) -> None:
        self._stream = stream
        self._run = run

    @property
    def due_at(self) -> datetime:
        """When the stream is to be read whole again; now, if that never was, or is always."""
        if self._last is None or self.is_always:
            return self._run.began
        return self._last + (EVERY_DAY if self._run.config["reconcile"] == "daily" else FOR_EVER)

    @property
    def is_by_time(self) -> bool:
        """Whether the time tells if the stream is due."""
        is_daily = self._run.config["reconcile"] == "daily"
        return is_daily and self._last is not None and not self.is_always

    @property
    def _last(self) -> datetime | None:
        return parse_timestamp(self._stream.bookmarks.held().get("reconciled"))

    @property
    def is_due(self) -> bool:
        """Whether the stream is to be read whole."""
        return self.due_at <= self._run.began

    @property
    def is_always(self) -> bool:
        """Whether the settings want the stream to be read whole by each run."""
        config = self._run.config
        patterns = config.get("reconcile_always") or ()
        names = self.names or (self._stream.name,)
        is_named = any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
        return is_named or config["reconcile"] == "always"

    @property
    def remark(self) -> str:
        """Say why the stream is left out, for the summary; nothing if it is due."""
        if self.is_due:
            return ""
        if self._run.config["reconcile"] == "never":
            return "not due (reconcile: never)"
        return f"not due until {self.due_at:%H:%M} UTC"

    def note_whole(self) -> None:
        """Remember that this run has read the stream whole."""
        self._stream.bookmarks.state()["reconciled"] = format_timestamp(self._run.began)
