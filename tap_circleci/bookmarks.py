"""The bookmarks of pipelines and of what is below them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rest_tap import Bookmarks, format_timestamp
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


class BuildBookmarks(Bookmarks):
    """The moments until when a list of pipelines, and what is below them, was seen."""

    def __init__(self, stream: Bookmarked, tap: TapCircleCI) -> None:
        super().__init__(stream, tap)
        self._tap = tap

    @property
    def _memory(self) -> Memory:
        return self._tap.memory

    def last_run(self, keys: Mapping[str, Any] = NO_KEYS) -> datetime | None:
        """Find when the last complete run began, in the rows' clock; none saw a new pipeline."""
        run = super().last_run(keys)
        return None if run is None or self._memory.is_new(keys) else run - self._memory.lag

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
        if not self._tap.lists_reruns:
            self._keep_for_reruns(keys)
        self.state(keys)["last_run"] = format_timestamp(self._tap.began)
        self._memory.save(keys)
        if org := keys.get("org_slug"):
            self._tap.known_projects.mark_listed(org)
            self._tap.known_projects.save()

    def _keep_for_reruns(self, keys: Mapping[str, Any]) -> None:
        """Note from when on reruns are looked for, where that was not done before.

        Insights may refuse the first look; by the next run the list itself was read until now.
        """
        if is_of_reruns(keys) or not (run := super().last_run(keys)):
            return
        for slug in self._tap.known_projects.slugs:
            if holds(keys, slug):
                self.state({"reruns_slug": slug}).setdefault("last_run", format_timestamp(run))


class PipelineBookmarks(BuildBookmarks):
    """Where a list of pipelines is read from."""

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
