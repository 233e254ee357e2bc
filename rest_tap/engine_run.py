"""What the engine may know of the run that it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rest_tap.run import Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rest_tap.lookups import LookupStream
    from rest_tap.worker_pool import WorkerPool
    from rest_tap.writing import BlockWriter


class EngineRun(Run, Protocol):
    """A run, as the engine sees it; a tap is one."""

    state_size: int
    """Bytes of the last STATE."""

    @property
    def lookup_streams(self) -> Sequence[LookupStream]:
        """The streams of this run that look up ids."""

    @property
    def pool(self) -> WorkerPool:
        """The threads."""

    @property
    def writer(self) -> BlockWriter:
        """Writes the messages."""

    def write_state(self) -> None:
        """Write the state, if it changed."""

    def check(self) -> None:
        """Raise what ends the run at once."""
