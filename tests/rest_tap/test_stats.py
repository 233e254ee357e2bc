"""What a run tells while it goes on, and at its end."""

from __future__ import annotations

import logging

import pytest

from rest_tap import stats as module
from rest_tap.errors import DeniedError, StreamError
from rest_tap.stats import RunSummary, StreamStats

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


def test_progress_is_told_every_ten_seconds(clock, caplog):
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
    clock[0] = 20.0
    summary.log_progress()
    assert messages(caplog) == [
        "Progress: pages: 500 records, 2 requests, 50 records/s in all",
        "Progress: pages: 1,000 records, 4 requests, 50 records/s in all",
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


def test_the_end_tells_what_was_mended_masked_and_lost(caplog):
    stats = StreamStats("pages")
    stats.mend("run_time", 7)
    stats.mend("created_at")
    stats.mask("configuration")
    stats.lose("4711")
    assert stats.is_incomplete
    (line,) = stats.lines()
    assert line == (
        f"pages: {NOTHING}, 8 values mended in 2 columns: run_time, created_at, "
        "1 secret masked in 1 column: configuration, LOST: 4711"
    )


def test_of_many_names_some_are_told_and_the_others_counted():
    stats = StreamStats("pages")
    for number in range(100_000):
        stats.missing.append(f"space {number}")
        stats.lose(f"{number}\x1b" * 100)
    assert len(stats.missing) == 100_000
    told = "space 0, space 1, space 2, space 3, space 4 and 99,995 more"
    assert f"not found: {told}" in stats.lines()[0]
    assert all(len(line) < 290 and "\x1b" not in line for line in stats.lines())


def test_a_summary_that_is_too_long_for_a_line_is_told_in_several(caplog):
    caplog.set_level("INFO")
    summary = RunSummary(LOGGER)
    stats = summary.of("pages")
    for column in range(30):
        stats.mend(f"quite_a_long_name_of_a_column_{column}")
        stats.skip(f"reason {column} that somebody gave")
    stats.missing.append("ENG")
    stats.failure = StreamError("x" * 1000)
    summary.log()
    lines = messages(caplog)[:-1]
    assert len(lines) > 1
    assert all(line.startswith("Summary: pages: ") and len(line) <= 300 for line in lines)
    text = " ".join(lines)
    assert "30 values mended in 30 columns" in text
    assert "30 skipped" in text
    assert "not found: ENG" in text
    assert "NOT COMPLETE: xxx" in text


def test_warnings_of_one_kind_are_told_three_times_and_then_counted(caplog):
    stats = StreamStats("jobs")
    for number in range(200_000):
        stats.warn(LOGGER, "denied", "jobs: skipped for pipeline %s", number)
    stats.warn(LOGGER, "mended", "jobs: mended %s", "run_time")
    assert messages(caplog) == [
        "jobs: skipped for pipeline 0",
        "jobs: skipped for pipeline 1",
        "jobs: skipped for pipeline 2 (more of these are only counted)",
        "jobs: mended run_time",
    ]
