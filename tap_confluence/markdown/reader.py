"""What the readers of both formats share: blocks look otherwise in the cell of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_confluence.markdown import macros, writing
from tap_confluence.markdown.escaping import code_span, inline
from tap_confluence.markdown.writing import end_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_confluence.markdown.tables import Table

DEEPEST = 60  # What is nested deeper is not read: each line would begin with its indentation

Line = list[str]
Blocks = list[str]


class Reader:
    """Adds blocks. Whatever adds one ends the line before."""

    def __init__(self) -> None:
        self.cells = 0
        """How many cells the reader is in; they hold lines, and no blocks."""
        self.depth = 0
        """How much the reader is in that indents its lines."""

    def add_heading(self, line: Line, level: int, blocks: Blocks) -> None:
        """Make a heading of a line."""
        text = "".join(line).strip()
        line.clear()
        if text:
            blocks.append(writing.bold(text) if self.cells else writing.heading(text, level))

    def add_code(self, code: str, language: str, line: Line, blocks: Blocks) -> None:
        """Add lines of code."""
        end_line(line, blocks)
        code = code.replace("\r\n", "\n").strip("\n")
        if self.cells:
            blocks += map(code_span, code.split("\n"))
        else:
            blocks.append(writing.code_block(code, language))

    def add_quote(self, inner: Blocks, alert: str, line: Line, blocks: Blocks) -> None:
        """Add what is set apart; an alert is one of GitHub's, such as NOTE."""
        end_line(line, blocks)
        if self.cells:
            blocks += [f"**{alert.capitalize()}**", *inner] if alert else inner
        elif inner:
            blocks.append(writing.quote(inner, alert))

    def add_title(self, parameters: Mapping[str, str], line: Line, blocks: Blocks) -> None:
        """Add the title of a macro, which is no heading of the text."""
        title = parameters.get("title")
        if title and (text := inline(title).strip()):
            end_line(line, blocks)
            blocks.append(f"**{text}**")

    def add_rich_macro(
        self,
        name: str,
        parameters: Mapping[str, str],
        content: Blocks,
        line: Line,
        blocks: Blocks,
    ) -> None:
        """Add a macro that contains text."""
        if name in macros.ALERTS:
            inner: Blocks = []
            self.add_title(parameters, [], inner)
            self.add_quote(inner + content, macros.ALERTS[name], line, blocks)
        else:
            self.add_title(parameters, line, blocks)
            end_line(line, blocks)
            blocks += content

    def cell(self, content: Blocks) -> str:
        """Make one line of what a cell contains."""
        if self.cells == 1:
            return writing.cell(content)
        return " ".join(content)

    def add_table(self, table: Table, line: Line, blocks: Blocks) -> None:
        """Add a table."""
        end_line(line, blocks)
        if lines := table.as_lines() if self.cells else table.as_markdown():
            blocks.append("\n".join(lines))
