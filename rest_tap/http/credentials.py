"""What shows an API who asks: a header, sent to the addresses of this API and to nothing else."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests


class HeaderCredentials:
    """Credentials in a header of each request.

    Args:
        prefix: Tells what the addresses begin with that may see them: `https://host/api/`.
        header: The name of the header.
        value: Tells the header's value, which may change in the course of a run.
        refused: One line for the user who is refused: which setting, which host, what to check.
    """

    def __init__(
        self, prefix: Callable[[], str], header: str, value: Callable[[], str], refused: str
    ) -> None:
        self.prefix = prefix
        self.header = header
        self.value = value
        self.refused = refused

    def authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the credentials of this moment into a request, if its address may see them."""
        if (request.url or "").startswith(self.prefix()):
            request.headers[self.header] = self.value()
        return request

    def is_refused(self, response: requests.Response) -> bool:
        """Tell whether an answer is not for the user of the credentials."""
        return response.status_code == HTTPStatus.UNAUTHORIZED

    def renew(self, response: requests.Response, *, has_worked: bool) -> bool:  # noqa: ARG002
        """Try to mend a refusal, on a worker thread; True if it is worth another try.

        Args:
            response: The answer.
            has_worked: Whether the API took the credentials before.
        """
        return False

    def explain(self, response: requests.Response) -> str:  # noqa: ARG002
        """Say in one line which credential a host refused, and what to check."""
        return self.refused
