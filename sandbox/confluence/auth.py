"""Who may ask: API tokens on the site and through the gateway, and OAuth 2.0."""

from __future__ import annotations

import base64
import binascii
import itertools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.messages import Request, Response

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


class Authority:
    """Checks credentials, and gives access tokens at /oauth/token.

    Refresh tokens rotate: each is good for one use. Access tokens last `lifetime` seconds, and, if
    `requests_per_token` is set, so many requests.
    """

    def __init__(
        self, credentials: Credentials, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.credentials = credentials
        self.lifetime = 3600.0
        self.requests_per_token: int | None = None
        self.issued = 0
        self._clock = clock
        self._serial = itertools.count(1)
        self._expiry: dict[str, float] = {}
        self._used: dict[str, int] = {}
        self.refresh_token = self._fresh("refresh")
        """The one that is good now."""

    def _fresh(self, kind: str) -> str:
        return f"{kind}-token-{next(self._serial):04}-{id(self) % 9973:04}"

    def expire(self) -> None:
        """End the life of every access token."""
        self._expiry.clear()

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
        return kind == "Bearer" and gateway and self._lives(value)

    def _lives(self, token: str) -> bool:
        if token == self.credentials.service_token:
            return True
        self._used[token] = self._used.get(token, 0) + 1
        if self.requests_per_token is not None and self._used[token] > self.requests_per_token:
            return False
        return self._expiry.get(token, 0) > self._clock()

    def token(self, request: Request) -> Response:
        """Answer /oauth/token: `refresh_token` and `client_credentials`, as JSON or as a form."""
        body = request.body
        asked: dict[str, Any] = (
            body
            if isinstance(body, dict)
            else {name: values[0] for name, values in request.form.items()}
        )
        known = self.credentials
        if (asked.get("client_id"), asked.get("client_secret")) != (
            known.client_id,
            known.client_secret,
        ):
            return _refused(401, "access_denied", "Unauthorized")
        answer: dict[str, Any] = {"token_type": "Bearer", "expires_in": int(self.lifetime)}
        if asked.get("grant_type") == "refresh_token":
            if asked.get("refresh_token") != self.refresh_token:
                return _refused(403, "unauthorized_client", "refresh_token is invalid")
            answer["refresh_token"] = self.refresh_token = self._fresh("refresh")
        elif asked.get("grant_type") != "client_credentials":
            return _refused(400, "unsupported_grant_type", "grant_type is not known")
        self.issued += 1
        answer["access_token"] = self._fresh("access")
        self._expiry[answer["access_token"]] = self._clock() + self.lifetime
        return Response(200, answer, {"Cache-Control": "no-store"})


def _refused(status: int, error: str, description: str) -> Response:
    return Response(status, {"error": error, "error_description": description})
