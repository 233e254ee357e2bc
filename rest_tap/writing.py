"""From rows to lines of output: the SDK's own bytes, made in fewer steps where nothing can differ.

The SDK copies, prunes, conforms, maps and flushes each record by itself, down to nested values.
Rows come out of JSON, so that most of it changes nothing. A row needs one look at its columns and
one encoding, and beyond that only what a catalog or a setting asks. Stream maps are the SDK's own.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
from singer_sdk.contrib.msgspec import MsgSpecWriter, enc_hook
from singer_sdk.mapper import SameRecordTransform
from singer_sdk.singerlib import SingerMessageType

from rest_tap import characters
from rest_tap.conformance import EXTRA_FIELDS
from rest_tap.errors import ConfigError
from rest_tap.kinds import EMPTY_KEY
from rest_tap.last_rows import DELETED_AT, is_last
from rest_tap.masking import Masker
from rest_tap.output import write_if_there_is_room, write_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from singer_sdk.mapper import StreamMap
    from singer_sdk.singerlib.encoding.simple import Message

    from rest_tap.listing import Row
    from rest_tap.stream import RestStream

BLOCK = 64_000  # Bytes that are written at once; most full pages are more, and are not copied
ROOT = ("properties", "column")  # What the breadcrumb of a column looks like
MOST_UNKNOWN = 1000  # Fields of a stream that its schema lacks, which are told
FLUSH_EVERY = 1.0  # Seconds that a line may wait at most

_encoder = msgspec.json.Encoder(enc_hook=enc_hook, decimal_format="number")


class _Record(msgspec.Struct, tag="RECORD", tag_field="type", gc=False):
    """A RECORD message, encoded in the order of its fields."""

    stream: str
    record: Row
    version: int | msgspec.UnsetType
    time_extracted: msgspec.Raw


class BlockWriter(MsgSpecWriter):
    """Writes messages to stdout in blocks; a STATE leaves at once, after all that precedes it."""

    def __init__(self) -> None:
        self._block: list[bytes] = []
        self._size = 0
        self._flushed_at = time.monotonic()
        self._told = 0
        self._last_state = b""
        self.is_cut = False
        """Whether the run was asked to stop while nobody read: some lines were not written."""
        self.check: Callable[[], None] = lambda: None
        """Is called while stdout takes nothing; it may raise what ends the run."""

    @property
    def bytes_since_state(self) -> int:
        """How much output stands between the last STATE and now."""
        return self._told + self._size

    def write_message(self, message: Message) -> None:
        """Write one message of any kind."""
        lines = bytes(self.format_message(message))
        self.write_lines(lines)
        if message.type is SingerMessageType.STATE:
            self.flush()
            self._told = 0
            self._last_state = lines

    def repeat_state(self) -> None:
        """Let the last STATE that was written be the last message, if there is room for it."""
        if self._last_state and self._told:
            write_if_there_is_room(self._last_state)

    def write_lines(self, lines: bytes) -> None:
        """Write encoded messages, each with its line end."""
        self._block.append(lines)
        self._size += len(lines)
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
            StoppedError: If nobody reads, and the run shall end.
        """
        block, self._block = self._block, []
        self._told += self._size
        self._size = 0
        try:
            write_lines(b"".join(block), self.check)
        except BaseException:
            self.is_cut = True
            raise
        self._flushed_at = time.monotonic()


