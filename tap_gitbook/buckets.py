"""Buckets of time, in UTC: whole hours, days, weeks from Monday on, and months."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

INTERVALS = ("hour", "day", "week", "month")


def bucket(at: datetime, interval: str) -> datetime:
    """Find the start of the bucket that a moment falls into."""
    start = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if interval == "hour":
        return start
    start = start.replace(hour=0)
    if interval == "week":
        return start - timedelta(days=start.weekday())
    return start.replace(day=1) if interval == "month" else start


def later(start: datetime, interval: str, count: int) -> datetime:
    """Find the start of the bucket that comes so many after this one."""
    if interval != "month":
        return start + count * timedelta(**{f"{interval}s": 1})
    months = start.year * 12 + start.month - 1 + count
    return start.replace(year=months // 12, month=months % 12 + 1)


def buckets(start: datetime, end: datetime, interval: str) -> int:
    """Count the buckets from one start of a bucket to another."""
    if interval == "month":
        return (end.year - start.year) * 12 + end.month - start.month
    return round((end - start) / timedelta(**{f"{interval}s": 1}))
