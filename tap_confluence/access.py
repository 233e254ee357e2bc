"""The credentials as the site takes them: at its own address, or behind the gateway."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from rest_tap import StreamError
from rest_tap.http.authorization import AuthorizationHeader
from rest_tap.http.checks import check_status
from tap_confluence.client import lacks_scope

if TYPE_CHECKING:
    import requests

    from rest_tap.http.authorization import Credentials
    from rest_tap.http.client import ApiClient, Counts
    from tap_confluence.address import Address

CURRENT_USER = "/rest/api/user/current"
LOGIN_REASON = "X-Seraph-LoginReason"
NOT_LOGGED_IN = ("AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED")

logger = logging.getLogger(__name__)


def ask_current_user(client: ApiClient, address: Address, stats: Counts) -> None:
    """Ask whom the site takes the credentials for (v1 operationId getCurrentUser).

    A site with anonymous access answers wrong ones as it answers a visitor. Credentials without
    the right to ask this are no visitor's.

    Raises:
        TapError: If it takes them for nobody's, or cannot be reached.
    """
    with suppress(StreamError):
        client.send(
            lambda: client.request("GET", f"{address.wiki}{CURRENT_USER}"),
            stats,
            check=_check_answered,
        )


def _check_answered(response: requests.Response) -> None:
    if response.status_code == HTTPStatus.UNAUTHORIZED:  # Which says nothing of other questions
        raise StreamError("the credentials may not ask whose they are")
    check_status(response)


def _is_for_visitors(response: requests.Response) -> bool:
    """Tell whether an answer is what everybody sees who is not logged in."""
    if any(reason in response.headers.get(LOGIN_REASON, "") for reason in NOT_LOGGED_IN):
        return True
    if not (response.url or "").endswith(CURRENT_USER) or not response.ok:
        return False
    try:
        user = msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return isinstance(user, dict) and user.get("type") == "anonymous"


class SiteCredentials(AuthorizationHeader):
    """Shows credentials to a site, and mends what a site refuses.

    Args:
        address: Where the site is; it moves when a token turns out to need the gateway.
        credentials: What is shown.
        session: The connections.
        timeout: Seconds to wait for an answer.
    """

    def __init__(
        self,
        address: Address,
        credentials: Credentials,
        session: requests.Session,
        timeout: float,
    ) -> None:
        super().__init__(
            lambda: f"{address.wiki}/",
            credentials,
            f"{credentials.kind}: {{}} refused them (401)",
        )
        self._address = address
        self._session = session
        self._timeout = timeout
        self._renewing = threading.Lock()

    def authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Say also that no page of a browser made this request, which else looks forged."""
        if request.method == "POST":
            request.headers["X-Atlassian-Token"] = "no-check"
        return super().authorize(request)

    def is_refused(self, response: requests.Response) -> bool:
        """Tell a 401, and an answer that is for visitors."""
        return super().is_refused(response) or _is_for_visitors(response)

    def renew(self, response: requests.Response, *, has_worked: bool) -> bool:
        """Mend a refusal: an expired token, or one that only the gateway takes.

        The threads whose requests were refused meanwhile find it mended.
        """
        request, address = response.request, self._address
        with self._renewing:
            if not (request.url or "").startswith(self.prefix()):
                return True
            if address.may_move and not has_worked:
                address.move(self._session, self._timeout)
                logger.info("The site refused the token; going on through the gateway")
                return True
            if lacks_scope(response):
                return False
            return super().renew(response, has_worked=has_worked)

    def explain(self, response: requests.Response) -> str:
        """Tell what to check."""
        address = self._address
        if not super().is_refused(response):
            return (
                f"{self._credentials.kind}: {address.host} does not know them, and answers as to "
                "a visitor who is not logged in. Check them, and that they have not expired: "
                "nothing was read"
            )
        refused = self.refused.format(address.host)
        check = "Check them, that they have not expired, and their scopes"
        if address.moved:
            return (
                f"{refused}, and so did {address.site}. {check}: API v2 is opened by granular "
                "scopes only, which docs/confluence.md lists"
            )
        if address.site:
            check += ". A token with scopes needs the gateway: set cloud_id, not base_url or domain"
        return f"{refused}. {check}"
