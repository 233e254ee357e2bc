"""Rows that the taps write of the sandbox, and how the played vendors spell their columns.

It runs a tap in this process, with a clock that does not wait, so it is a program of its own:
`python -m website.samples tap-gitbook FILE`.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import logging
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from hub.about import ROOT, tap_class
from rest_tap import TapError, snake_case
from rest_tap.http.rate_limiter import RateLimiter
from rest_tap.last_rows import DELETED_AT
from sandbox import Sandbox
from tap_circleci.exports import HourlyQuota

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from rest_tap import RestStream, RestTap
    from sandbox import Request, Response

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SETTINGS: dict[str, dict[str, Any]] = {
    "tap-confluence": {
        "custom_content_types": ["ac:com.example.diagrams:diagram"],
        "body_format": "markdown",
    },
    "tap-circleci": {"start_date": "2026-03-01T00:00:00Z"},
    "tap-gitbook": {},
}


class Samples(NamedTuple):
    """What a run of a tap on its sandbox showed."""

    rows: dict[str, dict[str, Any]]
    """A row of each stream that has any: the one with the most in it."""
    filled: dict[str, list[str]]
    """The columns of each stream that had a value in any row."""
    fields: dict[str, dict[str, str]]
    """For the path of each answer, the vendor's names by the names of our columns."""

    def vendor_names(self, stream: RestStream) -> dict[str, str]:
        """Tell how the vendor spells the columns of a stream.

        Columns that had values though no answer has such a field are made by the tap. What neither
        had is a field that the played vendor never sends: the rule of the real one's names holds.
        """
        expression = re.compile(re.sub(r"\\{[^}]+\\}", _part, re.escape(stream.path)) + "$")
        answers = [names for path, names in self.fields.items() if expression.search(path)]
        found = {name: field for names in answers for name, field in names.items()}
        filled = {*self.filled.get(stream.name, ()), DELETED_AT}
        if filled & found.keys():  # Else these answers are not what its rows are made of
            others, told = "".join(found.values()), filled | found.keys()
            found |= {n: _spelled(n, others) for n in stream.schema["properties"].keys() - told}
        return found


def _part(placeholder: re.Match[str]) -> str:
    """Match what stands for a placeholder in a path: a slug has slashes."""
    return "[^/]+(?:/[^/]+){0,2}" if placeholder[0].endswith("slug\\}") else "[^/]+"


def _spelled(name: str, others: str) -> str:
    """Spell a name as its vendor spells others: withCapitals, with-hyphens or with_underscores."""
    first, *rest = name.split("_")
    if others != others.lower():
        return first + "".join(part.capitalize() for part in rest)
    return name.replace("_", "-") if "-" in others else name


def samples_of(tap: str) -> Samples:
    """Run a tap on its sandbox."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "samples.json"
        command = [sys.executable, "-m", "website.samples", tap, str(file)]
        subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603 - this module
        return Samples(**json.loads(file.read_text()))


class _Watched:
    """A vendor that notes how it spells the fields of its answers."""

    def __init__(self, vendor: Any) -> None:
        self.vendor = vendor
        self.world: Any = getattr(vendor, "world", None)
        self.fields: defaultdict[str, dict[str, str]] = defaultdict(dict)

    def handle(self, request: Request) -> Response:
        """Answer as the vendor does."""
        response: Response = self.vendor.handle(request)
        body = response.body
        with contextlib.suppress(ValueError):
            content = json.loads(body) if isinstance(body, bytes) else body
            names = self.fields[request.path]
            names |= {snake_case(name): name for name in _names(content)} | names
        return response


def _names(content: Any) -> Iterator[str]:
    """List the names of fields, those of lists in an answer included; the outermost last."""
    if isinstance(content, dict):
        for value in content.values():
            yield from _names(value)
        yield from content
    elif isinstance(content, list):
        for row in content:
            yield from _names(row)


def written_by(name: str, vendor: Any, streams: Collection[str] | None = None) -> TextIO:
    """Run a tap here on a played vendor, with these streams or all, and return what it writes."""
    module = importlib.import_module(f"sandbox.{name.removeprefix('tap-')}")
    with Sandbox(vendor) as sandbox:
        tap: RestTap = tap_class(name)(config={**module.config(sandbox.url), **SETTINGS[name]})
        for stream in tap.streams.values():
            stream.selected = streams is None or stream.name in streams
        if name == "tap-circleci":  # Its exports take their time, which the world's clock has
            world = vendor.world

            def clock() -> float:
                return float(world.now.timestamp())

            HourlyQuota.clock = staticmethod(clock)
            tap.rate_limiter = RateLimiter(clock=clock, sleep=world.advance)
        written = io.TextIOWrapper(io.BytesIO())
        with contextlib.redirect_stdout(written), contextlib.suppress(TapError):
            tap.sync_all()
    written.seek(0)
    return written


def _run(name: str) -> Samples:
    """Run a tap here, all of its streams selected."""
    module = importlib.import_module(f"sandbox.{name.removeprefix('tap-')}")
    watched = _Watched(module.build(now=NOW))
    written = written_by(name, watched)
    rows: dict[str, dict[str, Any]] = {}
    filled: defaultdict[str, set[str]] = defaultdict(set)
    for message in map(json.loads, written):
        if message["type"] == "RECORD":
            stream, row = message["stream"], message["record"]
            here = {name for name, value in row.items() if value is not None}
            filled[stream] |= here
            if len(here) > _values(rows.get(stream, {})):
                rows[stream] = row
    found = {stream: sorted(names) for stream, names in filled.items()}
    return Samples(rows, found, dict(watched.fields))


def _values(row: dict[str, Any]) -> int:
    return sum(value is not None for value in row.values())


if __name__ == "__main__":
    logging.disable()
    Path(sys.argv[2]).write_text(json.dumps(_run(sys.argv[1])._asdict()))
