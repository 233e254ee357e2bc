"""Measure: `python -m benchmarks [case ...]`; without cases all of them, and write RESULTS.md."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from benchmarks import cases, chart, loading, writing
from benchmarks.bench import Bench
from benchmarks.measuring import Runner
from benchmarks.odd import odd
from benchmarks.report import introduction
from benchmarks.text import text

CASES = {
    case.__name__: case
    for case in (
        *(cases.builds, cases.workers, cases.lists, cases.state, cases.growth),
        *(cases.limit, cases.faults, odd),
        *(writing.pages, writing.reshaped, loading.load, writing.startup, text),
    )
}


def main() -> None:
    """Run cases, and tell what they took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="case", help=", ".join(CASES))
    parser.add_argument("--repeats", type=int, default=2, help="run all at least so often")
    options = parser.parse_args()
    if unknown := set(options.cases) - CASES.keys():
        parser.error(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    if (load := os.getloadavg()[0]) > 1:
        print(f"The load is {load:.1f}: other programs will be seen in the figures.")
    texts, began = [introduction()], time.monotonic()
    with Runner() as runner:
        bench = Bench(runner, options.repeats)
        for name in options.cases or CASES:
            texts.append(str(CASES[name](bench)))
            print(texts[-1], flush=True)
    print(f"{time.monotonic() - began:.0f} s in all")
    if not options.cases:
        Path(__file__).with_name("RESULTS.md").write_text("\n".join(texts))
        chart.main()


if __name__ == "__main__":
    main()
