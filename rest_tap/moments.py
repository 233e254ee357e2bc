"""Timestamps, compared as moments: vendors mix precisions, and strings would sort wrongly."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(value: object) -> datetime | None:
    """Read an ISO 8601 timestamp; without a zone it is UTC. None for what is not one."""
    try:
        read = datetime.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def iso(value: datetime) -> str:
    """Write a moment as the bookmarks hold it."""
    return value.astimezone(UTC).isoformat()
