"""Which version of its table the rows of a stream carry, by which a target knows what vanished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_tap.stream import lineage

if TYPE_CHECKING:
    from rest_tap.engine_run import EngineRun
    from rest_tap.stream import RestStream

BEFORE_ANY_ROW = {"unread", "version"}  # Keys of a state without a bookmark


class TableVersions:
    """Gives the rows of each whole reading of a stream one version, and the rows after it the same.

    A target takes ACTIVATE_VERSION to say that rows of other versions exist no more. So it is told
    of a version only when all rows that exist were written with it: when a run has read all, or,
    of a stream that is incremental, when the first run did, or those that went on from where it was
    cut off. The state keeps the version from the first bookmark on.

    Args:
        run: The run.
    """

    def __init__(self, run: EngineRun) -> None:
        self._run = run
        self._wanted: dict[str, bool] = {}

    def begin(self, stream: RestStream) -> None:
        """Let a version begin, if the stream is incremental and this run is its first."""
        is_new = not stream.bookmarks.initial.keys() - BEFORE_ANY_ROW
        is_all = is_new and self._run.start_date is None
        if is_all and stream.is_incremental and self._is_wanted(stream):
            stream.bookmarks.version = self._run.initialized_at

    def give(self, stream: RestStream) -> None:
        """Give the stream's next rows their version; none where a target is never told of one."""
        stream.version = None
        if self._is_wanted(stream):
            stream.version = self._run.initialized_at if stream.reads_all_now else _kept(stream)

    def reconcile(self, stream: RestStream, *, is_complete: bool) -> None:
        """Note that a stream which waits was read whole, or tell until when it waits."""
        if not (stream.waits and stream.selected):
            return
        if not stream.is_whole:
            stream.stats.remark = stream.reconciliation.remark
        elif is_complete and all(each.is_whole for each in lineage(stream)):
            stream.reconciliation.note_whole()

    def drop(self, stream: RestStream) -> None:
        """Forget a version that not all rows can be written with any more."""
        if stream.is_incremental and _is_pending(stream):
            stream.bookmarks.version = None
            stream.bookmarks.state().pop("version", None)

    def tell(self, stream: RestStream, *, is_frozen: bool) -> None:
        """Tell of the version, if all rows that exist are written with it by now.

        Args:
            stream: The stream, which was read completely.
            is_frozen: Its bookmark stays where it was: the next run reads it again.
        """
        self.give(stream)
        is_pending = stream.is_incremental and _is_pending(stream)
        is_first = is_pending and not (is_frozen or "unread" in stream.bookmarks.state())
        if not (stream.reads_all_now or is_first):
            stream.version = None
        stream.write_activate_version()
        if stream.version is None:
            return
        if is_first:
            stream.reconciliation.note_whole()
        if is_first or stream.waits or stream.is_incremental:
            stream.bookmarks.state()["version"] = stream.version

    def _is_wanted(self, stream: RestStream) -> bool:
        """Tell whether targets can be told of the stream's versions."""
        if stream.name not in self._wanted:
            # SQL targets fail on ACTIVATE_VERSION where a column has the name of their parameter
            has_column = any(
                "version" in each.transformed_schema["properties"] for each in stream.stream_maps
            )
            is_asked = self._run.config["emit_activate_version_messages"]
            self._wanted[stream.name] = stream.selected and is_asked and not has_column
        return self._wanted[stream.name]


def _kept(stream: RestStream) -> int | None:
    return stream.bookmarks.version or stream.bookmarks.held().get("version")


def _is_pending(stream: RestStream) -> bool:
    """Tell whether a version began of which no target was told."""
    held = stream.bookmarks.held()
    has_begun = stream.bookmarks.version is not None
    return has_begun or ("version" in held and "reconciled" not in held)
