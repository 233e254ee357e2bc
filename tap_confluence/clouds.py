"""Atlassian's clouds: each has sites, a gateway and a log-in server of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rest_tap import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Cloud:
    """One of them, whose credentials are good in none of the others."""

    name: str
    domains: tuple[str, ...]
    gateway_url: str
    auth_url: str

    def has(self, url: str) -> bool:
        """Tell whether a host is one of this cloud's."""
        host = (urlsplit(url).hostname or "").rstrip(".")
        return f".{host}".endswith(self.domains)


COMMERCIAL = Cloud(
    "Atlassian Cloud",
    (".atlassian.net", ".atlassian.com", ".jira.com"),
    "https://api.atlassian.com",
    "https://auth.atlassian.com",
)
GOVERNMENT = Cloud(
    "Atlassian Government Cloud",
    (".atlassian-us-gov-mod.net", ".atlassian-us-gov-mod.com"),
    "https://api.atlassian-us-gov-mod.com",
    "https://auth.atlassian-us-gov-mod.com",
)


def cloud_of(urls: Mapping[str, str]) -> Cloud:
    """Find the cloud that the addresses in the settings belong to.

    Args:
        urls: By the settings that they stand in; those at other hosts, such as a proxy's, are of
            any cloud.

    Raises:
        ConfigError: If they are of two: credentials would go from one to the other.
    """
    found: dict[Cloud, str] = {}
    for setting, url in urls.items():
        for cloud in (COMMERCIAL, GOVERNMENT):
            if cloud.has(url):
                found.setdefault(cloud, setting)
    if len(found) > 1:
        (cloud, setting), (other, wrong) = found.items()
        raise ConfigError(
            f"{wrong}: {urls[wrong]} is of {other.name}, and {setting} of {cloud.name}: "
            f"credentials of one are not shown to the other. Leave {wrong} out, or correct it"
        )
    return next(iter(found), COMMERCIAL)
