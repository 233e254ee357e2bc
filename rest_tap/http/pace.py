"""How fast a server lets itself be asked: learned from what it refuses, and from what it tells."""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

GUESS_HOLD, BURST_HOLD, HOLD = 4.0, 20.0, 60.0  # Seconds for which a pace is kept
ALONE = 60.0  # Seconds between two refusals that have nothing to do with each other
TELLING = 15  # Answers without which a burst says little
BURST = 0.2  # The part of a pause in which requests came at once
GROWTH = 1.1  # By so much it grows each second after that, until the next refusal
LONGEST_GROWTH = 120.0  # Seconds, in which it has become a hundred thousand times as fast
SURE = 0.99  # The part of what was granted that is relied upon
RECENT = 3.0  # Seconds
BACK = 0.95  # What is left of a pace that has grown until it was refused
LEAST, MOST = 0.5, 0.95  # What is left of one that was refused without having grown
REMEMBERED = 2000  # Answers from which a pace is learned
RESERVE = 0.2  # The share of a quota that is left when what is left is spread over the time
RENEWED = 0.05  # By how much more is left, or else answers only overtook each other
SLOWEST = 60.0  # Seconds between two requests; who has to wait longer hears so when he asks


class Quota(NamedTuple):
    """What a server tells of its limit."""

    left: float
    limit: float
    seconds: float
    """Until it is renewed."""


class Pace:
    """The time between two requests that a server grants.

    A server that refuses a request as one too many has granted those before it, in the time until
    it wants to be asked again. Requests are spread over time at this rate from then on. After a
    while they go faster, little by little, until the server refuses again: so several runs on one
    limit settle, too.

    A quota that the server tells is used at full speed until a fifth of it is left. What is left
    is spread over the time until the quota is renewed, so that nobody runs into a long pause.

    Times are in seconds of any clock that only grows.
    """

    def __init__(self) -> None:
        self._granted: deque[float] = deque(maxlen=REMEMBERED)
        self._rate = math.inf  # Requests a second
        self._held_until = math.inf
        self._refused_at = 0.0
        self._last_refused_at = -math.inf
        self._is_limit = False
        self._opens_at: float | None = None
        self._first: Quota | None = None  # And what came after it, until it is renewed
        self._answers = 0
        self._left = math.inf
        self._spread = 0.0
        self._spread_until = 0.0

    @property
    def is_free(self) -> bool:
        """Whether no limit is known: so it is for most runs, and costs them little."""
        return self._rate == math.inf and self._opens_at is None and not self._spread

    def accept(self, now: float) -> None:
        """Note that a request was answered."""
        if self._opens_at is not None:
            self._settle(now)
        self._granted.append(now)

    def refuse(self, now: float, opens_at: float) -> None:
        """Note that a request was one too many, and when the server wants to be asked again."""
        if self._opens_at is None:
            # One refusal alone may have any reason
            self._is_limit = self._rate < math.inf or now - self._last_refused_at < ALONE
            self._refused_at = now
        else:
            self._is_limit = True
        self._last_refused_at = now
        self._opens_at = max(opens_at, self._opens_at or opens_at)

    def hear(self, quota: Quota, now: float) -> None:
        """Note what is left of a quota."""
        if self._first is None or quota.left > self._left + RENEWED * quota.limit:
            self._first, self._answers = quota, 0
        cost = max(1.0, (self._first.left - quota.left) / max(1, self._answers))
        self._answers += 1
        self._left = quota.left
        self._spread = 0.0
        if quota.left <= RESERVE * quota.limit:
            self._spread = min(quota.seconds * cost / max(quota.left, cost), SLOWEST)
            self._spread_until = now + quota.seconds

    def interval(self, now: float) -> float:
        """Tell the seconds between one request and the next."""
        if self.is_free:
            return 0.0
        self._settle(now)
        rate = self._rate
        if self._opens_at is not None:
            rate = self._rate_after(self._opens_at) if self._is_limit else rate
        elif now > self._held_until:
            rate *= GROWTH ** min(now - self._held_until, LONGEST_GROWTH)
        return max(1 / rate, self._spread if now < self._spread_until else 0.0)

    def _settle(self, now: float) -> None:
        """Keep a pace when its pause is over; until then more may be answered of what was asked."""
        if self._opens_at is not None and now >= self._opens_at:
            if self._is_limit:
                self._rate = self._rate_after(self._opens_at)
                self._held_until = self._opens_at + self._hold
            self._opens_at = None
            self._granted.clear()

    @property
    def _was_probing(self) -> bool:
        return self._refused_at > self._held_until

    @property
    def _hold(self) -> float:
        """How long a pace is kept: the longer, the better it is known."""
        if self._was_probing:
            return HOLD
        return BURST_HOLD if self._was_burst else GUESS_HOLD

    @property
    def _was_burst(self) -> bool:
        """Whether all came at once, so that what was granted tells much of the limit."""
        first = min(self._granted, default=-math.inf)
        pause = (self._opens_at or 0.0) - self._last_refused_at
        return len(self._granted) >= TELLING and self._last_refused_at - first < BURST * pause

    def _rate_after(self, opens_at: float) -> float:
        """Find the pace after a pause: the last that was good, or the one that was granted."""
        if self._was_probing:
            recent = sum(time > self._refused_at - RECENT for time in self._granted)
            return max(self._rate, BACK * recent / RECENT)
        granted = self._granted_rate(opens_at)
        if self._rate == math.inf:
            return SURE * granted
        return min(max(granted, LEAST * self._rate), MOST * self._rate)

    def _granted_rate(self, opens_at: float) -> float:
        """Take for granted the most that was, over any time that ends with the pause."""
        times = list(self._granted)
        spans = (opens_at - min(time, self._refused_at) for time in times)
        counts = range(len(times), 0, -1)
        rates = [count / span for count, span in zip(counts, spans, strict=True) if span > 0]
        return max(rates, default=1.0)
