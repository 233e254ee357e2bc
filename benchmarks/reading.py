"""What a tool wrote: how much, whether it is all, and how large its state is."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Ids = dict[str, set[str]]


@dataclass(slots=True)
class Output:
    """What one run wrote."""

    records: int = 0
    size: int = 0
    """Bytes of all that was written."""
    state: int = 0
    """Bytes of the state that the next run is given."""
    states: int = 0
    """Bytes of all STATE messages."""
    ids: Ids = field(default_factory=lambda: defaultdict(set))
    """The ids of the records, by stream."""
    last_state: bytes = b""
    missing: int = 0
    """How many rows there are that were not written."""
    invented: int = 0
    """How many rows were written that do not exist."""

    def compare(self, truth: Ids) -> None:
        """Note what is missing and what is invented, and forget the ids."""
        found, self.ids = self.ids, defaultdict(set)
        self.missing = sum(len(ids - found[stream]) for stream, ids in truth.items())
        self.invented = sum(len(ids - truth.get(stream, set())) for stream, ids in found.items())


def singer(path: Path) -> Output:
    """Read the messages of a tap."""
    output = Output()
    for line in _lines(path):
        message = _message(line)
        output.size += len(line)
        if message["type"] == "RECORD":
            output.records += 1
            output.ids[message["stream"]].add(message["record"]["id"])
        elif message["type"] == "STATE":
            output.states += len(line)
            output.last_state = msgspec.json.encode(message["value"])
    output.state = len(output.last_state)
    return output


def dlt(folder: Path) -> Output:
    """Read what dlt extracted last."""
    output = Output()
    packages = sorted(folder.glob("pipelines/*/normalize/extracted/*"))
    for file in packages[-1].glob("new_jobs/*.gz") if packages else ():
        stream = file.name.partition(".")[0]
        if stream.startswith("_dlt"):
            continue
        with gzip.open(file) as content:
            for line in content:
                rows = json.loads(line)
                output.size += len(line)
                output.records += len(rows)
                output.ids[stream].update(row["id"] for row in rows)
    for state in folder.glob("pipelines/*/state.json"):
        output.state = output.states = state.stat().st_size
    return output


def ids(path: Path) -> Output:
    """Read the ids that stand in a table, one a line."""
    output = Output()
    for line in path.read_text().splitlines():
        output.records += 1
        output.ids["pages"].add(line)
    return output


def digest(path: Path) -> str:
    """Name the records of an output, whatever their order, and whenever they were extracted."""
    sums = 0
    for line in _lines(path):
        message = json.loads(line)
        if message.pop("type") == "RECORD":
            message.pop("time_extracted")
            text = json.dumps(message, sort_keys=True)
            sums += int.from_bytes(hashlib.sha256(text.encode()).digest())
    return f"{sums:x}"


def _message(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line)
    except msgspec.DecodeError:  # Half a surrogate pair, as some tools write it
        return json.loads(line)


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as content:
        yield from content
