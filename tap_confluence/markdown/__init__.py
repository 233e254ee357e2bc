"""Makes Markdown of bodies, which Confluence knows in two formats of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import MsgspecError

from tap_confluence.markdown import plain
from tap_confluence.markdown.adf import adf_to_markdown
from tap_confluence.markdown.storage import storage_to_markdown

if TYPE_CHECKING:
    from collections.abc import Mapping

UNREADABLE = (ValueError, LookupError, TypeError, SyntaxError, RecursionError, MsgspecError)


def body_to_markdown(body: Mapping[str, Any] | None) -> tuple[str | None, bool]:
    """Translate the body of a row, which has a value for each format that was sent.

    The storage format counts; where it is empty, the Atlassian Document Format.

    Returns:
        The Markdown, or None if there is no body; and whether it could be read. If not, its plain
        text stands for it.
    """
    storage, document = _value(body, "storage"), _value(body, "atlas_doc_format")
    if not storage and not document:
        return storage, True
    try:
        return storage_to_markdown(storage) if storage else adf_to_markdown(document), True
    except UNREADABLE:
        return plain.text_of(storage or document), False


def _value(body: Mapping[str, Any] | None, representation: str) -> str | None:
    found = body.get(representation) if isinstance(body, dict) else None
    value = found.get("value") if isinstance(found, dict) else None
    return value.strip() if isinstance(value, str) else None
