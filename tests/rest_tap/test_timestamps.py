"""Timestamps are compared as moments, whatever their form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rest_tap.timestamps import latest, parse_timestamp


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([None, 5, "", "soon", "Z"], None),
        (["2026-03-01T00:00:00.000Z", "2026-02-28T23:59:59.999Z"], "2026-03-01T00:00:00.000Z"),
        # Texts would sort wrongly
        (["2026-03-01T00:00:00Z", "2026-03-01T00:00:00.5Z"], "2026-03-01T00:00:00.5Z"),
        (["2026-03-01T01:00:00+02:00", "2026-03-01T00:00:00+00:00"], "2026-03-01T00:00:00Z"),
        (["2026-03-01T00:00:00.0Z", "2026-03-01T00:00:00+00"], "2026-03-01T00:00:00Z"),
        # What is no timestamp hides none
        (["2026-03-01T00:00:00Z", "never in years now! Z"], "2026-03-01T00:00:00Z"),
        ([None, 7, "2026-03-01T00:00:00Z"], "2026-03-01T00:00:00Z"),
    ],
)
def test_the_latest_is_the_last_moment(values, expected):
    assert latest(values) == parse_timestamp(expected)
    assert latest(values[::-1]) == parse_timestamp(expected)


@pytest.mark.parametrize("odd", ["2099-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
def test_a_moment_that_no_clock_tells_is_not_the_latest(odd):
    until = datetime(2026, 4, 2, tzinfo=UTC)
    assert latest(["2026-04-01T00:00:00Z", odd, None], until=until) == until - timedelta(days=1)
    assert latest([odd], until=until) is None
