"""Connections of threads: one session each, kept alive, that sends credentials to one host only."""

from __future__ import annotations

import os
import threading
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from rest_tap.errors import ConfigError

if TYPE_CHECKING:
    from urllib3.connectionpool import ConnectionPool

CREDENTIALS = ("Authorization", "Circle-Token", "Cookie")
LOCAL = {"localhost", "127.0.0.1", "::1"}
PIECE = 1 << 20  # Bytes of a body that are read at once; requests reads 10 kB, which takes longer


class Adapter(HTTPAdapter):
    """Looks for a host's connections once, not for each request: it costs a tenth of a request."""

    _prefix = ""
    _pool: ConnectionPool

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> ConnectionPool:
        """Get the connections to the host of a request; they are those of the last one, mostly."""
        url = request.url or ""
        if not self._prefix or not url.startswith(self._prefix):
            self._pool = super().get_connection_with_tls_context(request, *args, **kwargs)
            self._prefix = "{}://{}/".format(*urlsplit(url)[:2])
        return self._pool


class Session(requests.Session):
    """A session for prepared requests. Cookies are refused: they would tie requests together."""

    def __init__(self) -> None:
        super().__init__()
        for scheme in ("https://", "http://"):
            self.mount(scheme, Adapter())
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.trust_env = False  # Or the environment is read again for each request
        ca_bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        self.verify = ca_bundle or True

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send through the proxy that the environment names for the host."""
        kwargs.setdefault("proxies", _proxies(urlsplit(request.url or "")[:2]))
        streamed = kwargs.pop("stream", False)
        response = super().send(request, stream=True, **kwargs)
        if not streamed:
            response._content = b"".join(response.iter_content(PIECE))  # noqa: SLF001 - see PIECE
        return response

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """Keep credentials from the host of a redirect, whatever header they are in."""
        origins = [urlsplit(url or "")[:2] for url in (response.request.url, prepared_request.url)]
        if origins[0] != origins[1]:
            for header in CREDENTIALS:
                prepared_request.headers.pop(header, None)


@lru_cache
def _proxies(origin: tuple[str, str]) -> dict[str, str]:
    return dict(get_environ_proxies("://".join(origin)))


class Connections(threading.local):
    """The session of the thread that asks."""

    def __init__(self) -> None:
        self.session = Session()


def checked_url(setting: str, value: str) -> str:
    """Check a base URL that a user wrote; return it without a trailing slash.

    Raises:
        ConfigError: If it has no scheme or host, or is http to a host that is not local.
    """
    parts = urlsplit(value.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(f"{setting}: {value!r} is not a URL; write it as https://host/path")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError(f"{setting}: write only https://host/path, nothing before or after it")
    if parts.scheme == "http" and parts.hostname not in LOCAL:
        raise ConfigError(
            f"{setting}: http would send the credentials in clear text to {parts.hostname}; "
            "write https"
        )
    return value.strip().rstrip("/")
