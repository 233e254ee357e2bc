"""The tap: its settings, its credentials and its streams."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from singer_sdk import typing as th

from rest_tap import ConfigError, RestTap, shared_settings
from tap_confluence.access import SiteCredentials, ask_current_user
from tap_confluence.address import Address
from tap_confluence.auth import credentials
from tap_confluence.known_labels import KnownLabels
from tap_confluence.settings import SETTINGS
from tap_confluence.space_filter import SpaceFilter
from tap_confluence.streams import STREAMS

if TYPE_CHECKING:
    from rest_tap import RestStream
    from rest_tap.http.authorization import Credentials
    from tap_confluence.listed_ids import ListedIds


class TapConfluence(RestTap):
    """Reads a Confluence Cloud site: spaces, pages, comments, attachments, labels, people."""

    name = "tap-confluence"
    config_jsonschema: ClassVar = th.PropertiesList(
        *SETTINGS, *shared_settings("tap-confluence")
    ).to_dict()

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
        return credentials(self.config, self.address.auth_url, lambda: self.session)

    @cached_property
    def space_filter(self) -> SpaceFilter:
        """The spaces that are wanted."""
        return SpaceFilter(self.config.get("spaces") or [])

    @cached_property
    def listed_ids(self) -> dict[str, ListedIds]:
        """What lists of content showed that were read whole in this run, by their path."""
        return {}

    @cached_property
    def known_labels(self) -> KnownLabels:
        """The labels, for the streams of what carries them."""
        return KnownLabels()

    # Credentials

    @cached_property
    def authenticator(self) -> SiteCredentials:
        """Show the credentials to the API, and to nothing else."""
        return SiteCredentials(
            self.address, self.credentials, self.session, self.config["request_timeout"]
        )

    def check_access(self) -> None:
        """Make sure that the site knows whose the credentials are."""
        ask_current_user(self.client, self.address, self.summary.of("credentials"))
