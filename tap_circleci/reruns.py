"""Reruns of pipelines of any age, as insights tell them: few requests where pipelines are many."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from rest_tap import DeniedError, Order
from tap_circleci.bookmarks import LAG, holds
from tap_circleci.client import BuildStream, is_after, vendor_timestamp
from tap_circleci.memory import Look

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from rest_tap import Listing, Row

LONGEST = timedelta(days=90)
"""How far apart the two dates of a list of runs may be."""


class RerunsFromInsights(BuildStream):
    """Adds lists of the pipelines in which a workflow ended since the last run.

    Insights know the names of a project's workflows and list the runs of each. A run that the
    pipelines of this run did not bring is asked for its pipeline.
    """

    @property
    def places(self) -> Sequence[Mapping[str, str]]:
        """The keys of the lists of newest pipelines."""
        raise NotImplementedError

    def reruns(self) -> Iterator[Listing]:
        """Describe one list for each project, once the new pipelines were read."""
        for slug in self.run.known_projects.slugs:
            if looked := self._looked_for_reruns(slug):
                self.run.reruns_asked[slug] = looked
                yield self.listing(
                    keys={"reruns_slug": slug},
                    purpose=Look.RERUN,
                    order=Order.UNKNOWN,
                    pages=partial(self._pages_of_reruns, slug, looked),
                    for_children_only=True,
                )

    def _pages_of_reruns(self, slug: str, looked: datetime) -> Iterator[list[Row]]:
        """List pipelines with reruns, of one workflow name after the other."""
        try:
            names = self.listed(f"/insights/{slug}/workflows", {"all-branches": "true"})
            workflows = [row["name"] for row in names if row.get("name")]
        except DeniedError as error:
            if error.is_forbidden:
                raise
            return  # A project without runs has no insights
        for workflow in workflows:
            found: dict[str, Row] = {}
            try:
                for run in self._ended_runs(slug, workflow, looked):
                    if pipeline := self._pipeline_of(run):
                        branch = {"branch": run.get("branch")}
                        found[pipeline] = {"id": pipeline, "project_slug": slug, "vcs": branch}
            except DeniedError as error:  # Of a name that a moment ago was there
                if error.is_forbidden:
                    raise
                unseen = "pipelines: reruns of %r are not seen: %s"
                self.stats.warn(self.logger, "reruns", unseen, workflow, error)
            yield list(found.values())

    def _ended_runs(self, slug: str, workflow: str, looked: datetime) -> Iterator[Row]:
        """List the runs of a workflow that ended since insights were asked last."""
        start = max(looked - LAG - self.run.choices.lookback, self.run.began - LONGEST)
        dates = {
            "start-date": vendor_timestamp(start),
            "end-date": vendor_timestamp(self.run.began),
        }
        path = f"/insights/{slug}/workflows/{quote(workflow, safe='')}"
        branches = self.run.choices.branches
        for run in self.listed(path, {"all-branches": "true", **dates}):
            is_asked = not branches or run.get("branch") in branches
            if is_asked and is_after(run.get("stopped_at"), looked - LAG):
                yield run

    def _pipeline_of(self, run: Row) -> str | None:
        """Ask which pipeline a run belongs to, unless this run of the tap has read it."""
        if run["id"] in self.run.workflows_read:
            return None
        try:
            workflow = self.get_json(f"/workflow/{run['id']}")
        except DeniedError:  # Aged out between two requests
            return None
        return str(workflow["pipeline_id"])

    def _looked_for_reruns(self, slug: str) -> datetime | None:
        """Find when a project's reruns were looked for last; at first, when it was read.

        None for what is read from the beginning in this run, its reruns included.
        """
        lists = (keys for keys in self.places if holds(keys, slug))
        if not (runs := [run for run in map(self.bookmarks.earliest_run, lists) if run]):
            return None
        return self.bookmarks.earliest_run({"reruns_slug": slug}) or min(runs)
