from __future__ import annotations

import random
import threading
from collections import Counter

import pytest

from rest_tap.http.rate_limiter import RateLimiter


def rate_limiter(time, per_second=None):
    rate_limiter = RateLimiter(per_second, clock=time.clock)
    rate_limiter.sleep = time.sleep
    return rate_limiter


def test_nobody_waits_at_an_open_gate(time):
    assert [rate_limiter(time).acquire() for _ in range(100)] == [0.0] * 100


def test_a_pause_holds_everyone_until_it_has_passed(time):
    held = rate_limiter(time)
    held.pause(30)
    held.pause(5)  # A shorter pause shortens nothing
    assert held.acquire() == 30
    assert held.acquire() == 0


def test_a_pause_that_begins_while_one_waits_is_kept_too(time):
    held = rate_limiter(time)
    held.pause(1)

    def sleep(seconds):
        time.now += seconds
        if seconds == 1:
            held.pause(10)

    held.sleep = sleep
    assert held.acquire() == 11


@pytest.mark.parametrize("per_second", [1, 7, 20, 0.5])
def test_no_second_sees_more_requests_than_the_cap(time, per_second):
    capped = rate_limiter(time, per_second)
    sent = []
    for _ in range(100):
        capped.acquire()
        sent.append(time.now)
    for start in sent:
        window = [at for at in sent if start <= at < start + 1]
        assert len(window) <= max(1, per_second)
    assert sent[-1] - sent[0] < 1.05 * 99 / per_second


def test_requests_that_come_late_are_not_one_too_many(time):
    capped, chance, seen = rate_limiter(time, 20), random.Random(1), Counter()
    for _ in range(5_000):
        capped.acquire()
        seen[int(time.now + chance.choice([0, 0.038]))] += 1
    assert max(seen.values()) <= 20


def test_the_cap_holds_between_threads():
    capped = RateLimiter(200)
    sent = []

    def ask():
        for _ in range(10):
            capped.acquire()
            sent.append(1)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    began = capped.clock()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sent) == 80
    assert capped.clock() - began >= 79 / 200
