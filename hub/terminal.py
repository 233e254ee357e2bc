"""Draw what a terminal shows: `make demo | .venv/bin/python -m hub.terminal > demo.svg`."""

from __future__ import annotations

import sys
from xml.sax.saxutils import escape

LINE, LETTER, MARGIN, BAR = 17, 7.25, 18, 28  # Pixels
STYLE = """\
rect { fill: #161b22; rx: 8px }
text { font: 12px ui-monospace, Menlo, Consolas, monospace; fill: #c9d1d9; white-space: pre }
.command { fill: #7ee787; font-weight: bold }
circle { fill: #484f58 }"""


def terminal(text: str) -> str:
    """Draw lines of text, with commands (that begin with $) set off, as SVG."""
    lines = text.rstrip().splitlines()
    width = 2 * MARGIN + max(map(len, lines)) * LETTER
    height = BAR + len(lines) * LINE + MARGIN
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width:g} {height:g}">',
        f"<title>{escape(lines[0])}</title>",
        f"<style>\n{STYLE}\n</style>",
        f'<rect width="{width:g}" height="{height:g}"/>',
        *(f'<circle cx="{MARGIN + 16 * n}" cy="14" r="5"/>' for n in range(3)),
    ]
    for number, line in enumerate(lines, start=1):
        kind = ' class="command"' if line.startswith("$ ") else ""
        y = BAR + number * LINE - 4
        drawn.append(f'<text x="{MARGIN}" y="{y}" xml:space="preserve"{kind}>{escape(line)}</text>')
    return "\n".join([*drawn, "</svg>"]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(terminal(sys.stdin.read()))
