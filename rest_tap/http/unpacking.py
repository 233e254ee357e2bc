"""From the bytes that were sent to those that were meant, and never more than were asked for."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from requests.exceptions import ContentDecodingError

if TYPE_CHECKING:
    from rest_tap.http.limits import Limits

GZIP, ZLIB, BARE = 31, 15, -15  # As zlib names the forms
GZIP_MAGIC = b"\x1f\x8b"
PIECE = 16_000_000  # Bytes; most answers are one


def unpacked(content: bytes, encoding: str, limits: Limits) -> bytes:
    """Undo the Content-Encoding of an answer.

    Raises:
        ContentDecodingError: If it breaks off, or is in a form that nobody asked for.
        BoundExceededError: If it would become too large.
    """
    for coding in reversed(encoding.lower().split(",")):
        match coding.strip():
            case "" | "identity":
                pass
            case "gzip" | "x-gzip":
                content = _unzipped(content, limits)
            case "deflate":
                is_bare = content[:1] and content[0] & 15 != zlib.DEFLATED
                content, _ = _inflated(content, BARE if is_bare else ZLIB, limits)
            case other:
                raise ContentDecodingError(f"the answer is packed as {other}")
    return content


def _unzipped(content: bytes, limits: Limits) -> bytes:
    """Unpack all members of a gzip file; what comes after them is none of it."""
    parts: list[bytes] = []
    left = content
    while not parts or left.startswith(GZIP_MAGIC):
        part, left = _inflated(left, GZIP, limits)
        parts.append(part)
        if sum(map(len, parts)) > limits.answer_bytes:
            raise limits.is_too_large
    return b"".join(parts)


def _inflated(content: bytes, form: int, limits: Limits) -> tuple[bytes, bytes]:
    """Unpack one member, piece by piece; return it, and what comes after it."""
    inflate = zlib.decompressobj(form)
    pieces: list[bytes] = []
    size = 0
    while content and not inflate.eof:
        try:
            pieces.append(inflate.decompress(content, PIECE))
        except zlib.error:
            raise ContentDecodingError("the answer cannot be unpacked") from None
        size += len(pieces[-1])
        if size > limits.answer_bytes:
            raise limits.is_too_large
        content = inflate.unconsumed_tail
    if not inflate.eof:
        raise ContentDecodingError("the answer breaks off where it is packed")
    return pieces[0] if len(pieces) == 1 else b"".join(pieces), inflate.unused_data
