"""What each tool makes of answers that are not as the vendor's contract has them.

Nothing here says how a run should end: what is told is read from the exit status and the rows.
"""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import jsonschema

from benchmarks import tools
from benchmarks.measuring import KILLED
from benchmarks.odd_vendor import KINDS
from benchmarks.report import Section
from benchmarks.vendors import Health, Vendor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.bench import Bench, Result
    from benchmarks.odd_vendor import Kind
    from benchmarks.tools import Singer

PIPELINES = 20
PATIENCE = 60.0  # Seconds after which a run is taken for one that never ends


def odd(bench: Bench) -> Section:
    """Read from a vendor that is odd in one way at a time."""
    candidates = (tools.circleci(8), tools.dlt(8), tools.meltano())
    names = [tool.name for tool in candidates]
    section = Section(
        "What each does with odd answers",
        f"{PIPELINES} pipelines with workflows and jobs; in each run one value of one row is odd, "
        "or the list of jobs of one workflow. Told is what became of the value, how many rows are "
        "missing, and the exit status. A value `breaks its SCHEMA` where a loader that checks "
        "would end; dlt's extraction has no types yet. MeltanoLabs' tap is the plain SDK; for "
        f"Confluence and GitBook there is none. A run that goes on after {PATIENCE:.0f} s is "
        "stopped.",
        header=("what is odd", *names),
    )
    for kind in KINDS.values():
        with Vendor("circleci", pipelines=PIPELINES) as vendor:
            outcomes = [_outcome(bench, vendor, tool, kind) for tool in candidates]
        section.rows.append((kind.name, *outcomes))
    return section


def _outcome(bench: Bench, vendor: Vendor, tool: Singer, kind: Kind) -> str:
    result = bench.once(vendor, tool, Health(odd=kind.name), PATIENCE)
    if result.usage.status == KILLED:
        return "hung"
    parts = [_value(tool, kind, vendor.target(kind.stream))] if kind.field else []
    return ", ".join([*parts, *_losses(result)])


def _losses(result: Result) -> Iterator[str]:
    output = result.output
    yield f"{output.missing:,} rows missing" if output.missing else "all rows"
    yield f"exit status {result.usage.status}"


def _value(tool: Singer, kind: Kind, target: str) -> str:
    """Tell what became of a value."""
    schema, found = {}, []
    for name, content in _messages(tool):
        if name == kind.stream and content.get("id") == target:
            found.append(content)
        elif name == f"SCHEMA {kind.stream}":
            schema = content["properties"].get(kind.field, {})
    if not found:
        return "row lost"
    value = found[-1].get(kind.field)
    how = "passed on" if value == kind.sent else f"made {json.dumps(value)}"
    try:
        jsonschema.validate(value, schema, format_checker=jsonschema.FormatChecker())
    except jsonschema.ValidationError:
        how += ", breaks its SCHEMA"
    if isinstance(value, str) and ("\0" in value or not _is_whole(value)):
        how += ", which PostgreSQL refuses"
    return how


def _is_whole(text: str) -> bool:
    """Tell whether a text has no half of a surrogate pair."""
    return text.encode(errors="replace").decode() == text


def _messages(tool: Singer) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read what a tool wrote: rows by their streams, and schemas."""
    if tool.keeps == "dlt":
        yield from _extracted(tool.written)
        return
    for line in tool.written.read_bytes().splitlines():
        message = json.loads(line)
        if message["type"] == "RECORD":
            yield message["stream"], message["record"]
        elif message["type"] == "SCHEMA":
            yield f"SCHEMA {message['stream']}", message["schema"]


def _extracted(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(folder.glob("pipelines/*/normalize/extracted/*/new_jobs/*.gz")):
        with gzip.open(file) as content:
            for line in content:
                for row in json.loads(line):
                    yield file.name.partition(".")[0], row
