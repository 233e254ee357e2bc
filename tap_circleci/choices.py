"""What a user chose: the settings of tap-circleci in the form that the streams use."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rest_tap import ConfigError, checked_url
from tap_circleci.slugs import read_slug

if TYPE_CHECKING:
    from collections.abc import Mapping


class Choices:
    """The settings, checked.

    Raises:
        ConfigError: Naming the setting and what to write.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.base_url = _api_url(config["base_url"])
        """The address of API v2."""
        self.v3_url = f"{self.base_url.removesuffix('/v2')}/v3"
        """The address of API v3, which CircleCI's cloud has."""
        self.v1_url = f"{self.base_url.removesuffix('/v2')}/v1.1"
        """The address of API v1.1, which tells steps where there is no v3."""
        self.lists_projects = config["project_discovery"] == "v3"
        """Whether API v3 is asked which projects there are, where none are set."""
        self.project_slugs = _slugs(config, "project_slugs")
        """The projects of the settings."""
        self.org_slugs = _slugs(config, "org_slugs")
        """The organizations of the settings."""
        self.branches = list(dict.fromkeys(name.strip() for name in config.get("branches") or ()))
        """The branches that are read; all if there are none."""
        self.lookback = timedelta(seconds=config["lookback"])
        """How old a pipeline may be that is looked at again."""
        self.reporting_window = str(config["reporting_window"])
        """The days that the summaries of insights cover."""
        self.all_branches = {"all-branches": "true"} if config["all_branches"] else {}
        """The parameter by which insights cover all branches."""
        if "" in self.branches:
            raise ConfigError("branches: '' is not the name of a branch; an empty list takes all")
        self.token = str(config["token"])
        """Shown to the API, and to nothing else."""
        if not self.token or " " in self.token:
            raise ConfigError(
                "token: write the token alone, without spaces and without the word Bearer"
            )

    @property
    def owners(self) -> list[str]:
        """The organizations of the settings, or of their projects; none for all there are."""
        owners = (slug.rpartition("/")[0] for slug in self.project_slugs)
        return self.org_slugs or list(dict.fromkeys(owners))


def _api_url(setting: str) -> str:
    url = checked_url("base_url", setting)
    path = urlsplit(url).path
    if not path:
        return f"{url}/api/v2"
    if not path.endswith("/api/v2"):
        raise ConfigError(f"base_url: {url!r} must end with /api/v2, the API that is read")
    return url


def _slugs(config: Mapping[str, Any], setting: str) -> list[str]:
    return list(dict.fromkeys(read_slug(setting, slug) for slug in config.get(setting) or ()))
