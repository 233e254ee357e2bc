"""OAuth 2.0: access tokens that end, and refresh tokens that rotate."""

from __future__ import annotations

import logging
import math
import threading
import time
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import requests

from rest_tap.errors import TapError
from rest_tap.http.asking import UNANSWERED, ask
from rest_tap.http.authorization import Credentials
from rest_tap.http.messages import reason_of
from rest_tap.http.token_file import TokenFile, Tokens
from rest_tap.redaction import keep_secret
from rest_tap.shielding import shielded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

EARLY = 60  # Seconds before its end that a token is replaced
SHORTEST, USUAL, LONGEST = 1, 3600, 24 * 3600  # Seconds that a token is taken to live
LONGEST_REASON = 80  # Characters of the server's own word that an error shows
OF_THE_CLIENT = {"invalid_client", "access_denied"}  # Errors that do not speak of the refresh token


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """Where and how access tokens are asked for (RFC 6749, sections 4.4 and 6)."""

    url: str
    client: Mapping[str, str]
    """`client_id`, and `client_secret` where the app has one."""
    body: Literal["json", "form"] = "form"


class OAuth(Credentials):
    """Access tokens of an OAuth 2.0 app, new ones whenever they end.

    With a refresh token they stand for the user who gave consent; without one (client credentials)
    for the app. A server may replace the refresh token at each use and end all that came of it
    when one is used again. So the newest stands in a file, which is known to be writable before a
    token is asked for, locked against other runs meanwhile, and written before anything else can
    fail, the end of the process included. Runs that share the file share the access token too.

    Args:
        kind: As of `Credentials`.
        endpoint: Where tokens come from.
        config: The settings `refresh_token`, `oauth_token_file` and `request_timeout` are read.
        session: Gives the connections.

    Raises:
        ConfigError: If the file cannot be used.
    """

    def __init__(
        self,
        kind: str,
        endpoint: TokenEndpoint,
        config: Mapping[str, Any],
        session: Callable[[], requests.Session],
    ) -> None:
        super().__init__(kind)
        self._endpoint = endpoint
        self._session = session
        self._timeout = float(config.get("request_timeout") or 60)
        self._given = self._refresh_token = str(config.get("refresh_token") or "")
        path = config.get("oauth_token_file")
        file = TokenFile(path, self._given) if path else None
        self._file = file if self._given else None  # Without a user there is nothing to keep
        self._lock = threading.Lock()
        self._ends_at = 0.0
        self._failure: TapError | None = None

    def header(self) -> str:
        """Replace the token shortly before it ends.

        Raises:
            TapError: If there is none to be had.
        """
        with self._lock:
            if time.monotonic() >= self._ends_at:
                self._renew()
            return self._header

    def renew(self, refused: str) -> bool:
        """Get another token, once for all threads whose requests were refused with the same one.

        Raises:
            TapError: If there is none to be had.
        """
        with self._lock:
            if refused == self._header:
                self._renew()
            return True

    def _renew(self) -> None:
        if self._failure:
            raise self._failure
        try:
            with self._locked() as kept:
                if not (kept and self._takes(kept)):
                    if self._file:
                        self._file.rehearse(Tokens(self._refresh_token))
                    shielded(self._exchange)
        except TapError as error:
            self._failure = error  # The other threads need not find out again
            raise

    def _locked(self) -> AbstractContextManager[Tokens | None]:
        return self._file.locked() if self._file else nullcontext()

    def _takes(self, kept: Tokens) -> bool:
        """Go on from what another run, or the last one, kept; True if its access token will do."""
        self._refresh_token = kept.refresh_token
        if f"Bearer {kept.access_token}" == self._header or time.time() >= kept.use_until:
            return False
        return self._uses(kept)

    def _uses(self, tokens: Tokens) -> bool:
        if not _is_sendable(tokens.access_token):
            return False
        self._header = f"Bearer {tokens.access_token}"
        self._ends_at = time.monotonic() + min(tokens.use_until - time.time(), LONGEST)
        return True

    def _exchange(self) -> None:
        """Ask for tokens, and keep them before anything of the answer is looked at any closer."""
        answer = self._answer()
        access_token, rotated = answer.get("access_token"), answer.get("refresh_token")
        keep_secret(access_token, rotated)
        is_rotated = bool(self._given and rotated) and isinstance(rotated, str)
        tokens = Tokens(
            str(rotated) if is_rotated else self._refresh_token,
            access_token.strip() if isinstance(access_token, str) else "",
            time.time() + _seconds_to_use(answer.get("expires_in")),
        )
        if self._file:
            self._file.write(tokens)
        elif is_rotated and self._refresh_token == self._given:
            _warn_of_loss()
        self._refresh_token = tokens.refresh_token
        kind = answer.get("token_type") or "Bearer"
        if str(kind).lower() != "bearer":
            raise TapError(f"auth_url: {self._endpoint.url} gave a token of type {_word(kind)!r}")
        if not self._uses(tokens):
            raise TapError(
                f"auth_url: {self._endpoint.url} answered without an access token that a header "
                "can hold. Check auth_url"
            )

    def _answer(self) -> dict[str, Any]:
        """Ask for tokens; once more if another machine has meanwhile replaced what is in the file.

        Raises:
            TapError: If there are none to be had.
        """
        while True:
            sent = self._refresh_token
            status, answer = self._ask()
            if status < HTTPStatus.MULTIPLE_CHOICES and (
                answer.get("refresh_token") or not answer.get("error")
            ):
                return answer
            if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
                raise TapError(
                    f"auth_url: {self._endpoint.url} leads on to {_host(answer['Location'])}, "
                    "where the credentials are not sent. Check auth_url"
                )
            newest = self._file.read() if self._file else None
            if not newest or newest.refresh_token == sent:
                raise TapError(self._refusal(_word(answer.get("error") or status)))
            self._refresh_token = newest.refresh_token

    def _ask(self) -> tuple[int, dict[str, Any]]:
        url, body = self._endpoint.url, {"grant_type": "client_credentials"}
        if self._refresh_token:
            body = {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        body |= self._endpoint.client
        sent = {"json": body} if self._endpoint.body == "json" else {"data": body}
        headers = {"Accept": "application/json"}
        try:
            request = requests.Request("POST", url, headers, **sent).prepare()
            return ask(self._session(), request, self._timeout)
        except UNANSWERED as error:
            raise TapError(f"auth_url: {url} gives no token: {reason_of(error)}") from error

    def _refusal(self, reason: str) -> str:
        url = self._endpoint.url
        if not self._refresh_token or reason in OF_THE_CLIENT:
            return f"client_secret: {url} refused client_id and client_secret ({reason})"
        where, kept = "", ", and oauth_token_file so that its successors are kept"
        if self._file:
            where, kept = f", or the one in {self._file.path}", ""
        return (
            f"refresh_token: {url} refused it{where} ({reason}). Each works once, and ends when it "
            f"is not used for long: give consent again, and set the new refresh_token{kept}"
        )


def _seconds_to_use(expires_in: object) -> float:
    """Count the seconds until a token is to be replaced; it lives an hour if nobody can tell."""
    lifetime = math.nan
    if isinstance(expires_in, int | float | str) and not isinstance(expires_in, bool):
        with suppress(ValueError, OverflowError):
            lifetime = float(expires_in)
    if not (math.isfinite(lifetime) and lifetime > 0):
        lifetime = USUAL
    lifetime = min(max(lifetime, SHORTEST), LONGEST)
    return lifetime - min(EARLY, lifetime / 2)


def _is_sendable(token: str) -> bool:
    return bool(token) and token.isascii() and token.isprintable() and " " not in token


def _word(value: object) -> str:
    """Show a word of the server's own, cut short and without what a terminal would obey."""
    text = "".join(sign if sign.isprintable() else " " for sign in str(value))
    return text[:LONGEST_REASON]


def _host(url: str) -> str:
    return _word(urlsplit(url).hostname or "another address")


def _warn_of_loss() -> None:
    logging.getLogger(__name__).warning(
        "refresh_token: it was replaced and oauth_token_file is not set, so the new one is lost "
        "with this run: set oauth_token_file, and give consent again"
    )
