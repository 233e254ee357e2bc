"""Stdout, written in whole lines: also where nobody reads it, where it is full, or never waits."""

from __future__ import annotations

import contextlib
import os
import select
import stat
import sys
import time
from typing import TYPE_CHECKING

try:
    import fcntl
    import termios

    PIPE_SIZE: int | None = getattr(fcntl, "F_GETPIPE_SZ", None)  # Of Linux alone
except ImportError:
    PIPE_SIZE = None

if TYPE_CHECKING:
    from collections.abc import Callable

SPARE = 16_384  # Bytes of a pipe that are left for a last STATE, and for pages that are half full
SHORTEST_NAP, LONGEST_NAP = 0.0005, 0.005  # Seconds between two looks at a pipe that is full


def write_lines(lines: bytes, check: Callable[[], None]) -> None:
    """Write lines to stdout, and wait for room where it has none.

    A run may be asked to stop while nobody reads: what was begun of a line could not be ended then.
    So lines go into a pipe when it has room for all of them.

    Args:
        lines: Each with its line end.
        check: Is called between lines while there is no room; it may raise what ends the run.

    Raises:
        BrokenPipeError: If nobody reads any more.
        OSError: If they cannot be written. A file ends with a whole line all the same.
    """
    try:
        fd = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):  # It was replaced, as tests do
        sys.stdout.buffer.write(lines)
        sys.stdout.flush()
        return
    sys.stdout.flush()
    rest, nap = memoryview(lines), SHORTEST_NAP
    while rest:
        fitting = rest[: _fitting(fd, lines, len(lines) - len(rest))]
        if fitting:
            _write_whole(fd, fitting)
            rest, nap = rest[len(fitting) :], SHORTEST_NAP
        else:
            check()
            time.sleep(nap)
            nap = min(2 * nap, LONGEST_NAP)


def write_if_there_is_room(lines: bytes) -> None:
    """Write the last lines of a run, into the room that was spared for them."""
    with contextlib.suppress(OSError, ValueError):
        fd = sys.stdout.fileno()
        room = _room(fd)
        if room is None or len(lines) <= room + SPARE:
            _write_whole(fd, memoryview(lines))


def _fitting(fd: int, lines: bytes, start: int) -> int:
    """Count the bytes of whole lines that can be written now."""
    _, writable, _ = select.select([], [fd], [], 0)
    if not writable:
        return 0
    length, room = len(lines) - start, _room(fd)
    if room is None or length <= room:
        return length
    if whole := lines.rfind(b"\n", start, start + max(room, 0)) + 1:
        return whole - start
    line = lines.index(b"\n", start) + 1 - start
    return line if line > _size(fd) - SPARE else 0  # Where it never fits, it is written in parts


def _room(fd: int) -> int | None:
    """Count the bytes that a pipe takes, but for the spare ones; None if it is no pipe."""
    if PIPE_SIZE is None:
        return None
    try:
        waiting = fcntl.ioctl(fd, termios.FIONREAD, bytes(4))
        return _size(fd) - int.from_bytes(waiting, sys.byteorder) - SPARE
    except OSError:
        return None


def _size(fd: int) -> int:
    return int(fcntl.fcntl(fd, PIPE_SIZE or 0))


def _write_whole(fd: int, lines: memoryview) -> None:
    rest = lines
    while rest:
        try:
            rest = rest[os.write(fd, rest) :]
        except BlockingIOError:  # Whoever started the run has set it so
            select.select([], [fd], [], LONGEST_NAP)
        except OSError:
            _take_back(fd, lines[: len(lines) - len(rest)])
            raise


def _take_back(fd: int, written: memoryview) -> None:
    """Cut off the line that a full disk has torn."""
    torn = len(written) - (bytes(written).rfind(b"\n") + 1)
    with contextlib.suppress(OSError):
        told = os.fstat(fd)
        if torn and stat.S_ISREG(told.st_mode) and told.st_size == os.lseek(fd, 0, os.SEEK_CUR):
            os.ftruncate(fd, told.st_size - torn)
