"""From the bytes of an answer to what they say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from rest_tap.errors import TransientError

if TYPE_CHECKING:
    import requests


def json_of(response: requests.Response) -> Any:
    """Decode the body of an answer, once however often it is asked for.

    Raises:
        TransientError: If the body is empty, or not JSON: cut off, or a proxy's error page.
    """
    attributes = vars(response)
    if "decoded" not in attributes:
        try:
            attributes["decoded"] = _decoded(response.content)
        except (ValueError, RecursionError):
            kind = response.headers.get("Content-Type", "").partition(";")[0] or "no Content-Type"
            what = f"is not JSON ({kind})" if response.content.strip() else "is empty"
            raise TransientError(f"the answer {what}", response) from None
    if attributes["decoded"] is None:  # Never an empty list: that would say that all has vanished
        raise TransientError("the answer is null", response)
    return attributes["decoded"]


def _decoded(content: bytes) -> Any:
    """Decode JSON; half of a surrogate pair, as where a text was cut, becomes a question mark.

    Raises:
        ValueError: If it is not JSON.
    """
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError:
        text = json.dumps(json.loads(content), ensure_ascii=False)
        return msgspec.json.decode(text.encode(errors="replace"))
