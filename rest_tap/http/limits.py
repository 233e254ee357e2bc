"""What a server may take of a run, all of it set by the user."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a request, in seconds."""

    timeout: float = 60
    """For a server to connect, to answer, or to go on answering."""
    max_wait: float = 900
    """For a pause that the server asks for."""
