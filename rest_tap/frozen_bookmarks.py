"""Which bookmarks stay where they are, for what they stand for could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_tap.lookups import LookupStream
from rest_tap.stream import RestStream, lineage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_tap.run import Run

Partition = tuple[str, tuple[Any, ...] | None]
"""A stream and the partition that a bookmark is kept for; None for all of them."""


class FrozenBookmarks:
    """Tells whether a bookmark may move, by what failed and by what all parents were denied."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._partitions: set[Partition] = set()
        self._read: set[Partition] = set()
        self._denied: set[Partition] = set()

    def note_read(self, stream: RestStream, keys: Mapping[str, Any]) -> None:
        """Note that a list was read."""
        self._read.add(partition_of(stream, keys))

    def note_denied(self, stream: RestStream, keys: Mapping[str, Any]) -> None:
        """Note that a list was denied; that counts only if none of its partition was read."""
        self._denied.add(partition_of(stream, keys))

    def freeze(self, stream: RestStream, keys: Mapping[str, Any] | None) -> None:
        """Keep the bookmarks of all below a stream, and of what alone leads there again.

        Args:
            stream: The stream that was not read completely.
            keys: Those of the list; None for all.
        """
        held = [*stream.family]
        if isinstance(stream, LookupStream):
            held += [source for source in self._rest_streams if stream.name in source.mentions]
            keys = None
        child = stream
        while child.parent and not (child.tracks_runs or child.waits):
            held.append(child := child.parent)
        for member in held:
            self._partitions.add(
                (member.name, None) if keys is None else partition_of(member, keys)
            )

    def is_frozen(self, stream: RestStream, keys: Mapping[str, Any]) -> bool:
        """Tell whether something that a bookmark stands for could not be read."""
        if {(stream.name, None), partition_of(stream, keys)} & self._partitions:
            return True
        if self._denials_are_accepted:
            return False
        found = [
            seen for seen in self._rest_streams if seen.name in stream.mentions and seen.is_active
        ]
        needed = {partition_of(member, keys) for member in (*lineage(stream), *found)}
        return bool(needed & (self._denied - self._read))

    def is_accepted(self, stream: RestStream) -> bool:
        """Tell whether its parents shall not be read again and again for what is denied."""
        is_child = stream.parent is not None or isinstance(stream, LookupStream)
        return is_child and stream.stats.is_denied and self._denials_are_accepted

    def is_unfinished(self, stream: RestStream) -> bool:
        """Tell whether a stream lacks what the user does not accept, nor the next run asks for."""
        stats = stream.stats
        is_frozen = any(name == stream.name for name, _ in self._partitions)
        lacks = stats.failure or stats.missing or ((stats.failed or stats.lost) and is_frozen)
        return bool(lacks) and not self.is_accepted(stream)

    @property
    def _rest_streams(self) -> list[RestStream]:
        return [each for each in self._run.streams.values() if isinstance(each, RestStream)]

    @property
    def _denials_are_accepted(self) -> bool:
        return bool(self._run.config["denied_streams"] == "skip")


def partition_of(stream: RestStream, keys: Mapping[str, Any]) -> Partition:
    """Name the partition that a list's keys belong to."""
    return stream.name, tuple(map(keys.get, stream.state_partitioning_keys))
