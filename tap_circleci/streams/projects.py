"""Projects, and what belongs to a project as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import Cost, columns
from rest_tap.state import MOMENT, MOMENT_MAP, TEXT_LIST, TEXT_MAP
from tap_circleci.client import PERSONAL_ONLY, CircleCIStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rest_tap import Listing, Row
    from rest_tap.state import Kind


class Projects(CircleCIStream):
    """Projects (operationId getProjectBySlug).

    API v2 cannot list them. They are those of the settings; or, where only organizations are set,
    those that API v3 lists, or of which a pipeline was ever listed: this stream's state keeps their
    slugs.
    """

    name = "projects"
    path = "/project/{project_slug}"
    needs = PERSONAL_ONLY
    state_keys: ClassVar[Mapping[str, Kind]] = {
        "slugs": TEXT_LIST,
        "looked": MOMENT_MAP,
        "missed": MOMENT_MAP,
        "listed": MOMENT,
        "by_id": TEXT_MAP,
        "new": TEXT_LIST,
    }
    primary_keys = ("id",)
    records_key = None
    is_read_when_due = True
    bookmark_depends_on = ("project_slugs", "reporting_window", "all_branches")
    if_forbidden = if_missing = Cost.NAMED_LIST
    child_keys: ClassVar[Mapping[str, str]] = {"project_slug": "slug", "project_id": "id"}
    schema = columns.table(
        columns.key("id", "Identifies the project.", th.UUIDType),
        columns.text("slug", "Names it in paths and in other streams."),
        columns.text("name", "Name of the project."),
        columns.uuid("organization_id", "Id of its organization."),
        columns.text("organization_slug", "Slug of its organization."),
        columns.text("organization_name", "Name of its organization."),
        columns.nested(
            "vcs_info",
            "Its repository.",
            columns.text("provider", "GitHub, Bitbucket, CircleCI."),
            columns.text("vcs_url", "Address of the repository."),
            columns.text("default_branch", "Its main branch."),
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked: set[str] = set()
        self._read: set[str] = set()
        self.is_read_last = not self.config.get("project_slugs")  # Pipelines show which there are

    def rounds(self) -> Iterator[Iterable[Listing]]:
        """Read the projects of the settings; without any, those that were found in pipelines.

        Until all are due, those that were found since.
        """
        known = self.run.known_projects
        if not known.listed:
            yield []  # Pipelines are read first
            if not self.run.reads_pipelines:
                known.discover(self)
        yield self._each(known.slugs if self.is_whole else known.new)

    def _each(self, slugs: Sequence[str]) -> list[Listing]:
        self._asked.update(slugs)
        given: dict[str, Any] = {"all_children": not self.is_whole}
        if not self.run.choices.project_slugs:  # One that was found, not set, may be deleted since
            given["if_missing"] = Cost.NOTHING
        return [self.listing(keys={"project_slug": slug}, **given) for slug in slugs]

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Note that a project is still there."""
        self._read.add(listing.keys["project_slug"])
        return rows

    def stream_done(self) -> None:
        """Remember which projects there are, and which of them are gone."""
        super().stream_done()
        known = self.run.known_projects
        if not self.is_whole:
            known.mark_read(self._read)
        elif self._read:
            known.mark_read(self._asked)
            for slug in known.mark_unreadable(self._asked - self._read):
                gone = "projects: %s is gone or not for this token; left out"
                self.stats.warn(self.logger, "gone", gone, slug)
        else:
            self.stats.skip("no project")  # Nor does it tell that all has vanished
            self.is_whole = False
            if self._asked:
                self.logger.warning(
                    "projects: none of %s can be read with this token; what was read before stays",
                    len(self._asked),
                )
        known.save()
        if not known.listed and self.run.lacks_pipelines:
            self.stats.skip("list of pipelines that was not read")  # Others may be in it


class ProjectStream(CircleCIStream):
    """A list that belongs to a project."""

    parent_stream_type: type[CircleCIStream] = Projects


class OptionalStream(ProjectStream):
    """A list that only some projects have: others answer 404, though they are there."""

    if_missing = Cost.NOTHING


def of_project(*more: columns.Column) -> tuple[columns.Column, ...]:
    """Describe the project's keys that each of its rows carries."""
    return (
        columns.key("project_slug", "Its project."),
        columns.uuid("project_id", "Id of that project."),
        *more,
    )


