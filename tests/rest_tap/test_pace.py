"""Runs that meet a limit find the pace that it allows: few refusals, and hardly any time lost.

Time is played: servers with limits of several kinds, and workers that ask as fast as they may.
"""

from __future__ import annotations

import heapq
import itertools

import pytest

from rest_tap.http.pace import SLOWEST, Pace, Quota
from rest_tap.http.pauses import quota_of
from rest_tap.http.rate_limiter import RateLimiter


class Windows:
    """So many requests in each window; a refusal tells how long the window lasts, or a time."""

    def __init__(self, limit, seconds=1.0, retry_after=None, phase=0.3):
        self.limit, self.seconds, self.retry_after, self.phase = limit, seconds, retry_after, phase
        self.window, self.used = None, 0
        self.per_second = limit / seconds

    def ask(self, now):
        window, over = divmod(now + self.phase, self.seconds)
        if window != self.window:
            self.window, self.used = window, 0
        if self.used < self.limit:
            self.used += 1
            return None
        return self.retry_after or self.seconds - over


class Bucket:
    """A bucket of tokens that fills steadily."""

    def __init__(self, per_second, size, retry_after=1.0):
        self.per_second, self.size, self.retry_after = per_second, size, retry_after
        self.tokens, self.at = float(size), 0.0

    def ask(self, now):
        self.tokens = min(self.size, self.tokens + (now - self.at) * self.per_second)
        self.at = now
        if self.tokens < 1:
            return self.retry_after
        self.tokens -= 1
        return None


class World:
    """Runs that ask one server, each with a limiter of its own."""

    def __init__(self, server, *, runs=1, workers=8, latency=0.005):
        self.server, self.latency, self.now = server, latency, 0.0
        self.limiters = [RateLimiter(clock=lambda: self.now) for _ in range(runs)]
        self.answered = self.refused = 0
        self.times = []
        self._order = itertools.count()
        self._events = []
        for limiter in self.limiters:
            for worker in range(workers):
                self._at(worker * 0.0001, self._reserve, limiter)

    def _at(self, when, what, *details):
        heapq.heappush(self._events, (when, next(self._order), what, details))

    def _reserve(self, limiter):
        turn = limiter.reserve()
        self._at(turn.at, self._send, limiter, turn)

    def _send(self, limiter, turn):
        if not limiter.holds(turn):
            self._reserve(limiter)
            return
        pause = self.server.ask(self.now)
        self._at(self.now + self.latency, self._hear, limiter, pause)

    def _hear(self, limiter, pause):
        if pause is None:
            self.answered += 1
            self.times.append(self.now)
            limiter.note_answer()
        else:
            self.refused += 1
            limiter.pause(pause, is_limit=True)
        self._reserve(limiter)

    def run(self, answers):
        """Go on until so many more were answered; return the seconds that it took."""
        began, until = self.now, self.answered + answers
        while self.answered < until:
            self._step()
        return self.now - began

    def _step(self):
        self.now, _, what, details = heapq.heappop(self._events)
        what(*details)


LIMITS = {
    "20 a second": lambda: Windows(20),
    "20 a second, whole seconds": lambda: Windows(20, retry_after=1.0),
    "100 a second": lambda: Windows(100),
    "300 a minute": lambda: Windows(300, 60),
    "60 in ten seconds": lambda: Windows(60, 10),
    "a bucket of 20": lambda: Bucket(20, 20),
    "a bucket of 100": lambda: Bucket(20, 100),
}


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("workers", [1, 8, 32])
@pytest.mark.parametrize("latency", [0.005, 0.2])
def test_a_run_settles_on_the_pace_of_a_limit(limit, workers, latency):
    server = LIMITS[limit]()
    world = World(server, workers=workers, latency=latency)
    seconds = world.run(20 * 60)
    floor = max(20 * 60 / server.per_second, 20 * 60 * latency / workers)
    assert world.refused <= 0.1 * (world.refused + world.answered)
    assert seconds <= 1.1 * floor


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("runs", [2, 4])
def test_runs_side_by_side_settle_too(limit, runs):
    server = LIMITS[limit]()
    world = World(server, runs=runs)
    world.run(20 * 20)
    assert world.run(20 * 120) <= 1.1 * 20 * 120 / server.per_second
    assert world.refused <= 0.1 * (world.refused + world.answered)


