"""The Atlassian Document Format: JSON, in which text has marks, and all else is a node."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import msgspec

from tap_confluence.markdown import macros, writing
from tap_confluence.markdown.escaping import inline
from tap_confluence.markdown.reader import DEEPEST, Blocks, Line, Reader
from tap_confluence.markdown.tables import Table
from tap_confluence.markdown.writing import end_line


class _Mark(msgspec.Struct):
    type: str = ""
    attrs: dict[str, Any] | None = None


class _Node(msgspec.Struct):
    type: str = ""
    text: str = ""
    content: list[_Node] | None = None
    marks: list[_Mark] | None = None
    attrs: dict[str, Any] | None = None

    def get(self, name: str) -> str:
        """Read an attribute as text; nothing if it is not there."""
        value = (self.attrs or {}).get(name)
        return str(value) if isinstance(value, str | int) else ""

    def number(self, name: str) -> int:
        """Read an attribute that is a number from 1 on; 1 if it is not there."""
        value = (self.attrs or {}).get(name)
        return value if isinstance(value, int) and value > 0 else 1

    def all_text(self) -> str:
        """Read the text of a node that has no other content, such as code."""
        return self.text + "".join(node.text for node in self.content or ())


_decode = msgspec.json.Decoder(_Node).decode


def adf_to_markdown(body: str) -> str:
    """Translate a body.

    Raises:
        MsgspecError: If it is no such document.
        RecursionError: If it is nested too deeply.
    """
    return "\n\n".join(_AdfReader().flow(_decode(body)))


class _AdfReader(Reader):
    """Makes blocks of nodes. Each method adds to the line that is being written, or ends it."""

    def flow(self, node: _Node) -> Blocks:
        """Read what contains blocks, or a line."""
        line: Line = []
        blocks: Blocks = []
        self.depth += 1
        if self.depth > DEEPEST:
            raise RecursionError("nested too deeply")
        self.nodes(node.content or (), frozenset(), line, blocks)
        self.depth -= 1
        end_line(line, blocks)
        return blocks

    def nodes(
        self, nodes: Iterable[_Node], done: frozenset[str], line: Line, blocks: Blocks
    ) -> None:
        """Read nodes in a row; a mark that some have together is put around them once."""

        def mark_of(node: _Node) -> tuple[str, str] | None:
            return _mark(node, done) if node.marks else None

        for mark, group in groupby(nodes, mark_of):
            if mark is None:
                for node in group:
                    _HANDLERS.get(node.type, _AdfReader.other)(self, node, line, blocks)
                continue
            kind, value = mark
            inner: Line = []
            self.nodes(group, done | {kind}, inner, blocks)
            if kind == "link":
                line.append(writing.link("".join(inner), value))
            else:
                writing.add_mark(line, *_MARKS[kind, value], "".join(inner))

    def other(self, node: _Node, line: Line, blocks: Blocks) -> None:
        """Read a node that only holds others, or is not known."""
        if node.content:
            self.nodes(node.content, frozenset(), line, blocks)
        elif text := node.text or node.get("text"):
            line.append(inline(text))

    def skip(self, node: _Node, line: Line, blocks: Blocks) -> None:
        """Leave out what nobody reads."""

    # Blocks

    def block(self, node: _Node, line: Line, blocks: Blocks) -> None:
        """Read what does not go on in the same line, such as a paragraph."""
        end_line(line, blocks)
        self.nodes(node.content or (), frozenset(), line, blocks)
        end_line(line, blocks)

    def heading(self, node: _Node, line: Line, blocks: Blocks) -> None:
        """Read heading."""
        end_line(line, blocks)
        self.nodes(node.content or (), frozenset(), line, blocks)
        self.add_heading(line, min(node.number("level"), 6), blocks)

    def list(self, node: _Node, line: Line, blocks: Blocks) -> None:
        """Read bulletList, orderedList, taskList, decisionList and mediaGroup."""
        end_line(line, blocks)
        items: list[str] = []
        number = node.number("order")
        for child in node.content or ():
            marker = f"{number}. " if node.type == "orderedList" else "- "
            if child.type == node.type and items:
                inner: Blocks = []
                self.list(child, [], inner)
                items[-1] = writing.lengthened(items[-1], inner, len(marker))
                continue
            if child.type in {"taskItem", "blockTaskItem"}:
                marker = "- [x] " if child.get("state") == "DONE" else "- [ ] "
            items.append(writing.item(self._item(child), marker))
            number += 1
        if items:
            blocks.append("\n".join(items))

    def _item(self, node: _Node) -> Blocks:
        return [_file_link(node)] if node.type == "media" else self.flow(node)

    def quote(self, node: _Node, line: Line, blocks: Blocks) -> None:
        """Read blockquote and panel."""
        alert = macros.ALERTS_OF_PANELS.get(node.get("panelType"), "")
        self.add_quote(self.flow(node), alert, line, blocks)

    def code_block(self, node: _Node, line: Line, blocks: Blocks) -> None:
        """Read codeBlock."""
        self.add_code(node.all_text(), node.get("language"), line, blocks)

    def expand(self, node: _Node, line: Line, blocks: Blocks) -> None:
        """Read expand and nestedExpand."""
        self.add_title({"title": node.get("title")}, line, blocks)
        self.block(node, line, blocks)

    def rule(self, node: _Node, line: Line, blocks: Blocks) -> None:  # noqa: ARG002
        """Read rule."""
        end_line(line, blocks)
        blocks.append("---")

    def table(self, node: _Node, line: Line, blocks: Blocks) -> None:
        """Read table."""
        table = Table()
        self.cells += 1
        for row in node.content or ():
            table.add_row()
            cells = row.content or []
            for cell in cells:
                spans = cell.number("colspan"), cell.number("rowspan")
                table.add_cell(self.cell(self.flow(cell)), *spans)
            if all(cell.type == "tableHeader" for cell in cells):
                table.mark_header()
        self.cells -= 1
        self.add_table(table, line, blocks)

    # Pieces of a line

    def text(self, node: _Node, line: Line, blocks: Blocks) -> None:  # noqa: ARG002
        """Read text, whose other marks were put around it already."""
        if any(mark.type == "code" for mark in node.marks or ()):
            writing.add_code(line, node.text)
        else:
            line.append(inline(node.text))

    def line_break(self, node: _Node, line: Line, blocks: Blocks) -> None:  # noqa: ARG002
        """Read hardBreak."""
        line.append("\n")

    def mention(self, node: _Node, line: Line, blocks: Blocks) -> None:  # noqa: ARG002
        """Read mention: the name, where the document tells it."""
        name = (node.get("text") or node.get("id")).removeprefix("@")
        line.append(writing.link("", f"user:{node.get('id')}", f"@{name}"))

    def emoji(self, node: _Node, line: Line, blocks: Blocks) -> None:  # noqa: ARG002
        """Read emoji."""
        line.append(writing.emoji(node.get("text"), node.get("shortName")))

    def status(self, node: _Node, line: Line, blocks: Blocks) -> None:  # noqa: ARG002
        """Read status."""
        writing.add_code(line, node.get("text"))

    def date(self, node: _Node, line: Line, blocks: Blocks) -> None:  # noqa: ARG002
        """Read date, whose timestamp is in milliseconds."""
        timestamp = node.get("timestamp")
        try:
            day = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(timestamp))
        except (ValueError, OverflowError):
            line.append(inline(timestamp))
        else:
            line.append(day.date().isoformat())

    def card(self, node: _Node, line: Line, blocks: Blocks) -> None:  # noqa: ARG002
        """Read inlineCard, blockCard and embedCard: links that are shown as what they lead to."""
        data = (node.attrs or {}).get("data")
        address = node.get("url") or (str(data.get("url", "")) if isinstance(data, dict) else "")
        line.append(writing.link("", address))

    def media(self, node: _Node, line: Line, blocks: Blocks) -> None:  # noqa: ARG002
        """Read media, which is an image."""
        name = node.get("url") or node.get("__fileName") or node.get("alt") or node.get("id")
        label = node.get("alt") or ("" if node.get("url") else name)
        writing.add_image(line, name, label)

    def inline_media(self, node: _Node, line: Line, blocks: Blocks) -> None:
        """Read mediaInline: a file, or an image."""
        if node.get("type") == "image":
            self.media(node, line, blocks)
        else:
            line.append(_file_link(node))

    def caption(self, node: _Node, line: Line, blocks: Blocks) -> None:
        """Read caption, which follows an image."""
        inner: Line = []
        self.nodes(node.content or (), frozenset(("em",)), inner, blocks)
        line.append("\n")
        writing.add_mark(line, "*", "*", "".join(inner))

    # Macros

    def extension(self, node: _Node, line: Line, blocks: Blocks) -> None:
        """Read extension and bodiedExtension, which do not go on in the same line."""
        end_line(line, blocks)
        self.inline_extension(node, line, blocks)
        end_line(line, blocks)

    def inline_extension(self, node: _Node, line: Line, blocks: Blocks) -> None:
        """Read inlineExtension: a macro, or an app's own."""
        name, parameters = node.get("extensionKey").rpartition("/")[2], _parameters(node)
        if node.content:
            self.add_rich_macro(name, parameters, self.flow(node), line, blocks)
        else:
            macros.add_bodyless(line, name, parameters)


