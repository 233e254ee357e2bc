"""How long a server wants not to be asked, in the forms that servers have for it."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from rest_tap.http.pace import Quota
from rest_tap.timestamps import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

TRY_LATER = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
RESETS = ("RateLimit-Reset", "X-RateLimit-Reset")
LONGEST_PATIENCE = 30  # Seconds, where the server asks for a pause without saying how long
EPOCH = 1e9  # Seconds above this are a moment, counted from 1970
MILLISECONDS = 1e11  # And above this it is counted in milliseconds
NOBODY_MEANS = 366 * 24 * 3600  # Seconds


def pause_of(response: requests.Response, number: int) -> float | None:
    """Count the seconds to wait before the next try; None if the server asks for no pause.

    Too many requests may take minutes, and then ask for more patience each time. There is always
    some pause, whatever the server says.

    Args:
        response: An answer.
        number: How many pauses the same question has made already.
    """
    if response.status_code not in TRY_LATER:
        return None
    patience = float(min(2 ** min(number, 10), LONGEST_PATIENCE))
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        seconds = told_pause(response.headers, ("Retry-After", *RESETS))
        return patience if seconds is None else max(seconds, patience / 10)
    seconds = told_pause(response.headers)
    return None if seconds is None else max(seconds, patience / 10)


def told_pause(
    headers: Mapping[str, str],
    names: tuple[str, ...] = ("Retry-After",),
    now: Callable[[], float] = time.time,
) -> float | None:
    """Read the seconds to wait from the first header that tells them; None if none does.

    Seconds, or a moment: in seconds or milliseconds since 1970, as an HTTP date, in ISO 8601. What
    is no number, negative, or longer than a year is not taken for an answer. Moments are those of
    the server's clock, where its Date header tells the time.
    """
    for name in names:
        value = headers.get(name, "").strip()
        if not value:
            continue
        seconds = _seconds(value, lambda: server_time(headers, now))
        if seconds is not None and seconds <= NOBODY_MEANS:
            return seconds
    return None


def quota_of(headers: Mapping[str, str]) -> Quota | None:
    """Read what is left of a quota; None if it is not told, or not in numbers that make sense."""
    prefix = "X-RateLimit"
    if (left := headers.get("X-RateLimit-Remaining")) is None:
        prefix = "RateLimit"
        if (left := headers.get("RateLimit-Remaining")) is None:
            return None
    seconds = told_pause(headers, (f"{prefix}-Reset",))
    try:
        quota = Quota(float(left), float(headers[f"{prefix}-Limit"]), seconds or 0.0)
    except (KeyError, ValueError):
        return None
    return quota if seconds is not None and 0 <= quota.left <= quota.limit < math.inf else None


def server_time(headers: Mapping[str, str], now: Callable[[], float] = time.time) -> float:
    """Tell the time of an answer by its Date header, else by this machine; seconds since 1970."""
    date = http_date(headers.get("Date"))
    return now() if date is None else date.timestamp()


def http_date(value: str | None) -> datetime | None:
    """Read an HTTP date, which is in UTC even where it does not say so; None if it is none."""
    try:
        read = parsedate_to_datetime(value or "")
        return read if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, TypeError, LookupError, OverflowError):
        return None


def _seconds(value: str, now: Callable[[], float]) -> float | None:
    try:
        number = float(value)
    except ValueError:
        moment = http_date(value) or parse_timestamp(value)
        return None if moment is None else max(0.0, moment.timestamp() - now())
    if not math.isfinite(number) or number < 0:
        return None
    if number > EPOCH:
        moment_in_seconds = number / 1000 if number > MILLISECONDS else number
        return max(0.0, moment_in_seconds - now())
    return number
