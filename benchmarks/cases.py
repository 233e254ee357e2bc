"""The cases that wait for a vendor: builds of CircleCI, long lists of Confluence."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from benchmarks import tools
from benchmarks.report import Section
from benchmarks.vendors import Health, Vendor

if TYPE_CHECKING:
    from benchmarks.bench import Bench, Result

LATENCY = 0.05
SLOW = Health(LATENCY)
PIPELINES = 200
LIMIT = 20
SIZES = (100, 400, 1600)
ROWS = 5_000  # Of each long list


def _world(pipelines: int) -> Vendor:
    """Spread pipelines over 80 days, so that the look-back covers some of them, as in life."""
    return Vendor("circleci", pipelines=pipelines, gap=timedelta(days=80) / pipelines)


def builds(bench: Bench) -> Section:
    """Read everything, with 8 workers, as peers do it."""
    section = Section(
        "200 pipelines with workflows and jobs, 8 workers",
        "50 ms latency, a first run. All read the list of the organization, workflows of each "
        "pipeline, jobs of each workflow.",
    )
    with _world(PIPELINES) as vendor:
        ours = bench.first(vendor, tools.circleci(8), SLOW)
        section.notes.append(f"The sandbox alone gives {vendor.alone():,.0f} answers a second.")
        parallel = bench.first(vendor, tools.dlt(8), SLOW)
        slow = [bench.first(vendor, tool, SLOW) for tool in (tools.dlt(), tools.meltano())]
    section.add([ours, parallel, *slow])
    _claim_floor(section, ours, 1.15)
    _claim_ahead(section, ours, parallel)
    return section


def workers(bench: Bench) -> Section:
    """Read the same with more workers."""
    section = Section("The same with 16 and 32 workers", "50 ms latency, a first run.")
    with _world(PIPELINES) as vendor:
        for count in (16, 32):
            ours = bench.first(vendor, tools.circleci(count), SLOW)
            peer = bench.first(vendor, tools.dlt(count), SLOW)
            section.add([ours, peer])
            _claim_floor(section, ours, 1.25)
    return section


def lists(bench: Bench) -> Section:
    """Read several long lists at once, of which each is a chain."""
    section = Section(
        f"Six long lists of Confluence, {ROWS:,} rows each, 8 workers",
        "50 ms latency, a first run. The next page of a list is known once the one before it is "
        "there, so the floor is the longest list alone, or all requests over all workers.",
    )
    sizes: dict[str, Any] = dict.fromkeys(tools.LISTS, ROWS)
    with Vendor("confluence", **sizes) as vendor:
        ours = bench.first(vendor, tools.lists(), SLOW)
        peer = bench.first(vendor, tools.dlt_lists(), SLOW)
    for result in (ours, peer):
        result.floor = max(result.floor, LATENCY * ROWS / 250)
    section.add([ours, peer])
    _claim_floor(section, ours, 1.3)
    _claim_ahead(section, ours, peer)
    return section


def state(bench: Bench) -> Section:
    """Read again when nothing has changed."""
    section = Section(
        "The same with state, nothing changed",
        "The second of two runs, 50 ms latency. Pipelines are spread over 80 days; ours looks "
        "again at those of the last 3 days, for reruns and late ends, which dlt's pipeline and "
        "its early stop cannot see.",
    )
    with _world(PIPELINES) as vendor:
        results = [
            bench.second(vendor, tool, SLOW)
            for tool in (tools.circleci(8), tools.dlt(8), tools.meltano())
        ]
        most = PIPELINES / 20 + 3 * PIPELINES  # What a first run asks for
    section.add(results)
    share = results[0].watched.requests / most
    section.claim("<= 3% of the first run's requests", f"{share:.1%}", share <= 0.03)
    return section


def growth(bench: Bench) -> Section:
    """Read sixteen times as many pipelines."""
    section = Section(
        "1,600 pipelines against 100",
        "No latency, a first run, 8 workers. meltano-tap-circle-ci is left out of the largest: its "
        "time and its STATE messages grow with the square, to more than five minutes.",
    )
    found: dict[int, Result] = {}
    for pipelines in SIZES:
        peers = (tools.dlt(8), tools.meltano())[: 1 if pipelines > 400 else 2]
        with _world(pipelines) as vendor:
            results = [bench.first(vendor, tools.circleci(8))]
            results += [bench.first(vendor, peer) for peer in peers]
        found[pipelines] = results[0]
        for result in results:
            result.tool += f", {pipelines:,} pipelines"
        section.add(results)
    ours, grown = found[SIZES[0]], found[SIZES[-1]]
    busy, size = grown.busy / ours.busy / 16, grown.output.size / ours.output.size / 16
    more = grown.usage.memory / ours.usage.memory
    section.claim("time grows linearly: <= 1.1 x 16", f"{busy:.2f} x 16", busy <= 1.1)
    section.claim("output grows linearly: <= 1.1 x 16", f"{size:.2f} x 16", size <= 1.1)
    section.claim("memory stays", f"x {more:.2f}", more <= 1.1)
    states = grown.output.state, ours.output.state
    section.claim(
        "state does not grow", f"{states[1]} to {states[0]} bytes", states[0] <= states[1]
    )
    return section


def limit(bench: Bench) -> Section:
    """Read from a vendor that takes 20 requests a second."""
    section = Section(
        "A rate limit of 20 a second with Retry-After",
        "100 pipelines, 5 ms latency, 8 workers. More than 20 requests within a second of the "
        "clock are answered 429 with Retry-After: 1. The floor here is one second for each 20 "
        "requests that were answered.",
    )
    with _world(100) as vendor:
        capped = tools.circleci(8, requests_per_second=LIMIT)
        candidates = (tools.circleci(8), capped, tools.dlt(8))
        results = [
            bench.first(vendor, tool, Health(0.005, requests_per_second=LIMIT))
            for tool in candidates
        ]
    results[1].tool += f", requests_per_second: {LIMIT}"
    for result in results:
        answered = result.watched.requests - result.watched.refused
        result.floor = (answered - 1) // LIMIT
    section.add(results, ours=2)
    for result, how in zip(results, ("as it comes", "requests_per_second: 20"), strict=False):
        ratio = result.to_floor
        section.claim(f"<= 1.1 x the minimum, {how}", f"{ratio:.3f}", ratio <= 1.1)
        watched = result.watched
        share = watched.refused / watched.requests
        section.claim("at most 10% of the answers are refusals", f"{share:.1%}", share <= 0.1)
        section.claim(
            "no request before a Retry-After has passed",
            f"{watched.too_early} of {watched.requests}, {watched.refused} refused",
            watched.too_early == 0,
        )
    peer = results[2].watched
    section.notes.append(
        f"Of dlt's requests {peer.refused} were refused, and {peer.too_early} came before a "
        "Retry-After had passed."
    )
    return section


def faults(bench: Bench) -> Section:
    """Read from a vendor of whose answers 5% fail."""
    section = Section(
        "5% faults",
        "200 pipelines, 50 ms latency, 8 workers. Each 20th request is answered 500 or 502, a web "
        "page, half an answer, or by a reset connection. meltano-tap-circle-ci is left out: it "
        "waits 2 seconds or more for each fault, two minutes in all.",
    )
    with _world(PIPELINES) as vendor:
        well = bench.first(vendor, tools.circleci(8), SLOW)
        ill = bench.first(vendor, tools.circleci(8), Health(LATENCY, faults=0.05))
        peer = bench.first(vendor, tools.dlt(8), Health(LATENCY, faults=0.05))
    ill.tool += ", 5% faults"
    section.add([well, ill, peer], ours=2)
    ratio = ill.busy / well.busy
    section.claim("<= 1.3 x the time without faults", f"{ratio:.2f}", ratio <= 1.3)
    section.claim("complete", "yes" if ill.is_complete else "no", ill.is_complete)
    return section


def _claim_floor(section: Section, result: Result, most: float) -> None:
    text = f"{result.tool}: <= {most} x floor beyond start-up"
    section.claim(text, f"{result.to_floor:.2f}", result.to_floor <= most)


def _claim_ahead(section: Section, ours: Result, peer: Result) -> None:
    ratio = ours.usage.wall / peer.usage.wall
    section.claim(f"ahead of {peer.tool}", f"{ratio:.2f} of its time", ratio < 1)
