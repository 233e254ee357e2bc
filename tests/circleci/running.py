"""Runs of the tap, each in a process of its own that was forked with everything imported."""

import json
import multiprocessing
import os
import sys

from tap_circleci.tap import TapCircleCI
from tests.support import Run

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


class TapProcess:
    """The tap's command line, started with files as arguments.

    Args:
        folder: Where the files go.
        arguments: More of the command line.
        files: What stands in the files of --config, --state and --catalog.
    """

    def __init__(self, folder, *arguments, **files):
        for name, content in files.items():
            if content is not None:
                path = folder / f"{name}.json"
                path.write_text(json.dumps(content))
                path.chmod(0o600)
                arguments = (*arguments, f"--{name}", str(path))
        self._outputs = folder / "stdout", folder / "stderr"
        self._process = PROCESSES.Process(target=_run, args=(arguments, *self._outputs))
        self._process.start()

    def kill(self):
        """Let the process end without a chance to do anything more."""
        self._process.kill()

    def wait(self, timeout=120):
        """Wait for the end; return what was written, whole lines of it."""
        stdout, stderr = self._outputs
        self._process.join(timeout)
        if self._process.exitcode is None:
            self._process.kill()
            raise TimeoutError(f"the tap did not end: {stderr.read_text()[-2000:]}")
        return Run(stdout.read_bytes(), stderr.read_text(), self._process.exitcode)


def run_tap(folder, *arguments, **files):
    """Run the tap to its end."""
    return TapProcess(folder, *arguments, **files).wait()


def _run(arguments, stdout, stderr):
    for number, path in enumerate((stdout, stderr), 1):
        os.dup2(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY), number)
    try:
        TapCircleCI.cli(arguments)
    finally:
        sys.stdout.flush()
