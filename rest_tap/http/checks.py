"""What an answer means that is not what was asked for."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rest_tap.errors import DeniedError, StreamError, TransientError
from rest_tap.http.messages import is_web_page, message_of

if TYPE_CHECKING:
    import requests

DENIED = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
TRANSIENT = {
    *(HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.MISDIRECTED_REQUEST),
    *(HTTPStatus.LOCKED, HTTPStatus.TOO_EARLY),
}
WHOLE = {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NON_AUTHORITATIVE_INFORMATION}
"""Others below 300 say that an answer is to come, or is a part: it must not pass for the whole."""


def check_status(response: requests.Response) -> None:
    """Sort the answers that are not what was asked for.

    Raises:
        DeniedError: 403, 404 and 410.
        TransientError: Answers that a later try may mend.
        StreamError: Other answers that are not 200, 201 or 203.
    """
    status = response.status_code
    if status in WHOLE:
        return
    message = message_of(response)
    if status == HTTPStatus.FORBIDDEN and is_web_page(response):
        raise TransientError(f"{message} with a web page, which is not the API's own", response)
    if status in DENIED:
        raise DeniedError(message, status)
    if _is_passing(status):
        raise TransientError(message, response)
    if status == HTTPStatus.UNAUTHORIZED:
        message += ". The same credentials are taken elsewhere: check what they may read"
    raise StreamError(message, status)


def check_file(response: requests.Response) -> None:
    """Sort the answers that are not a file: its host says nothing of the API's rights.

    Raises:
        TransientError: Answers that a later try may mend.
        StreamError: Other answers that are not 200, 201 or 203.
    """
    status = response.status_code
    if status in WHOLE:
        return
    message = f"{message_of(response)}, at {urlsplit(response.request.url or '').netloc}"
    if _is_passing(status):
        raise TransientError(message, response)
    raise StreamError(message, status)


def _is_passing(status: int) -> bool:
    is_fault = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in TRANSIENT
    return is_fault or status < HTTPStatus.MULTIPLE_CHOICES
