"""Credentials: an API token, an access token, or OAuth 2.0 whose tokens expire and rotate."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from rest_tap import ConfigError, TapError, checked_url, keep_secret, warn_if_exposed
from rest_tap.http.messages import reason_of
from tap_confluence.asking import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

AUTH_URL = "https://auth.atlassian.com"
EARLY = 60  # Seconds before its end that a token is replaced
TIMEOUT = 60
KINDS = {
    "email and api_token": ("email", "api_token"),
    "access_token": ("access_token",),
    "client_id and client_secret": ("client_id", "client_secret"),
}


def credentials(config: Mapping[str, Any], session: Callable[[], requests.Session]) -> Credentials:
    """Choose the one kind of credentials that is set.

    Raises:
        ConfigError: If none, two, or half of one is set.
    """
    kinds = {kind: names for kind, names in KINDS.items() if any(config.get(n) for n in names)}
    if not kinds:
        raise ConfigError(
            "api_token: no credentials are set; set email and api_token, or access_token, or "
            "client_id and client_secret"
        )
    if len(kinds) > 1:
        raise ConfigError(f"{' / '.join(kinds)}: two kinds of credentials are set; leave one")
    kind, names = next(iter(kinds.items()))
    if missing := [name for name in names if not config.get(name)]:
        raise ConfigError(f"{missing[0]}: it is not set; {kind} go together")
    if config.get("refresh_token") and "client_id" not in names:
        raise ConfigError("refresh_token: it needs client_id and client_secret, nothing else")
    if "api_token" in names:
        pair = f"{config['email']}:{config['api_token']}".encode()
        header = f"Basic {base64.b64encode(pair).decode()}"
        keep_secret(header.removeprefix("Basic "))
        return Credentials(kind, header)
    if "access_token" in names:
        return Credentials(kind, f"Bearer {config['access_token']}")
    return OAuth(kind, config, session)


class Credentials:
    """Credentials that never change."""

    def __init__(self, kind: str, header: str = "") -> None:
        self.kind = kind
        self._header = header

    def header(self) -> str:
        """The Authorization header of this moment."""
        return self._header

    def renew(self, refused: str) -> bool:  # noqa: ARG002
        """Get new ones for a header that was refused; False if there are none to get."""
        return False


class OAuth(Credentials):
    """Access tokens from an app's id and secret, new ones whenever they end.

    With a refresh token they stand for the user who gave consent. Atlassian replaces the refresh
    token at each use, so the newest one is kept in a file; without one (client credentials) they
    stand for a service account.
    """

    def __init__(
        self, kind: str, config: Mapping[str, Any], session: Callable[[], requests.Session]
    ) -> None:
        super().__init__(kind)
        self._client = {key: config[key] for key in ("client_id", "client_secret")}
        self._url = checked_url("auth_url", config.get("auth_url") or AUTH_URL) + "/oauth/token"
        self._session = session
        self._lock = threading.Lock()
        self._ends_at = 0.0
        self._file = (
            TokenFile(config["oauth_token_file"]) if config.get("oauth_token_file") else None
        )
        self._given = config.get("refresh_token")
        self._refresh_token = self._given
        if self._given and self._file:
            self._refresh_token = self._file.read(self._given) or self._given
            keep_secret(self._refresh_token)

    def header(self) -> str:
        """Replace the token shortly before it ends."""
        with self._lock:
            if time.monotonic() >= self._ends_at:
                self._get_token()
            return self._header

    def renew(self, refused: str) -> bool:
        """Get another token, once for all threads whose requests were refused with the same one."""
        with self._lock:
            if refused == self._header:
                self._get_token()
            return True

    def _get_token(self) -> None:
        grant = {"grant_type": "client_credentials"}
        if self._refresh_token:
            grant = {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        token = self._ask({**grant, **self._client})
        keep_secret(token["access_token"])
        self._header = f"Bearer {token['access_token']}"
        lifetime = float(token.get("expires_in") or 3600)
        self._ends_at = time.monotonic() + lifetime - min(EARLY, lifetime / 2)
        rotated = token.get("refresh_token")
        if self._given and rotated and rotated != self._refresh_token:
            keep_secret(rotated)
            self._refresh_token = rotated
            if self._file:
                self._file.write(self._given, rotated)

    def _ask(self, grant: Mapping[str, Any]) -> dict[str, Any]:
        request = requests.Request("POST", self._url, json=grant).prepare()
        try:
            answer = ask(self._session(), request, TIMEOUT)
        except requests.RequestException as error:
            raise TapError(f"auth_url: {self._url} gives no token: {reason_of(error)}") from error
        try:
            body = answer.json()
        except ValueError:
            body = {}
        if answer.ok and isinstance(body, dict) and body.get("access_token"):
            return body
        reason = (
            body.get("error") or answer.status_code
            if isinstance(body, dict)
            else answer.status_code
        )
        raise TapError(self._explain(str(reason)))

    def _explain(self, reason: str) -> str:
        if not self._given:
            return f"client_secret: {self._url} refused client_id and client_secret ({reason})"
        where = f" or the one in {self._file.path}" if self._file else ""
        return (
            f"refresh_token: {self._url} refused it{where} ({reason}). Each works once and ends "
            "after 90 days: give consent again, set the new refresh_token, and set "
            "oauth_token_file so that its successors are kept"
        )


class TokenFile:
    """The newest refresh token, in a file that only its owner can read.

    It belongs to the refresh token in the settings that its chain began with: a new one there
    begins a new chain.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path).expanduser()
        if not os.access(self.path.parent, os.W_OK):
            raise ConfigError(
                f"oauth_token_file: the folder {self.path.parent} does not exist or cannot be "
                "written; name a file in one that can"
            )

    def read(self, began_with: str) -> str | None:
        """Read the newest token of the chain that began with this one."""
        try:
            kept = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigError(
                f"oauth_token_file: {self.path} cannot be read: {error.strerror}"
            ) from error
        except ValueError as error:
            raise ConfigError(
                f"oauth_token_file: {self.path} is damaged ({error}); remove it, and set a new "
                "refresh_token"
            ) from error
        warn_if_exposed("oauth_token_file", self.path)
        if not isinstance(kept, dict) or kept.get("began_with") != _mark(began_with):
            return None
        token: str | None = kept.get("refresh_token")
        return token

    def write(self, began_with: str, token: str) -> None:
        """Replace the file at once: at no moment is there none, or half of one."""
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        content = json.dumps({"began_with": _mark(began_with), "refresh_token": token})
        with suppress(FileNotFoundError):
            draft.unlink()
        try:
            with os.fdopen(
                os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w"
            ) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        except OSError as error:
            raise TapError(
                f"oauth_token_file: {self.path} cannot be written ({error}): the refresh token "
                "that it should hold is lost; give consent again"
            ) from error


def _mark(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:16]
