"""From rows to lines of output: the SDK's own bytes, made in fewer steps where nothing can differ.

The SDK copies, prunes, conforms, maps and flushes each record by itself. Most runs ask for none of
it: all nested properties selected, no stream map, no flattening. Then a row needs one look at its
columns and one encoding. Whatever a catalog or a setting asks beyond that goes the SDK's way.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.contrib.msgspec import MsgSpecWriter, enc_hook
from singer_sdk.mapper import SameRecordTransform
from singer_sdk.singerlib import SingerMessageType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from singer_sdk.singerlib.encoding.simple import Message

    from rest_tap.fetching import Row
    from rest_tap.stream import RestStream

BLOCK = 256_000  # Bytes that are written at once
ROOT = ("properties", "column")  # What the breadcrumb of a column looks like
FLUSH_EVERY = 1.0  # Seconds that a line may wait at most

_encode = msgspec.json.Encoder(enc_hook=enc_hook, decimal_format="number").encode


class BlockWriter(MsgSpecWriter):
    """Writes messages to stdout in blocks; a STATE leaves at once, after all that precedes it."""

    def __init__(self) -> None:
        self._block: list[bytes] = []
        self._size = 0
        self._flushed_at = time.monotonic()
        self._told = 0

    @property
    def bytes_since_state(self) -> int:
        """How much output stands between the last STATE and now."""
        return self._told + self._size

    def write_message(self, message: Message) -> None:
        """Write one message of any kind."""
        self.write_lines([bytes(self.format_message(message))])
        if message.type is SingerMessageType.STATE:
            self.flush()
            self._told = 0

    def write_lines(self, lines: Iterable[bytes]) -> None:
        """Write encoded messages."""
        before = len(self._block)
        self._block.extend(lines)
        self._size += sum(map(len, self._block[before:]))
        if self._size >= BLOCK:
            self.flush()

    def flush_if_due(self) -> None:
        """Write what waits, if it waits for long enough."""
        if self._block and time.monotonic() - self._flushed_at >= FLUSH_EVERY:
            self.flush()

    def flush(self) -> None:
        """Write what waits.

        Raises:
            BrokenPipeError: If nobody reads any more.
        """
        block, self._block = self._block, []
        self._told += self._size
        self._size = 0
        self._flushed_at = time.monotonic()
        sys.stdout.buffer.write(b"".join(block))
        sys.stdout.flush()


class RowEncoder:
    """Encodes the rows of one stream as RECORD messages, as its catalog entry asks.

    Args:
        stream: The stream; its selection and maps must be known by now.
        writer: Encodes the messages that go the SDK's way.
    """

    def __init__(self, stream: RestStream, writer: BlockWriter) -> None:
        self._stream = stream
        self._writer = writer
        properties = stream.effective_schema["properties"]
        self._known = frozenset(properties)
        self._wanted = frozenset(name for name in properties if stream.mask["properties", name])
        self._booleans = frozenset(
            name
            for name, kind in properties.items()
            if set(_types(kind)) <= {"boolean", "null"} and "boolean" in _types(kind)
        )
        self._warned: set[str] = set()
        self.lines: Callable[[list[Row], datetime], list[bytes]] = (
            self._quick_lines if self._is_plain() else self._sdk_lines
        )

    def _is_plain(self) -> bool:
        """Tell whether rows only lose whole columns on their way out."""
        maps = self._stream.stream_maps
        nested = (c for c, chosen in self._stream.mask.items() if not chosen and len(c) > len(ROOT))
        return (
            len(maps) == 1
            and type(maps[0]) is SameRecordTransform
            and not maps[0].flattening_enabled
            and not any(crumb[1] in self._wanted for crumb in nested)
        )

    def _quick_lines(self, rows: list[Row], extracted: datetime) -> list[bytes]:
        stream = self._stream
        start = _encode({"type": "RECORD", "stream": stream.stream_maps[0].stream_alias})[:-1]
        end: dict[str, Any] = {"time_extracted": extracted}
        if stream.version is not None:
            end = {"version": stream.version, **end}
        head, tail = start + b',"record":', b"," + _encode(end)[1:] + b"\n"
        wanted, booleans = self._wanted, self._booleans
        lines = []
        for row in rows:
            kept = row
            if not row.keys() <= wanted:
                kept = self._without_others(row)
            for name in booleans:
                value = kept.get(name)
                if value is not None and value is not True and value is not False:
                    kept = {**kept, name: value != 0}
            lines.append(head + _encode(kept) + tail)
        return lines

    def _without_others(self, row: Row) -> Row:
        """Drop deselected columns, and fields that the schema lacks with one warning each."""
        unknown = row.keys() - self._known - self._warned - self._stream.hidden
        if unknown:
            self._warned |= unknown
            self._stream.logger.warning(
                "%s: the API sends fields that the schema lacks, they are left out: %s",
                *(self._stream.name, ", ".join(sorted(unknown))),
            )
        return {name: value for name, value in row.items() if name in self._wanted}

    def _sdk_lines(self, rows: list[Row], extracted: datetime) -> list[bytes]:
        stream, writer, lines = self._stream, self._writer, []
        for row in rows:
            kept = row if row.keys() <= self._known else self._without_others(row)
            for message in stream.record_messages(kept):
                message.time_extracted = extracted
                lines.append(bytes(writer.format_message(message)))
        return lines


def _types(schema: dict[str, Any]) -> list[str]:
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)
