"""What a server may take of a run, all of it set by the user."""

from __future__ import annotations

from dataclasses import dataclass

from rest_tap.errors import StreamError


class BoundExceededError(StreamError):
    """An answer takes longer, or is larger, than the settings allow: asking again costs the same.

    It passes through urllib3, which takes errors of connections for its own.
    """


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a request."""

    timeout: float = 60
    """Seconds for a server to connect, to answer, or to go on answering."""
    max_wait: float = 900
    """Seconds for a pause that the server asks for."""
    answer_seconds: float = 600
    """Seconds for all of an answer; a file may take as long for each megabyte."""
    answer_bytes: int = 100_000_000
    """Bytes of an answer, unpacked; a file may have more."""

    @property
    def is_too_large(self) -> BoundExceededError:
        """What is raised for an answer of more bytes."""
        return BoundExceededError(
            f"the answer is larger than max_answer_bytes ({self.answer_bytes:,}): raise it if this "
            "is right"
        )

    @property
    def is_too_slow(self) -> BoundExceededError:
        """What is raised for an answer that takes longer."""
        return BoundExceededError(
            f"the answer takes longer than max_answer_seconds ({self.answer_seconds:g}): raise it "
            "if this is right"
        )
