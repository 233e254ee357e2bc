"""The token: one that a user made, or those of an OAuth application that end and are renewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_tap import ConfigError, checked_url
from rest_tap.http.authorization import Credentials, one_kind
from rest_tap.http.oauth import OAuth, TokenEndpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

AUTH_URL = "https://oauth.gitbook.com"
KINDS = {
    "access_token": ("access_token",),
    "client_id and refresh_token": ("client_id", "refresh_token"),
}


def credentials(config: Mapping[str, Any], session: Callable[[], requests.Session]) -> Credentials:
    """Choose the one kind of credentials that is set.

    Args:
        config: The settings.
        session: Gives the connections.

    Raises:
        ConfigError: If none, two, or half of one is set, or it has not the form of a token.
    """
    kind = one_kind(config, KINDS)
    if kind == "access_token":
        token = config["access_token"]
        if " " in token:
            raise ConfigError(
                "access_token: write the token alone, without spaces and without the word Bearer"
            )
        if config.get("client_secret"):
            raise ConfigError("client_secret: it needs client_id and refresh_token, nothing else")
        return Credentials(kind, f"Bearer {token}")
    client = {name: config[name] for name in ("client_id", "client_secret") if config.get(name)}
    auth_url = checked_url("auth_url", config.get("auth_url") or AUTH_URL)
    return OAuth(kind, TokenEndpoint(f"{auth_url}/token", client), config, session)
