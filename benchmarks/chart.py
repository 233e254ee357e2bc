"""Draw the first table of RESULTS.md, as `make bench` does at its end."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

RESULTS = Path(__file__).with_name("RESULTS.md")
PICTURE = RESULTS.with_name("chart.svg")
LABELS, BARS, ROW, TOP = 220, 420, 28, 44  # Pixels
STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: bold }
.bar { fill: #8c959f }
.ours { fill: #1a7f37 }"""


def first_table(text: str) -> tuple[str, list[tuple[str, float]]]:
    """Read the first case's title, and the tools with their seconds."""
    section = text.split("\n## ")[1]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    measured = [(row[0], float(row[1])) for row in rows if len(row) > len(("asked", "got", "is"))]
    return section.splitlines()[0], measured


def draw(title: str, measured: list[tuple[str, float]]) -> str:
    """Draw a bar for each tool, ours set off."""
    longest = max(seconds for _, seconds in measured)
    height = TOP + ROW * len(measured) + 10
    width = LABELS + BARS + 80
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}">',
        f"<title>{escape(title)}</title><style>\n{STYLE}\n</style>",
        f'<text class="title" x="10" y="22">{escape(title)}: seconds</text>',
    ]
    for number, (tool, seconds) in enumerate(measured):
        y, kind = TOP + ROW * number, "bar ours" if number == 0 else "bar"
        length = BARS * seconds / longest
        parts += [
            f'<text x="{LABELS - 8}" y="{y + 14}" text-anchor="end">{escape(tool)}</text>',
            f'<rect class="{kind}" x="{LABELS}" y="{y}" width="{length:.0f}" height="20"/>',
            f'<text x="{LABELS + length + 8:.0f}" y="{y + 14}">{seconds:.1f}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(draw(*first_table(RESULTS.read_text())))


if __name__ == "__main__":
    main()
