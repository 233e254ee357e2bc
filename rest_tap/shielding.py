"""What the end of the process must wait for, such as keeping a token that replaces another."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

_lock = threading.RLock()  # A signal handler takes it in whatever its thread was doing
_running = 0
_exit_status: int | None = None


def shielded(function: Callable[[], Result]) -> Result:
    """Call a function that the end of the process, or `exit_process`, does not cut off.

    It runs on a thread that is no daemon: for these the interpreter waits at its end.

    Raises:
        RuntimeError: If the process is ending already; the function is not called.
    """
    outcome: Future[Result] = Future()
    threading.Thread(target=_run, args=(function, outcome), name="shielded", daemon=False).start()
    return outcome.result()


def exit_process(status: int) -> None:
    """End the process at once, or as soon as no shielded function runs any more."""
    global _exit_status  # noqa: PLW0603 - a process ends once
    with _lock:
        _exit_status = status
        _exit_if_asked()


def _run(function: Callable[[], Result], outcome: Future[Result]) -> None:
    global _running  # noqa: PLW0603
    with _lock:
        # From here on the interpreter waits for this thread, unless it has stopped looking
        if _exit_status is not None or not threading.main_thread().is_alive():
            outcome.set_exception(RuntimeError("the process is ending"))
            return
        _running += 1
    try:
        outcome.set_result(function())
    except BaseException as error:  # noqa: BLE001 - it is raised again where it is awaited
        outcome.set_exception(error)
    finally:
        with _lock:
            _running -= 1
            _exit_if_asked()


def _exit_if_asked() -> None:
    if _exit_status is not None and not _running:
        os._exit(_exit_status)