@pytest.mark.parametrize("workers", [1, 8, 32])
@pytest.mark.parametrize("latency", [0.005, 0.2])
def test_a_server_that_asks_for_longer_pauses_than_it_needs_is_found_out(workers, latency):
    world = World(Bucket(20, size=5, retry_after=1.0), workers=workers, latency=latency)
    world.run(20 * 60)
    floor = max(20 * 120 / 20, 20 * 120 * latency / workers)
    assert world.run(20 * 120) <= 1.25 * floor  # To keep to its pauses takes four times as long


def test_a_limit_that_is_lifted_is_found_out():
    server = Windows(20)
    world = World(server)
    world.run(400)
    server.limit = 100
    world.run(6000)
    assert world.run(400) <= 1.15 * 400 / 100


def test_a_limit_that_sinks_is_followed():
    server = Windows(100)
    world = World(server)
    world.run(2000)
    server.limit, world.refused, world.answered = 20, 0, 0
    assert world.run(1200) <= 1.2 * 1200 / 20
    assert world.refused <= 0.1 * (world.refused + world.answered)


class Moody:
    """A server that refuses one request out of the blue."""

    def __init__(self, at, retry_after):
        self.at, self.retry_after, self.asked = at, retry_after, 0

    def ask(self, now):
        self.asked += 1
        return self.retry_after if self.asked == self.at else None


@pytest.mark.parametrize("at", [1, 5, 50])
@pytest.mark.parametrize("pause", [1, 3, 30])
def test_one_refusal_is_no_limit(at, pause):
    world = World(Moody(at, pause))
    assert world.run(2000) <= pause + 2000 * 0.005 / 8 + 0.1


@pytest.mark.parametrize("pause", [3, 30])
def test_a_moment_of_refusals_is_got_over(pause):
    world = World(Windows(5, 10**9, retry_after=pause))
    for _ in range(20):
        world._step()
    world.server.limit = 10**9
    assert world.run(2000) <= pause + 100


def test_without_a_limit_nobody_waits():
    world = World(Windows(10**9))
    assert world.run(8000) == pytest.approx(8000 * 0.005 / 8, rel=0.02)


# What a server tells of a quota


def told(left, limit, reset, prefix="X-RateLimit"):
    values = {"Remaining": left, "Limit": limit, "Reset": reset}
    return {f"{prefix}-{name}": str(value) for name, value in values.items()}


def test_a_quota_is_read_in_the_forms_that_vendors_have():
    date = {"Date": "Sat, 21 Nov 2026 12:00:00 GMT"}
    assert quota_of(told(59, 60, 30, "RateLimit")) == (59, 60, 30)
    assert quota_of({**told(59, 60, 1795262430), **date}) == (59, 60, 30)
    assert quota_of({**told(900, 65000, "2026-11-21T13:00Z"), **date}) == (900, 65000, 3600)


@pytest.mark.parametrize(
    "headers",
    [
        *({}, told(1, 60, "NaN"), told("NaN", 60, 1), told(1, "inf", 1), told(-1, 60, 1)),
        *(told(61, 60, 1), {"X-RateLimit-Remaining": "1"}, told("many", 60, 1)),
    ],
)
def test_a_quota_that_makes_no_sense_is_none(headers):
    assert quota_of(headers) is None


def test_a_quota_is_used_at_full_speed_until_little_is_left():
    pace = Pace()
    pace.hear(Quota(1000, 1000, 60), now=0)
    assert pace.interval(0) == 0
    pace.hear(Quota(201, 1000, 50), now=10)
    assert pace.interval(10) == 0


def test_the_rest_of_a_quota_is_spread_over_its_time():
    pace = Pace()
    for left in range(60, 9, -1):
        pace.hear(Quota(left, 60, 50), now=10)
    assert pace.interval(10) == pytest.approx(50 / 10)
    assert pace.interval(61) == 0  # It is renewed


def test_points_count_as_many_as_a_request_costs():
    """Confluence's hourly points: a page of 250 rows costs 251."""
    pace = Pace()
    for number in range(50):
        pace.hear(Quota(65_000 - 251 * (number + 1), 65_000, 2000), now=10)
    assert pace.interval(10) == 0
    pace.hear(Quota(10_040, 65_000, 2000), now=10)
    assert 2000 / 10_040 * 250 <= pace.interval(10) <= SLOWEST


def test_a_quota_that_is_used_up_is_still_asked_for_now_and_then():
    """Or nobody would hear how long the server wants to be left alone."""
    pace = Pace()
    pace.hear(Quota(0, 65_000, 3000), now=0)
    assert pace.interval(0) == SLOWEST
