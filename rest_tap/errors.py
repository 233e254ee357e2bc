"""What can go wrong, from the narrowest to the widest: a parent, a stream, the run."""

from __future__ import annotations

from http import HTTPStatus

from singer_sdk.exceptions import RetriableAPIError


class TapError(Exception):
    """Ends the run. The message is one line for the user: what is wrong, and what to do."""


class ConfigError(TapError):
    """A setting, the state or the catalog cannot be used. The message names it."""


class StreamError(TapError):
    """Ends one stream. Its bookmark stays, and the other streams go on.

    Args:
        message: One line for the user.
        status: The HTTP status that caused it, if one did.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class RetriesExhaustedError(StreamError):
    """All tries of one request failed; a smaller or lighter question may still be answered."""


class DeniedError(StreamError):
    """The API denies or lacks what was asked for: 403, 404 or 410.

    For the rows of one parent it costs these rows; for a whole stream, the stream.

    Args:
        message: One line for the user.
        status: The HTTP status.
        everywhere: Whether the answer says that it is so for all parents.
    """

    def __init__(self, message: str, status: int | None, *, everywhere: bool = False) -> None:
        super().__init__(message, status)
        self.everywhere = everywhere

    @property
    def is_forbidden(self) -> bool:
        """Whether rights are missing, rather than the thing."""
        return self.status == HTTPStatus.FORBIDDEN

    @property
    def reason(self) -> str:
        """The status in words, such as "403 Forbidden"."""
        return f"{self.status} {HTTPStatus(self.status).phrase}" if self.status else "denied"


class TransientError(RetriableAPIError):
    """A request failed in a way that a later try can mend. Never leaves the request loop."""


class StoppedError(BaseException):
    """A signal asked the run to stop. Not an Exception: nothing but the run may catch it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum
