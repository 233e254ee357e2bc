"""Requests beside the API: for a token, and for where the API is."""

from __future__ import annotations

import json
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import backoff
from requests import RequestException
from requests.exceptions import ChunkedEncodingError, ContentDecodingError, Timeout
from requests.exceptions import ConnectionError as ConnectionFailedError

from rest_tap.errors import TransientError
from rest_tap.http.limits import BoundExceededError
from rest_tap.http.messages import is_unverified
from rest_tap.http.pauses import told_pause

if TYPE_CHECKING:
    import requests

TRIES = 6  # In some fifteen seconds
LONGEST = 90  # Seconds after which nothing is tried again: the end of the process may wait for it
LONGEST_PAUSE = 30  # Seconds that the server may ask for
PASSING = (
    *(TransientError, ConnectionFailedError, ConnectionResetError, Timeout),
    *(ChunkedEncodingError, ContentDecodingError),
)
UNANSWERED = (*PASSING, RequestException, BoundExceededError)
"""What `ask` raises."""


@backoff.on_exception(
    backoff.expo,
    PASSING,
    max_tries=lambda: TRIES,
    max_time=LONGEST,
    jitter=backoff.full_jitter,
    giveup=is_unverified,
    logger=None,
)
def ask(
    session: requests.Session, request: requests.PreparedRequest, timeout: float
) -> tuple[int, dict[str, Any]]:
    """Send a request whose answer is a JSON object; again, if another answer or none comes.

    Returns:
        The status and the object. A redirect is not followed, and answers its Location.

    Raises:
        UNANSWERED: If it stays so.
    """
    answer = session.send(request, timeout=timeout, allow_redirects=False)
    status = answer.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        time.sleep(min(told_pause(answer.headers) or 0.0, LONGEST_PAUSE))
        raise TransientError(f"it answered {status}", answer)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return status, {"Location": answer.headers.get("Location", "")}
    try:
        # Not the answer's own `json`, to which a NaN among the figures spoils all of it
        body = json.loads(answer.content, parse_int=float)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise TransientError(f"it answered {status} without a JSON object", answer)
    return status, body
