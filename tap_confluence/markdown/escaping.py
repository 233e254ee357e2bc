"""Text that stays text in Markdown: whatever it holds, it starts no link, table, list or HTML."""

from __future__ import annotations

import re

is_special = re.compile(r"[*_`~\[\]<&\\\n\t\r\f\xa0]").search
"""Tells whether a text may hold what `inline` changes."""
_has_odd_space = re.compile(r"[\n\t\r\f\xa0]").search
_SPACES = re.compile(r"[ \n\t\r\f\xa0]+")
_ALWAYS = "*`~[]"
"""What is escaped wherever it stands; `str.replace` is faster than an expression."""
_AT_TIMES = re.compile(
    r"_(?:(?<![^\W_]_)|(?![^\W_]))"  # Inside of a word it is only a letter
    r"|<(?=[A-Za-z/!?])"
    r"|&(?=#?\w+;)"
)
_BACKSLASH = re.compile(r"\\(?=[!-/:-@\[-`{-~]|$)")
STARTS = frozenset("#-+>=|:0123456789")
"""The characters of which a line that `line_start` changes begins with one."""
_START = re.compile(r"(?:#{1,6}(?= |$)|[-+](?=[ |-]|$)|>|=+ *$|\||:-)|(\d{1,9})([.)])(?= |$)")
_BACKTICKS = re.compile("`+")
_IN_BRACKETS = re.compile(r"[<>\\]")
_LOOKS_LIKE_ENTITY = re.compile(r"&(?=#?\w+;)")
_is_no_word = re.compile(r"[ ()<>\\\"&\n\t\r\f\xa0]").search
_ENCODED = {ord(character): f"%{ord(character):02X}" for character in ' ()<>\\"'}
_ACTIVE_SCHEMES = ("javascript:", "vbscript:", "data:")


def inline(text: str) -> str:
    """Escape what would be markup anywhere in a line; white space becomes single spaces."""
    if not is_special(text):
        return text
    if _has_odd_space(text):
        text = _SPACES.sub(" ", text)
    if "\\" in text:
        text = _BACKSLASH.sub(_escaped, text)
    for character in _ALWAYS:
        if character in text:
            text = text.replace(character, f"\\{character}")
    if "_" in text or "<" in text or "&" in text:
        text = _AT_TIMES.sub(_escaped, text)
    return text


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


def line_start(line: str) -> str:
    """Escape what would be markup only at the beginning of a line."""
    if found := _START.match(line):
        at = found.start(2) if found[2] else 0
        return f"{line[:at]}\\{line[at:]}"
    return line


def fence(code: str, shortest: int) -> str:
    """Return so many backticks that the code cannot end them."""
    longest = max(map(len, _BACKTICKS.findall(code)), default=0) if "`" in code else 0
    return "`" * max(shortest, longest + 1)


def code_span(code: str) -> str:
    """Write code inside of a line."""
    code = " ".join(code.split())
    if "`" in code:
        marks = fence(code, 1)
        return f"{marks} {code} {marks}"
    return f"`{code}`" if code else ""


def destination(address: str) -> str:
    """Write where a link leads: an address, or a name, which may have spaces; nothing if unsafe."""
    if _is_no_word(address):
        address = " ".join(address.split())
        if "://" in address:
            address = address.translate(_ENCODED)
        else:
            escaped = _IN_BRACKETS.sub(_escaped, address)
            address = f"<{escaped}>"
        if "&" in address:
            address = _LOOKS_LIKE_ENTITY.sub(r"\&", address)
    return "" if address.lower().lstrip("<").startswith(_ACTIVE_SCHEMES) else address
