"""A token endpoint of OAuth 2.0 (RFC 6749) whose refresh tokens rotate."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any

from sandbox.messages import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable


class TokenServer:
    """Gives access tokens for `refresh_token` and `client_credentials`.

    Access tokens last `lifetime` seconds, and, if `requests_per_token` is set, so many requests.
    Each use of a refresh token gives the next one. One that was used is good for `leeway` seconds
    more, in which an answer that was lost can be asked for again; a later use ends the whole
    chain, and consent has to be given anew.
    """

    def __init__(
        self, client_id: str, client_secret: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.lifetime = 3600.0
        self.leeway = 600.0
        self.requests_per_token: int | None = None
        self.issued = 0
        self.reused = 0
        """How often a refresh token was used that had been used before."""
        self._client = (client_id, client_secret)
        self._clock = clock
        self._serial = itertools.count(1)
        self._expiry: dict[str, float] = {}
        self._requests: dict[str, int] = {}
        self._ends: dict[str, float] = {}  # When refresh tokens that were used end
        self.consent()

    def consent(self) -> None:
        """Let the user begin a new chain; `refresh_token` is the newest of it."""
        self._ends.clear()
        self.refresh_token: str = self._fresh("refresh")

    def expire(self) -> None:
        """End the life of every access token."""
        self._expiry.clear()

    def knows(self, token: str) -> bool:
        """Whether an access token is good for one more request, which it is used for."""
        self._requests[token] = self._requests.get(token, 0) + 1
        if self.requests_per_token is not None and self._requests[token] > self.requests_per_token:
            return False
        return self._expiry.get(token, 0) > self._clock()

    def token(self, request: Request) -> Response:
        """Answer a request for a token, in JSON or as a form."""
        body = request.body
        asked: dict[str, Any] = (
            body
            if isinstance(body, dict)
            else {name: values[0] for name, values in request.form.items()}
        )
        if (asked.get("client_id"), asked.get("client_secret")) != self._client:
            return _refused(401, "access_denied", "Unauthorized")
        answer: dict[str, Any] = {"token_type": "Bearer", "expires_in": int(self.lifetime)}
        if asked.get("grant_type") == "refresh_token":
            if not self._takes(asked.get("refresh_token")):
                return _refused(403, "invalid_grant", "Unknown or invalid refresh token.")
            answer["refresh_token"] = self.refresh_token = self._fresh("refresh")
        elif asked.get("grant_type") != "client_credentials":
            return _refused(400, "unsupported_grant_type", "grant_type is not known")
        self.issued += 1
        answer["access_token"] = self._fresh("access")
        self._expiry[answer["access_token"]] = self._clock() + self.lifetime
        return Response(200, answer, {"Cache-Control": "no-store"})

    def _takes(self, token: object) -> bool:
        if token == self.refresh_token:
            self._ends[self.refresh_token] = self._clock() + self.leeway
            return True
        if token not in self._ends:
            return False
        self.reused += 1
        if self._ends[str(token)] > self._clock():
            return True
        self.consent()  # Which nobody has given: no token that is out there is good any more
        return False

    def _fresh(self, kind: str) -> str:
        return f"{kind}-token-{next(self._serial):04}-{id(self) % 9973:04}"


def _refused(status: int, error: str, description: str) -> Response:
    return Response(status, {"error": error, "error_description": description})
