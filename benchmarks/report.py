"""RESULTS.md: what was measured, and what it was held to."""

from __future__ import annotations

import json
import os
import platform
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.bench import Result

HEADER = (
    *("tool", "wall s", "start-up s", "CPU s", "peak MB", "requests", "records", "complete"),
    *("state bytes", "floor s", "x floor", "x best peer"),
)


@dataclass
class Section:
    """One case: what was run, the figures, and whether they are what they should be."""

    title: str
    about: str
    header: Sequence[str] = HEADER
    rows: list[Sequence[str]] = field(default_factory=list)
    claims: list[tuple[str, str, bool]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, results: Sequence[Result], ours: int = 1) -> None:
        """Add rows: the first ones are ours, the others peers."""
        peers = [result.usage.wall for result in results[ours:] if result.is_complete]
        self.rows += [_cells(result, min(peers, default=0.0)) for result in results]

    def claim(self, text: str, measured: str, holds: bool) -> None:  # noqa: FBT001
        """Compare a figure with what it should be."""
        self.claims.append((text, measured, holds))

    def __str__(self) -> str:
        lines = [f"## {self.title}", "", self.about, "", *_table(self.header, self.rows)]
        if self.claims:
            rows = [(text, got, "yes" if holds else "**no**") for text, got, holds in self.claims]
            lines += ["", *_table(("asked for", "measured", "reached"), rows)]
        for note in self.notes:
            lines += ["", note]
        return "\n".join([*lines, ""])


def _cells(result: Result, best_peer: float) -> Sequence[str]:
    usage, output = result.usage, result.output
    whole = "yes" if result.is_complete else f"NO: {output.missing} missing"
    return (
        *(result.tool, f"{usage.wall:.2f}", f"{result.startup:.2f}" if result.startup else ""),
        *(f"{usage.cpu:.2f}", f"{usage.memory:.0f}", f"{result.watched.requests:,}"),
        *(f"{output.records:,}", whole if not usage.status else f"{whole}, status {usage.status}"),
        *(f"{output.state:,}", f"{result.floor:.2f}" if result.floor else ""),
        f"{result.to_floor:.2f}" if result.floor else "",
        f"{usage.wall / best_peer:.2f}" if best_peer else "",
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    rule = ["---", *["---:"] * (len(header) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (header, rule, *rows)]


def _megabytes_of_json_a_second() -> float:
    """Tell how fast a core is at this moment: those of virtual machines differ by the hour."""
    text = json.dumps(
        [{"id": number, "title": "Page", "tags": ["a", "b"]} for number in range(999)]
    )
    best = float("inf")
    for _ in range(50):
        began = time.perf_counter()
        json.loads(text)
        best = min(best, time.perf_counter() - began)
    return len(text) / best / 1e6


def introduction() -> str:
    """Say where and how it was measured."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 - not a file that is there
        models = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    model = next(iter(models), platform.machine())
    speed = _megabytes_of_json_a_second()
    return f"""# Results

Written by `make bench` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {os.cpu_count()} cores of
{model}, CPython {platform.python_version()}, load {os.getloadavg()[0]:.2f} at the beginning.
To compare machines: Python's `json` reads {speed:.0f} MB a second on a core of this one.
A Python that was compiled without optimizations takes about a tenth longer than a distribution's.
All tools were run side by side, one at a time, against the sandbox in a process of its own.

- wall: from the start of the process to its end. start-up: until its first request.
- CPU, peak MB: of the tool's process, as the kernel counts them.
- complete: whether the ids of all records are those that the sandbox has.
- state bytes: the last STATE, or dlt's file of its state.
- floor: requests x latency / workers, below which nobody can be. x floor: wall less start-up, in
  floors. x best peer: wall, as a multiple of that of the fastest peer that was complete.
- dlt only extracts, but where a database is loaded: its rows are neither normalized nor loaded
  anywhere else.
- Of two runs of a tool the faster counts, of short ones that of up to five, as many as begin within
  30 seconds; those with state or reshaped pages are single runs.
- A request that arrives within 50 ms after a 429 counts as sent before it.
"""
