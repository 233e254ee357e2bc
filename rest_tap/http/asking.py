"""Requests beside the API: for a token, and for where the API is."""

from __future__ import annotations

import json
import time
from http import HTTPStatus
from typing import Any

import backoff
import requests
from requests.exceptions import (
    ChunkedEncodingError,
    ContentDecodingError,
    InvalidJSONError,
    SSLError,
    Timeout,
)
from requests.exceptions import (
    ConnectionError as ConnectionFailedError,
)

from rest_tap.http.pauses import told_pause

TRIES = 6  # In some fifteen seconds
LONGEST_PAUSE = 30  # Seconds that the server may ask for
PASSING = (
    *(ConnectionFailedError, ConnectionResetError, Timeout, requests.HTTPError),
    *(ChunkedEncodingError, ContentDecodingError, InvalidJSONError),
)


@backoff.on_exception(
    backoff.expo,
    PASSING,
    max_tries=lambda: TRIES,
    jitter=backoff.full_jitter,
    giveup=lambda error: isinstance(error, SSLError) and "CERTIFICATE_VERIFY" in str(error),
    logger=None,
)
def ask(
    session: requests.Session, request: requests.PreparedRequest, timeout: float
) -> tuple[int, dict[str, Any]]:
    """Send a request whose answer is a JSON object; again, if another answer or none comes.

    Returns:
        The status and the object. A redirect is not followed, and answers its Location.

    Raises:
        requests.RequestException: If it stays so.
        ConnectionResetError: Likewise.
    """
    answer = session.send(request, timeout=timeout, allow_redirects=False)
    status = answer.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        time.sleep(min(told_pause(answer.headers) or 0.0, LONGEST_PAUSE))
        raise requests.HTTPError(f"it answered {status}", response=answer)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return status, {"Location": answer.headers.get("Location", "")}
    try:
        # Not the answer's own `json`, to which a NaN among the figures spoils all of it
        body = json.loads(answer.content, parse_int=float)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise InvalidJSONError(f"it answered {status} without a JSON object", response=answer)
    return status, body
