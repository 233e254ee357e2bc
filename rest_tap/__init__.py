"""What the three taps share and the SDK lacks.

Concurrency that keeps Singer's order and state safe, requests that wait as they are told, change
capture on APIs without `since`, and ends that tell the truth.
"""

from __future__ import annotations

import rest_tap.light  # noqa: F401 - first of all: see there
from rest_tap.bookmarks import Bookmarks, ValidFor
from rest_tap.errors import ConfigError, DeniedError, StreamError, TapError
from rest_tap.http.addresses import checked_url, path_value
from rest_tap.http.credentials import HeaderCredentials
from rest_tap.http.decoding import json_of
from rest_tap.http.messages import message_of
from rest_tap.kinds import EMPTY_KEY
from rest_tap.listing import Cost, Listing, Order, Row
from rest_tap.lookups import LookupStream
from rest_tap.names import snake_case
from rest_tap.redaction import keep_secret, warn_if_exposed
from rest_tap.settings import shared_settings
from rest_tap.stream import RestStream
from rest_tap.tap import RestTap
from rest_tap.timestamps import format_timestamp, latest, parse_timestamp, to_rfc3339

__all__ = [
    "EMPTY_KEY",
    "Bookmarks",
    "ConfigError",
    "Cost",
    "DeniedError",
    "HeaderCredentials",
    "Listing",
    "LookupStream",
    "Order",
    "RestStream",
    "RestTap",
    "Row",
    "StreamError",
    "TapError",
    "ValidFor",
    "checked_url",
    "format_timestamp",
    "json_of",
    "keep_secret",
    "latest",
    "message_of",
    "parse_timestamp",
    "path_value",
    "shared_settings",
    "snake_case",
    "to_rfc3339",
    "warn_if_exposed",
]
