"""The cases that wait for the processor: many pages of Confluence, and starting up."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from benchmarks import tools
from benchmarks.environments import environment
from benchmarks.report import Section
from benchmarks.vendors import Vendor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.bench import Bench, Result
    from benchmarks.measuring import Usage
    from benchmarks.tools import Singer

FEW, MANY, SOME = 50_000, 400_000, 20_000
HEADER = (
    *("tool", "wall s", "CPU s", "peak MB", "requests", "records", "complete", "state bytes"),
    *("records a second of CPU", "x best peer"),
)
RESHAPED: Mapping[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "a stream map": ({"stream_maps": {"pages": {"title_hash": "md5(title)"}}}, ()),
    "flattening": ({"flattening_enabled": True, "flattening_max_depth": 2}, ()),
    "deselected columns": ({}, ("body", "position", "subtype")),
    "deselected nested columns": ({}, ("representation", "minorEdit")),
}


def _prepared(pages: int) -> Vendor:
    return Vendor("confluence", prepared=True, pages=pages)


def pages(bench: Bench) -> Section:
    """Read pages as fast as the processor can, into nothing."""
    section = Section(
        f"{MANY:,} Confluence pages without latency, into /dev/null",
        "One list, one request after another, 250 pages an answer. The sandbox gives bytes that "
        "it has prepared. The taps are kept on one core. Records a second of CPU: beyond start-up, "
        "which is the CPU of `--discover`. The plain SDK is a REST stream as its documentation "
        "teaches it; it is the only peer here. Without latency there is no floor.",
        header=HEADER,
    )
    ours, plain = tools.confluence(), tools.plain()
    with _prepared(FEW) as vendor:
        few, peer = bench.streaming(vendor, ours), bench.streaming(vendor, plain)
        idle = {tool.name: _idle(bench, tool) for tool in (ours, plain)}
    with _prepared(MANY) as vendor:
        many = bench.streaming(vendor, ours)
        section.notes.append(
            f"The sandbox alone gives {250 * vendor.alone():,.0f} rows a second here."
        )
    rates = {}
    for name, result in (("many", many), ("few", few), ("plain", peer)):
        rates[name] = result.output.records / (result.usage.cpu - idle[result.tool])
        section.rows.append(_cells(result, rates[name], None if result is many else peer))
    fast, times = rates["many"], rates["few"] / rates["plain"]  # These two read the same
    memory, growth = many.usage.memory, many.usage.memory / few.usage.memory
    section.claim(">= 60,000 records a second of a core", f"{fast:,.0f}", fast >= 60_000)
    section.claim(">= 5 x the plain SDK path", f"{times:.1f} x", times >= 5)
    section.claim("peak memory <= 120 MB", f"{memory:.0f} MB", memory <= 120)
    section.claim(f"the same memory at {FEW:,}", f"x {growth:.2f}", growth <= 1.1)
    return section


def reshaped(bench: Bench) -> Section:
    """Read pages that a user wants in another shape."""
    section = Section(
        f"{SOME:,} pages reshaped as users ask for it",
        "The same settings and catalog for both taps. Without latency there is no floor.",
        header=HEADER,
    )
    with _prepared(SOME) as vendor:
        for name, (settings, deselected) in RESHAPED.items():
            results, rates, digests = [], [], []
            for tool in (tools.confluence(**settings), tools.plain(**settings)):
                tool = tool.without(deselected)  # noqa: PLW2901
                result = bench.first(vendor, tool, repeats=1)
                results.append(result)
                rates.append(result.output.records / (result.usage.cpu - _idle(bench, tool)))
                digests.append(vendor.digest(tool.output))
            for result, rate in zip(results, rates, strict=True):
                cells = _cells(result, rate, results[-1])
                section.rows.append((f"{result.tool}, {name}", *cells[1:]))
            ours, plain = (result.usage.cpu for result in results)
            share = ours / plain
            section.claim(f"{name}: never slower", f"{share:.2f} of the CPU", share <= 1)
            same = digests[0] == digests[1]
            section.claim(f"{name}: the same records", "yes" if same else "no", same)
        _compare_paths(section, vendor)
    return section


def _compare_paths(section: Section, vendor: Vendor) -> None:
    """Let the engine and the SDK write the same rows, in one process."""
    program = [str(environment("ours") / "python"), str(tools.PEERS / "writing_paths.py")]
    given = json.dumps([vendor.config, RESHAPED])
    run = subprocess.run([*program, given], capture_output=True, check=True)
    for name, (engine, sdk, same) in json.loads(run.stdout).items():
        figures = f"{engine:.1f} us a row, the SDK {sdk:.1f} us"
        never_slower = f"writing alone, {name}: never slower, the same bytes"
        section.claim(never_slower, figures, same and engine <= sdk)


def _idle(bench: Bench, tool: Singer) -> float:
    """Measure the CPU of a tap that reads nothing."""
    command = [*tool.command, "--config", str(tool.folder / "config.json"), "--discover"]
    return bench.startup(command, tool, times=3).cpu


def _cells(result: Result, rate: float, peer: Result | None) -> tuple[str, ...]:
    usage, output = result.usage, result.output
    whole = "yes" if result.is_complete else f"NO: {output.missing} missing"
    return (
        *(result.tool, f"{usage.wall:.2f}", f"{usage.cpu:.2f}", f"{usage.memory:.0f}"),
        *(f"{result.watched.requests:,}", f"{output.records:,}", whole, f"{output.state:,}"),
        *(f"{rate:,.0f}", f"{usage.wall / peer.usage.wall:.2f}" if peer else ""),
    )


def startup(bench: Bench) -> Section:
    """Start taps that have nothing to do."""
    section = Section(
        "Start-up",
        "The fastest of five runs.",
        header=("tool", "--version s", "CPU s", "--discover s", "CPU s", "peak MB"),
    )
    taps = [
        tools.circleci(),
        tools.confluence(),
        tools.gitbook(),
        tools.meltano(),
    ]
    for tool in taps:
        tool.forget()
        version, discovery = (
            bench.startup([*tool.command, option], tool) for option in ("--version", "--discover")
        )
        times = (
            f"{seconds:.2f}"
            for usage in (version, discovery)
            for seconds in (usage.wall, usage.cpu)
        )
        section.rows.append((tool.command[0].rpartition("/")[2], *times, f"{discovery.memory:.0f}"))
        if tool is not taps[-1]:
            _claim(section, tool, version, discovery)
    return section


def _claim(section: Section, tool: Singer, version: Usage, discovery: Usage) -> None:
    name = tool.command[0].rpartition("/")[2]
    for option, usage, most in (("--version", version, 0.6), ("--discover", discovery, 0.8)):
        section.claim(f"{name} {option}: <= {most} s", f"{usage.wall:.2f} s", usage.wall <= most)
