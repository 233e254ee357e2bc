"""The tap: its settings, its token and its streams."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, cast
from urllib.parse import urlsplit

from singer_sdk import typing as th

from rest_tap import ConfigError, RestTap, checked_url, shared_settings
from rest_tap.http.authorization import AuthorizationHeader
from tap_gitbook.auth import credentials
from tap_gitbook.settings import SETTINGS
from tap_gitbook.streams import STREAMS

if TYPE_CHECKING:
    from rest_tap import HeaderCredentials, RestStream
    from rest_tap.http.authorization import Credentials
    from tap_gitbook.revisions import Revisions
    from tap_gitbook.streams.pages import Content

CHOICES = ("organizations", "spaces", "sites")
ID = re.compile(r"[a-zA-Z0-9_-]+")


class TapGitBook(RestTap):
    """Reads GitBook: organizations, spaces and their pages, change requests, sites, insights."""

    name = "tap-gitbook"
    config_jsonschema: ClassVar = th.PropertiesList(
        *SETTINGS, *shared_settings("tap-gitbook")
    ).to_dict()

    def discover_streams(self) -> list[RestStream]:
        """List the streams."""
        return [kind(self) for kind in STREAMS]

    def check_config(self) -> None:
        """Check the address, the token's form and the form of the IDs."""
        url = urlsplit(self.base_url)
        if f".{url.hostname}".endswith(".gitbook.com") and url.path != "/v1":
            raise ConfigError(
                f"base_url: {self.base_url} is not the API's address; write "
                "https://api.gitbook.com/v1, or leave it out"
            )
        _ = self.credentials
        for setting in CHOICES:
            for value in self.config.get(setting) or ():
                if not ID.fullmatch(value):
                    raise ConfigError(
                        f"{setting}: {value!r} is not an ID; take the ID out of its address in "
                        "GitBook, such as aBcDeFgHiJkLmNoPqRsT"
                    )

    @cached_property
    def base_url(self) -> str:
        """The API's address."""
        return checked_url("base_url", self.config["base_url"])

    # What a user chose

    @cached_property
    def _choices(self) -> dict[str, list[str]]:
        return {setting: list(self.config.get(setting) or ()) for setting in CHOICES}

    @cached_property
    def _met(self) -> dict[str, set[str]]:
        return {setting: set() for setting in CHOICES}

    def chooses(self, setting: str, value: str | None) -> bool:
        """Tell whether an organization, space or site is to be read."""
        choice = self._choices[setting]
        return not choice or value in choice

    def mark_found(self, setting: str, value: str | None) -> None:
        """Note that an organization, space or site exists."""
        self._met[setting].add(value or "")

    def not_found(self, setting: str) -> list[str]:
        """List what was chosen and not met so far."""
        return [value for value in self._choices[setting] if value not in self._met[setting]]

    # What its streams share

    @property
    def revisions(self) -> Revisions:
        """Which revision of each space was read."""
        return cast("Content", self.streams["content"]).revisions

    # The token

    @cached_property
    def credentials(self) -> Credentials:
        """What the requests are allowed by."""
        return credentials(self.config, lambda: self.session)

    @cached_property
    def authenticator(self) -> HeaderCredentials:
        """Show the token to the API, and to nothing else."""
        kind = self.credentials.kind
        return AuthorizationHeader(
            lambda: f"{self.base_url}/",
            self.credentials,
            f"{kind}: {self.base_url} refused it (401). Check that it is complete, has not "
            "expired and was not revoked",
        )


if __name__ == "__main__":
    TapGitBook.cli()
