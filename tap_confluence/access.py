"""The credentials as the site takes them: at its own address, or behind the gateway."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from rest_tap import HeaderCredentials
from tap_confluence.client import lacks_scope

if TYPE_CHECKING:
    import requests

    from rest_tap.http.authorization import Credentials
    from tap_confluence.address import Address

logger = logging.getLogger(__name__)


class SiteCredentials(HeaderCredentials):
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
            "Authorization",
            credentials.header,
            f"{credentials.kind}: {{}} refused them (401)",
        )
        self._address = address
        self._credentials = credentials
        self._session = session
        self._timeout = timeout
        self._renewing = threading.Lock()

    def renew(self, response: requests.Response) -> bool:
        """Mend a 401: an expired token, or one that only the gateway takes.

        The threads whose requests were refused meanwhile find it mended.
        """
        request, address = response.request, self._address
        with self._renewing:
            if not (request.url or "").startswith(self.prefix()):
                return True
            if address.may_move:
                address.move(self._session, self._timeout)
                logger.info("The site refused the token; going on through the gateway")
                return True
            if lacks_scope(response):
                return False
            return self._credentials.renew(request.headers.get("Authorization", ""))

    def explain(self) -> str:
        """Tell what to check."""
        address = self._address
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
