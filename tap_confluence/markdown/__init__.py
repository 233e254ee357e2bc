"""Makes Markdown of bodies, which Confluence knows in two formats of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import MsgspecError

from tap_confluence.markdown.adf import adf_to_markdown
from tap_confluence.markdown.plain import text_of
from tap_confluence.markdown.storage import storage_to_markdown

if TYPE_CHECKING:
    from collections.abc import Mapping

UNREADABLE = (SyntaxError, ValueError, RecursionError, MsgspecError)


def body_to_markdown(body: Mapping[str, Any] | None) -> tuple[str | None, bool]:
    """Translate the body of a row, which has a value for each format that was sent.

    The storage format counts; where it is empty, the Atlassian Document Format.

    Returns:
        The Markdown, or None if there is no body; and whether it could be read. If not, its plain
        text stands for it.
    """
    body = body if isinstance(body, dict) else {}
    storage, document = _value(body, "storage"), _value(body, "atlas_doc_format")
    try:
        if storage or not document:
            return storage and storage_to_markdown(storage), True
        return adf_to_markdown(document), True
    except UNREADABLE:
        return text_of(storage or document or ""), False


def _value(body: Mapping[str, Any], representation: str) -> str | None:
    """Read one format of a body; None if it was not sent."""
    found = body.get(representation)
    value = found.get("value") if isinstance(found, dict) else None
    return value.strip() if isinstance(value, str) else None
