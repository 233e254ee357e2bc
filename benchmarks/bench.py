"""One run of one tool against one vendor, with all that the tables tell of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from benchmarks.measuring import KILLED
from benchmarks.reading import Output
from benchmarks.vendors import WELL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.measuring import Runner, Usage
    from benchmarks.tools import Singer
    from benchmarks.vendors import Health, Vendor, Watched


MOST_RUNS = 5
LONG_ENOUGH = 30.0  # Seconds after which a run is not repeated any more
T = TypeVar("T")


@dataclass(slots=True)
class Result:
    """What one run took and brought."""

    tool: str
    usage: Usage
    watched: Watched
    output: Output
    floor: float
    """Seconds below which no client can get all answers; 0 where there is no such bound."""

    @property
    def is_complete(self) -> bool:
        """Whether it ended well, with all that there is and nothing else."""
        return not (self.usage.status or self.output.missing or self.output.invented)

    @property
    def startup(self) -> float:
        """Seconds until the first request."""
        return max(0.0, self.watched.first - self.usage.began) if self.watched.first else 0.0

    @property
    def busy(self) -> float:
        """Seconds beyond start-up."""
        return self.usage.wall - self.startup

    @property
    def to_floor(self) -> float:
        """How many times the floor it took, beyond start-up."""
        return self.busy / self.floor if self.floor else 0.0


class Bench:
    """Runs tools, each in the vendor's best of health unless a case says otherwise."""

    def __init__(self, runner: Runner, repeats: int = 1) -> None:
        self._runner = runner
        self._repeats = repeats

    def first(
        self,
        vendor: Vendor,
        tool: Singer,
        health: Health = WELL,
        repeats: int | None = None,
    ) -> Result:
        """Run a tool that knows nothing; of several runs, the fastest counts."""
        results = self._repeated(
            lambda: self._run(vendor, tool, tool.prepare(vendor.config), health), repeats
        )
        return min(results, key=lambda result: result.usage.wall)

    def once(self, vendor: Vendor, tool: Singer, health: Health, patience: float) -> Result:
        """Run a tool that knows nothing, and kill it when patience is over."""
        return self._run(vendor, tool, tool.prepare(vendor.config), health, patience)

    def second(self, vendor: Vendor, tool: Singer, health: Health) -> Result:
        """Run a tool, and once more with the state that it left; return the second run."""
        command = tool.prepare(vendor.config)
        first = self._run(vendor, tool, command, WELL)
        command = tool.again(command, first.output.last_state)
        second = self._run(vendor, tool, command, health)
        second.output.missing = first.output.missing
        second.floor = 0.0  # A handful of requests, one after another, has none that tells anything
        return second

    def streaming(self, vendor: Vendor, tool: Singer) -> Result:
        """Run a tool into a file, to see that it is all, and then into nothing, on one core."""
        command = tool.prepare(vendor.config)
        result = self._run(vendor, tool, command, WELL)
        log = tool.folder / "log.txt"
        runs = self._repeated(lambda: self._runner.run(command, log=log, one_core=True))
        result.usage = min(runs, key=lambda usage: usage.wall)
        return result

    def _repeated(self, run: Callable[[], T], repeats: int | None = None) -> list[T]:
        """Run several times; what is short is at the mercy of a moment, and so runs more often."""
        until = time.monotonic() + LONG_ENOUGH
        runs = [run() for _ in range(repeats or self._repeats)]
        while repeats is None and len(runs) < MOST_RUNS and time.monotonic() < until:
            runs.append(run())
        return runs

    def prepared(self, prepare: Callable[[], list[str]], log: Path) -> Usage:
        """Run a command that is prepared anew each time; the fastest of several runs counts."""
        runs = self._repeated(lambda: self._runner.run(prepare(), log=log))
        return min(runs, key=lambda usage: usage.wall)

    def startup(self, command: list[str], tool: Singer, times: int = 5) -> Usage:
        """Run what only tells something of a tool; the fastest of several runs counts."""
        log = tool.folder / "log.txt"
        runs = [self._runner.run(command, log=log) for _ in range(times)]
        return min(runs, key=lambda usage: usage.wall)

    def _run(
        self,
        vendor: Vendor,
        tool: Singer,
        command: list[str],
        health: Health,
        patience: float | None = None,
    ) -> Result:
        vendor.reset(health)
        log = tool.folder / "log.txt"
        usage = self._runner.run(command, log=log, output=tool.output, patience=patience)
        watched = vendor.watched()
        is_cut = usage.status == KILLED  # In the middle of a line
        output = Output() if is_cut else vendor.read(tool.keeps, tool.written, tool.streams)
        floor = watched.requests * health.latency / tool.at_once
        return Result(tool.name, usage, watched, output, floor)
