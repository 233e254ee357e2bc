"""Connections: kept alive, shared by threads, and sending credentials to one host only."""

from __future__ import annotations

import os
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies
from urllib3.util.ssl_ import create_urllib3_context

from rest_tap.errors import ConfigError

if TYPE_CHECKING:
    import ssl

    from urllib3.connectionpool import ConnectionPool

CREDENTIALS = ("Authorization", "Circle-Token", "Cookie")
LOCAL = {"localhost", "127.0.0.1", "::1"}
PLAIN = re.compile(
    r"(?P<host>https?://[^/?#]+/)(?P<path>(?:[\w-][\w.-]*/)*[\w-][\w.-]*)", re.ASCII
)  # A URL whose path needs no encoding
WHOLE = None  # A body is read at once; requests reads pieces of 10 kB, which takes longer


class Adapter(HTTPAdapter):
    """Does once what requests does each time.

    Looking up a host's connections costs a tenth of a small request. Reading the certificates of
    the authorities that are trusted costs more than ten requests, for each connection.
    """

    _latest: tuple[str, ConnectionPool] | None = None

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Make a response in which no cookies were looked for, for none would be kept."""
        resp._original_response, original = None, resp._original_response  # noqa: SLF001
        response = super().build_response(req, resp)
        resp._original_response = original  # noqa: SLF001
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


class Session(requests.Session):
    """A session for prepared requests, which threads share: nothing in it changes between them.

    Args:
        connections: How many are kept alive to a host.
    """

    def __init__(self, connections: int = 1) -> None:
        super().__init__()
        for scheme in ("https://", "http://"):
            self.mount(scheme, Adapter(pool_maxsize=connections))
        self.cookies = NoCookies()
        self.trust_env = False  # Or the environment is read again for each request

    def send(
        self,
        request: requests.PreparedRequest,
        *,
        stream: bool | None = False,
        allow_redirects: bool = True,
        **kwargs: Any,
    ) -> requests.Response:
        """Send through the proxy that the environment names for the host.

        Of what requests does here, hooks, cookies and a clock are left out: nobody looks at them.
        """
        url = request.url or ""
        kwargs.setdefault("proxies", _proxies("/".join(url.split("/", 3)[:3])))
        response = self.get_adapter(url).send(request, stream=True, **kwargs)
        if allow_redirects and response.is_redirect:
            redirects = self.resolve_redirects(response, request, stream=bool(stream), **kwargs)
            response = [response, *redirects][-1]
        if not stream:
            response._content = b"".join(response.iter_content(WHOLE))  # noqa: SLF001 - see WHOLE
        return response

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """Keep credentials from the host of a redirect, whatever header they are in."""
        origins = [urlsplit(url or "")[:2] for url in (response.request.url, prepared_request.url)]
        if origins[0] != origins[1]:
            for header in CREDENTIALS:
                prepared_request.headers.pop(header, None)


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
    return dict(get_environ_proxies(origin))


def encoded(url: str) -> str:
    """Encode a URL as requests does, once for those that have only their path to themselves.

    Raises:
        requests.RequestException: If it is none.
    """
    if plain := PLAIN.fullmatch(url):
        return _encoded(plain["host"]) + plain["path"]
    return _encoded(url)


@lru_cache
def _encoded(url: str) -> str:
    request = requests.PreparedRequest()
    request.prepare_url(url, None)
    return request.url or ""


def checked_url(setting: str, value: str) -> str:
    """Check a base URL that a user wrote; return it without a trailing slash.

    Raises:
        ConfigError: If it has no scheme or host, or is http to a host that is not local.
    """
    parts = urlsplit(value.strip())
    if parts.username or parts.password:
        raise ConfigError(f"{setting}: write no user name or password into the address")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(f"{setting}: {value!r} is not a URL; write it as https://host/path")
    if parts.query or parts.fragment:
        raise ConfigError(f"{setting}: write only https://host/path, nothing before or after it")
    if parts.scheme == "http" and parts.hostname not in LOCAL:
        raise ConfigError(
            f"{setting}: http would send the credentials in clear text to {parts.hostname}; "
            "write https"
        )
    return value.strip().rstrip("/")
