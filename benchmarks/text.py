"""What Markdown costs: bodies of Confluence's two formats, one core."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.report import Section
from tap_confluence.markdown import body_to_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.bench import Bench

BODIES = Path(__file__).parents[1] / "tests" / "confluence" / "bodies"
SIZES = (4_000, 8_000, 16_000)
PROSE = (
    "The service reads its queue in batches of fifty, and writes what it has read before it asks "
    "for more. If a batch fails twice, it is set aside with the reason, and a person looks at it "
    "on the next working day. Nobody has to be woken for that: the rest of the queue goes on, and "
    "what was set aside can be sent again from the page of the queue when its cause is mended. "
)
SECONDS = 3.0
WANTED = 1_000


def text(bench: Bench) -> Section:  # noqa: ARG001 - no tool is run
    """Translate bodies that have everything in them that the tests know."""
    section = Section(
        "Markdown of Confluence's bodies",
        "Pages of prose and of the constructs in tests/confluence/bodies (tables, code, panels, "
        "tasks, links, images, macros), in turn until a page has its size. Pages a second of one "
        "core: the fastest of those translated within some seconds.",
        header=("format", "characters", "pages a second"),
    )
    for size in SIZES:
        for name, body in (("storage", _storage(size)), ("atlas_doc_format", _document(size))):
            rate = _rate({name: {"value": body}})
            section.rows.append((name, f"{len(body):,}", f"{rate:,.0f}"))
            claimed = f"{name} of {size:,} characters: >= {WANTED:,} pages a second"
            section.claim(claimed, f"{rate:,.0f}", rate >= WANTED)
    return section


def _storage(size: int) -> str:
    prose = f"<p>{PROSE}</p>"
    paths = (path for path in sorted(BODIES.glob("*.xml")) if path.stem != "escapes")
    constructs = (path.read_text() for path in paths)
    written = ""
    for part in _in_turn(constructs, prose):
        if len(written) + len(part) > size:
            break
        written += part
    return f"{written}<p>{(size // len(PROSE) * PROSE)[: size - len(written) - 7]}</p>"


def _document(size: int) -> str:
    prose = {"type": "paragraph", "content": [{"type": "text", "text": PROSE}]}
    documents = (json.loads(path.read_text()) for path in sorted(BODIES.glob("*.json")))
    content: list[Any] = []
    for node in _in_turn((node for each in documents for node in each["content"]), prose):
        written = json.dumps({"type": "doc", "content": content})
        if len(written) > size:
            return written
        content.append(node)
    raise AssertionError


def _in_turn(constructs: Iterator[Any], prose: Any) -> Iterator[Any]:
    for construct in itertools.cycle(constructs):
        yield from (prose, construct)


def _rate(body: Mapping[str, Any]) -> float:
    best, until = float("inf"), time.monotonic() + SECONDS
    while time.monotonic() < until:
        began = time.process_time()
        body_to_markdown(body)
        best = min(best, time.process_time() - began)
    return 1 / best
