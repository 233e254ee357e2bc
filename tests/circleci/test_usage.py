"""Exports of usage: asked for by the month, waited for politely, and read from their files.

These runs share the world's clock, so that waiting takes no time.
"""

import gzip
import signal
from collections import Counter
from datetime import datetime, timedelta

import pytest

from rest_tap import TapError
from rest_tap.http.rate_limiter import RateLimiter
from sandbox import Fault, Response
from sandbox.circleci import generate
from sandbox.circleci.usage import COLUMNS, usage
from tap_circleci.exports import HourlyQuota
from tap_circleci.tap import TapCircleCI
from tests.circleci.conftest import DAY, HOUR, NOW, choose
from tests.support import Run

PATH = "/usage_export_job"
DOWNLOADS = "/downloads/"


@pytest.fixture(autouse=True)
def handlers_of_signals():
    """Taps take them over, in the process of the tests as well."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def read(play, capsysbinary, monkeypatch):
    """Run the tap here, with the world's clock; return its error, if it ends with one."""
    reader = play(generate(1, now=NOW, pipelines=100, gap=timedelta(hours=20)))
    world = reader.world

    def clock():
        return world.now.timestamp()

    monkeypatch.setattr(HourlyQuota, "clock", staticmethod(clock))

    def run(**settings):
        reader.sandbox.clear()
        tap = TapCircleCI(
            config=reader.settings(**settings),
            state=reader.state,
            catalog=choose(reader.catalog, ["usage"]),
        )
        tap.rate_limiter = RateLimiter(clock=clock, sleep=world.advance)
        error = None
        try:
            tap.sync_all()
        except TapError as raised:
            stats = tap.summary.of("usage")
            error = str(stats.failure or stats.last_failure or raised)
        reader.run = Run(capsysbinary.readouterr().out, "", 0)
        reader.state = reader.run.state or reader.state
        reader.tables = reader.run.load(reader.tables)
        return error

    run.reader = reader
    run.world = world
    return run


def asked(read, method, end):
    return [a for a in read.reader.sandbox.requests if a.method == method and end in a.path]


def truth(read, until=None):
    """The rows of usage up to the last midnight."""
    world = read.world
    midnight = (until or world.now).replace(hour=0, minute=0, second=0, microsecond=0)
    start = datetime.fromisoformat("2026-01-01T00:00:00Z")
    end = midnight - timedelta(seconds=1)
    rows = usage(world, world.organizations[0].id, start, end)
    return {row["JOB_ID"]: row for row in rows if "JOB_ID" in row}


def loaded(read):
    return {
        row["job_id"]: row for row in read.reader.tables["usage"].values() if row["job_id"] != "-"
    }


def until(read):
    (partition,) = read.reader.state["bookmarks"]["usage"]["partitions"]
    return partition["replication_key_value"]


def test_months_are_exported_and_read_without_the_token(read):
    assert read() is None
    assert loaded(read).keys() == truth(read).keys()
    assert len(asked(read, "POST", PATH)) == 3  # 68 days
    downloads = asked(read, "GET", DOWNLOADS)
    assert len(downloads) == 6
    assert all("Circle-Token" not in download.headers for download in downloads)
    assert until(read) == "2026-03-10T00:00:00+00:00"


def test_text_becomes_values(read):
    read()
    row = next(iter(loaded(read).values()))
    assert row["job_run_number"] > 0
    assert row["compute_credits"] in (10.5, 21.0, 42.0)
    assert row["is_workflow_successful"] in (True, False)
    assert row["job_run_started_at"].endswith("+00:00")
    assert row["operating_system"] is None
    seats = [row for row in read.reader.tables["usage"].values() if row["job_id"] == "-"]
    assert {row["user_credits"] for row in seats} == {25000.0}
    assert len(seats) == 2 * 2  # Two users, on the first day of the month in which a window ends
    assert all(row["workflow_id"] == "-" for row in seats)


