"""A vendor in a process of its own, so that what it costs does not count for a tap."""

from __future__ import annotations

import gc
import importlib
import itertools
import multiprocessing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

from benchmarks import reading
from benchmarks.alone import answers_a_second
from benchmarks.odd_vendor import KINDS, OddVendor
from benchmarks.replay import Replay
from sandbox import Fault, Sandbox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path
    from types import TracebackType

    from sandbox import Request

ON_THEIR_WAY = 0.05
"""Seconds after an answer of 429 in which requests may still arrive that were sent before it."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a vendor behaves."""

    latency: float = 0.0
    requests_per_second: int | None = None
    faults: float = 0.0
    """The share of answers that fail."""
    odd: str = ""
    """The name of a kind of oddity."""


WELL = Health()


@dataclass(frozen=True, slots=True)
class Watched:
    """What a vendor was asked in one run; moments are in the clock that processes share."""

    requests: int
    refused: int
    """How many of them were answered 429."""
    too_early: int
    """How many came before a Retry-After had passed."""
    first: float
    last: float


class Served:
    """The other end: the vendor itself."""

    def __init__(self, name: str, sizes: dict[str, Any], *, prepared: bool) -> None:
        self.module = importlib.import_module(f"sandbox.{name}")
        self._vendor = vendor = self.module.build(**sizes)
        self.server: Any = Replay(vendor) if prepared else Sandbox(vendor)
        gc.freeze()

    def config(self) -> dict[str, Any]:
        """Tell a configuration of our tap."""
        config: dict[str, Any] = self.module.config(self.server.url)
        return config

    def reset(self, health: Health) -> None:
        """Forget what was asked, and behave so from now on."""
        self.server.latency = health.latency
        self.server.requests_per_second = health.requests_per_second
        self.server.fault = _every(round(1 / health.faults)) if health.faults else None
        self.server.vendor = self._vendor
        if health.odd:
            kind = KINDS[health.odd]
            self.server.vendor = OddVendor(self._vendor, kind, self.target(kind.stream))
        self.server.clear()

    def target(self, stream: str) -> str:
        """Name the row of a stream that is odd, or whose list is."""
        return sorted(self._ids(stream))[1]

    def _ids(self, stream: str) -> set[str]:
        vendor = self._vendor
        module = importlib.import_module(f"{self.module.__name__}.truth")
        truth = module.truth(getattr(vendor, "world", None) or vendor.site)
        return {key[0] for key in truth[stream]}

    def watched(self) -> Watched:
        """Tell what was asked."""
        if isinstance(self.server, Replay):
            return Watched(self.server.requests, 0, 0, 0, 0)
        asked = self.server.requests
        starts = [each.started for each in asked]
        refusals = [each.ended for each in asked if each.status == 429]
        early = {
            start
            for refusal in refusals
            for start in starts
            if refusal + ON_THEIR_WAY < start < refusal + 1  # The sandbox says Retry-After: 1
        }
        last = max((each.ended for each in asked), default=0)
        return Watched(len(asked), len(refusals), len(early), min(starts, default=0), last)

    def read(self, kind: str, path: Path, streams: Sequence[str]) -> reading.Output:
        """Read what a tool wrote, and compare it with what there is."""
        output: reading.Output = getattr(reading, kind)(path)
        output.compare({name: self._ids(name) for name in streams})
        return output

    def digest(self, path: Path) -> str:
        """Name the records that a tap wrote."""
        return reading.digest(path)

    def targets(self) -> list[str]:
        """List what was asked, to be asked once more."""
        if isinstance(self.server, Replay):
            return self.server.targets
        asked = self.server.requests
        return [f"{each.path}?{urlencode(each.query, doseq=True)}" for each in asked]


class Vendor:
    """Serves a vendor in a process of its own while the context is open.

    Args:
        name: Such as "confluence".
        prepared: Serve bytes that are kept from before, and nothing but these.
        sizes: How much there is of everything.
    """

    def __init__(self, name: str, *, prepared: bool = False, **sizes: Any) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._connection, theirs = spawn.Pipe()
        self._process = spawn.Process(
            target=_serve, args=(theirs, name, sizes, prepared), daemon=True
        )

    def __enter__(self) -> Self:
        self._process.start()
        self.config: dict[str, Any] = self._ask("config")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.send(None)
        self._process.join(timeout=30)

    def _ask(self, name: str, *arguments: object) -> Any:
        self._connection.send((name, arguments))
        return self._connection.recv()

    def reset(self, health: Health) -> None:
        """Forget what was asked, and behave so from now on."""
        self._ask("reset", health)

    def watched(self) -> Watched:
        """Tell what was asked."""
        watched: Watched = self._ask("watched")
        return watched

    def read(self, kind: str, path: Path, streams: Sequence[str]) -> reading.Output:
        """Read what a tool wrote, and compare it with what there is."""
        output: reading.Output = self._ask("read", kind, path, streams)
        return output

    def target(self, stream: str) -> str:
        """Name the row of a stream that is odd, or whose list is."""
        return str(self._ask("target", stream))

    def digest(self, path: Path) -> str:
        """Name the records that a tap wrote."""
        return str(self._ask("digest", path))

    def alone(self) -> float:
        """Count the answers a second that the vendor gives, asked once more for all of it."""
        targets = self._ask("targets")
        self.reset(WELL)
        return answers_a_second(self.config["base_url"], targets, self.config)


def _serve(connection: Connection, name: str, sizes: dict[str, Any], prepared: bool) -> None:  # noqa: FBT001
    served = Served(name, sizes, prepared=prepared)
    with served.server:
        while order := connection.recv():
            method, arguments = order
            connection.send(getattr(served, method)(*arguments))


def _every(step: int) -> Any:
    """Disturb each so-manieth request, each time in another way."""
    faults = itertools.cycle(
        [Fault.status(500), Fault.reset(), Fault.status(502), Fault.truncate(), Fault.html(503)]
    )

    def fault(_: Request, number: int) -> Fault | None:
        return next(faults) if number % step == 0 else None

    return fault
