"""Who may ask: API tokens on the site and through the gateway, and OAuth 2.0."""

from __future__ import annotations

import base64
import binascii
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.oauth import TokenServer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Credentials:
    """The secrets that a site takes."""

    email: str = "ada@example.com"
    api_token: str = "classic-token-1f6b"  # noqa: S105 -- made up
    """Unscoped: with the e-mail, on the site only."""
    scoped_token: str = "scoped-token-9c2e"  # noqa: S105
    """With the e-mail, through the gateway only."""
    service_token: str = "service-token-77d0"  # noqa: S105
    """As a Bearer, through the gateway only; does not expire."""
    client_id: str = "client-4a5b"
    client_secret: str = "client-secret-3e8f"  # noqa: S105


class Authority(TokenServer):
    """Checks credentials, and gives access tokens at /oauth/token."""

    def __init__(
        self, credentials: Credentials, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(credentials.client_id, credentials.client_secret, clock)
        self.credentials = credentials

    def allows(self, headers: Mapping[str, str], *, gateway: bool) -> bool:
        """Whether the credentials of a request open the site, or the gateway."""
        kind, _, value = headers.get("Authorization", "").partition(" ")
        known = self.credentials
        if kind == "Basic":
            token = known.scoped_token if gateway else known.api_token
            try:
                return base64.b64decode(value, validate=True).decode() == f"{known.email}:{token}"
            except (binascii.Error, UnicodeDecodeError):
                return False
        if kind != "Bearer" or not gateway:
            return False
        return value == known.service_token or self.knows(value)
