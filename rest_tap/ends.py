"""How a process ends: one line that says why, an exit status, and no traceback."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, NoReturn

import click
from singer_sdk.exceptions import ConfigValidationError, MappingError

from rest_tap.errors import ConfigError, StoppedError, TapError
from rest_tap.sdk import stopping_signals
from rest_tap.shielding import exit_process

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator
    from types import FrameType

BROKEN_PIPE = 141  # What a shell reports of a program that died of it
SIGNALLED = 128
PATIENCE = 4.0  # Seconds that a run which shall stop waits for its reader
LAST_MOMENT = 4.0  # Seconds after which it ends in any case


@contextlib.contextmanager
def one_line_errors(logger: logging.Logger) -> Iterator[None]:
    """End the process as each error asks: one line, an exit status, no traceback."""
    try:
        _check_output()
        yield
    except click.exceptions.Exit:
        raise
    except ConfigValidationError as error:
        for line in error.errors:
            logger.error("%s", line)
        _end(1)
    except (TapError, MappingError) as error:
        setting = "stream_maps: " if isinstance(error, MappingError) else ""
        logger.error("%s%s", setting, error)
        _end(1)
    except StoppedError as stop:
        logger.warning("Stopped by signal %d; the next run goes on from here", stop.signum)
        _end(SIGNALLED + stop.signum)
    except BrokenPipeError:
        _drop_output()
        logger.warning("Nobody reads the output any more; the next run goes on from here")
        _end(BROKEN_PIPE)
    except OSError as error:  # Requests that fail never come here
        _drop_output()
        what = error.filename or "The output cannot be written"
        logger.error("%s: %s", what, error.strerror or error)
        _end(1)
    except Exception as error:
        logger.error(
            "Unexpected %s: %s. Please report it with the traceback that LOGLEVEL=DEBUG shows",
            *(type(error).__name__, error),
        )
        logger.debug("It was raised here", exc_info=True)
        _end(1)


def _check_output() -> None:
    if sys.stdout is None:  # Closed by who started it
        raise ConfigError("There is no stdout to write to")


def _end(status: int) -> NoReturn:
    sys.exit(status)


def _drop_output() -> None:
    """Let what waits for stdout go nowhere: Python would try, and complain, at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def end_at_signals() -> None:
    """Let signals end the process at once, until a run takes care of them."""

    def end(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
        exit_process(SIGNALLED + signum)

    if threading.current_thread() is threading.main_thread():
        for signum in stopping_signals():
            signal.signal(signum, end)


def end_in_any_case(status: int) -> None:
    """End the process in some seconds, wherever it hangs: at a stderr that nobody reads, too."""
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGALRM, lambda *_: exit_process(status))
        signal.setitimer(signal.ITIMER_REAL, PATIENCE + LAST_MOMENT)
