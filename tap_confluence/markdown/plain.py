"""The text of a body that cannot be read: without its tags, and without what it means."""

from __future__ import annotations

import html
import re

import msgspec

from tap_confluence.markdown.escaping import inline
from tap_confluence.markdown.writing import paragraph

_BLOCK = re.compile(r"</?(?:p|div|h[1-6]|[uo]l|li|table|t[rdh]|br|ac:[\w-]+)\b[^<>]*>")
_TAG = re.compile(r"<[^<>]*>")  # Never looks further than to the next one
_TEXT_OF_NODE = re.compile(r'"text"\s*:\s*("(?:[^"\\]|\\.)*")')


def text_of(body: str) -> str:
    """Take the text out of a body of any format; what it says is escaped, as all text is."""
    if body[:1] in "{[" and (found := _TEXT_OF_NODE.findall(body)):
        lines = [_string(text) for text in found]
    else:
        body = body.replace("<![CDATA[", "").replace("]]>", "")
        lines = html.unescape(_TAG.sub("", _BLOCK.sub("\n", body))).split("\n")
    return "\n\n".join(filter(None, (paragraph(inline(line)) for line in lines)))


def _string(written: str) -> str:
    try:
        return msgspec.json.decode(written, type=str)
    except msgspec.MsgspecError:
        return written[1:-1]
