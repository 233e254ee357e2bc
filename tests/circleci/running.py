"""Runs of the tap, each in a process of its own that was forked with everything imported."""

import json
import multiprocessing
import os
import sys

from tap_circleci.tap import TapCircleCI
from tests.support import Run

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


def run_tap(folder, *arguments, timeout=120, **files):
    """Run the tap's command line with files as arguments.

    Args:
        folder: Where the files go.
        arguments: More of the command line.
        timeout: Seconds after which the test fails.
        files: What stands in the files of --config, --state and --catalog.
    """
    for name, content in files.items():
        if content is not None:
            path = folder / f"{name}.json"
            path.write_text(json.dumps(content))
            path.chmod(0o600)
            arguments = (*arguments, f"--{name}", str(path))
    outputs = folder / "stdout", folder / "stderr"
    process = PROCESSES.Process(target=_run, args=(arguments, *outputs))
    process.start()
    process.join(timeout)
    if process.exitcode is None:
        process.kill()
        raise TimeoutError(f"the tap did not end: {outputs[1].read_text()[-2000:]}")
    return Run(outputs[0].read_bytes(), outputs[1].read_text(), process.exitcode)


def _run(arguments, stdout, stderr):
    for number, path in enumerate((stdout, stderr), 1):
        os.dup2(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY), number)
    try:
        TapCircleCI.cli(arguments)
    finally:
        sys.stdout.flush()
