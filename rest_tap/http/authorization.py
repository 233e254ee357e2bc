"""What the Authorization header holds, and where in the settings it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_tap.errors import ConfigError
from rest_tap.http.credentials import HeaderCredentials

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests


class Credentials:
    """Credentials that never change.

    Args:
        kind: The settings that they stand in, as messages name them.
        header: The Authorization header.
    """

    def __init__(self, kind: str, header: str = "") -> None:
        self.kind = kind
        self._header = header

    def header(self) -> str:
        """The Authorization header of this moment."""
        return self._header

    def renew(self, refused: str) -> bool:  # noqa: ARG002
        """Get new ones for a header that was refused; False if there are none to get."""
        return False


class AuthorizationHeader(HeaderCredentials):
    """Shows credentials in the Authorization header, and renews them when they are refused.

    Args:
        prefix: As of `HeaderCredentials`.
        credentials: What is shown.
        refused: As of `HeaderCredentials`.
    """

    def __init__(self, prefix: Callable[[], str], credentials: Credentials, refused: str) -> None:
        super().__init__(prefix, "Authorization", credentials.header, refused)
        self._credentials = credentials

    def renew(self, response: requests.Response, *, has_worked: bool) -> bool:  # noqa: ARG002
        """Renew them, once for all threads that were refused with the same ones."""
        request = response.request
        is_ours = (request.url or "").startswith(self.prefix())
        return is_ours and self._credentials.renew(request.headers.get(self.header, ""))


def one_kind(config: Mapping[str, Any], kinds: Mapping[str, tuple[str, ...]]) -> str:
    """Choose the one kind of credentials that is set, and all of it.

    Args:
        config: The settings.
        kinds: The settings that each kind consists of, by the name that messages give it.

    Raises:
        ConfigError: If none, two, or half of one is set.
    """
    found = [kind for kind, names in kinds.items() if any(config.get(name) for name in names)]
    if not found:
        first = next(iter(kinds.values()))[-1]
        raise ConfigError(f"{first}: no credentials are set; set {', or '.join(kinds)}")
    if len(found) > 1:
        raise ConfigError(f"{' / '.join(found)}: two kinds of credentials are set; leave one")
    if missing := [name for name in kinds[found[0]] if not config.get(name)]:
        raise ConfigError(f"{missing[0]}: it is not set; {found[0]} go together")
    return found[0]
