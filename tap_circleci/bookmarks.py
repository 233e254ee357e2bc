"""The bookmarks of pipelines and of what is below them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rest_tap import Bookmarks, format_timestamp, parse_timestamp
from rest_tap.bookmarks import NO_KEYS
from tap_circleci.memory import is_of_reruns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_tap.bookmarks import Bookmarked
    from tap_circleci.memory import Memory
    from tap_circleci.tap import TapCircleCI

SETTLING = timedelta(seconds=10)
"""How far an answer may lag behind what it tells of; the clock's whole seconds are in it."""

LAG = timedelta(hours=1)
"""How late insights may list a run that has ended."""

AFTER = timedelta(microseconds=1)

MOST_MISSED = 50
"""Projects whose reruns are asked for again from where they were; beyond them, those of all are."""


class BuildBookmarks(Bookmarks):
    """The moments until when a list of pipelines, and what is below them, was seen."""

    def __init__(self, stream: Bookmarked, tap: TapCircleCI) -> None:
        super().__init__(stream, tap)
        self._tap = tap
        self._found_reruns: set[str] = set()

    @property
    def _memory(self) -> Memory:
        return self._tap.memory

    def last_run(self, keys: Mapping[str, Any] = NO_KEYS) -> datetime | None:
        """Find when the last complete run began, in the rows' clock; none saw a new pipeline."""
        run = super().last_run(keys) or self._looked_at_reruns(keys)
        return None if run is None or self._memory.is_new(keys) else run - self._memory.lag

    def _looked_at_reruns(self, keys: Mapping[str, Any]) -> datetime | None:
        """Find when insights were last asked for the reruns of all projects."""
        return parse_timestamp(self.held().get("reconciled")) if is_of_reruns(keys) else None

    def held(self, keys: Mapping[str, Any] = NO_KEYS) -> Mapping[str, Any]:
        """Get what the state held; up to version 0.1.0, reruns were looked for with their lists."""
        found = super().held(keys)
        runs = [each.get("last_run") for each in found.get("partitions", ())]
        if keys or "reconciled" in found or not all(runs) or not runs:
            return found
        return {**found, "reconciled": min(runs)}

    def watermark(self, keys: Mapping[str, Any], *, below: bool = False) -> datetime | None:
        """Find until when all that happened was seen; None if nothing was.

        The newest timestamp tells best, for the rows' clock may be another than that by which
        runs begin; but what happened meanwhile may be on a page that had been read.

        Args:
            keys: Those of a list of pipelines, or of one of them.
            below: Whether the selected streams below this one must have seen it, too.
        """
        run = self.earliest_run(keys) if below else self.last_run(keys)
        newest, late = self._memory.newest(keys), LAG if is_of_reruns(keys) else SETTLING
        return run and min(newest or run, run + self._memory.lag - late)

    def complete(self, keys: Mapping[str, Any], newest: datetime | None) -> None:  # noqa: ARG002
        """Remember the run's beginning, however old the newest pipeline is: projects idle.

        The projects that were seen with it: no later run lists their pipelines again.
        """
        if is_of_reruns(keys):
            self._found_reruns.add(keys["reruns_slug"])
            return
        self.keep_last_run(keys, self._tap.began)
        self._memory.save(keys)
        if org := keys.get("org_slug"):
            self._tap.known_projects.mark_listed(org)
            self._tap.known_projects.save()

    def note_reruns(self, asked: Mapping[str, datetime] | None) -> None:
        """Remember that insights were asked, and since when they are to be for some projects.

        Args:
            asked: From when on the reruns of each project were asked for; None if this run did not.
        """
        if asked is None:
            if before := self.held().get("reconciled"):
                self.state().setdefault("reconciled", before)
            return
        missed = asked.keys() - self._found_reruns
        if len(missed) > MOST_MISSED:
            return
        state = self.state()
        others = [each for each in state.get("partitions", ()) if not is_of_reruns(each["context"])]
        again: list[dict[str, Any]] = []
        for slug in sorted(missed):
            keys = {"reruns_slug": slug}
            last_run = super().last_run(keys) or asked[slug]
            again.append({"context": keys, "last_run": format_timestamp(last_run)})
        state.pop("partitions", None)
        if others or again:
            state["partitions"] = [*others, *again]
        state["reconciled"] = format_timestamp(self._tap.began)


class PipelineBookmarks(BuildBookmarks):
    """Where a list of pipelines is read from."""

    def complete(self, keys: Mapping[str, Any], newest: datetime | None) -> None:
        """Note that a list was read to its end, too: what it lacks may have vanished."""
        super().complete(keys, newest)
        self._tap.listed_pipelines.note_complete(keys)

    def own_start(self, keys: Mapping[str, Any] = NO_KEYS) -> datetime | None:
        """Start at the last run less the look-back.

        Not at the newest pipeline: what ran then is older, and a project may have been idle.
        """
        run, start = self.last_run(keys), self._tap.start_date
        return start if run is None else max(run - self._stream.lookback, start)

    def start(self, keys: Mapping[str, Any] = NO_KEYS) -> datetime | None:
        """Never stop before the newest pipeline that was seen, nor where none ever was."""
        start, newest = super().start(keys), self._memory.newest_pipeline(keys)
        if start is None or newest is None:
            return self._tap.start_date
        return max(min(start, newest + AFTER), self._tap.start_date)


def holds(keys: Mapping[str, Any], slug: str) -> bool:
    """Tell whether a list of pipelines holds those of a project."""
    return keys.get("list_slug") == slug or slug.startswith(f"{keys.get('org_slug')}/")
