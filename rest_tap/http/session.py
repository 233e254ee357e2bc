"""Connections: kept alive, shared by threads, and sending credentials to one host only."""

from __future__ import annotations

import os
from functools import cache, lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from requests.exceptions import ChunkedEncodingError
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies
from urllib3 import exceptions
from urllib3.util.ssl_ import create_urllib3_context

from rest_tap.errors import ConfigError, StreamError
from rest_tap.http.addresses import encoded, is_loopback, origin_of
from rest_tap.http.answers import pool_classes
from rest_tap.http.limits import Limits
from rest_tap.http.unpacking import unpacked

if TYPE_CHECKING:
    import ssl

    from urllib3.connectionpool import ConnectionPool

    from rest_tap.http.answers import Answer

BLANK = vars(requests.Response())  # To make one anew has a jar of cookies made with it
CREDENTIALS = ("Authorization", "Circle-Token", "Cookie")
KEEPING = {HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT}  # Method and body


class Adapter(HTTPAdapter):
    """Does once what requests does each time.

    Looking up a host's connections costs a tenth of a small request. Reading the certificates of
    the authorities that are trusted costs more than ten requests, for each connection.
    """

    _latest: tuple[str, ConnectionPool] | None = None

    def __init__(self, connections: int, limits: Limits) -> None:
        self._pool_classes = pool_classes(limits)
        super().__init__(pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make connections whose answers are certain and bounded."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Make such connections through a proxy, too."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = self._pool_classes
        return manager

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Make a response without cookies, which nobody keeps, and encoding, which JSON has not."""
        response = requests.Response.__new__(requests.Response)
        vars(response).update(
            BLANK,
            status_code=resp.status,
            headers=CaseInsensitiveDict(resp.headers),
            raw=resp,
            reason=resp.reason,
            url=req.url,
            request=req,
            connection=self,
        )
        return response

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> ConnectionPool:
        """Get the connections to the host of a request; they are those of the last one, mostly."""
        url, latest = request.url or "", self._latest  # Read once: threads share it
        if latest is None or not url.startswith(latest[0]):
            pool = super().get_connection_with_tls_context(request, *args, **kwargs)
            self._latest = latest = ("{}://{}/".format(*urlsplit(url)[:2]), pool)
        return latest[1]

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> tuple[Any, Any]:
        """Let all connections trust the same authorities."""
        host, options = super().build_connection_pool_key_attributes(request, *args, **kwargs)
        if host["scheme"] == "https":
            options["ssl_context"] = _trusted()
        return host, options

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        """Tell what to ask the host for; without a proxy it is all that follows the host."""
        if proxies:
            return super().request_url(request, proxies)
        target = (request.url or "").split("/", 3)[3:]
        return f"/{target[0].partition('#')[0]}" if target else request.path_url

    def cert_verify(self, conn: Any, *args: Any) -> None:  # noqa: ARG002
        """Verify, by the authorities that are known already."""
        conn.cert_reqs = "CERT_REQUIRED"


class NoCookies(RequestsCookieJar):
    """Refuses all cookies, which would tie requests together; so one of it is enough for all."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Take none."""

    def copy(self) -> NoCookies:
        """Do not copy what never changes."""
        return self


class MovedError(requests.RequestException):
    """What was asked for is somewhere else, where nobody configured that it may be read.

    Args:
        origin: The scheme, host and port where it is.
    """

    def __init__(self, origin: str) -> None:
        super().__init__(f"it is redirected to {origin}")
        self.origin = origin


class Session(requests.Session):
    """A session for prepared requests, which threads share: nothing in it changes between them.

    Args:
        connections: How many are kept alive to a host.
        limits: What an answer may take.
    """

    def __init__(self, connections: int = 1, limits: Limits | None = None) -> None:
        super().__init__()
        self._limits = limits or Limits()
        for scheme in ("https://", "http://"):
            self.mount(scheme, Adapter(connections, self._limits))
        self.cookies = NoCookies()
        self.trust_env = False  # Or the environment is read again for each request
        self.max_redirects = 10

    def send(
        self,
        request: requests.PreparedRequest,
        *,
        stream: bool | None = False,
        allow_redirects: bool = True,
        **kwargs: Any,
    ) -> requests.Response:
        """Send a request, and follow where it leads.

        Of what requests does here, hooks, cookies and a clock are left out: nobody looks at them.

        Args:
            request: What to ask.
            stream: Leave the body unread, which is a file then and may be at another host.
            allow_redirects: Follow them.
            kwargs: `timeout` in seconds.

        Raises:
            MovedError: If it is at another host, and no file.
            BoundExceededError: If the answer takes longer or is larger than the limits allow.
        """
        for _ in range(self.max_redirects):
            response = self._exchange(request, is_file=bool(stream), **kwargs)
            if response.status_code < HTTPStatus.MULTIPLE_CHOICES or not allow_redirects:
                return response
            following = self._following(request, response, is_file=bool(stream))
            if following is None:
                return response
            request = following
        raise requests.TooManyRedirects("it is redirected again and again", response=response)

    def _exchange(
        self, request: requests.PreparedRequest, *, is_file: bool, **kwargs: Any
    ) -> requests.Response:
        """Send one request, through the proxy that the environment names for its host."""
        url = request.url or ""
        kwargs.setdefault("proxies", _proxies("/".join(url.split("/", 3)[:3])))
        response = self.get_adapter(url).send(request, stream=True, **kwargs)
        if is_file and response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            cast("Answer", response.raw._original_response).reader.is_file = True  # noqa: SLF001
        else:
            response._content = self._content(response)  # noqa: SLF001 - requests has no setter
        return response

    def _content(self, response: requests.Response) -> bytes:
        """Read the body at once; requests reads pieces of 10 kB, which takes longer."""
        raw = response.raw
        if (raw.length_remaining or 0) > self._limits.answer_bytes:
            response.close()
            raise self._limits.is_too_large
        try:
            content: bytes = raw.read(decode_content=False)
        except exceptions.ReadTimeoutError as error:
            raise requests.ReadTimeout(error, request=response.request) from error
        except exceptions.HTTPError as error:
            raise ChunkedEncodingError(error, request=response.request) from error
        if encoding := response.headers.get("Content-Encoding"):
            return unpacked(content, encoding, self._limits)
        return content

    def _following(
        self, request: requests.PreparedRequest, response: requests.Response, *, is_file: bool
    ) -> requests.PreparedRequest | None:
        """Make the request that a redirect asks for; None for what is no redirect.

        A question that is not just to be read is asked elsewhere only as it is.

        Raises:
            MovedError: If it would lead to another host, and not to a file.
        """
        if not response.is_redirect:
            return None
        if request.method != "GET" and response.status_code not in KEEPING:
            return None
        here = request.url or ""
        following = request.copy()
        try:
            following.url = encoded(urljoin(here, self.get_redirect_target(response) or ""))
        except (ValueError, requests.RequestException, StreamError):
            raise MovedError("an address that is none") from None
        origin = origin_of(following.url)
        if origin != origin_of(here):
            is_safe = origin.startswith("https:") or here.startswith("http:")
            if not (is_file and origin and is_safe):
                raise MovedError(origin or "an address that is none")
            for header in CREDENTIALS:
                following.headers.pop(header, None)
        return following


@cache
def _trusted() -> ssl.SSLContext:
    """Read the certificates of the authorities that are trusted.

    Raises:
        ConfigError: If there is no such file or folder, or something else is in it.
    """
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    path = bundle or DEFAULT_CA_BUNDLE_PATH
    context = create_urllib3_context()
    try:
        if Path(path).is_dir():
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except OSError as error:
        raise ConfigError(f"REQUESTS_CA_BUNDLE: no certificates in {path}: {error}") from error
    return context


@lru_cache
def _proxies(origin: str) -> dict[str, str]:
    """Find the proxies for an origin; what is on this machine is reached without one."""
    if is_loopback(origin.partition("://")[2]):
        return {}
    return dict(get_environ_proxies(origin))
