"""All projects of the organizations, as API v3 lists them, by the slugs that API v2 asks for."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from rest_tap import DeniedError, StreamError, format_timestamp
from rest_tap.requesting import UNEXPECTED_FORM
from tap_circleci.client import V3_PAGES, CircleCIStream, vendor_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_circleci.tap import TapCircleCI

PAGE_SIZE = 50  # The most that API v3 takes
LOOK = timedelta(days=90)  # How far back runs are searched for; without dates it is two weeks
BY_NAME = ("gh/", "bb/")
FAILURES = (StreamError, *UNEXPECTED_FORM)  # Its contract is young


class Project(NamedTuple):
    """A project as API v3 lists it."""

    id: str
    name: str
    org_slug: str
    org_id: str

    @property
    def likely_slug(self) -> str:
        """The slug that it most probably has."""
        if self.org_slug.startswith(BY_NAME):
            return f"{self.org_slug}/{self.name}"
        return f"circleci/{self.org_id}/{self.id}"


class ListedProjects:
    """Finds the slug of each project that API v3 lists, which tells ids and names alone.

    At GitHub and Bitbucket a slug is made of the names, elsewhere of the ids; API v2 is asked
    whether it is that project's. Where it is not, one of the project's runs tells, which API v2
    knows as a pipeline. What was found is kept in the state of `projects`.
    """

    def __init__(self, run: TapCircleCI) -> None:
        self._run = run
        self._asking = threading.Lock()
        self._slugs: list[str] | None = None
        state: Mapping[str, Any] = run.initial_state.get("projects", {})
        self._listed: str | None = state.get("listed")
        self._by_id: dict[str, str] = dict(state.get("by_id") or {})
        self._checked: set[str] = set(state.get("slugs") or ())

    @property
    def slugs(self) -> list[str]:
        """All projects that there are; none where API v3 does not tell, which the user is told.

        What an earlier run was told counts, if there was one. Asked for once a run, on any thread.
        """
        with self._asking:
            if self._slugs is None:
                self._slugs = self._find()
            return self._slugs

    def save(self, state: dict[str, Any]) -> None:
        """Put what was found into the state of `projects`."""
        if self._listed and self._slugs:
            state.update(slugs=sorted(self._checked), by_id=self._by_id, listed=self._listed)

    @property
    def _stream(self) -> CircleCIStream:
        return cast("CircleCIStream", self._run.streams["projects"])

    def _find(self) -> list[str]:
        try:
            projects = self._list()
        except FAILURES as error:
            known = sorted({*self._checked, *self._by_id.values()}) if self._listed else []
            which = "an earlier run found" if known else "pipelines show"
            told = "project_discovery: API v3 lists no projects (%s): those are read that %s"
            self._run.logger.warning(told, error, which)
            return known
        with ThreadPoolExecutor(self._run.config["max_concurrency"]) as pool:
            slugs = {slug for slug in pool.map(self._slug_of, projects) if slug}
        found = {project.id for project in projects}
        self._by_id = {key: slug for key, slug in sorted(self._by_id.items()) if key in found}
        self._checked = slugs - {*self._by_id.values()}
        self._listed = format_timestamp(self._run.began)
        return sorted(slugs)

    def _list(self) -> list[Project]:
        """List the projects of each organization.

        Raises:
            StreamError: If API v3 tells of no organization at all.
        """
        projects: list[Project] = []
        denials: dict[str, DeniedError] = {}
        orgs = self._run.organizations.pairs
        enough = self._stream.ABORT_AT_RECORD_COUNT  # Of a trial; None for all
        for slug, org_id in orgs:
            params = {"filter[org_id]": org_id, "page[limit]": str(PAGE_SIZE)}
            url = f"{self._run.choices.v3_url}/projects"
            try:
                rows = self._stream.listed(url, params, V3_PAGES)
                projects += [
                    Project(row["id"], row["attributes"]["name"], slug, org_id)
                    for row in islice(rows, enough)
                ]
            except DeniedError as error:
                denials[slug] = error
        if denials and len(denials) == len(orgs):
            raise next(iter(denials.values()))
        for slug, denial in denials.items():
            if not self._run.organizations.passes_over(slug):
                self._run.report_missing("org_slugs", [slug], str(denial))
        return projects

    def _slug_of(self, project: Project) -> str | None:
        """Find the slug of a project; None, which is told, if nothing tells it."""
        if project.id in self._by_id:
            return self._by_id[project.id]
        likely = project.likely_slug
        if likely in self._checked:
            return likely
        try:
            slug = self._slug_if(likely, project.id) or self._slug_of_run(project.id)
        except FAILURES:
            slug = None
        if slug is None:
            told = "projects: %s is left out: no slug is known that API v2 takes, nor has it a run"
            self._stream.stats.skip("project without a slug")
            self._stream.stats.warn(self._stream.logger, "slug", told, project.name)
        elif slug != likely:
            self._by_id[project.id] = slug
        return slug

    def _slug_if(self, slug: str, key: str) -> str | None:
        """Ask whose slug it is; tell its usual form if it is that project's."""
        try:
            row = self._stream.get_json(f"/project/{self._stream.quote('project_slug', slug)}")
        except DeniedError:
            return None
        return str(row["slug"]) if row.get("id") == key else None

    def _slug_of_run(self, key: str) -> str | None:
        """Ask for a run of a project, and API v2 for the same as a pipeline."""
        began = self._run.began
        scope = {
            "project_ids": [key],
            "from": vendor_timestamp(began - LOOK),
            "to": vendor_timestamp(began),
        }
        asked = {"scope": scope, "filter": "", "order_by": "", "page": {"limit": 1}}
        url = f"{self._run.choices.v3_url}/runs/search"
        runs = self._stream.get_json(url, method="POST", json=asked)["data"]
        if not runs:
            return None
        pipeline = self._stream.get_json(f"/pipeline/{runs[0]['id']}")
        return self._slug_if(str(pipeline["project_slug"]), key)
