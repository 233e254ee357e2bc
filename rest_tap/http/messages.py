"""What a user is told of a request: what was asked, what was answered, why it failed."""

from __future__ import annotations

import contextlib
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from requests.exceptions import (
    ChunkedEncodingError,
    ContentDecodingError,
    InvalidSchema,
    InvalidURL,
    ProxyError,
    SSLError,
    Timeout,
    TooManyRedirects,
)
from requests.exceptions import ConnectionError as ConnectionFailedError
from urllib3.exceptions import NameResolutionError

from rest_tap.errors import TransientError
from rest_tap.http.limits import BoundExceededError
from rest_tap.http.session import MovedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

REASONS: dict[type[Exception], str] = {
    ProxyError: "the proxy does not let it through",
    SSLError: "it does not speak TLS as it should",
    ContentDecodingError: "the answer cannot be unpacked",
    **dict.fromkeys((ConnectionFailedError, ConnectionResetError), "the connection broke"),
    ChunkedEncodingError: "the connection broke",
    TooManyRedirects: "it is redirected again and again",
    InvalidURL: "its address is none",
    InvalidSchema: "the proxy in HTTPS_PROXY is of a kind that is not supported",
    MemoryError: "the answer is too large for the memory that there is",
    RecursionError: "the answer is nested too deeply",
}
LONGEST_DETAIL = 200  # Characters of the vendor's own message that an error shows


def question(request: requests.PreparedRequest) -> str:
    """Say what was asked, without the query."""
    return f"{request.method} {urlsplit(request.url or '').path}"


def message_of(response: requests.Response) -> str:
    """Say what was asked and what was answered, without the query and cut short."""
    reason, detail = response.reason or "", ""
    if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:  # Else it has data, or is a file
        with contextlib.suppress(ValueError, RecursionError, MemoryError):
            detail = _message_in(msgspec.json.decode(response.content))
    answer = f"{question(response.request)} answered {response.status_code} {reason}".rstrip()
    return f"{answer}: {detail[:LONGEST_DETAIL]}" if detail else answer


def reason_of(error: object) -> str:
    """Say in a few words why a request failed; never in the words of a library, which show URLs."""
    if isinstance(error, (TransientError, MovedError, BoundExceededError)):
        return str(error)
    if isinstance(error, Timeout):
        return "the server did not answer in time"
    if is_unresolved(error):
        return "its name does not resolve"
    if is_unverified(error):
        return "its TLS certificate cannot be verified"
    for kind, reason in REASONS.items():
        if isinstance(error, kind):
            return "connection refused" if "refused" in str(error) else reason
    return f"{type(error).__name__}, of which nothing is known"


def is_unresolved(error: object) -> bool:
    """Tell whether a host's name is not known."""
    return any(isinstance(cause, NameResolutionError) for cause in _causes(error))


def is_unverified(error: object) -> bool:
    """Tell whether a host's certificate was refused, which no later try mends."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def _causes(error: object) -> Iterator[BaseException]:
    """List an error and those that it was made from."""
    left, met = [error], set[int]()
    while left:
        cause = left.pop()
        if isinstance(cause, BaseException) and id(cause) not in met:
            met.add(id(cause))
            yield cause
            left += [*cause.args, getattr(cause, "reason", None), cause.__cause__]


def is_html(error: object) -> bool:
    """Tell whether an answer that failed to be read was a web page."""
    response = getattr(error, "response", None)
    if response is None or not isinstance(error, TransientError):
        return False
    return bool(response.ok) and is_web_page(response)


def is_web_page(response: requests.Response) -> bool:
    """Tell whether an answer is a page for people: of a log-in, a proxy or an edge."""
    return response.content.lstrip()[:1] == b"<"


def _message_in(body: object) -> str:
    """Find the sentence in a vendor's error body: message, error.message, errors[0].title."""
    if isinstance(body, list) and body:
        return _message_in(body[0])
    if isinstance(body, dict):
        for key in ("message", "error", "errors", "title", "detail"):
            if found := _message_in(body.get(key)):
                return found
    return " ".join(body.split()) if isinstance(body, str) else ""
