"""Credentials: an API token, an access token, or OAuth 2.0 whose tokens expire and rotate."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from rest_tap import ConfigError, keep_secret
from rest_tap.http.authorization import Credentials, one_kind
from rest_tap.http.oauth import OAuth, TokenEndpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

KINDS = {
    "email and api_token": ("email", "api_token"),
    "access_token": ("access_token",),
    "client_id and client_secret": ("client_id", "client_secret"),
}


def credentials(
    config: Mapping[str, Any], auth_url: str, session: Callable[[], requests.Session]
) -> Credentials:
    """Choose the one kind of credentials that is set.

    Args:
        config: The settings.
        auth_url: The log-in server of the cloud that the site is in.
        session: Gives the connections.

    Raises:
        ConfigError: If none, two, or half of one is set.
    """
    kind = one_kind(config, KINDS)
    if config.get("refresh_token") and "client_id" not in KINDS[kind]:
        raise ConfigError("refresh_token: it needs client_id and client_secret, nothing else")
    if "api_token" in KINDS[kind]:
        pair = f"{config['email']}:{config['api_token']}".encode()
        header = f"Basic {base64.b64encode(pair).decode()}"
        keep_secret(header.removeprefix("Basic "))
        return Credentials(kind, header)
    if "access_token" in KINDS[kind]:
        return Credentials(kind, f"Bearer {config['access_token']}")
    client = {name: config[name] for name in KINDS[kind]}
    return OAuth(kind, TokenEndpoint(f"{auth_url}/oauth/token", client, "json"), config, session)
