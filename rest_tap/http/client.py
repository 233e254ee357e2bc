"""One API, asked by all streams and threads: each request waited for, retried, checked and read."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import urlencode, urlsplit

import backoff
import requests
from requests.exceptions import ChunkedEncodingError, ContentDecodingError, Timeout
from requests.exceptions import (
    ConnectionError as ConnectionFailedError,
)

from rest_tap.errors import (
    DeniedError,
    RetriesExhaustedError,
    StreamError,
    TapError,
    TransientError,
)
from rest_tap.http.addresses import encoded
from rest_tap.http.checks import check_status
from rest_tap.http.decoding import json_of
from rest_tap.http.limits import BoundExceededError
from rest_tap.http.messages import (
    is_html,
    is_unresolved,
    is_unverified,
    question,
    reason_of,
)
from rest_tap.http.pauses import http_date, pause_of, quota_of
from rest_tap.http.session import MovedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from requests.structures import CaseInsensitiveDict

    from rest_tap.http.credentials import HeaderCredentials
    from rest_tap.http.limits import Limits
    from rest_tap.http.rate_limiter import RateLimiter
    from rest_tap.http.session import Session

RETRIED = (
    *(TransientError, ConnectionFailedError, ConnectionResetError, Timeout),
    *(ChunkedEncodingError, ContentDecodingError),
)
ANSWERED = (TransientError, ContentDecodingError)
HOPELESS = (requests.RequestException, BoundExceededError, MemoryError, RecursionError)
MAX_TRIES = 8  # In half a minute
LONGEST_BACK_OFF = 30  # Seconds
SILENT_FOR = 5  # Seconds after which an address that never answered is taken to be wrong
EVERYWHERE = 3  # So many who were refused, and nobody who was answered in between

logger = logging.getLogger(__name__)


class Counts(Protocol):
    """Who asks, and what it took."""

    name: str

    def add(self, *, requests: int = 0, retries: int = 0, waited: float = 0.0) -> None:
        """Add to the counts: requests that were answered, tries that failed, seconds."""


@dataclass(slots=True)
class _Tries:
    """What became of one question so far."""

    failures: int = 0
    pauses: int = 0
    waited: float = 0.0
    refusals: int = 0
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
        self.began: datetime | None = None
        """When the run began, by the clock of the first answer."""
        self._started = rate_limiter.clock()
        self._has_worked = False
        self._refused: set[str] = set()
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
        max_tries: int = MAX_TRIES,
    ) -> requests.Response:
        """Send a request until it is answered, or until waiting and trying make no sense.

        Args:
            build: Makes the request anew for each try, with the credentials of that moment.
            stats: Whose request it is.
            read: Takes out of the answer what is wanted, or raises TransientError; None leaves
                the body unread, for files.
            check: Raises what an answer means that is not what was asked for.
            max_tries: How often to ask where the answer is a fault.

        Raises:
            DeniedError: On 403, 404 and 410.
            RetriesExhaustedError: If all tries failed.
            StreamError: If the stream cannot go on.
            TapError: If the run cannot: wrong credentials, unreachable host.
        """
        tries = _Tries()
        is_file = read is None
        while True:
            stats.add(waited=self.rate_limiter.acquire())
            request = build()
            try:
                response = self.session.send(request, timeout=self.limits.timeout, stream=is_file)
                stats.add(requests=1)
                if self._asks_again(response, tries, stats, check, is_file=is_file):
                    continue
                check(response)
                if read:
                    read(response)
            except RETRIED as error:
                tries.failures += 1
                if tries.failures >= max_tries or self._is_hopeless(error):
                    raise self._final(error, request, tries.failures, is_file=is_file) from error
                self._back_off(error, tries, stats)
            except HOPELESS as error:
                raise self._final(error, request, 1, is_file=is_file) from error
            except StreamError as error:
                if error.status == HTTPStatus.UNAUTHORIZED and not is_file:
                    self._note_refusal(response, stats)
                raise
            else:
                return response

    def _asks_again(
        self,
        response: requests.Response,
        tries: _Tries,
        stats: Counts,
        check: Callable[[requests.Response], None],
        *,
        is_file: bool,
    ) -> bool:
        """Tell whether the same question is to be asked again, now or after a pause.

        Raises:
            TapError: If it makes no sense to go on asking.
        """
        is_401 = response.status_code == HTTPStatus.UNAUTHORIZED
        is_refused = is_401 if is_file else self.credentials.is_refused(response)
        if not is_file and (self._refused or not self._has_worked):
            self._saw_answer(response, is_refused=is_refused)
        if is_refused:
            is_mended = self._is_mended(response, tries, check, is_file=is_file)
            if not is_mended and not is_401:
                raise TapError(self.credentials.explain(response))
            stats.add(retries=int(is_mended))
            return is_mended
        if response.status_code < HTTPStatus.BAD_REQUEST:
            if not is_file:
                self.rate_limiter.note_answer(quota_of(response.headers))
            return False
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
        who = "this request waits" if is_file else "all requests wait"
        logger.info("%s answered %s: %s %.1f s", stats.name, response.status_code, who, pause)
        stats.add(retries=1)
        if is_file:  # Whose host has limits of its own
            stats.add(waited=pause)
            self.rate_limiter.sleep(pause)
            return True
        is_limit = response.status_code == HTTPStatus.TOO_MANY_REQUESTS
        self.rate_limiter.pause(pause, is_limit=is_limit)
        return True

    def _is_mended(
        self,
        response: requests.Response,
        tries: _Tries,
        check: Callable[[requests.Response], None],
        *,
        is_file: bool,
    ) -> bool:
        """Tell whether to ask again after a refusal, which may pass, or be mended.

        Raises:
            DeniedError: If the answer explains itself, so that it will not pass.
        """
        tries.refusals += 1
        is_first = tries.refusals == 1
        if is_file or tries.is_renewed or (is_first and not self._has_worked):
            return is_first
        tries.is_renewed = True
        if self.credentials.renew(response, has_worked=self._has_worked):
            return True
        if response.status_code == HTTPStatus.UNAUTHORIZED:  # A visitor's 404 explains nothing
            try:
                check(response)
            except DeniedError:
                raise
            except StreamError:
                pass
        return is_first

    def _note_refusal(self, response: requests.Response, stats: Counts) -> None:
        """Let a 401 that stays cost the run only where the credentials are good for nothing.

        Raises:
            TapError: If they never worked, or all who asked of late were refused.
        """
        self._refused.add(stats.name)
        if not self._has_worked or len(self._refused) >= EVERYWHERE:
            raise TapError(self.credentials.explain(response))

    def _back_off(self, error: Exception, tries: _Tries, stats: Counts) -> None:
        """Let this thread wait a while, longer each time."""
        seconds = backoff.full_jitter(min(0.25 * 2 ** (tries.failures - 1), LONGEST_BACK_OFF))
        logger.info("%s: %s; trying again in %.1f s", stats.name, reason_of(error), seconds)
        stats.add(retries=1, waited=seconds)
        self.rate_limiter.sleep(seconds)

    def _saw_answer(self, response: requests.Response, *, is_refused: bool) -> None:
        """Note that the API is there, what time it has, and that it takes the credentials."""
        if "json" not in response.headers.get("Content-Type", ""):
            return
        if not self.is_reachable:
            self.is_reachable = True
            if date := http_date(response.headers.get("Date")):
                self.began = date - timedelta(seconds=self.rate_limiter.clock() - self._started)
        if response.status_code < HTTPStatus.MULTIPLE_CHOICES and not is_refused:
            self._has_worked = True
            self._refused.clear()

    def _is_hopeless(self, error: Exception) -> bool:
        """Tell what no later try mends: certificates, names, and where nothing ever answered."""
        if is_unverified(error):
            return True
        if self.is_reachable:
            return False
        now = self.rate_limiter.clock()
        if self._silent_since is None:
            self._silent_since = now
        is_elsewhere = is_html(error) or not isinstance(error, ANSWERED)
        return is_unresolved(error) or (is_elsewhere and now - self._silent_since > SILENT_FOR)

    def _final(
        self, error: Exception, request: requests.PreparedRequest, failures: int, *, is_file: bool
    ) -> TapError:
        """Say what it means that the tries are over: for what was asked for, or for the run."""
        host = urlsplit(request.url or "").netloc
        asked, reason = question(request), reason_of(error)
        for_the_run = StreamError if is_file else TapError
        if isinstance(error, MovedError):
            message = (
                f"base_url: {asked} is redirected from {host} to {error.origin}, which is not read "
                "because nobody set it. If the API has moved there, set its new address"
            )
            return StreamError(message) if self.is_reachable else for_the_run(message)
        if is_unverified(error):
            return for_the_run(
                f"base_url: the TLS certificate of {host} cannot be verified. Check the host name; "
                "for a private certificate authority set REQUESTS_CA_BUNDLE to its file"
            )
        if not isinstance(error, RETRIED):
            return StreamError(f"{asked}: {reason}")
        if not self.is_reachable:
            if is_html(error):
                return for_the_run(
                    f"base_url: {host} answers HTML where the API answers JSON. "
                    "Check that base_url is the API's address"
                )
            if not isinstance(error, ANSWERED):
                return for_the_run(
                    f"base_url: {host} cannot be reached ({reason}). "
                    "Check the address, the network and HTTPS_PROXY"
                )
        times = f" {failures} times" if failures > 1 else ""
        return RetriesExhaustedError(f"{asked} failed{times}: {reason}")