def _mark(node: _Node, done: frozenset[str]) -> tuple[str, str] | None:
    """Find the outermost mark of a node that is not yet put around it."""
    for kind in _KINDS_OF_MARKS:
        if kind not in done:
            for mark in node.marks or ():
                if mark.type == kind:
                    attributes = mark.attrs or {}
                    if kind == "link":
                        return kind, str(attributes.get("href") or "")
                    value = str(attributes.get("type") or "") if kind == "subsup" else ""
                    if (kind, value) in _MARKS:
                        return kind, value
    return None


def _file_link(node: _Node) -> str:
    name = node.get("__fileName") or node.get("alt") or node.get("id")
    return writing.link("", name)


def _parameters(node: _Node) -> dict[str, str]:
    """Read the parameters of a macro."""
    given = (node.attrs or {}).get("parameters")
    macro = given.get("macroParams") if isinstance(given, dict) else None
    if not isinstance(macro, dict):
        return {}
    values = ((key, value.get("value")) for key, value in macro.items() if isinstance(value, dict))
    return {key: str(value) for key, value in values if isinstance(value, str | int)}


_Handler = Callable[[_AdfReader, _Node, Line, Blocks], None]
_KINDS_OF_MARKS = ("link", "strong", "em", "strike", "subsup")  # The outermost first
_MARKS = {
    ("strong", ""): ("**", "**"),
    ("em", ""): ("*", "*"),
    ("strike", ""): ("~~", "~~"),
    ("subsup", "sub"): ("<sub>", "</sub>"),
    ("subsup", "sup"): ("<sup>", "</sup>"),
}
_HANDLERS: dict[str, _Handler] = {
    **dict.fromkeys(("paragraph", "layoutColumn", "mediaSingle"), _AdfReader.block),
    **dict.fromkeys(("bulletList", "orderedList", "taskList"), _AdfReader.list),
    **dict.fromkeys(("decisionList", "mediaGroup"), _AdfReader.list),
    **dict.fromkeys(("blockquote", "panel"), _AdfReader.quote),
    **dict.fromkeys(("expand", "nestedExpand"), _AdfReader.expand),
    **dict.fromkeys(("inlineCard", "blockCard", "embedCard"), _AdfReader.card),
    **dict.fromkeys(("extension", "bodiedExtension"), _AdfReader.extension),
    "inlineExtension": _AdfReader.inline_extension,
    "heading": _AdfReader.heading,
    "codeBlock": _AdfReader.code_block,
    "rule": _AdfReader.rule,
    "table": _AdfReader.table,
    "text": _AdfReader.text,
    "hardBreak": _AdfReader.line_break,
    "mention": _AdfReader.mention,
    "emoji": _AdfReader.emoji,
    "status": _AdfReader.status,
    "date": _AdfReader.date,
    "media": _AdfReader.media,
    "mediaInline": _AdfReader.inline_media,
    "caption": _AdfReader.caption,
    "placeholder": _AdfReader.skip,
}
