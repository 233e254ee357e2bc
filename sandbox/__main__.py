"""Start one vendor on localhost: `python -m sandbox confluence`."""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import signal
import threading

from sandbox.server import Sandbox

VENDORS = ("confluence", "circleci", "gitbook")


def main() -> None:
    """Serve a vendor, filled with generated data, until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("vendor", choices=VENDORS)
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--requests-per-second", type=int, help="more are answered 429")
    options = parser.parse_args()

    stop = threading.Event()
    for interruption in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interruption, lambda *_: stop.set())
    module = importlib.import_module(f"sandbox.{options.vendor}")
    vendor = module.build()
    # What is generated lives as long as the process: collections need not look at it again.
    gc.freeze()
    with Sandbox(
        vendor,
        latency=options.latency,
        requests_per_second=options.requests_per_second,
        port=options.port,
    ) as sandbox:
        print(f"{options.vendor} is played at {sandbox.url}. A configuration for its tap:")
        print(json.dumps(module.config(sandbox.url), indent=2), flush=True)
        stop.wait()
    print(f"{len(sandbox.requests)} requests were answered.")


if __name__ == "__main__":
    main()
