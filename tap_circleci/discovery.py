"""Which projects there are, where only organizations are set: API v2 has no list of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from rest_tap import DeniedError, format_timestamp, parse_timestamp
from tap_circleci.client import OVERLAP
from tap_circleci.listed_projects import ListedProjects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_tap import RestStream
    from tap_circleci.client import CircleCIStream
    from tap_circleci.tap import TapCircleCI

MISSED = timedelta(days=30)
"""How long a project that cannot be read is asked for again: rights may come back."""


class KnownProjects:
    """Slugs of the settings, or those that pipelines have ever shown.

    The pipelines of a run show them anyway, so finding projects costs no request. Their slugs are
    kept in the state of `projects`, for a run lists only the newest pipelines.
    """

    def __init__(self, tap: TapCircleCI) -> None:
        self._tap = tap
        state: Mapping[str, Any] = tap.initial_state.get("projects", {})
        self._seen: set[str] = set(state.get("slugs") or ())
        self._missed: dict[str, str] = dict(state.get("missed") or {})
        read = {*self._seen, *(state.get("by_id") or {}).values()} - {*(state.get("new") or ())}
        self._read: set[str] = read
        self._looked: dict[str, str] = dict(state.get("looked") or {})
        self._by_v3 = ListedProjects(tap)

    @property
    def slugs(self) -> list[str]:
        """All that are known by now, but for organizations that were listed once and are no more.

        Those are told by their own slug, for that of a project can begin otherwise.
        """
        if self.listed:
            return self.listed
        others = tuple(f"{org}/" for org in self._looked.keys() - {*self._tap.organizations.slugs})
        return sorted(slug for slug in self._seen if not slug.startswith(others))

    @property
    def listed(self) -> list[str]:
        """The projects that are read each by its own list; none where pipelines show them.

        Those of the settings, or those that API v3 lists, which it may be asked for on any thread.
        """
        choices = self._tap.choices
        return choices.project_slugs or (self._by_v3.slugs if choices.lists_projects else [])

    def add(self, slug: str | None) -> None:
        """Take down a slug that a pipeline has shown, on any thread."""
        if slug:
            self._seen.add(slug)

    @property
    def new(self) -> list[str]:
        """Those that were found, and have not been read; other settings let all be read."""
        if self._tap.choices.project_slugs:
            return []
        return [slug for slug in self.slugs if slug not in self._read]

    def mark_read(self, slugs: set[str]) -> None:
        """Take down which projects were read since they were found."""
        self._read |= slugs

    def mark_listed(self, org: str) -> None:
        """Take down that the pipelines of an organization were listed."""
        self._looked[org] = format_timestamp(self._tap.began)

    def mark_unreadable(self, slugs: set[str]) -> list[str]:
        """Take down which projects cannot be read; return those that could be before.

        After a while they are forgotten, until they build again.
        """
        began = self._tap.began
        since = {slug: parse_timestamp(self._missed.get(slug)) or began for slug in slugs}
        news = sorted(slugs - self._missed.keys())
        self._missed = {
            slug: format_timestamp(at) for slug, at in since.items() if at > began - MISSED
        }
        self._seen -= slugs - self._missed.keys()
        return news

    def discover(self, stream: CircleCIStream) -> None:
        """List the pipelines since the last look, for a run that does not read them."""
        for org in self._tap.organizations.slugs:
            try:
                self._discover(stream, org)
            except DeniedError as error:
                if error.is_forbidden or not self._tap.organizations.passes_over(org):
                    stream.stats.missing.append(org)
                    told = (stream.name, org, error)
                    stream.stats.warn(stream.logger, "missing", "%s: %s cannot be read: %s", *told)
            else:
                self.mark_listed(org)

    def _discover(self, stream: CircleCIStream, org: str) -> None:
        looked, since = parse_timestamp(self._looked.get(org)), self._tap.start_date
        if looked:  # Rows may be listed late, and their clock may be behind
            since = max(looked - OVERLAP - self._tap.memory.lag, since)
        for pipeline in stream.listed("/pipeline", {"org-slug": org}):
            self.add(pipeline.get("project_slug"))
            created = parse_timestamp(pipeline.get("created_at"))
            if created and created < since:
                break

    def save(self) -> None:
        """Put what is known into the state."""
        if not self._tap.choices.project_slugs:
            projects = cast("RestStream", self._tap.streams["projects"])
            state = projects.bookmarks.state()
            state["slugs"] = sorted(self._seen)
            state["looked"] = dict(self._looked)
            state["missed"] = dict(self._missed)
            self._by_v3.save(state)
            state.pop("new", None)
            # One that is selected later, or fails, reads all
            if projects.is_active and not projects.is_whole and self.new:
                state["new"] = self.new
