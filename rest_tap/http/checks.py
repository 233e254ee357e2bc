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
TRANSIENT = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY}


def check_status(response: requests.Response) -> None:
    """Sort the answers that are not what was asked for.

    Raises:
        DeniedError: 403, 404 and 410.
        TransientError: Answers that a later try may mend.
        StreamError: Other answers of 300 and more.
    """
    status = response.status_code
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return
    message = message_of(response)
    if status == HTTPStatus.FORBIDDEN and is_web_page(response):
        raise TransientError(f"{message} with a web page, which is not the API's own", response)
    if status in DENIED:
        raise DeniedError(message, status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in TRANSIENT:
        raise TransientError(message, response)
    if status == HTTPStatus.UNAUTHORIZED:
        message += ". The same credentials are taken elsewhere: check what they may read"
    raise StreamError(message, status)


def check_file(response: requests.Response) -> None:
    """Sort the answers that are not a file: its host says nothing of the API's rights.

    Raises:
        TransientError: Answers that a later try may mend.
        StreamError: Other answers of 300 and more.
    """
    status = response.status_code
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return
    message = f"{message_of(response)}, at {urlsplit(response.request.url or '').netloc}"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in TRANSIENT:
        raise TransientError(message, response)
    raise StreamError(message, status)
