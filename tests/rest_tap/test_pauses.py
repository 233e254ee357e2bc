"""What servers say of when to ask again, and what is made of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests

from rest_tap.http.pauses import pause_of, told_pause

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RESET = ("X-RateLimit-Reset",)


def now():
    return NOW.timestamp()


def date(seconds, *, zone=True):
    text = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    return text if zone else text.removesuffix(" GMT")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *(("12", 12), (" 12 ", 12), ("1.5", 1.5), ("0", 0)),
        *((date(90), 90), (date(-90), 0), (date(90, zone=False), 90)),
        *((str(now() + 90), 90), (str((now() + 90) * 1000), 90), (str(now() - 90), 0)),
        *(("2026-11-21T12:01Z", 60), ("2026-11-21T12:01:30", 90)),
    ],
)
def test_a_pause_is_told_in_seconds_or_as_a_moment(value, seconds):
    assert told_pause({"Retry-After": value}, now=now) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "value",
    [
        *("", "soon", "NaN", "inf", "-inf", "-1", "1e300", "99999999", "999999999999999"),
        *("Sat, 99 Nov 2026 12:00:00 GMT", "Sat, 21 Nov 99999 12:00:00 GMT", "10000-01-01"),
    ],
)
def test_nonsense_is_no_answer(value):
    assert told_pause({"Retry-After": value}, now=now) is None
    told = {"Retry-After": value, "X-RateLimit-Reset": "7"}
    assert told_pause(told, ("Retry-After", *RESET), now) == 7


def test_the_header_that_is_made_for_it_counts_before_the_others():
    told = {"Retry-After": "2", "X-RateLimit-Reset": "3600"}
    assert told_pause(told, ("Retry-After", *RESET), now) == 2


@pytest.mark.parametrize("hours", [-20, 20])
@pytest.mark.parametrize("header", ["Retry-After", "X-RateLimit-Reset"])
def test_a_moment_is_one_of_the_servers_clock(header, hours):
    told = {header: date(hours * 3600 + 30), "Date": date(hours * 3600)}
    assert told_pause(told, (header,), now) == 30


def answer(status, **headers):
    answer = requests.Response()
    answer.status_code = status
    answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return answer


@pytest.mark.parametrize(
    ("told", "seconds"),
    [({}, 8), ({"Retry_After": "0"}, 0.8), ({"RateLimit_Reset": "NaN"}, 8)],
)
def test_too_many_requests_are_met_with_more_patience_each_time(told, seconds):
    assert pause_of(answer(429, **told), 3) == seconds
    assert pause_of(answer(429, **told), 5000) <= 30


def test_a_server_that_is_down_pauses_all_only_if_it_asks_for_that():
    assert pause_of(answer(503), 0) is None
    assert pause_of(answer(503, X_RateLimit_Reset="3600"), 0) is None
    assert pause_of(answer(503, Retry_After="5"), 0) == 5
    assert pause_of(answer(500, Retry_After="5"), 0) is None
