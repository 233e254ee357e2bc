"""The parts of a Markdown text (CommonMark with the tables, tasks and alerts of GitHub).

A line is a list of pieces, in which text is escaped already. A block is a text that stands
between empty lines.
"""

from __future__ import annotations

import re

from tap_confluence.markdown import escaping

_LINE_WITH_TEXT = re.compile(r"\n(?=[^\n])")
_LIST = re.compile(r"- |1\. ")
_LINE_ENDS = re.compile(r" *\n\s*")


# Pieces of a line


def add_text(line: list[str], text: str) -> None:
    """Add text, which stays text; white space between blocks is none."""
    if not text.isspace():
        line.append(escaping.inline(text))
    elif line:
        line.append(" ")


def add_mark(line: list[str], mark: str, closing: str, text: str) -> None:
    """Put marks around a text; white space stays outside, and a mark of the same kind goes on."""
    inner = text.strip()
    if not inner:
        line.append(text)
        return
    if text[0] != inner[0]:
        line.append(" ")
    if line and line[-1] == mark == closing:
        line[-1] = inner
    else:
        line += (mark, inner)
    line.append(closing)
    if text[-1] != inner[-1]:
        line.append(" ")


def add_code(line: list[str], code: str) -> None:
    """Add code; two pieces side by side would be one."""
    if line and line[-1][-1:] == "`":
        line.append(" ")
    line.append(escaping.code_span(code))


def link(text: str, address: str, label: str = "") -> str:
    """Write a link with this text, or with the label if there is none."""
    inner = text.strip() or escaping.inline(label or address)
    target = escaping.destination(address)
    if not target:
        return text or inner
    if target == inner and "://" in target:
        return f"<{target}>"
    if text[:1] == " " or text[-1:] == " ":
        return f"{' ' * (text[0] == ' ')}[{inner}]({target}){' ' * (text[-1] == ' ')}"
    return f"[{inner}]({target})"


def add_image(line: list[str], address: str, label: str, caption: str = "") -> None:
    """Add an image, and its caption in a line of its own."""
    if target := escaping.destination(address):
        line.append(f"![{escaping.inline(label)}]({target})")
    if caption:
        line.append("\n")
        add_mark(line, "*", "*", caption)
        line.append("\n")


def emoji(character: str, name: str) -> str:
    """Write an emoji: the character if there is one, else its name, such as `:tada:`."""
    return escaping.inline(character if character and character[0] != ":" else name)


# Blocks


def paragraph(text: str) -> str:
    """Make a block of a line, which may have line breaks; it can be empty."""
    text = text.strip()
    if "\n" in text:
        lines = [line for part in text.split("\n") if (line := part.strip())]
        return "  \n".join(map(escaping.line_start, lines))
    return escaping.line_start(text) if text[:1] in escaping.STARTS else text


def end_line(line: list[str], blocks: list[str]) -> None:
    """Make a block of what is in a line, if there is anything."""
    if line:
        if text := paragraph("".join(line)):
            blocks.append(text)
        line.clear()


def heading(text: str, level: int) -> str:
    """Write a heading."""
    text = " ".join(text.split())
    return f"{'#' * level} {text[:-1]}\\#" if text.endswith("#") else f"{'#' * level} {text}"


def bold(text: str) -> str:
    """Write a title that is no heading of the text."""
    return text if text.startswith("**") else f"**{text}**"


def code_block(code: str, language: str = "") -> str:
    """Write lines of code."""
    marks = escaping.fence(code, 3)
    word = next(iter(language.replace("`", "").split()), "")
    return f"{marks}{word}\n{code}\n{marks}"


def item(blocks: list[str], marker: str) -> str:
    """Write an item of a list, from its marker such as `- ` or `- [x] `."""
    if not blocks:
        return marker.rstrip()
    text, width = marker + blocks[0], marker.index(" ") + 1
    if "\n" in text:
        text = _LINE_WITH_TEXT.sub("\n" + " " * width, text)
    return lengthened(text, blocks[1:], width) if len(blocks) > 1 else text


def lengthened(text: str, blocks: list[str], indentation: int) -> str:
    """Add blocks to an item; lists follow closely."""
    added = "".join(f"\n{block}" if _LIST.match(block) else f"\n\n{block}" for block in blocks)
    return text + _LINE_WITH_TEXT.sub("\n" + " " * indentation, added)


def quote(blocks: list[str], alert: str = "") -> str:
    """Write what is set apart; an alert is one of GitHub's, such as NOTE."""
    text = "\n\n".join(blocks).replace("\n", "\n> ").replace("\n> \n", "\n>\n")
    return f"> [!{alert}]\n> {text}" if alert else f"> {text}"


def cell(blocks: list[str]) -> str:
    """Write a cell of a table, which is one line."""
    text = blocks[0] if len(blocks) == 1 else "\n".join(blocks)
    if "\n" in text:
        text = _LINE_ENDS.sub("<br>", text)
    return text.replace("|", "\\|") if "|" in text else text
