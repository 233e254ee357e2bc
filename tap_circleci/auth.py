"""How the token is shown to each version of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_tap import HeaderCredentials

if TYPE_CHECKING:
    import requests

    from tap_circleci.choices import Choices


class Token(HeaderCredentials):
    """A personal API token: as it is for API v2 and v1.1, as a bearer's for API v3."""

    def __init__(self, choices: Choices) -> None:
        super().__init__(
            lambda: f"{choices.base_url.removesuffix('/v2')}/",
            "Circle-Token",
            lambda: choices.token,
            f"token: {choices.base_url} refused it (401). API v2 takes personal API tokens only "
            "(User Settings, Personal API Tokens), not project tokens. Check that it is complete "
            "and has not expired",
        )
        self._v3 = f"{choices.v3_url}/"

    def authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token into a request to the API, in the one header that its version takes."""
        if not (request.url or "").startswith(self._v3):
            return super().authorize(request)
        request.headers["Authorization"] = f"Bearer {self.value()}"
        return request
