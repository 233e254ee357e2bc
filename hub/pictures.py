"""The tables of a tap as a picture: keys, bookmarks, and which table's rows belong to which."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_tap import RestStream

LINE, LETTER, PADDING = 15, 6.7, 8  # Height of a line and width of a letter, in pixels
WIDTH = 250  # Of a box
CHARACTERS = int((WIDTH - 2 * PADDING) / LETTER)
GAP, AISLE, MARGIN = 12, 44, 16
SINGLES = 3  # Tables without parent and children, side by side

STYLE = """\
text { font: 11px ui-monospace, Menlo, Consolas, monospace; fill: #24292f }
.name { font-weight: bold }
.note { fill: #57606a }
rect { fill: #f6f8fa; stroke: #8c959f; rx: 6px }
.optional { stroke-dasharray: 4 3 }
path { fill: none; stroke: #8c959f }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .note { fill: #9198a1 } rect { fill: #151b23; stroke: #656c76 }
}"""
LEGEND = "dashed: not selected by default · since: only what is new · = the parent's key"


@dataclass
class Box:
    """A table, and the boxes of the tables below it."""

    stream: RestStream
    below: list[Box] = field(default_factory=list)
    x: float = 0
    y: float = 0

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The text, as pairs of a class and a line."""
        stream = self.stream
        facts = [f"key {', '.join(stream.primary_keys or ())}", *parent_keys(stream)]
        if stream.replication_key:
            facts.append(f"since {stream.replication_key}")
        if stream.parent_cursor and stream.parent:
            facts.append(f"since {stream.parent.name}.{stream.parent_cursor}")
        wrapped = (line for fact in facts for line in textwrap.wrap(fact, CHARACTERS - 2))
        return [("name", stream.name), *(("note", line) for line in wrapped)]

    @property
    def height(self) -> float:
        """The height of the box itself."""
        return len(self.lines) * LINE + 2 * PADDING

    def place(self, x: float, y: float) -> float:
        """Put the box and those below it; return where the next one may begin."""
        self.x, self.y = x, y
        bottom = y
        for box in self.below:
            bottom = box.place(x + WIDTH + AISLE, bottom)
        return max(bottom, y + self.height + GAP)


def parent_keys(stream: RestStream) -> list[str]:
    """Say which columns of a table are which columns of its parent."""
    if stream.parent is None:
        return []
    handed, columns = stream.parent.child_keys, stream.schema["properties"]
    return [
        f"{key} = {stream.parent.name}.{column}" for key, column in handed.items() if key in columns
    ]


def picture(tap: str, streams: Iterable[RestStream]) -> str:
    """Draw the tables of a tap as SVG."""
    boxes = {stream.name: Box(stream) for stream in streams}
    for box in boxes.values():
        if box.stream.parent:
            boxes[box.stream.parent.name].below.append(box)
    roots = [box for box in boxes.values() if not box.stream.parent]
    top: float = MARGIN + 3 * LINE
    for root in roots:
        if root.below:
            top = root.place(MARGIN, top) + GAP
    singles = [root for root in roots if not root.below]
    for number in range(0, len(singles), SINGLES):
        row = singles[number : number + SINGLES]
        top = max(box.place(MARGIN + place * (WIDTH + AISLE), top) for place, box in enumerate(row))
    width = max(box.x for box in boxes.values()) + WIDTH + MARGIN
    title = escape(f"{tap}: {len(boxes)} tables")
    size = f'width="{width:g}" height="{top:g}" viewBox="0 0 {width:g} {top:g}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>',
        f"<title>{title}</title>",
        f"<style>\n{STYLE}\n</style>",
        *_text(MARGIN, MARGIN, [("name", title), ("note", LEGEND)]),
        *(line for box in boxes.values() for line in _draw(box)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _draw(box: Box) -> Iterable[str]:
    for below in box.below:
        # From beneath the parent's name, down the aisle, to the child's name
        yield (
            f'<path d="M{box.x + WIDTH:g} {box.y + LINE:g}h{AISLE / 2:g}'
            f'V{below.y + LINE:g}H{below.x:g}"/>'
        )
    kind = "" if box.stream.selected_by_default else ' class="optional"'
    yield f'<rect x="{box.x:g}" y="{box.y:g}" width="{WIDTH}" height="{box.height:g}"{kind}/>'
    yield from _text(box.x + PADDING, box.y + PADDING, box.lines)


def _text(x: float, y: float, lines: list[tuple[str, str]]) -> Iterable[str]:
    for number, (kind, line) in enumerate(lines, start=1):
        baseline = y + number * LINE - 4
        yield f'<text x="{x:g}" y="{baseline:g}" class="{kind}">{escape(line)}</text>'
