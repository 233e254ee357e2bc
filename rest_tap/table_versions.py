"""Which version of its table the rows of a stream carry, by which a target knows what vanished."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rest_tap.engine_run import EngineRun
    from rest_tap.stream import RestStream


class TableVersions:
    """Gives each reading of a whole stream a version of its own, and the rows in between the same.

    A target takes ACTIVATE_VERSION to say that rows of earlier versions exist no more. So it is
    told of a version only when all rows that exist were written with it.

    Args:
        run: The run.
    """

    def __init__(self, run: EngineRun) -> None:
        self._run = run

    def give(self, stream: RestStream) -> None:
        """Give the stream's next rows their version; none where a target is never told of one."""
        is_wanted = stream.selected and self._run.config["emit_activate_version_messages"]
        # SQL targets fail on ACTIVATE_VERSION where a column has the name of their parameter
        if not (is_wanted and stream.reads_all) or "version" in stream.schema["properties"]:
            stream.version = None
        elif stream.is_whole:
            stream.version = self._run.initialized_at
        else:
            stream.version = stream.bookmarks.held().get("version")

    def tell(self, stream: RestStream) -> None:
        """Tell that all rows that exist were written with the stream's version."""
        self.give(stream)
        if not stream.reads_all_now:
            stream.version = None
        stream.write_activate_version()
        if stream.waits and stream.version is not None:
            stream.bookmarks.state()["version"] = stream.version
