"""Requests beside the API: for a token, and for the cloud id."""

from __future__ import annotations

import backoff
import requests

TRIES = 5


@backoff.on_exception(
    backoff.expo,
    (requests.ConnectionError, requests.Timeout, requests.HTTPError),
    max_tries=TRIES,
    jitter=backoff.full_jitter,
    logger=None,
)
def ask(
    session: requests.Session, request: requests.PreparedRequest, timeout: float
) -> requests.Response:
    """Send a request; again, if the server is busy or does not answer.

    Raises:
        requests.RequestException: If it stays so.
    """
    answer = session.send(request, timeout=timeout, allow_redirects=False)
    status = answer.status_code
    if status == requests.codes.too_many or status >= requests.codes.server_error:
        raise requests.HTTPError(f"it answered {status}", response=answer)
    return answer