def test_looks_stay_below_ten_an_hour(read):
    read.world.usage_takes = timedelta(minutes=40)
    assert read(start_date="2026-02-20T00:00:00Z") is None
    assert len(asked(read, "GET", PATH)) <= 10
    assert {a.status for a in read.reader.sandbox.requests} <= {200, 201}


def test_a_day_is_exported_once_and_the_last_days_again(read):
    read()
    read.world.advance(HOUR)
    read()
    assert asked(read, "POST", "") == []
    assert read.reader.run.of("RECORD") == []
    read.world.advance(2 * DAY)
    read.world.finish(read.world.new_pipeline().workflows[0])
    read.world.advance(2 * DAY)
    assert read() is None
    assert len(asked(read, "POST", PATH)) == 1
    assert loaded(read).keys() == truth(read).keys()
    assert until(read) == "2026-03-14T00:00:00+00:00"


def test_a_failed_export_is_told_and_asked_for_again(read):
    read.world.usage_fails = "out of paper"
    error = read()
    assert "CircleCI could not export the usage from 2026-" in error
    assert "out of paper" in error
    assert "usage" not in (read.reader.state or {}).get("bookmarks", {})
    read.world.usage_fails = None
    read.world.advance(2 * HOUR)
    assert read() is None
    assert loaded(read).keys() == truth(read).keys()


def test_a_month_that_failed_holds_the_bookmark_though_later_ones_were_read(read):
    def fault(request, _):
        is_first = request.method == "POST" and request.body["start"] < "2026-01-02"
        return Fault.status(422) if is_first else None

    read.reader.sandbox.fault = fault
    assert "422" in read()
    assert loaded(read)
    assert "usage" not in (read.reader.state or {}).get("bookmarks", {})
    read.reader.sandbox.fault = None
    read.world.advance(2 * HOUR)
    assert read() is None
    assert loaded(read).keys() == truth(read).keys()


def test_an_export_that_takes_too_long_is_given_up_within_the_hour(read):
    read.world.usage_takes = timedelta(days=1)
    began = read.world.now
    assert "run again later" in read(start_date="2026-02-20T00:00:00Z")
    assert read.world.now - began < timedelta(minutes=80)
    assert "usage" not in (read.reader.state or {}).get("bookmarks", {})


def test_a_file_that_breaks_off_is_read_on_from_there(read):
    seen = Counter()

    def fault(request, count):
        seen[request.path] += 1
        is_first = DOWNLOADS in request.path and seen[request.path] == 1
        return Fault.truncate() if is_first else None

    read.reader.sandbox.fault = fault
    assert read() is None
    assert loaded(read).keys() == truth(read).keys()
    keys = [(r["job_id"], r["pipeline_trigger_user_id"]) for r in read.reader.run.records("usage")]
    jobs = [key for key in keys if key[0] != "-"]
    assert len(jobs) == len(set(jobs))


def test_a_year_takes_more_exports_than_an_hour_allows_and_goes_on_later(read):
    read.world.usage_takes = timedelta()
    error = read(start_date="2024-01-01T00:00:00Z")  # Beyond what is kept
    assert "longer than max_wait" in error
    reached = until(read)
    assert "2025-12-01" < reached < "2026-02-01"
    read.world.advance(2 * HOUR)
    assert read(start_date="2024-01-01T00:00:00Z") is None
    assert until(read) == "2026-03-10T00:00:00+00:00"
    assert {a.status for a in read.reader.sandbox.requests} <= {200, 201}


def test_a_file_that_is_refused_after_another_was_read_is_an_error_and_read_later(read):
    """The addresses of files are signed for a while only; the list of them is asked for anew."""
    files = []

    def fault(request, _):
        if DOWNLOADS in request.path and request.path not in files:
            files.append(request.path)
        is_second = DOWNLOADS in request.path and len(files) > 1
        return Fault.status(403) if is_second else None

    read.reader.sandbox.fault = fault
    error = read(start_date="2026-02-20T00:00:00Z")
    assert "answered 403 Forbidden" in error
    assert "after rows of the same list had been read" in error
    assert "usage" not in (read.reader.state or {}).get("bookmarks", {})
    read.reader.sandbox.fault = None
    read.world.advance(2 * HOUR)
    assert read() is None
    assert loaded(read).keys() == truth(read).keys()


