"""When a request may be sent: the server's pauses and the user's cap, for all threads at once."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# The slots of a cap are this much wider than they need be, so that requests which the network
# pushes together still stay under the cap in every second that the server may count.
SLACK = 1.02


class RateLimiter:
    """Lets requests through, one pause for all threads and at most so many a second.

    Args:
        per_second: The cap, or None for no cap. Requests are spaced evenly, without bursts.
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

    def pause(self, seconds: float) -> None:
        """Let no request through for so many seconds from now."""
        with self._lock:
            self._opens_at = max(self._opens_at, self.clock() + seconds)

    def acquire(self) -> float:
        """Wait for a turn to send one request; return the seconds that it took."""
        began = self.clock()
        while True:
            with self._lock:
                turn = max(self.clock(), self._opens_at, self._next_slot)
                self._next_slot = turn + self._interval
            while (seconds := turn - self.clock()) > 0:
                self.sleep(seconds)
            if turn >= self._opens_at:  # Else a pause began meanwhile: take a turn after it
                return self.clock() - began
