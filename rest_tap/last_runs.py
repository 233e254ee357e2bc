"""What partitions share: `last_run` stands once for all partitions that have the same.

A state with hundreds of partitions would else tell the same moment hundreds of times. `last_runs`
has each moment once, with the partitions of which it is true: six characters each, of the hash of
what names the partition.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SIZE = 6  # Characters: 36 bits, by which thousands of partitions are told apart


def mark_of(context: Mapping[str, Any]) -> str:
    """Tell a partition from others by a few characters."""
    named = json.dumps(context, sort_keys=True).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(named).digest())[:SIZE].decode()


def by_mark(last_runs: Mapping[str, str]) -> dict[str, str]:
    """Find the moment of each partition."""
    return {
        marks[at : at + SIZE]: moment
        for moment, marks in last_runs.items()
        for at in range(0, len(marks), SIZE)
    }


def put(last_runs: dict[str, str], mark: str, moment: str) -> None:
    """Let a partition have a moment, instead of the one that it had."""
    for other, marks in list(last_runs.items()):
        if (at := _place(marks, mark)) < 0:
            continue
        if other == moment:
            return
        if rest := marks[:at] + marks[at + SIZE :]:
            last_runs[other] = rest
        else:
            del last_runs[other]
    last_runs[moment] = last_runs.get(moment, "") + mark


def _place(marks: str, mark: str) -> int:
    """Find where a mark stands; -1 if it does not."""
    at = marks.find(mark)
    while at >= 0 and at % SIZE:
        at = marks.find(mark, at + 1)
    return at
