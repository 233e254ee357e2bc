"""One API, asked by all streams and threads: each request waited for, retried, checked and read."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, cast
from urllib.parse import urlencode, urlsplit

import backoff
import requests
from requests.exceptions import (
    ChunkedEncodingError,
    ContentDecodingError,
    SSLError,
    Timeout,
)
from requests.exceptions import (
    ConnectionError as ConnectionFailedError,
)

from rest_tap.errors import DeniedError, StreamError, TapError, TransientError
from rest_tap.http.decoding import json_of
from rest_tap.http.messages import is_html, message_of, question, reason_of
from rest_tap.http.pauses import http_date, pause_of
from rest_tap.http.session import encoded

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests.structures import CaseInsensitiveDict

    from rest_tap.http.credentials import HeaderCredentials
    from rest_tap.http.limits import Limits
    from rest_tap.http.rate_limiter import RateLimiter
    from rest_tap.http.session import Session

DENIED = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
TRANSIENT = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY}
RETRIED = (
    *(TransientError, ConnectionFailedError, ConnectionResetError, Timeout),
    *(ChunkedEncodingError, ContentDecodingError),
)
MAX_TRIES = 8  # In half a minute
LONGEST_BACK_OFF = 30  # Seconds
SILENT_FOR = 5  # Seconds after which an address that never answered is taken to be wrong
CLOCK_TOLERANCE = timedelta(seconds=2)  # The Date header tells whole seconds

logger = logging.getLogger(__name__)


class Counts(Protocol):
    """Who asks, and what it took."""

    name: str

    def add(self, *, requests: int = 0, retries: int = 0, waited: float = 0.0) -> None:
        """Add to the counts: requests that were answered, tries that failed, seconds."""


def check_status(response: requests.Response) -> None:
    """Sort the answers that are not what was asked for; 401 is the client's own affair.

    Raises:
        DeniedError: 403, 404 and 410.
        TransientError: Answers that a later try may mend.
        StreamError: Other answers of 300 and more.
    """
    status = response.status_code
    if status < HTTPStatus.MULTIPLE_CHOICES or status == HTTPStatus.UNAUTHORIZED:
        return
    message = message_of(response)
    if status in DENIED:
        raise DeniedError(message, status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in TRANSIENT:
        raise TransientError(message, response)
    raise StreamError(message, status)


@dataclass(slots=True)
class _Tries:
    """What became of one question so far."""

    failures: int = 0
    pauses: int = 0
    waited: float = 0.0
    is_renewed: bool = False


class ApiClient:
    """Sends requests to one API.

    Every try waits for its turn, shares the threads' connections and the pauses that the server
    asks for, and is counted.

    Args:
        session: The connections.
        rate_limiter: The turns of requests.
        credentials: What shows the API who asks.
        user_agent: The User-Agent of every request.
        limits: How long the server may take, and let a request wait.
    """

    def __init__(
        self,
        session: Session,
        rate_limiter: RateLimiter,
        credentials: HeaderCredentials,
        user_agent: str,
        limits: Limits,
    ) -> None:
        self.session = session
        self.rate_limiter = rate_limiter
        self.credentials = credentials
        self.limits = limits
        self.is_reachable = False
        self.clock_offset = timedelta()
        self._silent_since: float | None = None
        self._headers = {"User-Agent": user_agent}
        self._template = self._make_template()

    # What is asked

    def _make_template(self) -> requests.PreparedRequest:
        """Prepare what all requests have; to prepare it each time takes longer than all else.

        The headers are in a plain dictionary: they are gone through several times for each
        request, and the dictionary of requests is Python code, some forty calls a request.
        """
        headers = {
            **self._headers,
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
        }
        request = requests.Request(
            "GET", "http://localhost/", headers, cookies=self.session.cookies
        ).prepare()
        request.headers = cast("CaseInsensitiveDict[str]", dict(request.headers))
        return request

    def request(
        self, method: str, url: str, params: Any = None, json: object = None
    ) -> requests.PreparedRequest:
        """Prepare a request with the credentials of this moment.

        Args:
            method: GET or POST.
            url: All of the address.
            params: The query, as a mapping or encoded already.
            json: What to send.
        """
        request = self._template.copy()
        if method != request.method:
            request.prepare_method(method)
        request.url = encoded(url)
        if query := params if isinstance(params, str) else urlencode(params or {}, doseq=True):
            request.url = f"{request.url}{'&' if '?' in url else '?'}{query}"
        if json is not None:
            request.prepare_body(None, None, json)
        return self.credentials.authorize(request)

    def file_request(self, url: str) -> requests.PreparedRequest:
        """Prepare a request for a file elsewhere, which sees no credentials."""
        return requests.Request("GET", url, headers=self._headers).prepare()

    def wait(self, seconds: float, stats: Counts) -> None:
        """Let this thread wait for something that the server prepares.

        Raises:
            StreamError: If that is longer than `max_wait`.
        """
        if seconds > self.limits.max_wait:
            raise StreamError(
                f"it would have to wait {seconds:.0f} s, longer than max_wait "
                f"({self.limits.max_wait:g} s): run again later, or raise max_wait"
            )
        stats.add(waited=seconds)
        self.rate_limiter.sleep(seconds)

    # How it is asked

    def send(
        self,
        build: Callable[[], requests.PreparedRequest],
        stats: Counts,
        read: Callable[[requests.Response], object] | None = json_of,
        check: Callable[[requests.Response], None] = check_status,
    ) -> requests.Response:
        """Send a request until it is answered, or until waiting and trying make no sense.

        Args:
            build: Makes the request anew for each try, with the credentials of that moment.
            stats: Whose request it is.
            read: Takes out of the answer what is wanted, or raises TransientError; None leaves
                the body unread, for files.
            check: Raises what an answer means that is not what was asked for.

        Raises:
            DeniedError: On 403, 404 and 410.
            StreamError: If the stream cannot go on.
            TapError: If the run cannot: wrong credentials, unreachable host.
        """
        tries = _Tries()
        while True:
            stats.add(waited=self.rate_limiter.acquire())
            request = build()
            try:
                response = self.session.send(
                    request, timeout=self.limits.timeout, stream=read is None
                )
                stats.add(requests=1)
                self._saw_answer(response)
                is_refused = self.credentials.is_refused(response)
                if is_refused or response.status_code >= HTTPStatus.BAD_REQUEST:
                    if self._asks_again(response, tries, stats):
                        continue
                    if is_refused:
                        self._refuse(response, check)
                check(response)
                if read:
                    read(response)
            except RETRIED as error:
                tries.failures += 1
                if tries.failures == MAX_TRIES or self._is_hopeless(error):
                    raise self._final(error, request) from error
                self._back_off(error, tries, stats)
            except requests.RequestException as error:
                raise self._final(error, request) from error
            else:
                return response

    def _refuse(
        self, response: requests.Response, check: Callable[[requests.Response], None]
    ) -> NoReturn:
        """Raise what it means that the credentials are not taken."""
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            check(response)
        raise TapError(self.credentials.explain(response))

    def _asks_again(self, response: requests.Response, tries: _Tries, stats: Counts) -> bool:
        """Tell whether the same question is to be asked again, now or after a pause."""
        if self.credentials.is_refused(response) and not tries.is_renewed:
            tries.is_renewed = True
            if self.credentials.renew(response):
                return True
        pause = pause_of(response, tries.pauses)
        if pause is None:
            return False
        tries.pauses += 1
        tries.waited += pause
        if tries.waited > self.limits.max_wait:
            raise StreamError(
                f"{question(response.request)} answered {response.status_code}: it would have to "
                f"wait {pause:.0f} s, {tries.waited:.0f} s in all, longer than max_wait "
                f"({self.limits.max_wait:g} s): run again later, or raise max_wait"
            )
        logger.info(
            "%s answered %s: all requests wait %.1f s", stats.name, response.status_code, pause
        )
        stats.add(retries=1)
        self.rate_limiter.pause(pause)
        return True

    def _back_off(self, error: Exception, tries: _Tries, stats: Counts) -> None:
        """Let this thread wait a while, longer each time."""
        seconds = backoff.full_jitter(min(0.25 * 2 ** (tries.failures - 1), LONGEST_BACK_OFF))
        logger.info("%s: %s; trying again in %.1f s", stats.name, reason_of(error), seconds)
        stats.add(retries=1, waited=seconds)
        self.rate_limiter.sleep(seconds)

    def _saw_answer(self, response: requests.Response) -> None:
        """Note that the API is there, and how its clock differs from this machine's."""
        if self.is_reachable or "json" not in response.headers.get("Content-Type", ""):
            return
        self.is_reachable = True
        if date := http_date(response.headers.get("Date")):
            offset = date - datetime.now(UTC)
            if abs(offset) > CLOCK_TOLERANCE:
                self.clock_offset = offset

    def _is_hopeless(self, error: Exception) -> bool:
        """Tell what no later try mends: certificates, names, and where nothing ever answered."""
        if isinstance(error, SSLError):
            return True
        if self.is_reachable:
            return False
        now = self.rate_limiter.clock()
        if self._silent_since is None:
            self._silent_since = now
        is_elsewhere = is_html(error) or not isinstance(error, TransientError)
        return "resolve" in str(error).lower() or (
            is_elsewhere and now - self._silent_since > SILENT_FOR
        )

    def _final(self, error: Exception, request: requests.PreparedRequest) -> TapError:
        """Say what it means that the tries are over: for the stream, or for the run."""
        host = urlsplit(request.url or "").netloc
        if isinstance(error, SSLError):
            if "CERTIFICATE_VERIFY_FAILED" not in str(error):
                return TapError(f"base_url: {host} does not speak TLS as it should: {error}")
            return TapError(
                f"base_url: the TLS certificate of {host} cannot be verified. Check the host name; "
                "for a private certificate authority set REQUESTS_CA_BUNDLE to its file"
            )
        if not isinstance(error, RETRIED):
            return StreamError(f"{question(request)} failed: {reason_of(error)}")
        if not self.is_reachable:
            if is_html(error):
                return TapError(
                    f"base_url: {host} answers HTML where the API answers JSON. "
                    "Check that base_url is the API's address"
                )
            if isinstance(error, (ConnectionFailedError, Timeout, ConnectionResetError)):
                return TapError(
                    f"base_url: {host} cannot be reached ({reason_of(error)}). "
                    "Check the address, the network and HTTPS_PROXY"
                )
        return StreamError(f"{question(request)} failed {MAX_TRIES} times: {reason_of(error)}")
