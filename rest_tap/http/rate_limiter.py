"""When a request may be sent: the server's pauses and the user's cap, for all threads at once."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from rest_tap.http.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_tap.http.pace import Quota

# The slots of a cap are this much wider than they need be, so that a request which is late by less
# than this part of a second is still not one too many in the second in which the server counts it:
# a refusal costs a pause, and so more than all the slack.
SLACK = 1.04


class Turn(NamedTuple):
    """When a request may be sent."""

    at: float
    pauses: int
    """How many there had been when it was taken."""


class RateLimiter:
    """Lets requests through: one pause for all threads, and as fast as user and server allow.

    Args:
        per_second: The user's cap, or None for no cap. Requests are spaced evenly, without bursts.
        clock: Seconds that only ever grow.
        sleep: Waits for a number of seconds.
    """

    def __init__(
        self,
        per_second: float | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = SLACK / per_second if per_second else 0.0
        self.clock = clock
        self.sleep = sleep
        self._lock = threading.Lock()
        self._opens_at = 0.0
        self._next_slot = 0.0
        self._pauses = 0
        self._pace = Pace()

    def pause(self, seconds: float, *, is_limit: bool = False) -> None:
        """Let no request through for so many seconds from now.

        Args:
            seconds: How long.
            is_limit: Whether that is because there were too many requests, which go slower then.
        """
        with self._lock:
            now = self.clock()
            if is_limit:
                self._pace.refuse(now, now + seconds)
            if now + seconds > self._opens_at:
                self._opens_at = self._next_slot = now + seconds
                self._pauses += 1

    def note_answer(self, quota: Quota | None = None) -> None:
        """Take note of an answer, and of what it tells is left of a quota."""
        now = self.clock()
        if quota is None and self._pace.is_free:
            self._pace.accept(now)  # Which needs no lock then
            return
        with self._lock:
            self._pace.accept(now)
            if quota:
                self._pace.hear(quota, now)

    def acquire(self) -> float:
        """Wait for a turn to send one request; return the seconds that it took."""
        began = self.clock()
        while True:
            turn = self.reserve()
            while (seconds := turn.at - self.clock()) > 0:
                self.sleep(seconds)
            if self.holds(turn):
                return self.clock() - began

    def reserve(self) -> Turn:
        """Take the next turn, which holds unless a pause begins meanwhile."""
        with self._lock:
            now = self.clock()
            at = max(now, self._opens_at, self._next_slot)
            self._next_slot = at + max(self._interval, self._pace.interval(now))
            return Turn(at, self._pauses)

    def holds(self, turn: Turn) -> bool:
        """Tell whether no pause began since a turn was taken: else another must be, after it."""
        return turn.pauses == self._pauses
