"""Insights are complete, though an answer holds 1,000 rows and has no second page."""

from datetime import timedelta
from random import Random

import pytest

from sandbox.gitbook import truth
from sandbox.gitbook.site_objects import event
from sandbox.gitbook.world import written
from tests.gitbook.tables import assert_tables_are_true


def crowd(world, site, rows, *, hours=1, kinds=("page_view",), paths=None):
    """Let so many different things happen on a site in the last hours."""
    random = Random(7)
    for number in range(rows):
        at = written(world.clock - timedelta(seconds=random.randrange(hours * 3600)))
        path = f"/{number % (paths or rows)}"
        page = {"page": f"p{number}", "space": "s"}
        world.happen(site, event(at, kinds[number % len(kinds)], path, page, "somebody"))


@pytest.fixture
def site(reader):
    return reader.world.every("sites")[0]


@pytest.mark.parametrize(
    "how",
    [
        {"hours": 24 * 9},  # Cut by time
        {"kinds": ("page_view", "search_open", "link_click")},  # By kind of event
        {},  # By path
        {"hours": 24 * 3, "kinds": ("page_view", "ask_question"), "paths": 1200},
    ],
)
def test_a_busy_site_is_asked_in_parts_until_nothing_is_cut_off(reader, site, how):
    crowd(reader.world, site, 2500, **how)
    assert reader("site_insights").status == 0
    assert len(reader.rows("site_insights")) > 2500
    assert_tables_are_true(reader)


def test_what_cannot_be_told_apart_is_an_error_and_not_a_loss(reader, site):
    crowd(reader.world, site, 1500, paths=1)
    run = reader("site_insights", "users")
    assert run.status == 1
    assert any("insights_interval" in line for line in run.errors)
    assert reader.rows("users")


def test_another_interval_after_a_first_run_that_ended_early_begins_anew(reader, site, monkeypatch):
    monkeypatch.setattr("rest_tap.checkpoints.STATE_EVERY", 0)
    monkeypatch.setattr("rest_tap.checkpoints.STATE_SHARE", 0)
    world = reader.world
    for day in range(20, 364):
        at = written(world.clock - timedelta(days=day))
        world.happen(site, event(at, "page_view", "/old", None, "visitor-1"))
    crowd(world, site, 1500, hours=20, paths=1)
    assert reader("site_insights").status == 1
    assert reader.rows("site_insights")
    reader.tables = None
    assert reader("site_insights", insights_interval="hour").status == 0
    assert_tables_are_true(reader, interval="hour")


@pytest.mark.parametrize("interval", ["hour", "day", "week", "month"])
def test_no_window_cuts_a_bucket(reader, site, interval):
    world = reader.world
    for days in range(0, 200, 3):
        at = written(world.clock - timedelta(days=days, minutes=days))
        world.happen(site, event(at, "page_view", "/here", None, f"visitor-{days % 4}"))
    reader("site_insights", insights_interval=interval)
    assert_tables_are_true(reader, interval=interval)
    world.tick(hours=30)
    world.visit(site, "page_view", "/here", None, "visitor-1")
    reader("site_insights", insights_interval=interval)
    assert_tables_are_true(reader, interval=interval)


def test_the_last_days_are_read_again_in_one_request_a_site(reader, site):
    world = reader.world
    reader("site_insights")
    late = written(world.clock - timedelta(days=2))
    world.tick(hours=5)
    world.happen(site, event(late, "page_view", "/late", None, "latecomer"))
    run = reader("site_insights")
    assert len(reader.asked("/aggregate")) == len(truth(reader.vendor)["sites"])
    assert "/late" in {row["url_path"] for row in run.records("site_insights")}
    assert_tables_are_true(reader)


def test_a_quiet_year_costs_few_requests(reader, site):
    reader("site_insights")
    asked = [path for path in reader.asked("/aggregate") if site["id"] in path]
    assert len(asked) <= 5


def test_another_interval_begins_anew(reader):
    reader("site_insights")
    rows = len(reader.rows("site_insights"))
    reader("site_insights", insights_interval="week")
    weeks = [row for row in reader.rows("site_insights") if row["interval"] == "week"]
    assert len(reader.rows("site_insights")) == rows + len(weeks)
    wanted = truth(reader.vendor, interval="week")["site_insights"]
    assert sum(row["events_count"] for row in weeks) == sum(row["events_count"] for row in wanted)


def test_only_the_kinds_of_the_setting_are_counted(reader):
    reader("site_insights", insights_event_types=["ask_question"])
    rows = reader.rows("site_insights")
    assert {row["event_type"] for row in rows} == {"ask_question"}
    wanted = [r for r in truth(reader.vendor)["site_insights"] if r["event_type"] == "ask_question"]
    assert len(rows) == len(wanted)


def test_a_page_that_does_not_exist_is_told_by_an_empty_id(reader):
    reader("site_insights")
    lost = [row for row in reader.rows("site_insights") if row["url_path"] == "/gone"]
    assert lost
    assert {(row["page_id"], row["space_id"]) for row in lost} == {("-", "-")}


@pytest.mark.parametrize("status", [404, 410])
def test_the_old_traffic_is_skipped_where_it_is_no_more(reader, status):
    reader.vendor.traffic_status = status
    run = reader("insights_traffic")
    assert run.status == 0
    assert run.records("insights_traffic") == []
    (warning,) = (line for line in run.stderr.splitlines() if "WARNING" in line)
    assert "insights_traffic: GitBook does not serve it" in warning
    assert "site_insights" in warning


def test_the_old_traffic_is_read_where_it_is_still_served(reader):
    reader.vendor.traffic_status = 200
    space = reader.world.every("spaces")[0]
    view = {"timestamp": "2026-01-02T00:00:00.000Z", "count": 7}
    reader.world.add("traffic", space["id"], view, "1")
    run = reader("insights_traffic")
    assert run.status == 0
    assert reader.rows("insights_traffic") == [
        {"space_id": space["id"], "organization_id": space["organization"], **view}
    ]
