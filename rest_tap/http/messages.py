"""What a user is told of a request: what was asked, what was answered, why it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from requests.exceptions import ChunkedEncodingError, Timeout
from requests.exceptions import ConnectionError as ConnectionFailedError

from rest_tap.errors import TransientError

if TYPE_CHECKING:
    import requests

LONGEST_DETAIL = 200  # Characters of the vendor's own message that an error shows


def question(request: requests.PreparedRequest) -> str:
    """Say what was asked, without the query."""
    return f"{request.method} {urlsplit(request.url or '').path}"


def message_of(response: requests.Response) -> str:
    """Say what was asked and what was answered, without the query and cut short."""
    reason = response.reason or ""
    try:
        detail = _message_in(msgspec.json.decode(response.content))
    except (msgspec.DecodeError, UnicodeDecodeError):
        detail = ""
    answer = f"{question(response.request)} answered {response.status_code} {reason}".rstrip()
    return f"{answer}: {detail[:LONGEST_DETAIL]}" if detail else answer


def reason_of(error: object) -> str:
    """Say in a few words why a request failed."""
    if isinstance(error, Timeout):
        return "the server did not answer in time"
    if isinstance(error, (ConnectionFailedError, ConnectionResetError, ChunkedEncodingError)):
        text = str(error)
        if "resolve" in text.lower():
            return "its name does not resolve"
        return "connection refused" if "refused" in text else "the connection broke"
    return str(error)


def is_html(error: object) -> bool:
    """Tell whether an answer that failed to be read was a web page."""
    response = getattr(error, "response", None)
    if response is None or not isinstance(error, TransientError):
        return False
    return bool(response.ok) and response.content.lstrip()[:1] == b"<"


def _message_in(body: object) -> str:
    """Find the sentence in a vendor's error body: message, error.message, errors[0].title."""
    if isinstance(body, list) and body:
        return _message_in(body[0])
    if isinstance(body, dict):
        for key in ("message", "error", "errors", "title", "detail"):
            if found := _message_in(body.get(key)):
                return found
    return " ".join(body.split()) if isinstance(body, str) else ""
