"""What a process costs, measured by the kernel."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

NOWHERE = "/dev/null"
KILLED = -signal.SIGKILL
"""The status of a run that patience was lost with."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one run of a command took: seconds, and megabytes at the peak."""

    wall: float
    cpu: float
    memory: float
    status: int
    began: float
    """In the clock that all processes of a machine share."""


class Runner:
    """Runs commands one at a time.

    From a process of its own, as small as can be: the kernel counts the memory that a process
    had before it became the command as if it were the command's.
    """

    def __enter__(self) -> Self:
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, mp_context=spawn)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pool.shutdown()

    def run(
        self,
        command: Sequence[str],
        *,
        log: Path,
        output: Path | None = None,
        one_core: bool = False,
        patience: float | None = None,
    ) -> Usage:
        """Run a command; its output goes to a file, or nowhere. Kill it when patience is over."""
        given = (command, str(output or NOWHERE), str(log), one_core, patience)
        return self._pool.submit(_run, *given).result()


def _run(
    command: Sequence[str],
    output: str,
    log: str,
    one_core: bool,  # noqa: FBT001
    patience: float | None,
) -> Usage:
    # An installed tap has its bytecode; ours is installed from this folder, where it may be missing
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    with open(output, "wb") as stdout, open(log, "wb") as stderr:  # noqa: PTH123 - or nowhere
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, env=environment)
        if one_core:
            os.sched_setaffinity(process.pid, {max(os.sched_getaffinity(0))})
        timer = threading.Timer(patience or threading.TIMEOUT_MAX, process.kill)
        timer.start()
        _, status, used = os.wait4(process.pid, 0)
        timer.cancel()
        wall = time.monotonic() - began
    process.returncode = status = os.waitstatus_to_exitcode(status)
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000, status, began)
