"""Timestamps, compared as moments: vendors mix precisions, and strings would sort wrongly."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def parse_timestamp(value: object) -> datetime | None:
    """Read an ISO 8601 timestamp; without a zone it is UTC. None for what is not one."""
    try:
        read = datetime.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def format_timestamp(value: datetime) -> str:
    """Write a moment as the bookmarks hold it."""
    return value.astimezone(UTC).isoformat()


def latest(values: Iterable[object]) -> datetime | None:
    """Find the latest of timestamps; None if there is none.

    A list has them in one form, mostly: in UTC, and equally long. Then they sort as texts, too.
    """
    texts = [value for value in values if isinstance(value, str)]
    is_one_form = len(set(map(len, texts))) == 1 and "".join(texts).count("Z") == len(texts)
    found = parse_timestamp(max(texts)) if is_one_form else None
    return found or max(filter(None, map(parse_timestamp, texts)), default=None)
