"""Timestamps, compared as moments: vendors mix precisions, and strings would sort wrongly."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

EPOCH = datetime.fromtimestamp(0, UTC)
WIDEST_OFFSET = timedelta(hours=15, minutes=59)  # Of those that databases take
MINUTE = timedelta(minutes=1)
AHEAD = timedelta(days=1)
"""How far a vendor's clocks may be ahead of each other; what is later tells no bookmark."""
_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII
)
_CLOCK = re.compile(r"[T ](24):(00)(:00)?|:(60)(?=\D|$)", re.IGNORECASE | re.ASCII)
_EPOCH = re.compile(r"-?\d{9,19}(\.\d+)?", re.ASCII)
_UNITS = ((10**11, 1), (10**14, 10**3), (10**17, 10**6), (10**20, 10**9))
"""A count of moments below the first of each pair is of so many a second."""


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


def latest(values: Iterable[object], until: datetime | None = None) -> datetime | None:
    """Find the latest of timestamps; None if there is none.

    A list has them in one form, mostly: in UTC, and equally long. Then they sort as texts, too.

    Args:
        values: Texts; others do not count.
        until: Later ones do not count: no clock tells them.
    """
    texts = [value for value in values if isinstance(value, str)]
    is_one_form = len(set(map(len, texts))) == 1 and "".join(texts).count("Z") == len(texts)
    found = parse_timestamp(max(texts)) if is_one_form else None
    if found and (until is None or found <= until):
        return found
    times = filter(None, map(parse_timestamp, texts))
    return max((at for at in times if until is None or at <= until), default=None)


def to_rfc3339(value: object) -> str | None:
    """Write a moment as RFC 3339 has it: the same text if it is so already, None if it is none.

    Without a zone it is UTC. Numbers are seconds since 1970, or thousandths and so on of them.

    >>> [to_rfc3339(at) for at in ("2026-04-01", "2026-04-01 24:00", 1775001600123, "+20260-04-01")]
    ['2026-04-01T00:00:00Z', '2026-04-02T00:00:00Z', '2026-04-01T00:00:00.123000Z', None]
    """
    with contextlib.suppress(ValueError, OverflowError, TypeError):
        at = _read(value)
        if at.tzinfo is None:
            at = at.replace(tzinfo=UTC)
        in_utc = at.astimezone(UTC)  # Fails beyond the years 1 to 9999
        offset = at - in_utc.replace(tzinfo=at.tzinfo)
        if abs(offset) > WIDEST_OFFSET or offset % MINUTE:
            at = in_utc
        elif isinstance(value, str) and _RFC3339.fullmatch(value):
            return value
        return at.isoformat().replace("+00:00", "Z")
    return None


def _read(value: object) -> datetime:
    """Read what stands for a moment.

    Raises:
        ValueError: If it does not.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError
    if isinstance(value, str):
        text = value.strip().upper().partition("[")[0].removesuffix(" UTC").removesuffix(" GMT")
        if not _EPOCH.fullmatch(text):
            return _read_text(text)
        value = float(text) if "." in text else int(text)
    for limit, unit in _UNITS:
        if abs(value) < limit:
            return EPOCH + timedelta(microseconds=value * 1_000_000 // unit)
    raise ValueError


def _read_text(text: str) -> datetime:
    """Read a date in words or digits; 24:00 and leap seconds are the moment after."""
    later = timedelta()
    if found := _CLOCK.search(text):
        later = timedelta(days=1) if found[1] else timedelta(seconds=1)
        start, end = found.span(1 if found[1] else 4)
        text = f"{text[:start]}{'00' if found[1] else '59'}{text[end:]}"
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = parsedate_to_datetime(text)
    return at + later
