"""How sites and spaces are read by their visitors."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th
from singer_sdk.pagination import BaseAPIPaginator

from rest_tap import (
    EMPTY_KEY,
    Cost,
    Order,
    StreamError,
    ValidFor,
    columns,
    format_timestamp,
    json_of,
    parse_timestamp,
)
from rest_tap.state import OBJECT
from tap_gitbook.buckets import bucket, buckets, later
from tap_gitbook.client import WaitingStream
from tap_gitbook.schemas import ORGANIZATION_ID
from tap_gitbook.streams.questions import INSIGHTS_READ, SiteStream
from tap_gitbook.streams.sites import SITE_ID
from tap_gitbook.streams.spaces import Spaces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import requests

    from rest_tap import DeniedError, Listing, Row
    from rest_tap.state import Kind

Question = dict[str, Any]

CAP = 1000
"""Rows that an answer holds at most: there is no second page."""
FIRST_WINDOW, LARGEST_WINDOW = 8, 512
"""Buckets that are asked for at once, in the first question and at most."""
FIRST_DAYS = 365
"""How far back a first run goes without a start date."""
GROUPS = ("eventType", "urlPath", "page")
COUNTS = ("eventsCount", "visitorsCount", "sessionsCount")
SPLIT_BY = ("eventType", "urlPath")
"""Columns that are never null: a null is neither in a list nor not in it."""


def asked(response: requests.Response) -> Question:
    """Read the question that a response answers."""
    question: Question = json.loads(response.request.body or b"")
    return question


def span(question: Question) -> tuple[datetime, datetime]:
    """Read the window of a question."""
    window = question["range"]
    return datetime.fromisoformat(window["from"]), datetime.fromisoformat(window["to"])


def transposed(answer: Any, names: tuple[str, ...]) -> list[Row]:
    """Turn an answer of columns into rows.

    Raises:
        StreamError: If a column is missing, or one is longer than another.
    """
    try:
        answered = {each["column"]: each["values"] for each in answer["columns"]}
        values = zip(*(answered[name] for name in names), strict=True)
        return [dict(zip(names, row, strict=True)) for row in values]
    except (KeyError, TypeError, ValueError) as error:
        raise StreamError(f"the insights lack columns that were asked for: {error!r}") from error


class NextWindow(BaseAPIPaginator[tuple[datetime, int] | None]):
    """Goes on where the last question ended, until now; asks for more while little comes.

    Its value is the start of a window and the number of its buckets.
    """

    def __init__(self, interval: str, now: datetime) -> None:
        super().__init__(None)
        self._interval = interval
        self._now = now

    def get_next(self, response: requests.Response) -> tuple[datetime, int] | None:
        """Read where the last question ended, and fit the next one to its answer."""
        start, end = span(asked(response))
        if end >= self._now:
            return None
        size = buckets(start, end, self._interval)
        count = len(transposed(json_of(response), COUNTS))
        if count >= CAP:
            size = max(1, size // 2)
        elif count < CAP // 8:
            size = min(4 * size, LARGEST_WINDOW)
        return end, size


class SiteInsights(SiteStream):
    """Events on a site, counted by interval, kind, path and page (operationId aggregateSiteEvents).

    An answer that is cut off at the cap is asked again in parts: first by time, down to one
    bucket, for a bucket's visitors cannot be added up; then by kind of event, then by path.
    """

    name = "site_insights"
    path = "/orgs/{organization_id}/sites/{site_id}/insights/events/aggregate"
    http_method = "POST"
    state_keys: ClassVar[Mapping[str, Kind]] = {"asked_for": OBJECT}
    primary_keys = (
        "site_id",
        "interval",
        "datetime",
        "event_type",
        "url_path",
        "space_id",
        "page_id",
    )
    replication_key = "datetime"
    rows_stay_true = True
    state_partitioning_keys = ("site_id",)
    needs = INSIGHTS_READ
    schema = columns.table(
        SITE_ID,
        columns.key("interval", "Length of the bucket: hour, day, week or month."),
        columns.key("datetime", "Start of the bucket: the bookmark.", th.DateTimeType),
        columns.key("event_type", "What happened: page_view, search_type_query, ask_question, ..."),
        columns.key("url_path", "Path on the site where it happened."),
        columns.key("space_id", "ID of the page's space; `-` where no page was met."),
        columns.key(
            "page_id", "ID of the page; `-` where none was met, which for page_view is a 404."
        ),
        ORGANIZATION_ID,
        columns.number("events_count", "How often it happened."),
        columns.number("visitors_count", "How many visitors it happened to."),
        columns.number("sessions_count", "In how many visits it happened."),
    )

    @property
    def interval(self) -> str:
        """Length of the buckets."""
        return str(self.config["insights_interval"])

    @property
    def asked_for(self) -> dict[str, Any]:
        """What the settings ask for."""
        kinds = self.config.get("insights_event_types")
        return {"interval": self.interval, "event_types": sorted(kinds) if kinds else None}

    @cached_property
    def valid_for(self) -> ValidFor:
        """What is asked for: with another answer the bookmark of a site means nothing."""
        return ValidFor(self.asked_for, key="asked_for", if_absent=None)

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Read windows that follow one another in time, until now."""
        return self.listing_below(
            above, row, keys, order=Order.OLDEST_FIRST, done=lambda: self._read_until_now(keys)
        )

    def get_new_paginator(self) -> NextWindow:  # type: ignore[override]
        """Go from window to window."""
        return NextWindow(self.interval, self.run.began)

    def page_params(self, token: Any) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for everything in the body."""
        return {}

    def _read_until_now(self, keys: Mapping[str, Any]) -> None:
        """Remember that a site was read until now, also where nothing happened on it."""
        self.bookmarks.advance(keys, bucket(self.run.began, self.interval))

    def payload(self, listing: Listing, token: tuple[datetime, int] | None) -> Question:
        """Ask for the window after the last one, or for the one that the bookmark lies in."""
        now = self.run.began
        if token:
            start, size = token
        else:
            first = listing.start() or now - timedelta(days=FIRST_DAYS)
            start, size = bucket(min(first, now), self.interval), FIRST_WINDOW
        last = later(bucket(now, self.interval), self.interval, 1)
        end = min(later(start, self.interval, size), last)
        dimensions = [{"column": "datetime", "interval": self.interval}]
        dimensions += [{"column": name} for name in GROUPS]
        kinds = self.asked_for["event_types"]
        return {
            "select": [*dimensions, *({"column": name} for name in COUNTS)],
            "groupBy": dimensions,
            "where": [_condition("eventType", "in", kinds)] if kinds else [],
            "range": {"from": format_timestamp(start), "to": format_timestamp(end)},
            "order": {"by": dimensions[0], "direction": "asc"},
            "limit": CAP,
        }

    def parse_response(self, response: requests.Response) -> Iterator[Row]:
        """Yield the rows of a window, asked again in parts if the answer was cut off."""
        question = asked(response)
        for row in self._complete(response.request.url or "", question, json_of(response)):
            page = row.pop("page") or {}
            yield {
                **row,
                "interval": self.interval,
                "space_id": page.get("space") or EMPTY_KEY,
                "page_id": page.get("page") or EMPTY_KEY,
            }

    def _complete(self, url: str, question: Question, answer: Any) -> Iterator[Row]:
        rows = transposed(answer, ("datetime", *GROUPS, *COUNTS))
        if len(rows) < CAP:
            _, end = span(question)
            yield from (row for row in rows if parse_timestamp(row["datetime"]) != end)
            return
        for part in self._parts(question, rows):
            yield from self._complete(url, part, self.get_json(url, method="POST", json=part))

    def _parts(self, question: Question, rows: list[Row]) -> list[Question]:
        """Split a question into two that share no row and miss none."""
        start, end = span(question)
        if (size := buckets(start, end, self.interval)) > 1:
            middle = format_timestamp(later(start, self.interval, size // 2))
            return [
                {**question, "range": {**question["range"], "to": middle}},
                {**question, "range": {**question["range"], "from": middle}},
            ]
        for column in SPLIT_BY:
            values = sorted({row[column] for row in rows})
            if len(values) > 1:
                half = values[: len(values) // 2]
                return [
                    {**question, "where": [*question["where"], _condition(column, how, half)]}
                    for how in ("in", "notIn")
                ]
        raise StreamError(
            f"more than {CAP} rows of insights for {rows[0]['eventType']} at "
            f"{rows[0]['urlPath']} in one {self.interval} cannot be told apart; "
            "set insights_interval to a shorter one"
        )


def _condition(column: str, operator: str, values: list[str]) -> dict[str, Any]:
    return {"column": column, "operator": operator, "values": values}


class InsightsTraffic(WaitingStream):
    """Page views of a space by day, of the last two weeks.

    operationId getTrafficAnalyticsForSpaceById, which GitBook's current contract has no more.
    """

    name = "insights_traffic"
    path = "/spaces/{space_id}/insights/traffic"
    records_key = "views"
    page_size = None
    primary_keys = ("space_id", "timestamp")
    parent_stream_type = Spaces
    parent_cursor = "created_at"
    selected_by_default = False
    needs = "a GitBook that still serves it; site_insights has taken its place"
    schema = columns.table(
        columns.key("space_id", "ID of the space."),
        columns.key("timestamp", "Start of the day, in UTC.", th.DateTimeType),
        ORGANIZATION_ID,
        columns.number("count", "Page views of the day."),
    )

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for days."""
        return {"interval": "daily"}

    def denied(self, listing: Listing, error: DeniedError) -> Cost:
        """Say once, not for each space, that GitBook does not serve it."""
        if error.is_forbidden:
            return super().denied(listing, error)
        skipped = self.stats.skipped
        if not skipped["not served"]:
            self.logger.warning(
                "insights_traffic: GitBook does not serve it (404 or 410, first for space %s), it "
                "is skipped. Deselect it; site_insights has taken its place",
                listing.keys["space_id"],
            )
        skipped["not served"] += 1
        return Cost.NOTHING
