"""Where the site is: at its own address, or behind Atlassian's gateway."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import requests

from rest_tap import ConfigError, TapError, checked_url
from rest_tap.http.asking import UNANSWERED, ask
from rest_tap.http.messages import reason_of
from tap_confluence.clouds import cloud_of

if TYPE_CHECKING:
    from collections.abc import Mapping

WAYS = ("base_url", "domain", "cloud_id")
EXAMPLE = "https://acme.atlassian.net/wiki"
_OF_GATEWAY = re.compile(r"/ex/confluence/[^/]+")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?")
_CLOUD_ID = re.compile(r"[\w-]+")


class Address:
    """The base of both APIs.

    A site takes classic API tokens only. Scoped tokens, service accounts and OAuth go through the
    gateway, where the site is known by its cloud id. Gateway and log-in server are those of the
    cloud that the site is in, unless the settings name others.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        given = [way for way in WAYS if config.get(way)]
        if len(given) != 1:
            found = f"{', '.join(given)} are set" if given else "no address is set"
            raise ConfigError(
                f"base_url: {found}; set one of base_url ({EXAMPLE}), "
                "domain (acme.atlassian.net) or cloud_id"
            )
        named = {}
        if given == ["domain"]:
            named["domain"] = _site_of_domain(config["domain"])
        elif given == ["base_url"]:
            named["base_url"] = _site_of_url(config["base_url"])
        site = next(iter(named.values()), None)
        for setting in ("gateway_url", "auth_url"):
            if config.get(setting):
                named[setting] = checked_url(setting, config[setting])
        self._cloud = cloud_of(named)
        self._gateway = named.get("gateway_url", self._cloud.gateway_url)
        self._gateway_is_set = "gateway_url" in named
        self.auth_url = named.get("auth_url", self._cloud.auth_url)
        self.site: str | None = None
        self.moved = False
        if site is None:
            self._go_to_gateway(_checked_cloud_id(config["cloud_id"]))
        else:
            self._go_to_site(site)

    def _go_to_site(self, site: str) -> None:
        if "/ex/confluence/" not in site:
            self.site = site
        self.wiki = f"{site}/wiki"

    def _go_to_gateway(self, cloud_id: str) -> None:
        self.wiki = f"{self._gateway}/ex/confluence/{quote(cloud_id, safe='')}/wiki"

    @property
    def host(self) -> str:
        """The host that is asked."""
        return urlsplit(self.wiki).netloc

    @property
    def may_move(self) -> bool:
        """Whether there is a gateway to try that the credentials may be shown to."""
        if self.site is None or self.moved:
            return False
        return self._gateway_is_set or self._cloud.has(self.site)

    def move(self, session: requests.Session, timeout: float) -> None:
        """Go on through the gateway.

        Raises:
            TapError: If the site does not tell its cloud id.
        """
        request = requests.Request("GET", f"{self.site}/_edge/tenant_info").prepare()
        try:
            status, body = ask(session, request, timeout)
        except UNANSWERED as error:
            reason = reason_of(error)
        else:
            cloud_id = str(body.get("cloudId"))
            if status == HTTPStatus.OK and _CLOUD_ID.fullmatch(cloud_id):
                self._go_to_gateway(cloud_id)
                self.moved = True
                return
            reason = str(status)
        raise TapError(
            f"cloud_id: {self.host} refused the credentials, and the gateway, which tokens with "
            f"scopes need, cannot be tried: {request.url} tells no cloud id ({reason}). Set "
            "cloud_id instead of base_url or domain; or else check the credentials"
        )


def _checked_cloud_id(cloud_id: str) -> str:
    found = cloud_id.strip()
    if not _CLOUD_ID.fullmatch(found):
        raise ConfigError(
            f"cloud_id: {found!r} cannot be one; https://<your site>/_edge/tenant_info shows it"
        )
    return found


def _site_of_domain(domain: str) -> str:
    host = domain.strip()
    if not _HOST.fullmatch(host):
        raise ConfigError(f"domain: {host!r} is not a host name; write it as acme.atlassian.net")
    return checked_url("domain", f"https://{host}")


def _site_of_url(url: str) -> str:
    site = checked_url("base_url", url)
    path = urlsplit(site).path
    before, wiki, after = f"{path}/".partition("/wiki/")
    if after or (path and not wiki and not _OF_GATEWAY.fullmatch(path)):
        right = f"{site.removesuffix(path)}{before if wiki else ''}/wiki"
        raise ConfigError(
            f"base_url: {path} is not part of a site's address: write {right} instead of {url}"
        )
    return site.removesuffix("/wiki").rstrip("/")
