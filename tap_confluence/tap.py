"""The tap: its settings, its credentials and its streams."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from singer_sdk import typing as th

from rest_tap import ConfigError, RestTap, shared_settings
from tap_confluence.address import Address
from tap_confluence.auth import credentials
from tap_confluence.client import lacks_scope
from tap_confluence.settings import SETTINGS
from tap_confluence.space_filter import SpaceFilter
from tap_confluence.streams import STREAMS

if TYPE_CHECKING:
    import requests
    from singer_sdk.helpers.types import Auth

    from rest_tap import RestStream
    from tap_confluence.auth import Credentials


class TapConfluence(RestTap):
    """Reads a Confluence Cloud site: spaces, pages, comments, attachments, labels, people."""

    name = "tap-confluence"
    config_jsonschema: ClassVar = th.PropertiesList(
        *SETTINGS, *shared_settings("tap-confluence")
    ).to_dict()

    def __init__(self, *args: object, **kwargs: object) -> None:
        self._renewing = threading.Lock()
        super().__init__(*args, **kwargs)

    def discover_streams(self) -> list[RestStream]:
        """List the streams."""
        return [kind(self) for kind in STREAMS]

    # Settings

    def check_config(self) -> None:
        """Check the address, the credentials and what is to be read."""
        _ = self.address, self.credentials, self.space_filter
        if not self.config["page_statuses"]:
            raise ConfigError("page_statuses: it is empty; leave it out for the usual ones")

    @cached_property
    def address(self) -> Address:
        """Where the site is."""
        return Address(self.config)

    @cached_property
    def credentials(self) -> Credentials:
        """What the requests are allowed by."""
        return credentials(self.config, lambda: self.session)

    @cached_property
    def space_filter(self) -> SpaceFilter:
        """The spaces that are wanted."""
        return SpaceFilter(self.config.get("spaces") or [])

    # Credentials

    @property
    def authenticator(self) -> Auth:
        """Show the credentials to the API, and to nothing else."""
        return self._authorize

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if (request.url or "").startswith(f"{self.address.wiki}/"):
            request.headers["Authorization"] = self.credentials.header()
        return request

    def renew(self, response: requests.Response) -> bool:
        """Mend a 401: an expired token, or one that only the gateway takes.

        The threads whose requests were refused meanwhile find it mended.
        """
        request = response.request
        with self._renewing:
            if not (request.url or "").startswith(f"{self.address.wiki}/"):
                return True
            if self.address.may_move:
                self.address.move(self.session, self.timeout)
                self.logger.info("The site refused the token; going on through the gateway")
                return True
            if lacks_scope(response):
                return False
            return self.credentials.renew(request.headers.get("Authorization", ""))

    def explain_unauthorized(self, response: requests.Response) -> str:  # noqa: ARG002
        """Tell what to check."""
        refused = f"{self.credentials.kind}: {self.address.host} refused them (401)"
        check = "Check them, that they have not expired, and their scopes"
        if self.address.moved:
            return (
                f"{refused}, and so did {self.address.site}. {check}: API v2 is opened by granular "
                "scopes only, which docs/confluence.md lists"
            )
        if self.address.site:
            check += ". A token with scopes needs the gateway: set cloud_id, not base_url or domain"
        return f"{refused}. {check}"