class ProjectSettings(ProjectStream):
    """Advanced settings of a project (operationId getProjectSettings)."""

    name = "project_settings"
    path = "/project/{project_slug}/settings"
    primary_keys = ("project_slug",)
    records_key = None
    schema = columns.table(
        *of_project(),
        columns.nested(
            "advanced",
            "Switches of the project.",
            columns.boolean("autocancel_builds", "New commits cancel old runs."),
            columns.boolean("build_fork_prs", "Forks are built."),
            columns.boolean("build_prs_only", "Only pull requests are built."),
            columns.boolean("disable_ssh", "No reruns with SSH."),
            columns.boolean("forks_receive_secret_env_vars", "Forks see secret variables."),
            columns.boolean("oss", "Open source: builds are public."),
            columns.boolean("set_github_status", "GitHub is told the status."),
            columns.boolean("setup_workflows", "Dynamic configuration is on."),
            columns.boolean(
                "write_settings_requires_admin", "Only administrators change settings."
            ),
            columns.texts(
                "pr_only_branch_overrides", "Branches that are built without a pull request."
            ),
        ),
    )


class ProjectEnvironmentVariables(ProjectStream):
    """Environment variables of a project, their values masked (operationId listEnvVars)."""

    name = "project_environment_variables"
    path = "/project/{project_slug}/envvar"
    primary_keys = ("project_slug", "name")
    schema = columns.table(
        *of_project(),
        columns.key("name", "Name of the variable."),
        columns.text("value", "Its last characters, behind a mask."),
        columns.timestamp("created_at", "When it was set, if that is known."),
    )


class CheckoutKeys(ProjectStream):
    """Keys with which a project's jobs clone (operationId listCheckoutKeys)."""

    name = "checkout_keys"
    path = "/project/{project_slug}/checkout-key"
    primary_keys = ("project_slug", "fingerprint")
    schema = columns.table(
        *of_project(),
        columns.key("fingerprint", "Of the key."),
        columns.text("public_key", "Its public half."),
        columns.text("type", "Deploy key or user key."),
        columns.boolean("preferred", "Whether jobs use this one."),
        columns.timestamp("created_at", "When it was made."),
    )


class Schedules(OptionalStream):
    """Schedules of a project (operationId listSchedulesForProject).

    Projects of the GitHub App have none: they have triggers.
    """

    name = "schedules"
    path = "/project/{project_slug}/schedule"
    primary_keys = ("id",)
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("actor.id",)}
    schema = columns.table(
        *of_project(),
        columns.key("id", "Identifies the schedule.", th.UUIDType),
        columns.text("name", "Name of the schedule."),
        columns.text("description", "What it is for."),
        columns.nested(
            "timetable",
            "When it starts pipelines.",
            columns.integer("per-hour", "Times an hour."),
            columns.column("hours-of-day", th.ArrayType(th.IntegerType), "Hours, in UTC."),
            columns.texts("days-of-week", "Days such as MON."),
            columns.column("days-of-month", th.ArrayType(th.IntegerType), "Days, from 1."),
            columns.texts("months", "Such as MAR."),
        ),
        columns.free_form("parameters", "Pipeline parameters, a branch or tag among them."),
        columns.nested(
            "actor",
            "In whose name its pipelines run.",
            columns.uuid("id", "Id of the user."),
            columns.text("login", "Login of the user."),
            columns.text("name", "Name of the user."),
        ),
        columns.timestamp("created_at", "When it was made."),
        columns.timestamp("updated_at", "When it was last changed."),
    )


class Webhooks(ProjectStream):
    """Outbound webhooks of a project (operationId getWebhooks)."""

    name = "webhooks"
    path = "/webhook"
    primary_keys = ("id",)
    schema = columns.table(
        *of_project(),
        columns.key("id", "Identifies the webhook.", th.UUIDType),
        columns.text("name", "Name of the webhook."),
        columns.text("url", "Where events are sent."),
        columns.texts("events", "What is told."),
        columns.boolean("verify_tls", "Whether certificates are checked."),
        columns.text("signing_secret", "Its last characters, masked."),
        columns.nested(
            "scope",
            "What is watched.",
            columns.uuid("id", "Id of the project."),
            columns.text("type", "Always a project today."),
        ),
        columns.timestamp("created_at", "When it was made."),
        columns.timestamp("updated_at", "When it was last changed."),
    )

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Name the project."""
        return {"scope-id": listing.keys["project_id"], "scope-type": "project"}
