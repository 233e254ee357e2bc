"""Addresses: checked once where a user writes them, encoded in one way, compared by origin."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import quote, urlsplit

import requests
from requests.exceptions import InvalidURL

from rest_tap.errors import ConfigError, StreamError

PORTS = {"http": 80, "https": 443}
PLAIN = re.compile(
    r"(?P<host>https?://[^/?#]+/)(?P<path>(?:[\w-][\w.-]*/)*[\w-][\w.-]*)", re.ASCII
)  # A URL whose path needs no encoding
HOST = re.compile(r"[\w.-]+|\[[0-9a-f:.]+\]", re.ASCII)
ODD = re.compile(r"[\s\\\x00-\x1f\x7f]")
CLIMBING = {".", ".."}


def checked_url(setting: str, value: str) -> str:
    """Check a base URL that a user wrote; return it in the one form that requests will have.

    Raises:
        ConfigError: If it has no scheme or host, or is http to a host that is not local.
    """
    text = value.strip()
    try:
        parts = urlsplit(text)
        if "@" in parts.netloc:
            raise ConfigError(f"{setting}: write no user name or password into the address")
        scheme, host, path = _read(text)
    except (ValueError, requests.RequestException):
        shown = re.sub(r"//[^/]*@", "//", text)
        raise ConfigError(
            f"{setting}: {shown!r} is not a URL; write it as https://host/path"
        ) from None
    if parts.query or parts.fragment:
        raise ConfigError(f"{setting}: write only https://host/path, nothing before or after it")
    if scheme == "http" and not is_loopback(host):
        raise ConfigError(
            f"{setting}: http would send the credentials in clear text to {parts.hostname}; "
            "write https"
        )
    return f"{scheme}://{host}{path.rstrip('/')}"


def _read(text: str) -> tuple[str, str, str]:
    """Take an address apart: scheme, host with its port where it is not the usual one, path.

    Raises:
        ValueError: If it is none that could be asked.
    """
    parts = urlsplit(_encoded(text))
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    if ODD.search(text) or parts.scheme not in PORTS or not HOST.fullmatch(host):
        raise ValueError(text)
    if CLIMBING & set(urlsplit(text).path.split("/")) or urlsplit(text).port == 0:
        raise ValueError(text)
    host.encode("idna")
    port = parts.port or PORTS[parts.scheme]
    return parts.scheme, host if port == PORTS[parts.scheme] else f"{host}:{port}", parts.path


def origin_of(url: str) -> str:
    """Tell scheme, host and port of an address in one form; nothing if it has none.

    What is shown of an address that must not be shown whole.
    """
    try:
        scheme, host, _ = _read(url)
    except (ValueError, requests.RequestException):
        return ""
    return f"{scheme}://{host}"


@lru_cache
def is_loopback(host: str) -> bool:
    """Tell whether a host, with or without a port, is this machine."""
    name = re.sub(r":\d+$", "", host).strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def encoded(url: str) -> str:
    """Encode a URL as requests does, once for those that have only their path to themselves.

    Raises:
        requests.RequestException: If it is none.
        StreamError: If a part of its path would lead to another place.
    """
    if plain := PLAIN.fullmatch(url):
        return _encoded(plain["host"]) + plain["path"]
    path = url.partition("?")[0].partition("#")[0]
    if climbing := CLIMBING.intersection(path.split("/")):
        raise StreamError(f"{climbing.pop()!r} is no name that can be asked for")
    return _encoded(url)


@lru_cache
def _encoded(url: str) -> str:
    request = requests.PreparedRequest()
    try:
        request.prepare_url(url, None)
    except UnicodeError as error:
        raise InvalidURL(url) from error
    return request.url or ""


def path_value(value: str, safe: str = "") -> str:
    """Encode a value for its place in a path.

    Args:
        value: The value, such as an id or a name.
        safe: What stays as it is, such as the slashes of a slug.

    Raises:
        StreamError: If it would lead to another place.
    """
    parts = value.split("/") if "/" in safe else [value]
    if not all(part and part not in CLIMBING for part in parts):
        raise StreamError(f"{value!r} is no name that can be asked for")
    return quote(value, safe=safe)
