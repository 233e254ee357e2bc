"""When a run began: by the vendor's clock or this machine's, whichever is behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.rest_tap.library import TapLibrary, config
from tests.rest_tap.wire import Wire, answer, in_turn


@pytest.fixture
def began(monkeypatch):
    """Ask a server whose clock is ahead; tell when the tap began, from when it did.

    This machine's clock may have been ahead too when the tap began.
    """

    def began(hours, was_ahead=0):
        now = datetime.now(UTC).replace(microsecond=0)
        started = (now + timedelta(hours=was_ahead)).timestamp()
        monkeypatch.setattr(TapLibrary, "initialized_at", int(started * 1000))
        date = format_datetime(now + timedelta(hours=hours), usegmt=True)
        with Wire(in_turn(answer(b'{"rows": []}', f"Date: {date}"))) as wire:
            tap = TapLibrary(config=config(wire.url))
            assert tap.streams["catalogue"].get_json("/shelves") == {"rows": []}
            return (tap.began - now) / timedelta(hours=1)

    return began


@pytest.mark.parametrize(("hours", "expected"), [(0, 0), (20, 0), (-20, -20), (300, 0)])
def test_a_run_began_by_the_clock_that_is_behind(began, hours, expected):
    assert began(hours) == pytest.approx(expected, abs=0.01)


def test_a_clock_that_is_set_right_meanwhile_leaves_no_beginning_in_the_future(began):
    assert began(0, was_ahead=20) == pytest.approx(0, abs=0.01)
