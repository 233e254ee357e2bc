"""Events on sites, aggregated as a question asks: columns that were grouped, and counts."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sandbox.gitbook.world import written

if TYPE_CHECKING:
    from collections.abc import Iterable

CAP = 1000
INTERVALS = ("hour", "day", "week", "month")
DIMENSIONS = ("datetime", "eventType", "urlPath", "page")
COUNTS = ("eventsCount", "visitorsCount", "sessionsCount")
PARTS = {"select", "groupBy", "where", "range", "order", "limit"}

Group = tuple[Any, ...]


class BadQuestionError(ValueError):
    """A question that the contract does not allow."""


def start_of(at: str, interval: str) -> str:
    """Find the bucket of an event."""
    return _bucket_of_hour(at[: len("2026-01-31T23")], interval)


@lru_cache(maxsize=10_000)
def _bucket_of_hour(hour: str, interval: str) -> str:
    start = datetime.fromisoformat(f"{hour}:00:00+00:00")
    if interval != "hour":
        start = start.replace(hour=0)
    if interval == "week":
        start -= timedelta(days=start.weekday())
    if interval == "month":
        start = start.replace(day=1)
    return written(start)


def grouped(
    events: Iterable[dict[str, Any]], columns: list[tuple[str, str]]
) -> dict[Group, dict[str, float]]:
    """Count events by the columns, each with its interval where it is the time."""
    found: dict[Group, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        group = tuple(
            start_of(event["at"], interval) if name == "datetime" else _hashable(event[name])
            for name, interval in columns
        )
        found[group].append(event)
    return {
        group: {
            "eventsCount": len(members),
            "visitorsCount": len({event["visitor"] for event in members}),
            "sessionsCount": len({(event["visitor"], event["at"][:10]) for event in members}),
        }
        for group, members in found.items()
    }


def aggregate(events: list[dict[str, Any]], question: Any) -> dict[str, Any]:
    """Answer a question; what is beyond its limit is left out without a word."""
    if not isinstance(question, dict) or not question.keys() <= PARTS or "range" not in question:
        raise BadQuestionError("the body must hold a range, and only parts that are known")
    limit = question.get("limit", CAP)
    if not isinstance(limit, int) or not 1 <= limit <= CAP:
        raise BadQuestionError(f"limit must be from 1 to {CAP}")
    start, end = _range(question["range"])
    columns = [_column(column) for column in question.get("groupBy", [])]
    matching = [
        event
        for event in events
        if start <= event["at"] < end
        and all(_meets(event, condition) for condition in question.get("where", []))
    ]
    rows = [
        {**dict(zip((name for name, _ in columns), group, strict=True)), **counts}
        for group, counts in grouped(matching, columns).items()
    ]
    if order := question.get("order"):
        name, _ = _column(order["by"])
        rows.sort(key=lambda row: str(row[name]), reverse=order["direction"] == "desc")
    selected = [_column(column)[0] for column in question.get("select", [])]
    return {
        "columns": [
            {"column": name, "values": [_plain(row[name]) for row in rows[:limit]]}
            for name in selected
        ]
    }


def _range(asked: Any) -> tuple[str, str]:
    """Read a range, in the form that events are written in, which sorts by time."""
    try:
        start, end = (written(datetime.fromisoformat(asked[name])) for name in ("from", "to"))
    except (TypeError, KeyError, ValueError):
        raise BadQuestionError("the sandbox takes a range of two timestamps only") from None
    if start >= end:
        raise BadQuestionError("the range ends before it begins")
    return start, end


def _column(asked: Any) -> tuple[str, str]:
    name, interval = asked.get("column"), asked.get("interval", "day")
    if name not in (*DIMENSIONS, *COUNTS) or interval not in INTERVALS:
        raise BadQuestionError(f"there is no column {asked!r}")
    return name, interval


def _meets(event: dict[str, Any], condition: Any) -> bool:
    values, operator = condition["values"], condition.get("operator", "in")
    if operator not in ("in", "notIn"):
        raise BadQuestionError(f"the sandbox does not know the operator {operator!r}")
    value = event[condition["column"]]
    # As in SQL, null is neither in a list nor not in it
    return value is not None and (value in values) == (operator == "in")


def _hashable(value: Any) -> Any:
    return tuple(value.items()) if isinstance(value, dict) else value


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, tuple) else value
