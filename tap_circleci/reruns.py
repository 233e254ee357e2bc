"""Reruns of older pipelines as insights tell them: few requests where pipelines are many."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from rest_tap import DeniedError
from tap_circleci.client import BuildStream, stamp, unseen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from rest_tap import Row

LAG = timedelta(hours=1)
"""How late insights may list a run that has ended."""

LONGEST = timedelta(days=90)
"""How far apart the two dates of a list of runs may be."""


class RerunsFromInsights(BuildStream):
    """Adds walks that list the pipelines in which a workflow ended since the last run.

    Such a walk begins with the names of a project's workflows. Insights list the runs of each,
    and a run that the pipelines of this run did not bring is asked for its pipeline.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked: set[str] = set()

    def late_partitions(self) -> Sequence[Mapping[str, Any]]:
        """List one walk for each project, after the new pipelines were read."""
        if self._tap.lists_reruns:
            return ()
        slugs = [slug for slug in self._tap.known_projects.slugs if slug not in self._asked]
        self._asked.update(slugs)
        contexts = [{"reruns_slug": slug} for slug in slugs]
        return [context for context in contexts if self._looked_for_reruns(context)]

    def get_url(self, context: Mapping[str, Any] | None) -> str:
        """Ask for the names of the workflows."""
        if context and "reruns_slug" in context:
            return f"{self.url_base}/insights/{context['reruns_slug']}/workflows"
        return super().get_url(context)

    def get_url_params(
        self, context: Mapping[str, Any] | None, next_page_token: str | None
    ) -> dict[str, Any]:
        """Ask about all branches."""
        params = super().get_url_params(context, next_page_token)
        if context and "reruns_slug" in context:
            params["all-branches"] = "true"
        return params

    def missing_is_empty(self, context: Mapping[str, Any]) -> bool:
        """A project without runs has no insights."""
        return "reruns_slug" in context

    def is_newest_first(self, context: Mapping[str, Any]) -> bool:
        """Names have no order in time."""
        return "reruns_slug" not in context and super().is_newest_first(context)

    def post_process_page(self, rows: list[Row], context: Mapping[str, Any]) -> list[Row]:
        """Replace the names of workflows by the pipelines in which they ran again."""
        if "reruns_slug" not in context:
            return super().post_process_page(rows, context)
        found: dict[str, Row] = {}
        for name in [row["name"] for row in rows]:
            for run in self._ended_runs(name, context):
                if pipeline := self._pipeline_of(run):
                    found[pipeline] = {
                        "id": pipeline,
                        "project_slug": context["reruns_slug"],
                        "vcs": {"branch": run.get("branch")},
                    }
        return list(found.values())

    def _ended_runs(self, workflow: str, context: Mapping[str, Any]) -> Iterator[Row]:
        """List the runs of a workflow that ended since insights were asked last."""
        looked = self._looked_for_reruns(context) or self._tap.began
        start = max(looked - LAG - self._tap.lookback, self._tap.began - LONGEST)
        path = f"/insights/{context['reruns_slug']}/workflows/{quote(workflow, safe='')}"
        params: dict[str, str] = {
            "all-branches": "true",
            "start-date": stamp(start),
            "end-date": stamp(self._tap.began),
        }
        branches = self._tap.branches
        while True:
            answer = self.get_json(path, params)
            for run in answer["items"]:
                if branches and run.get("branch") not in branches:
                    continue
                if unseen(run.get("stopped_at"), looked - LAG):
                    yield run
            if not answer.get("next_page_token"):
                return
            params["page-token"] = answer["next_page_token"]

    def _pipeline_of(self, run: Row) -> str | None:
        """Ask which pipeline a run belongs to, unless this run of the tap has read it."""
        if run["id"] in self._tap.workflows_read:
            return None
        try:
            workflow = self.get_json(f"/workflow/{run['id']}")
        except DeniedError:  # Aged out between two requests
            return None
        return str(workflow["pipeline_id"])

    def _looked_for_reruns(self, context: Mapping[str, Any]) -> datetime | None:
        """Find when reruns were looked for last; at first, when pipelines were read."""
        if looked := self.earliest_run(context):
            return looked
        runs = [self.earliest_run(partition) for partition in self.partitions or ()]
        known = [run for run in runs if run]
        return min(known) if known and len(known) == len(runs) else None
