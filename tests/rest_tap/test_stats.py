"""What a run tells while it goes on, and at its end."""

from __future__ import annotations

import logging

import pytest

from rest_tap import stats as module
from rest_tap.errors import DeniedError
from rest_tap.stats import RunSummary

NOTHING = "0 records, 0 requests, 0 retries, 0.0 s waited"
LOGGER = logging.getLogger("test-summary")


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def messages(caplog):
    return [record.getMessage() for record in caplog.records]


def test_progress_is_told_every_ten_seconds_and_with_its_share(clock, caplog):
    caplog.set_level("INFO")
    summary = RunSummary(LOGGER)
    summary.current = "pages"
    stats = summary.of("pages")
    stats.add(records=500, requests=2)
    clock[0] = 9.0
    summary.log_progress()
    assert messages(caplog) == []
    clock[0] = 10.0
    summary.log_progress()
    summary.log_progress()
    stats.add(records=500, requests=2)
    stats.total = 4000
    clock[0] = 20.0
    summary.log_progress()
    assert messages(caplog) == [
        "Progress: pages: 500 records, 2 requests, 50 records/s in all",
        "Progress: pages: 1,000 records, 4 requests, 50 records/s in all, 25% done",
    ]


def test_the_end_tells_each_stream_and_what_was_left_out(clock, caplog):
    caplog.set_level("INFO")
    summary = RunSummary(LOGGER)
    summary.of("pages").add(records=1200, requests=5, retries=1, waited=2.5)
    books = summary.of("books")
    books.skipped.update({"403 Forbidden": 2, "404 Not Found": 1})
    summary.of("audit").failure = DeniedError("GET /audit answered 403 Forbidden", 403)
    clock[0] = 3.0
    summary.log()
    assert messages(caplog) == [
        f"Summary: audit: {NOTHING}, NOT COMPLETE: GET /audit answered 403 Forbidden",
        f"Summary: books: {NOTHING}, 3 skipped (2 x 403 Forbidden, 1 x 404 Not Found)",
        "Summary: pages: 1,200 records, 5 requests, 1 retries, 2.5 s waited",
        "Summary: 1,200 records, 5 requests in 3.0 s",
    ]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO", "INFO", "INFO"]
