"""Logs begin before anything else, whatever the environment says of them."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING

from rest_tap import redaction
from rest_tap.sdk import log_to_stderr

if TYPE_CHECKING:
    from collections.abc import Iterator

LOG_CONFIG = "SINGER_SDK_LOG_CONFIG"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def start_logging(name: str) -> None:
    """Log to stderr, redacted, as the environment asks for it; say what of that makes no sense."""
    redaction.install()
    _mend_stderr()
    logging.raiseExceptions = False  # A log that is full is no reason to complain there of it
    threading.excepthook = _log_error_of_thread
    complaints = list(_checked_levels(f"{name.upper().replace('-', '_')}_LOGLEVEL", "LOGLEVEL"))
    if os.environ.get(LOG_CONFIG) == "":
        del os.environ[LOG_CONFIG]
    try:
        log_to_stderr(name)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with that file
        path = os.environ.pop(LOG_CONFIG, "")
        logging.getLogger().handlers.clear()
        log_to_stderr(name)
        what = f"{type(error).__name__}: {error}"
        complaints.append(f"{LOG_CONFIG}: {path} cannot be used, logs go to stderr ({what})")
    for complaint in complaints:
        logging.getLogger(name).warning("%s", complaint)


def _checked_levels(*variables: str) -> Iterator[str]:
    """Correct the variables that tell the level, which the SDK trusts."""
    for variable in variables:
        level = os.environ.pop(variable, "").strip().upper()
        if level in {*LEVELS, "WARN", "FATAL", "NOTSET"}:
            os.environ[variable] = level
        elif level:
            yield f"{variable}: {level!r} is no level, so it is not used; write {', '.join(LEVELS)}"


def _mend_stderr() -> None:
    """Let a stderr that is closed go nowhere, so that no file gets its number."""
    atexit.register(_let_stderr_go)
    if sys.stderr is None:
        null = os.open(os.devnull, os.O_WRONLY)
        with contextlib.suppress(OSError):
            os.dup2(null, 2)
        sys.stderr = os.fdopen(2, "w", closefd=False)


def _let_stderr_go() -> None:
    """Forget what cannot be logged any more: Python would make the exit status of it."""
    try:
        sys.stderr.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _log_error_of_thread(arguments: threading.ExceptHookArgs) -> None:
    logger = logging.getLogger(__name__)
    kind, error = arguments.exc_type.__name__, arguments.exc_value
    logger.error("Unexpected %s on a thread: %s", kind, error)
    logger.debug("It was raised here", exc_info=error)
