"""What vendors were seen to send beyond their contracts, and what must be in the tables."""

from __future__ import annotations

import hashlib
import itertools
import random

import pytest

from sandbox import Sandbox
from tests.support import run_tap
from tests.values.test_vendors import check
from tests.values.vendors import VENDORS, Odd

ZEROS = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def read(database):
    """Read streams of a vendor in whose rows something is changed; in a test it is the same."""
    vendors = {}

    def read(tap, *names, where="", change, **settings):
        vendor, config = vendors.get(tap) or vendors.setdefault(tap, VENDORS[tap]())
        with Sandbox(Odd(vendor, change, where)) as sandbox:
            run = run_tap(tap, {**config(sandbox.url), **settings}, select=list(names))
        assert run.status == 0, run.stderr
        check(run, database)
        return run

    return read


def columns(run, stream, *names):
    return [tuple(row[name] for name in names) for row in run.records(stream)]


def test_circleci_sends_nothing_as_empty_texts_and_zeros(read):
    odd = {"created_at": "", "started_by": "", "canceled_by": ZEROS}
    run = read("circleci", "workflows", where="/workflow", change=lambda row: {**row, **odd})
    assert columns(run, "workflows", "created_at", "canceled_by") == [(None, None)] * len(
        run.records("workflows")
    )
    assert "workflows: created_at: values that the column cannot take" in run.stderr
    assert run.stderr.count("workflows: created_at: values") == 1, "it is told once"


def test_circleci_sends_numbers_as_texts(read):
    odd = {"times-flaked": "3", "time-wasted": "", "classname": "", "file": None}
    run = read("circleci", "flaky_tests", where="flaky-tests", change=lambda row: {**row, **odd})
    names = ("times_flaked", "time_wasted", "classname", "file")
    assert set(columns(run, "flaky_tests", *names)) == {(3, None, "-", "-")}


def test_confluence_sends_what_only_a_last_row_has(read):
    odd = {"_sdc_deleted_at": "gone"}
    run = read("confluence", "pages", where="/pages", change=lambda row: {**row, **odd})
    assert {row.get("_sdc_deleted_at") for row in run.records("pages")} == {None}
    assert all(row["title"] for row in run.records("pages"))


def test_circleci_sends_names_that_are_too_long_for_a_key(read):
    long = "".join(random.Random(1).choices("éabc漢😀", k=2_000))
    odd = {"test-name": long, "classname": long[1:], "file": long[2:]}
    run = read("circleci", "flaky_tests", where="flaky-tests", change=lambda row: {**row, **odd})
    again = read("circleci", "flaky_tests", where="flaky-tests", change=lambda row: {**row, **odd})
    names = ("test_name", "classname", "file")
    told = columns(run, "flaky_tests", *names)
    assert told == columns(again, "flaky_tests", *names)
    for text, whole in zip(told[0], odd.values(), strict=True):
        kept, _, ending = text.rpartition("...")
        assert whole.startswith(kept)
        assert ending == hashlib.sha256(whole.encode()).hexdigest()[:32]
        assert 490 < len(text.encode()) <= 500
    assert "flaky_tests: test_name: values that the column cannot take" in run.stderr


def test_circleci_has_secrets_in_the_addresses_of_triggers(read):
    address = "https://internal.circleci.com/private/soc/e/1?secret=s3cr3t"
    run = read(
        *("circleci", "triggers"),
        where="/triggers",
        change=lambda row: {
            **row,
            "event_source": {"provider": "webhook", "webhook": {"url": address}},
        },
    )
    assert run.records("triggers")
    assert "s3cr3t" not in run.stdout.decode()
    assert run.stdout.decode().count("?secret=***") == len(run.records("triggers"))
    assert "masked in 1 column: event_source" in run.stderr


def test_confluence_sends_dates_beyond_all_calendars(read):
    dates = itertools.cycle(["+20260-04-01T00:00:00Z", "-0001-04-01T00:00:00Z", "10000-04-01", ""])
    run = read(
        *("confluence", "tasks"),
        where="/tasks",
        change=lambda row: {**row, "dueAt": next(dates)},
    )
    assert len(run.records("tasks")) > 4
    assert set(columns(run, "tasks", "due_at")) == {(None,)}


