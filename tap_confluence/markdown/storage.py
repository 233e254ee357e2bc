"""Confluence's storage format: XHTML, with elements of its own for what HTML has not."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree.ElementTree import Element

from tap_confluence.markdown import macros, writing
from tap_confluence.markdown.escaping import inline, is_special
from tap_confluence.markdown.parsing import parse
from tap_confluence.markdown.reader import DEEPEST, Blocks, Line, Reader
from tap_confluence.markdown.references import reference, spelled_out
from tap_confluence.markdown.tables import Table
from tap_confluence.markdown.writing import add_text, end_line, paragraph

_NUMBER = re.compile(r"[0-9]{1,5}")


def storage_to_markdown(body: str) -> str:
    """Translate a body.

    Raises:
        ParseError: If it is not well-formed XML. With a document type, which could name entities
            or files, it is not: it is read as what an element contains.
        RecursionError: If it is nested too deeply.
    """
    return "\n\n".join(_StorageReader().flow(parse(body)))


class _StorageReader(Reader):
    """Makes blocks of elements. Each method adds to the line that is being written, or ends it."""

    def __init__(self) -> None:
        super().__init__()
        self._marks: set[str] = set()

    def flow(self, element: Element) -> Blocks:
        """Read what contains blocks, or a line."""
        if len(element) == 1 and element[0].tag == "p" and not (element.text or element[0].tail):
            element = element[0]
        if not len(element):  # Most items and cells
            text = paragraph(inline(element.text or ""))
            return [text] if text else []
        line: Line = []
        blocks: Blocks = []
        self.depth += 1
        if self.depth > DEEPEST:
            raise RecursionError("nested too deeply")
        self.children(element, line, blocks)
        self.depth -= 1
        if line:
            end_line(line, blocks)
        return blocks

    def children(self, element: Element, line: Line, blocks: Blocks) -> None:
        """Read what an element contains."""
        if text := element.text:
            if is_special(text):
                add_text(line, text)
            else:
                line.append(text)
        for child in element:
            if handler := _HANDLERS.get(child.tag):
                handler(self, child, line, blocks)
            else:
                self.children(child, line, blocks)
            if text := child.tail:
                if is_special(text):
                    add_text(line, text)
                else:
                    line.append(text)

    def skip(self, element: Element, line: Line, blocks: Blocks) -> None:
        """Leave out what nobody reads."""

    # Blocks of HTML

    def block(self, element: Element, line: Line, blocks: Blocks) -> None:
        """Read what does not go on in the same line, such as p."""
        if line:
            end_line(line, blocks)
        if len(element):
            self.children(element, line, blocks)
            if line:
                end_line(line, blocks)
        elif text := paragraph(inline(element.text or "")):
            blocks.append(text)

    def heading(self, element: Element, line: Line, blocks: Blocks) -> None:
        """Read h1 to h6."""
        end_line(line, blocks)
        self.children(element, line, blocks)
        self.add_heading(line, int(element.tag[1]), blocks)

    def list(self, element: Element, line: Line, blocks: Blocks) -> None:
        """Read ul, ol and ac:task-list. A list between its items belongs to the one before."""
        end_line(line, blocks)
        items: list[str] = []
        number = _number(element.get("start"))
        for child in element:
            marker = f"{number}. " if element.tag == "ol" else "- "
            if child.tag in _LISTS and items:
                inner: Blocks = []
                self.list(child, [], inner)
                items[-1] = writing.lengthened(items[-1], inner, len(marker))
                continue
            if child.tag == "{ac}task":
                items.append(self._task(child))
            else:
                items.append(writing.item(self.flow(child), marker))
            number += 1
        if items:
            blocks.append("\n".join(items))

    def _task(self, element: Element) -> str:
        is_done = element.findtext("{ac}task-status") == "complete"
        body = element.find("{ac}task-body")
        content = [] if body is None else self.flow(body)
        return writing.item(content, "- [x] " if is_done else "- [ ] ")

    def item(self, element: Element, line: Line, blocks: Blocks) -> None:
        """Read li outside of a list."""
        end_line(line, blocks)
        blocks.append(writing.item(self.flow(element), "- "))

    def quote(self, element: Element, line: Line, blocks: Blocks) -> None:
        """Read blockquote."""
        self.add_quote(self.flow(element), "", line, blocks)

    def preformatted(self, element: Element, line: Line, blocks: Blocks) -> None:
        """Read pre."""
        self.add_code("".join(element.itertext()), "", line, blocks)

    def rule(self, element: Element, line: Line, blocks: Blocks) -> None:  # noqa: ARG002
        """Read hr."""
        end_line(line, blocks)
        blocks.append("---")

    def table(self, element: Element, line: Line, blocks: Blocks) -> None:
        """Read table."""
        table = Table()
        self.cells += 1
        for part in element:
            for row in (part,) if part.tag == "tr" else part:
                if row.tag == "tr":
                    self._row(row, table)
        self.cells -= 1
        self.add_table(table, line, blocks)

    def _row(self, row: Element, table: Table) -> None:
        table.add_row()
        is_header = True
        for cell in row:
            is_header = is_header and cell.tag == "th"
            columns, rows = cell.get("colspan"), cell.get("rowspan")
            spans = (_number(columns), _number(rows)) if columns or rows else ()
            table.add_cell(self.cell(self.flow(cell)), *spans)
        if is_header:
            table.mark_header()

    # Pieces of a line of HTML

    def mark(self, element: Element, line: Line, blocks: Blocks) -> None:
        """Read what is emphasized; emphasis inside of the same is none."""
        mark, closing = _MARKS[element.tag]
        if mark in self._marks:
            self.children(element, line, blocks)
            return
        self._marks.add(mark)
        inner: Line = []
        self.children(element, inner, blocks)
        self._marks.discard(mark)
        writing.add_mark(line, mark, closing, "".join(inner))

    def code(self, element: Element, line: Line, blocks: Blocks) -> None:  # noqa: ARG002
        """Read code."""
        writing.add_code(line, "".join(element.itertext()))

    def line_break(self, element: Element, line: Line, blocks: Blocks) -> None:  # noqa: ARG002
        """Read br."""
        line.append("\n")

    def anchor(self, element: Element, line: Line, blocks: Blocks) -> None:
        """Read a."""
        self._add_link(element, element.get("href", ""), "", line, blocks)

    def _add_link(
        self, body: Element | None, address: str, label: str, line: Line, blocks: Blocks
    ) -> None:
        """Add a link; one inside of another is only its text."""
        inner: Line = []
        if body is not None:
            is_inside = "[" in self._marks
            self._marks.add("[")
            self.children(body, inner, blocks)
            if is_inside:
                line += inner
                return
            self._marks.discard("[")
        line.append(writing.link("".join(inner), address, label))

    def time(self, element: Element, line: Line, blocks: Blocks) -> None:  # noqa: ARG002
        """Read time."""
        line.append(inline(element.get("datetime") or "".join(element.itertext())))

    # Confluence's own

    def link(self, element: Element, line: Line, blocks: Blocks) -> None:
        """Read ac:link: to a page, a file, a person, or a place in the same page."""
        address = label = ""
        body = None
        for part in element:
            if part.tag in _LINK_BODIES:
                body = part
            else:
                address, label = reference(part)
        if place := element.get("{ac}anchor"):
            address, label = f"{address}#{place}", label or place
        self._add_link(body, address, label, line, blocks)

    def image(self, element: Element, line: Line, blocks: Blocks) -> None:
        """Read ac:image."""
        address = label = ""
        caption: Line = []
        for part in element:
            if part.tag == "{ac}caption":
                for inner in part:
                    self.children(inner, caption, blocks)
            else:
                address, label = reference(part)
        label = "" if "://" in address else label
        label = element.get("{ac}alt") or element.get("{ac}title") or label
        writing.add_image(line, address, label, "".join(caption))

    def emoticon(self, element: Element, line: Line, blocks: Blocks) -> None:  # noqa: ARG002
        """Read ac:emoticon: as a character if there is one, else by name."""
        name = element.get("{ac}emoji-shortname") or f":{element.get('{ac}name', '')}:"
        line.append(writing.emoji(element.get("{ac}emoji-fallback", ""), name))

    def macro(self, element: Element, line: Line, blocks: Blocks) -> None:
        """Read ac:structured-macro."""
        name = element.get("{ac}name", "")
        parameters: dict[str, str] = {}
        code = body = file = None
        for part in element:
            if part.tag in _PARAMETERS:
                key = part.get("{ac}name", "")
                parameters[key] = spelled_out(part) if len(part) else part.text or ""
                if len(part) and part[0].tag == "{ri}attachment":
                    file = part[0]
            elif part.tag == "{ac}plain-text-body":
                code = part.text or ""
            elif part.tag == "{ac}rich-text-body":
                body = part
        if body is not None:
            self.add_rich_macro(name, parameters, self.flow(body), line, blocks)
        elif code is not None:
            self.add_title(parameters, line, blocks)
            self.add_code(code, macros.language(name, parameters), line, blocks)
        elif file is not None:
            line.append(writing.link("", *reference(file)))
        else:
            macros.add_bodyless(line, name, parameters)

    def extension(self, element: Element, line: Line, blocks: Blocks) -> None:
        """Read ac:adf-extension: what only the newer editor knows, and how the older shows it."""
        node, fallback = element.find("{ac}adf-node"), element.find("{ac}adf-fallback")
        if node is not None and node.get("type") == "panel":
            kind = node.findtext("{ac}adf-attribute[@key='panel-type']", "")
            self.add_quote(self.flow(node), macros.ALERTS_OF_PANELS.get(kind, ""), line, blocks)
        elif content := self.flow(element if fallback is None else fallback):
            end_line(line, blocks)
            blocks += content
        elif node is not None:
            key = node.findtext("{ac}adf-attribute[@key='extension-key']", "")
            name = key.rpartition("/")[2] or node.get("type", "")
            macros.add_bodyless(line, name, {})


def _number(text: str | None) -> int:
    """Read a number from 1 on; 1 if it is none."""
    return max(1, int(text)) if text and _NUMBER.fullmatch(text) else 1


_Handler = Callable[[_StorageReader, Element, Line, Blocks], None]
_LISTS = {"ul", "ol", "{ac}task-list"}
_PARAMETERS = {"{ac}parameter", "{ac}default-parameter"}
_LINK_BODIES = {"{ac}link-body", "{ac}plain-text-link-body"}
_MARKS = {
    **dict.fromkeys(("strong", "b"), ("**", "**")),
    **dict.fromkeys(("em", "i"), ("*", "*")),
    **dict.fromkeys(("del", "s", "strike"), ("~~", "~~")),
    "sub": ("<sub>", "</sub>"),
    "sup": ("<sup>", "</sup>"),
}
_HANDLERS: dict[str, _Handler] = {
    **dict.fromkeys(("p", "div", "dt", "dd", "{ac}layout-cell"), _StorageReader.block),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _StorageReader.heading),
    **dict.fromkeys(_LISTS, _StorageReader.list),
    **dict.fromkeys(_MARKS, _StorageReader.mark),
    **dict.fromkeys(("{ac}structured-macro", "{ac}macro"), _StorageReader.macro),
    **dict.fromkeys(("{ac}placeholder", "{ac}adf-attribute"), _StorageReader.skip),
    "li": _StorageReader.item,
    "blockquote": _StorageReader.quote,
    "pre": _StorageReader.preformatted,
    "hr": _StorageReader.rule,
    "table": _StorageReader.table,
    "code": _StorageReader.code,
    "br": _StorageReader.line_break,
    "a": _StorageReader.anchor,
    "time": _StorageReader.time,
    "{ac}link": _StorageReader.link,
    "{ac}image": _StorageReader.image,
    "{ac}emoticon": _StorageReader.emoticon,
    "{ac}adf-extension": _StorageReader.extension,
}
