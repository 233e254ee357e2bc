"""How a stream asks: one request, waited, retried, checked and decoded."""

from __future__ import annotations

import functools
import itertools
import time
from http import HTTPStatus
from string import Formatter
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlencode, urlsplit

import backoff
import msgspec
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
from rest_tap.http.rate_limiter import retry_after
from rest_tap.http.session import encoded
from rest_tap.sdk import SdkStream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from backoff.types import Details
    from requests.structures import CaseInsensitiveDict
    from singer_sdk.helpers.types import Context

    from rest_tap.stats import StreamStats
    from rest_tap.tap import RestTap

DENIED = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
TRY_LATER = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
TRANSIENT = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY}
RETRIED = (
    *(TransientError, ConnectionFailedError, ConnectionResetError, Timeout),
    *(ChunkedEncodingError, ContentDecodingError),
)
MAX_TRIES = 8  # In half a minute
LONGEST_PAUSE = 30  # Seconds, where the server asks for a pause without saying how long
SILENT_FOR = 5  # Seconds after which an address that never answered is taken to be wrong
LONGEST_DETAIL = 200  # Characters of the vendor's own message that an error shows


class RequestingStream(SdkStream):
    """Sends requests as the SDK's hooks describe them.

    Every try waits for its turn, shares the threads' connections and the pauses that the server
    asks for, and is counted.
    """

    needs: str = ""
    """The scope, role or plan that reading this stream takes; shown when it is denied."""

    _tap: RestTap

    @functools.cached_property
    def stats(self) -> StreamStats:
        """What this stream has sent and written so far."""
        return self._tap.summary.of(self.name)

    # What is asked

    @staticmethod
    def quote(name: str, value: str) -> str:  # noqa: ARG004 - overrides tell names apart
        """Encode a value of the context for its place in the path."""
        return quote(value, safe="")

    def get_url(self, context: Context | None) -> str:
        """Fill the path's placeholders from the context."""
        values = {name: self.quote(name, str((context or {})[name])) for name in self.placeholders}
        return self.url_base + self.path.format_map(values)

    @functools.cached_property
    def placeholders(self) -> list[str]:
        """The names in the path that are filled from the context."""
        return [name for _, name, *_ in Formatter().parse(self.path) if name]

    @functools.cached_property
    def _template(self) -> requests.PreparedRequest:
        """A request with the headers of all; to prepare them takes longer than all else of it.

        They are in a plain dictionary: they are gone through several times for each request, and
        the dictionary of requests is Python code, some forty calls a request.
        """
        headers = {
            "User-Agent": self._tap.user_agent,
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            **self.http_headers,
        }
        cookies = self._tap.session.cookies
        request = requests.Request("GET", self.url_base, headers, cookies=cookies).prepare()
        request.headers = cast("CaseInsensitiveDict[str]", dict(request.headers))
        return request

    def build_prepared_request(
        self,
        method: str,
        url: str,
        params: Any = None,
        json: object = None,
        headers: Any = None,  # noqa: ARG002 - those of the template
    ) -> requests.PreparedRequest:
        """Prepare a request with the tap's credentials."""
        request = self._template.copy()
        if method != request.method:
            request.prepare_method(method)
        request.url = encoded(url)
        if query := params if isinstance(params, str) else urlencode(params or {}, doseq=True):
            request.url = f"{request.url}{'&' if '?' in url else '?'}{query}"
        if json is not None:
            request.prepare_body(None, None, json)
        return self._tap.authenticator(request)

    def get_json(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        method: str = "GET",
        json: object = None,
    ) -> Any:
        """Ask for something beside the stream's own list: a path below `url_base`, or a URL.

        Raises:
            DeniedError: On 403, 404 and 410.
            StreamError: If it cannot be had.
        """

        def build() -> requests.PreparedRequest:
            url = path if "://" in path else self.url_base + path
            return self.build_prepared_request(method, url, params=params, json=json)

        return json_of(self.send(build))

    def open_url(self, url: str) -> requests.Response:
        """Open a file elsewhere, without credentials; its body is read as it is asked for."""

        def build() -> requests.PreparedRequest:
            headers = {"User-Agent": self._tap.user_agent}
            return requests.Request("GET", url, headers=headers).prepare()

        return self.send(build, read=None)

    def wait(self, seconds: float) -> None:
        """Let this thread wait for something that the server prepares.

        Raises:
            StreamError: If that is longer than `max_wait`.
        """
        if seconds > self._tap.max_wait:
            raise StreamError(
                f"it would have to wait {seconds:.0f} s, longer than max_wait "
                f"({self._tap.max_wait:g} s): run again later, or raise max_wait"
            )
        self.stats.add(waited=seconds)
        self._tap.rate_limiter.sleep(seconds)

    # How it is asked

    def send(
        self,
        build: Callable[[], requests.PreparedRequest],
        read: Callable[[requests.Response], object] | None = json_of,
    ) -> requests.Response:
        """Send a request until it is answered, or until waiting and trying make no sense.

        Args:
            build: Makes the request anew for each try, with the credentials of that moment.
            read: Takes out of the answer what is wanted, or raises TransientError; None leaves
                the body unread, for files.

        Raises:
            DeniedError: On 403, 404 and 410.
            StreamError: If the stream cannot go on.
            TapError: If the run cannot: wrong credentials, unreachable host.
        """
        try:
            try:
                return self._try(build, read)
            except RETRIED as error:
                return self._retried([error], build, read)
        except (TransientError, requests.RequestException, ConnectionResetError) as error:
            raise self._final(error, build) from error

    @functools.cached_property
    def _retried(self) -> Callable[..., requests.Response]:
        """`_try`, again and again, after a first one failed; most requests never come here."""

        def again(
            failed: list[Exception],
            build: Callable[[], requests.PreparedRequest],
            read: Callable[[requests.Response], object] | None,
        ) -> requests.Response:
            if failed:  # The first try counts as such
                raise failed.pop()
            return self._try(build, read)

        return backoff.on_exception(
            lambda: backoff.expo(factor=0.25, max_value=30),
            RETRIED,
            max_tries=MAX_TRIES,
            jitter=backoff.full_jitter,
            giveup=self._is_hopeless,
            on_backoff=self._before_retry,
            logger=None,
        )(again)

    def _try(
        self,
        build: Callable[[], requests.PreparedRequest],
        read: Callable[[requests.Response], object] | None,
    ) -> requests.Response:
        tap = self._tap
        waited = 0.0
        renewed = False
        for number in itertools.count():
            self.stats.add(waited=tap.rate_limiter.acquire())
            request = build()
            response = tap.session.send(request, timeout=tap.timeout, stream=read is None)
            self.stats.add(requests=1)
            tap.saw_answer(response)
            if response.status_code == HTTPStatus.UNAUTHORIZED and not renewed:
                renewed = True
                if tap.renew(response):
                    continue
            pause = self._pause(response, number)
            if pause is None:
                break
            waited += pause
            if waited > tap.max_wait:
                raise StreamError(
                    f"{_asked(request)} answered {response.status_code}: it would have to wait "
                    f"{pause:.0f} s, {waited:.0f} s in all, longer than max_wait "
                    f"({tap.max_wait:g} s): run again later, or raise max_wait"
                )
            self.logger.info(
                "%s answered %s: all requests wait %.1f s", self.name, response.status_code, pause
            )
            self.stats.add(retries=1)
            tap.rate_limiter.pause(pause)
        self.validate_response(response)
        if read:
            read(response)
        return response

    def _pause(self, response: requests.Response, number: int) -> float | None:
        """Count the seconds to wait before the next try; None if the server asks nothing.

        Too many requests may take minutes, and then ask for more patience each time.
        """
        if response.status_code not in TRY_LATER:
            return None
        patience = float(min(2**number, LONGEST_PAUSE))
        seconds = retry_after(response.headers.get("Retry-After"))
        if seconds is None and response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            seconds = self.rate_limit_reset(response)
            if seconds is None:
                return patience
        return None if seconds is None else max(seconds, patience / 10)

    def rate_limit_reset(self, response: requests.Response) -> float | None:  # noqa: ARG002
        """Read the seconds to wait from the vendor's own header, where there is no Retry-After."""
        return None

    def _before_retry(self, details: Details) -> None:
        error = details.get("exception")
        wait = details.get("wait", 0.0)
        self.stats.add(retries=1)
        self.logger.info("%s: %s; trying again in %.1f s", self.name, reason_of(error), wait)

    def _is_hopeless(self, error: Exception) -> bool:
        """Tell what no later try mends: certificates, names, and where nothing ever answered."""
        if isinstance(error, SSLError):
            return True
        if self._tap.is_reachable:
            return False
        silent = time.monotonic() - self._tap.silent_since
        is_elsewhere = _is_html(error) or not isinstance(error, TransientError)
        return "resolve" in str(error).lower() or (is_elsewhere and silent > SILENT_FOR)

    def _final(self, error: Exception, build: Callable[[], requests.PreparedRequest]) -> TapError:
        """Say what it means that the tries are over: for the stream, or for the run."""
        request = build()
        host = urlsplit(request.url or "").netloc
        if isinstance(error, SSLError):
            if "CERTIFICATE_VERIFY_FAILED" not in str(error):
                return TapError(f"base_url: {host} does not speak TLS as it should: {error}")
            return TapError(
                f"base_url: the TLS certificate of {host} cannot be verified. Check the host name; "
                "for a private certificate authority set REQUESTS_CA_BUNDLE to its file"
            )
        if not isinstance(error, RETRIED):
            return StreamError(f"{_asked(request)} failed: {reason_of(error)}")
        if not self._tap.is_reachable:
            if _is_html(error):
                return TapError(
                    f"base_url: {host} answers HTML where the API answers JSON. "
                    "Check that base_url is the API's address"
                )
            if isinstance(error, (ConnectionFailedError, Timeout, ConnectionResetError)):
                return TapError(
                    f"base_url: {host} cannot be reached ({reason_of(error)}). "
                    "Check the address, the network and HTTPS_PROXY"
                )
        return StreamError(f"{_asked(request)} failed {MAX_TRIES} times: {reason_of(error)}")

    def validate_response(self, response: requests.Response) -> None:
        """Sort the answers that are not rows.

        Raises:
            DeniedError: 403, 404 and 410.
            TransientError: Answers that a later try may mend.
            StreamError: Other answers of 300 and more.
            TapError: 401, for the credentials are wrong for every stream.
        """
        status = response.status_code
        if status < HTTPStatus.MULTIPLE_CHOICES:
            return
        message = self.response_error_message(response)
        if status == HTTPStatus.UNAUTHORIZED:
            raise TapError(self._tap.explain_unauthorized(response))
        if status in DENIED:
            needs = f" (it needs {self.needs})" if self.needs else ""
            raise DeniedError(message + needs, status)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in TRANSIENT:
            raise TransientError(message, response)
        raise StreamError(message, status)

    def response_error_message(self, response: requests.Response) -> str:
        """Say what was asked and what was answered, without the query and cut short."""
        reason = response.reason or ""
        try:
            detail = _message_in(msgspec.json.decode(response.content))
        except (msgspec.DecodeError, UnicodeDecodeError):
            detail = ""
        answer = f"{_asked(response.request)} answered {response.status_code} {reason}".rstrip()
        return f"{answer}: {detail[:LONGEST_DETAIL]}" if detail else answer


def _asked(request: requests.PreparedRequest) -> str:
    return f"{request.method} {urlsplit(request.url or '').path}"


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


def _is_html(error: object) -> bool:
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
