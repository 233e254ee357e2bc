"""Parses the storage format, which is XML without the declarations that XML asks for."""

from __future__ import annotations

import html
import re
from html.entities import html5
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]*;)")
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PREFIX = re.compile(r"[<\s/]([A-Za-z_][\w.-]*):[A-Za-z_]")


def parse(body: str) -> Element:
    """Parse a body; prefixes that are not Confluence's and odd characters are no reason to fail."""
    if _ENTITY.search(body):
        body = _without_entities(body)
    try:
        return ET.fromstring(f'<body xmlns:ac="ac" xmlns:ri="ri">{body}</body>')  # noqa: S314
    except (ET.ParseError, UnicodeEncodeError):
        body = _NO_XML.sub("", body)
        prefixes = {"ac", "ri", *_PREFIX.findall(body)} - {"xml", "xmlns"}
        declared = " ".join(f'xmlns:{prefix}="{prefix}"' for prefix in sorted(prefixes))
        return ET.fromstring(f"<body {declared}>{body}</body>")  # noqa: S314


def _without_entities(body: str) -> str:
    """Replace the entities that HTML knows and XML does not, except in CDATA."""
    first, *rest = body.split("<![CDATA[")
    pieces = [_ENTITY.sub(_character, first)]
    for piece in rest:
        code, end, text = piece.partition("]]>")
        pieces.append(f"{code}{end}{_ENTITY.sub(_character, text)}")
    return "<![CDATA[".join(pieces)


def _character(entity: re.Match[str]) -> str:
    return html.escape(html5[entity[1]]) if entity[1] in html5 else entity[0]