HEADER = ",".join(COLUMNS)


def table(read, **fields):
    """A file's text of one row; what stands in a field is as the file has it."""
    identity = read.world.organizations[0].id
    row = {"ORGANIZATION_ID": identity, "JOB_ID": "j", "JOB_RUN_DATE": "2026-03-01", **fields}
    return f"{HEADER}\n" + ",".join(row.get(name, r"\N") for name in COLUMNS) + "\n"


def answering(read, content, status=200):
    """Let all files be this one."""
    answer = Fault("answer", Response(status, content, {"Content-Type": "application/gzip"}))
    read.reader.sandbox.fault = lambda request, _: answer if DOWNLOADS in request.path else None


@pytest.mark.parametrize(
    ("content", "status", "told"),
    [
        (b"", 200, "it is empty, without a header"),
        (b"", 204, "answered 204 No Content"),
        (gzip.compress(b""), 200, "it is empty, without a header"),
        (gzip.compress(b"a,b\n1,2\n"), 200, "lacks the columns JOB_ID"),
        (gzip.compress(f"{HEADER}\n".encode()) + gzip.compress(b"a,b"), 200, "a row has 2 of"),
        (gzip.compress(f"{HEADER}\n".encode())[:-4], 200, "cannot be read"),
    ],
    ids=["empty", "no content", "gzip of nothing", "foreign columns", "short row", "cut"],
)
def test_what_is_no_whole_file_is_an_error_and_the_bookmark_stays(read, content, status, told):
    answering(read, content, status)
    assert told in read(start_date="2026-02-20T00:00:00Z")
    assert "usage" not in (read.reader.state or {}).get("bookmarks", {})
    read.reader.sandbox.fault = None
    read.world.advance(2 * HOUR)
    assert read() is None
    assert loaded(read).keys() == truth(read).keys()


def test_an_export_of_nothing_moves_on(read):
    def fault(request, _):
        if request.method != "POST":
            return None
        told = {"usage_export_job_id": "e", "state": "completed", "download_urls": None}
        return Fault("answer", Response(201, told))

    read.reader.sandbox.fault = fault
    assert read() is None
    assert read.reader.tables.get("usage", {}) == {}
    assert until(read) == "2026-03-10T00:00:00+00:00"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"a\, b", "a, b"),
        (r"say \"hi\"", 'say "hi"'),
        (r"back\\slash", r"back\slash"),
        (r'"a, \"b\""', 'a, "b"'),
        ('"a, ""b"""', 'a, "b"'),
        (r'"C:\dir\"', "C:\\dir\\"),
        ('"two\nlines, one"', "two\nlines, one"),
        (r"\N", None),
        ("", None),
        ("x" * 200_000, "x" * 200_000),
    ],
)
def test_both_ways_of_writing_a_text_are_read(read, written, meant):
    text = table(read, WORKFLOW_NAME=written, IS_UNREGISTERED_USER="Y", IS_WORKFLOW_SUCCESSFUL="N")
    answering(read, gzip.compress(text.encode()))
    assert read(start_date="2026-03-01T00:00:00Z") is None
    (row,) = read.reader.tables["usage"].values()
    assert row["workflow_name"] == meant
    assert row["is_unregistered_user"] is True
    assert row["is_workflow_successful"] is False


def test_a_text_that_is_no_number_is_null_and_costs_no_row(read):
    text = table(read, COMPUTE_CREDITS="many", PARALLELISM="1e400", IS_UNREGISTERED_USER="perhaps")
    answering(read, gzip.compress(text.encode()))
    assert read(start_date="2026-03-01T00:00:00Z") is None
    (row,) = read.reader.tables["usage"].values()
    assert (row["compute_credits"], row["parallelism"], row["is_unregistered_user"]) == (None,) * 3