class RowEncoder:
    """Encodes the rows of one stream as RECORD messages, as its catalog entry and settings ask.

    Args:
        stream: The stream; its selection and maps must be known by now.
    """

    def __init__(self, stream: RestStream) -> None:
        self._stream = stream
        mask, properties = stream.mask, stream.effective_schema["properties"]
        self._wanted = frozenset(name for name in properties if mask["properties", name])
        self._known = frozenset([*properties, *stream.internal_columns])
        self._warned: set[str] = set()
        self._deselected = [
            crumb[1::2]
            for crumb, chosen in mask.items()
            if not chosen and len(crumb) > len(ROOT) and crumb[1] in self._wanted
        ]
        self._keeps_extra = EXTRA_FIELDS in self._wanted
        self._masker = stream.config["mask_secrets"] and Masker(
            stream.effective_schema, self._note_masked
        )

    def last_rows(self, rows: list[Row]) -> list[Row]:
        """Pick the last rows that are written: none where nothing would tell them from others."""
        if rows and DELETED_AT not in self._wanted:
            told = "%s: what has vanished is not told, for the catalog does not select %s"
            self._stream.stats.warn(
                self._stream.logger, "vanished", told, self._stream.name, DELETED_AT
            )
            return []
        return rows

    def _mapped(self, transform: Callable[[Row], Row | None], row: Row) -> Row | None:
        """Map a row; a last row that is too empty for the expressions is left out."""
        try:
            return transform(row)
        except Exception as error:
            if not is_last(row):
                raise
            told = "%s: stream_maps cannot take that something has vanished, so it is not told: %r"
            self._stream.stats.warn(self._stream.logger, "vanished", told, self._stream.name, error)
            return None

    def lines(self, rows: list[Row], extracted: datetime) -> bytes:
        """Make the lines of rows; a stream map may make several of a row, or none.

        Raises:
            ConfigError: If a stream map cannot take a row.
        """
        version = msgspec.UNSET if self._stream.version is None else self._stream.version
        at = msgspec.Raw(_encoder.encode(extracted))
        maps = [(each.stream_alias, _transform(each)) for each in self._stream.stream_maps]
        is_mapped = any(transform for _, transform in maps)

        def encoded(rows: list[Row]) -> bytes:
            try:
                records = [
                    _Record(name, mapped, version, at)
                    for row in rows
                    for name, transform in maps
                    if (mapped := self._mapped(transform, row) if transform else row) is not None
                ]
            except Exception as error:
                raise unmappable(self._stream.name, error) from error
            return _encoder.encode_lines(records)

        kept = self._partitions(rows)
        if self._masker:
            kept = self._masker.mask(
                kept,
                has_addresses=is_mapped,
                may_have_more=self._stream.conformer.may_have_more,
            )
        lines = encoded(kept)
        cleaned = kept
        if self._masker and not is_mapped and _may_have_addresses(lines):
            cleaned = self._masker.mask(cleaned, has_addresses=True)
        if b"\\" in lines and lines.rfind(characters.ENCODED) >= 0:
            cleaned = self._without_nul(cleaned)
        return lines if cleaned is kept else encoded(cleaned)

    def _partitions(self, rows: list[Row]) -> list[Row]:
        """Leave out what is not wanted; the same rows if that is nothing."""
        columns = set().union(*rows)
        if self._keeps_extra or not columns <= self._wanted:
            unknown = columns - self._known
            self._warn_of_unknown(unknown)
            wanted = self._wanted
            done = [{n: value for n, value in row.items() if n in wanted} for row in rows]
            if self._keeps_extra:
                names = {name: self._stream.vendor_names.get(name, name) for name in unknown}
                for row, whole in zip(done, rows, strict=True):
                    extra = {names[n]: value for n, value in whole.items() if n in names}
                    row[EXTRA_FIELDS] = extra or None
            rows = done
        for path in self._deselected:
            rows = [_without(row, *path) for row in rows]
        return rows

    def _warn_of_unknown(self, unknown: set[str]) -> None:
        """Warn once of each field that the schema lacks; names may be made up without end."""
        if new := sorted(unknown - self._warned)[: MOST_UNKNOWN - len(self._warned)]:
            self._warned.update(new)
            self._stream.logger.warning(
                "%s: the API sends fields that the schema lacks, they are %s: %s",
                self._stream.name,
                f"kept in {EXTRA_FIELDS}" if self._keeps_extra else "left out",
                ", ".join(new),
            )

    def _without_nul(self, rows: list[Row]) -> list[Row]:
        """Remove NUL from rows; the same list if there is none."""
        counts: Counter[str] = Counter()
        done = []
        for row in rows:
            kept = dict(row)
            for name, value in row.items():
                kept[name], count = characters.without_nul(value)
                counts[name] += count
            for name in self._stream.primary_keys:
                if kept.get(name) == "":
                    kept[name] = EMPTY_KEY
            done.append(kept)
        for name, count in (+counts).items():
            if self._stream.stats.mend(name, count):
                self._stream.logger.warning(
                    "%s: %s: NUL characters, which databases refuse, are removed; "
                    "the summary counts the values",
                    *(self._stream.name, name),
                )
        return done if counts.total() else rows

    def _note_masked(self, column: str, count: int) -> None:
        if self._stream.stats.mask(column, count):
            self._stream.logger.warning(
                "%s: %s: secrets in the data are masked; mask_secrets switches it off",
                *(self._stream.name, column),
            )


def unmappable(stream: str, error: Exception) -> ConfigError:
    """Blame an error on the expressions that a user wrote for a stream."""
    return ConfigError(
        f"stream_maps: a row of {stream} cannot be mapped: {type(error).__name__}: {error}"
    )


def _may_have_addresses(lines: bytes) -> bool:
    """Tell whether there may be an address with more than a place in lines, at little cost.

    For one byte Python has the quickest search; for more it is quicker from the right.
    """
    return any(mark in lines for mark in (b"?", b"#", b"@")) and lines.rfind(b"://") >= 0


def _transform(stream_map: StreamMap) -> Callable[[Row], Row | None] | None:
    """Tell what a stream map does with rows; None if nothing, as most do."""
    if type(stream_map) is SameRecordTransform and not stream_map.flattening_enabled:
        return None
    return stream_map.transform


def _without(row: Row, name: str, *inner: str) -> Row:
    """Leave out what is nested in a row, of which other rows may hold the same part."""
    if not inner:
        return {key: value for key, value in row.items() if key != name}
    value = row.get(name)
    return {**row, name: _without(value, *inner)} if isinstance(value, dict) else row
