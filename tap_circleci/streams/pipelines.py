"""Pipelines, their workflows, and what each pipeline was configured with."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import Cost, DeniedError, Order, columns, json_of
from rest_tap.errors import RetriesExhaustedError
from rest_tap.state import MOMENT, NUMBERS_MAP, OBJECT, SECONDS, TEXT_LIST
from tap_circleci.bookmarks import PipelineBookmarks
from tap_circleci.client import PERSONAL_ONLY, BuildStream, is_after
from tap_circleci.memory import Look, is_open
from tap_circleci.reruns import RerunsFromInsights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from rest_tap import Listing, Row
    from rest_tap.state import Kind

FEW_TRIES = 2  # Of one pipeline, where it is known that one of them fails
MOST_BROKEN = 20  # Pipelines in a row that cannot be had: it is not they that are broken
MOST_MISSING = 50  # Numbers in a row that have no pipeline
FINAL_STATES = {"created", "errored"}


def changed(pipeline: Row, watermark: datetime | None) -> bool:
    """Tell whether a pipeline's own row may differ from what was seen.

    Reruns do not touch it: `updated_at` moves while CircleCI reads the configuration, and then
    no more.
    """
    return pipeline.get("state") not in FINAL_STATES or is_after(
        pipeline.get("updated_at"), watermark
    )


class Pipelines(RerunsFromInsights):
    """Pipelines, newest first (operationIds listPipelinesForProject, listPipelines)."""

    name = "pipelines"
    path = "/project/{list_slug}/pipeline"
    primary_keys = ("id",)
    needs = PERSONAL_ONLY
    replication_key = "created_at"
    newest_first = True
    if_forbidden = if_missing = Cost.NAMED_LIST
    rounds_go_on = True
    tells_vanished = True
    state_keys: ClassVar[Mapping[str, Kind]] = {
        "newest": MOMENT,
        "lists": NUMBERS_MAP.spare(),
        "open": TEXT_LIST,
        "lag": SECONDS,
        "listed_pipelines": OBJECT.spare(),
    }
    child_keys: ClassVar[Mapping[str, str]] = {
        "pipeline_id": "id",
        "project_slug": "project_slug",
        "pipeline_created_at": "created_at",
    }
    schema = columns.table(
        columns.key("id", "Identifies the pipeline.", th.UUIDType),
        columns.integer("number", "Counts the project's pipelines."),
        columns.text("project_slug", "Project that was built."),
        columns.text("state", "How far CircleCI got with its setup."),
        columns.timestamp("created_at", "When it was triggered."),
        columns.timestamp(
            "updated_at", "When the pipeline itself last changed; reruns do not move it."
        ),
        columns.nested_list(
            "errors",
            "Why no workflow could start.",
            columns.text("type", "Kind of the error."),
            columns.text("message", "The error in words."),
        ),
        columns.free_forms(
            "warnings",
            "What CircleCI warns of.",
        ),
        columns.free_form("trigger_parameters", "What the trigger handed over, by name."),
        columns.nested(
            "trigger",
            "What started the pipeline.",
            columns.text("type", "Webhook, API, schedule or hand."),
            columns.timestamp("received_at", "When it arrived."),
            columns.nested(
                "actor",
                "Who caused it.",
                columns.text("login", "Login at the VCS."),
                columns.text("avatar_url", "Picture."),
            ),
        ),
        columns.nested(
            "vcs",
            "What was built; absent for triggers that know no repository.",
            columns.text("provider_name", "GitHub, Bitbucket..."),
            columns.text("target_repository_url", "Repository that the change is meant for."),
            columns.text(
                "origin_repository_url", "Repository that the change comes from, such as a fork."
            ),
            columns.text("branch", "Branch, unless a tag was built."),
            columns.text("tag", "Tag, unless a branch was built."),
            columns.text("revision", "Commit that was built."),
            columns.text("review_id", "Number of the pull request."),
            columns.text("review_url", "Page of the pull request."),
            columns.nested(
                "commit",
                "Message of the newest commit.",
                columns.text("subject", "First line."),
                columns.text("body", "The rest."),
            ),
        ),
    )

    def rounds(self) -> Iterator[Iterable[Listing]]:
        """Read the newest pipelines; then older ones of which something may have changed."""
        yield [self._newest(keys) for keys in self.places]
        yield self._unfinished()
        yield self._missed()
        if self.run.asks_insights:
            yield self.reruns()
            yield self._unfinished()

    def _newest(self, keys: Mapping[str, str]) -> Listing:
        path = "/pipeline" if "org_slug" in keys else None
        params = {"org-slug": keys.get("org_slug"), "branch": keys.get("branch")}
        return self.listing(keys=keys, path=path, params=params)

    def _unfinished(self) -> list[Listing]:
        """Look at workflows that had not ended, and whose pipelines are too old for the lists.

        One that is denied is no reason to name its project as missing.
        """
        if not any(child.name == "workflows" for child in self.active_children):
            return []
        return [
            self.listing(
                keys={**keys, "open_workflow": workflow_id},
                purpose=Look.UNFINISHED,
                order=Order.UNKNOWN,
                pages=partial(self._pipeline_of_unfinished, workflow_id, keys),
                for_children_only=True,
                if_forbidden=Cost.LIST,
                if_missing=Cost.LIST,
            )
            for keys, workflow_id in self._memory.take_unfinished()
        ]

    def _missed(self) -> list[Listing]:
        """Look for pipelines that the last run listed and this one did not."""
        missed = self.run.listed_pipelines.missed() if self.selected else []
        if missed is None:
            self.logger.warning("pipelines: more vanished than the state can name: their rows stay")
        pages = partial(self._gone, missed or [])
        return [self.listing(order=Order.UNKNOWN, pages=pages)] if missed else []

    def _gone(self, missed: list[str]) -> Iterator[list[Row]]:
        """Tell those that are gone, and not only out of the lists that are read."""
        for pipeline_id in missed:
            try:
                self.get_json(f"/pipeline/{pipeline_id}")
            except DeniedError as error:
                if not error.is_forbidden:
                    yield [self.last_row(id=pipeline_id)]

    def _pipeline_of_unfinished(
        self, workflow_id: str, keys: Mapping[str, Any]
    ) -> Iterator[list[Row]]:
        try:
            workflow = self.get_json(f"/workflow/{workflow_id}")
        except DeniedError as error:
            if error.is_forbidden:
                raise
            gone = "workflows: %s is gone, and had not ended"
            self.stats.warn(self.logger, "gone", gone, workflow_id)
            self._memory.drop(workflow_id, keys)
            return
        slug = workflow.get("project_slug")
        yield [{"id": workflow["pipeline_id"], "project_slug": slug, "workflow": workflow}]

    @property
    def places(self) -> list[dict[str, str]]:
        """One list for each project and branch, or one for each organization."""
        branches = self.run.choices.branches
        if not (slugs := self.run.known_projects.listed):
            # The list is whole, but other branches than before are to be read from the beginning
            narrowed = {"branches": ", ".join(branches)} if branches else {}
            return [{"org_slug": slug, **narrowed} for slug in self.run.organizations.slugs]
        if not branches:
            return [{"list_slug": slug} for slug in slugs]
        return [{"list_slug": slug, "branch": branch} for slug in slugs for branch in branches]

    @cached_property
    def bookmarks(self) -> PipelineBookmarks:
        """Until when each list was seen, and where it starts."""
        return PipelineBookmarks(self, self.run)

    def rest_of(self, listing: Listing, last: Row) -> Iterator[Row | str] | None:
        """Read on by number, one pipeline a request, where a project's next page cannot be had.

        Its token is not known: it would have stood on that page.
        """
        slug, number = listing.keys.get("list_slug"), last.get("number")
        return self._by_number(slug, number) if slug and isinstance(number, int) else None

    def _by_number(self, slug: str, above: int) -> Iterator[Row | str]:
        missing = broken = 0
        for number in range(above - 1, 0, -1):
            path = f"/project/{self.quote('list_slug', slug)}/pipeline/{number}"
            build = partial(self.build_prepared_request, "GET", f"{self.url_base}{path}")
            try:
                yield json_of(self.send(build, max_tries=FEW_TRIES))
            except DeniedError as error:
                missing += 1
                if error.is_forbidden or missing == MOST_MISSING:  # Aged out, as all older ones
                    return
            except RetriesExhaustedError:
                broken += 1
                if broken == MOST_BROKEN:
                    raise
                yield path
            else:
                missing = broken = 0

    def denied(self, listing: Listing, error: DeniedError) -> Cost:
        """Pass over an organization that nobody set, where CircleCI has none of this name.

        Nor are insights a must, where the look-back shows most reruns.
        """
        if listing.purpose is Look.RERUN and self.run.lists_reruns:
            self.stats.skip("look at older reruns")
            unseen = "pipelines: reruns of older pipelines of %s are not seen: %s"
            slug = listing.keys["reruns_slug"]
            self.stats.warn(self.logger, "reruns", unseen, slug, error)
            return Cost.NOTHING
        org = listing.keys.get("org_slug")
        if org and not error.is_forbidden and self.run.organizations.passes_over(org):
            return Cost.NOTHING
        return super().denied(listing, error)

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Note which projects there are."""
        for row in rows:
            row["project_slug"] = row.get("project_slug") or listing.keys.get("list_slug")
            self.run.known_projects.add(row["project_slug"])
        if listing.keys and not listing.purpose:
            listed = [row for row in rows if self._is_asked(row)]
            oldest = self.run.began - self.lookback
            self.run.listed_pipelines.add(listed, listing.keys, oldest)
        return super().post_process_page(rows, listing)

    def stream_done(self) -> None:
        """Remember which projects API v3 lists, and which pipelines were listed."""
        super().stream_done()
        self.run.known_projects.save()
        if self.selected:
            state = self.bookmarks.state()
            self.run.listed_pipelines.save(state, self.run.began, self.lookback)

    def has_children(self, row: Row, listing: Listing) -> bool:
        """Leave out other branches: the list of an organization cannot."""
        if listing.purpose is Look.UNFINISHED:  # It passed before
            return True
        return self._is_asked(row) and super().has_children(row, listing)

    def rows_to_write(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Write a pipeline again only when it may have changed."""
        return [row for row in rows if self._is_asked(row) and self._has_changed(row, listing)]

    def _has_changed(self, row: Row, listing: Listing) -> bool:
        keys = {**listing.keys, "pipeline_created_at": row.get("created_at")}
        return changed(row, self.bookmarks.watermark(keys))

    def _is_asked(self, pipeline: Row) -> bool:
        branches = self.run.choices.branches
        return not branches or (pipeline.get("vcs") or {}).get("branch") in branches


class Workflows(BuildStream):
    """Workflows of a pipeline, reruns included (operationId listWorkflowsByPipelineId)."""

    name = "workflows"
    path = "/pipeline/{pipeline_id}/workflow"
    primary_keys = ("id",)
    parent_stream_type = Pipelines
    child_keys: ClassVar[Mapping[str, str]] = {
        "workflow_id": "id",
        "workflow_created_at": "created_at",
    }
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "users": ("started_by", "canceled_by", "errored_by")
    }
    schema = columns.table(
        columns.key("id", "Identifies the workflow.", th.UUIDType),
        columns.uuid("pipeline_id", "Pipeline that it belongs to."),
        columns.integer("pipeline_number", "Number of that pipeline."),
        columns.text("project_slug", "Project that was built."),
        columns.text("name", "Name in the configuration."),
        columns.text("status", "How far it got, or how it ended."),
        columns.timestamp("created_at", "When it was created."),
        columns.timestamp("stopped_at", "When it ended; null until then."),
        columns.uuid("started_by", "User who started or reran it."),
        columns.uuid("canceled_by", "User who canceled it."),
        columns.uuid("errored_by", "User who caused its error."),
        columns.text("tag", "`setup` for a setup workflow."),
        columns.integer("auto_rerun_number", "Which automatic rerun."),
        columns.integer("max_auto_reruns", "Most automatic reruns."),
    )

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing:
        """Ask for a pipeline's workflows; the one that was asked for by itself is known."""
        ended: set[str] = set()

        def note(rows: list[Row]) -> list[Row]:
            ended.update(row["id"] for row in rows if row.get("id") and self._ends_here(row))
            return rows

        return self.listing_below(
            above,
            row,
            keys,
            known=[dict(row["workflow"])] if above.purpose is Look.UNFINISHED else None,
            new_pass=lambda: note,
            done=lambda: self._memory.drop_all(ended, keys),
        )

    def _ends_here(self, row: Row) -> bool:
        """Tell whether a workflow has ended, and nothing below it is to be read."""
        if is_open(row):
            return False
        return not self.active_children or not self.run.passes_filter(self, row)

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Note what needs no second look where insights tell reruns, too, and what needs one."""
        notes_read = self.run.asks_insights and self.bookmarks.held(listing.keys)
        for row in rows:
            if workflow_id := row.get("id"):
                if notes_read:
                    self.run.workflows_read.add(workflow_id)
                self._memory.track(row, listing.keys)
        return super().post_process_page(rows, listing)

    def rows_to_write(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Write a workflow again until it was seen with its end."""
        if listing.all_children:  # No run could read the list
            return rows
        watermark = self.bookmarks.watermark(listing.keys)
        return [
            row
            for row in rows
            if is_open(row)
            or self._memory.was_open(row.get("id"), listing.keys)
            or is_after(row.get("stopped_at"), watermark)
        ]