def test_confluence_sends_ids_as_numbers(read):
    def change(row):
        return {**row, **{key: int(row[key]) for key in ("id", "spaceId") if key in row}}

    plain = read("confluence", "pages", "page_versions", change=lambda row: row)
    run = read("confluence", "pages", "page_versions", where="/api/v2/pages", change=change)
    names = ("id", "space_id", "version")
    assert columns(run, "pages", *names) == columns(plain, "pages", *names)
    keys = ("page_id", "number")
    assert columns(run, "page_versions", *keys) == columns(plain, "page_versions", *keys)


def test_confluence_sends_moments_of_the_audit_log_as_texts(read):
    def change(row):
        return {**row, "creationDate": str(row["creationDate"])}

    plain = read("confluence", "audit", change=lambda row: row)
    run = read("confluence", "audit", where="/audit", change=change)
    names = ("creation_date", "fingerprint", "ordinal", "created_at")
    assert columns(run, "audit", *names) == columns(plain, "audit", *names)
    assert run.state == plain.state


def test_nul_is_removed_everywhere(read):
    def change(row):
        return {**row, "title": "A\0B", "_links": {"a\0b": ["\0"]}}

    run = read("confluence", "pages", where="/api/v2/pages", change=change)
    assert set(columns(run, "pages", "title")) == {("AB",)}
    assert run.records("pages")[0]["_links"] == {"ab": [""]}
    assert "NUL characters" in run.stderr


def test_a_bookmark_that_was_mended_tells_the_truth(read):
    """A date without a zone, or a number, is the same moment; one that is none moves nothing."""

    def changed(at):
        return lambda row: {**row, "version": {**row["version"], "createdAt": at(row)}}

    def bookmark(change):
        run = read("confluence", "pages", where="/api/v2/pages", change=change)
        return run.state["bookmarks"]["pages"].get("replication_key_value")

    plain = bookmark(lambda row: row)
    assert plain
    assert bookmark(changed(lambda row: row["version"]["createdAt"].rstrip("Z"))) == plain
    assert bookmark(changed(lambda row: "9999-12-31T23:59:59-05:00")) is None


def test_gitbook_has_tokens_in_configurations(read):
    secrets = {"oauth_credentials": {"access_token": "s3cr3t", "scope": "all"}}

    def change(row):
        return {**row, "installation": {**row["installation"], "configuration": secrets}}

    run = read("gitbook", "integrations", where="/installations", change=change)
    found = [row["configuration"]["oauth_credentials"] for row in run.records("integrations")]
    assert found
    assert all(part["access_token"] == "***" for part in found)
    assert "masked in 1 column: configuration" in run.stderr
    kept = read(
        "gitbook", "integrations", where="/installations", change=change, mask_secrets=False
    )
    assert "s3cr3t" in kept.stdout.decode()
    assert " masked " not in kept.stderr


def test_gitbook_keeps_fields_for_itself_at_any_depth(read):
    inner = {"internal_plan": 1, "kept": [{"internal_x": {}, "y": 1}]}
    run = read(
        "gitbook", "spaces", change=lambda row: {**row, "mergeRules": inner}, where="/spaces"
    )
    rules = [row["merge_rules"] for row in run.records("spaces")]
    assert rules
    assert all(found == {"kept": [{"y": 1}]} for found in rules)
    assert "internal_" not in run.stdout.decode()


@pytest.mark.parametrize("tap", VENDORS)
def test_a_field_is_there_from_the_day_the_vendor_adds_it(read, tap):
    stream = {"confluence": "spaces", "circleci": "pipelines", "gitbook": "spaces"}[tap]

    def change(row):
        return {**row, "newField": {"apiToken": "s3cr3t"}, "other_field": "a\0b"}

    run = read(tap, stream, change=change, extra_fields="keep")
    extra = {"newField": {"apiToken": "***"}, "other_field": "ab"}
    rows = run.records(stream)
    assert rows
    assert all(row["extra_fields"] == extra for row in rows)
    dropped = read(tap, stream, change=change)
    assert "extra_fields" not in dropped.of("SCHEMA")[0]["schema"]["properties"]
    assert "they are left out: new_field, other_field" in dropped.stderr
