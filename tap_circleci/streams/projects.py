"""Projects, and what belongs to a project as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import Cost
from rest_tap.state import MOMENT_MAP, TEXT_LIST
from tap_circleci.client import PERSONAL_ONLY, CircleCIStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rest_tap import Listing, Row
    from rest_tap.state import Kind


class Projects(CircleCIStream):
    """Projects (operationId getProjectBySlug).

    API v2 cannot list them. They are those of the settings; or, where only organizations are set,
    those of which a pipeline was ever listed: this stream's state keeps their slugs.
    """

    name = "projects"
    path = "/project/{project_slug}"
    needs = PERSONAL_ONLY
    state_keys: ClassVar[Mapping[str, Kind]] = {
        "slugs": TEXT_LIST,
        "looked": MOMENT_MAP,
        "missed": MOMENT_MAP,
    }
    primary_keys = ("id",)
    records_key = None
    if_forbidden = if_missing = Cost.NAMED_LIST
    child_keys: ClassVar[Mapping[str, str]] = {"project_slug": "slug", "project_id": "id"}
    schema = th.PropertiesList(
        th.Property("id", th.UUIDType, required=True, description="Identifies the project."),
        th.Property("slug", th.StringType, description="Names it in paths and in other streams."),
        th.Property("name", th.StringType, description="Name of the project."),
        th.Property("organization_id", th.UUIDType, description="Id of its organization."),
        th.Property("organization_slug", th.StringType, description="Slug of its organization."),
        th.Property("organization_name", th.StringType, description="Name of its organization."),
        th.Property(
            "vcs_info",
            th.ObjectType(
                th.Property("provider", th.StringType, description="GitHub, Bitbucket, CircleCI."),
                th.Property("vcs_url", th.StringType, description="Address of the repository."),
                th.Property("default_branch", th.StringType, description="Its main branch."),
            ),
            description="Its repository.",
        ),
    ).to_dict()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked: set[str] = set()
        self._read: set[str] = set()

    def rounds(self) -> Iterator[Iterable[Listing]]:
        """Read the projects of the settings; without any, those that were found in pipelines."""
        if self._tap.project_slugs:
            yield self._each(self._tap.project_slugs)
            return
        yield []  # Pipelines are read first
        if not self._tap.reads_pipelines:
            self._tap.known_projects.discover(self)
        # One that was found, not set, may be deleted since
        yield self._each(self._tap.known_projects.slugs, if_missing=Cost.NOTHING)

    def _each(self, slugs: Sequence[str], **costs: Cost) -> list[Listing]:
        self._asked.update(slugs)
        return [self.listing(keys={"project_slug": slug}, **costs) for slug in slugs]

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Note that a project is still there."""
        self._read.add(listing.keys["project_slug"])
        return rows

    def stream_done(self) -> None:
        """Remember which projects there are, and which of them are gone."""
        super().stream_done()
        known = self._tap.known_projects
        if self._read:
            for slug in known.mark_unreadable(self._asked - self._read):
                gone = "projects: %s is gone or not for this token; left out"
                self.stats.warn(self.logger, "gone", gone, slug)
        else:
            self.stats.skip("no project")  # Nor does it tell that all has vanished
            if self._asked:
                self.logger.warning(
                    "projects: none of %s can be read with this token; what was read before stays",
                    len(self._asked),
                )
        known.save()
        if not self._tap.project_slugs and self._tap.lacks_pipelines:
            self.stats.skip("list of pipelines that was not read")  # Others may be in it


class ProjectStream(CircleCIStream):
    """A list that belongs to a project."""

    parent_stream_type: type[CircleCIStream] = Projects


class OptionalStream(ProjectStream):
    """A list that only some projects have: others answer 404, though they are there."""

    if_missing = Cost.NOTHING


def of_project(*more: th.Property[Any]) -> tuple[th.Property[Any], ...]:
    """Describe the project's keys that each of its rows carries."""
    return (
        th.Property("project_slug", th.StringType, required=True, description="Its project."),
        th.Property("project_id", th.UUIDType, description="Id of that project."),
        *more,
    )


class ProjectSettings(ProjectStream):
    """Advanced settings of a project (operationId getProjectSettings)."""

    name = "project_settings"
    path = "/project/{project_slug}/settings"
    primary_keys = ("project_slug",)
    records_key = None
    schema = th.PropertiesList(
        *of_project(),
        th.Property(
            "advanced",
            th.ObjectType(
                th.Property(
                    "autocancel_builds", th.BooleanType, description="New commits cancel old runs."
                ),
                th.Property("build_fork_prs", th.BooleanType, description="Forks are built."),
                th.Property(
                    "build_prs_only", th.BooleanType, description="Only pull requests are built."
                ),
                th.Property("disable_ssh", th.BooleanType, description="No reruns with SSH."),
                th.Property(
                    "forks_receive_secret_env_vars",
                    th.BooleanType,
                    description="Forks see secret variables.",
                ),
                th.Property("oss", th.BooleanType, description="Open source: builds are public."),
                th.Property(
                    "set_github_status", th.BooleanType, description="GitHub is told the status."
                ),
                th.Property(
                    "setup_workflows", th.BooleanType, description="Dynamic configuration is on."
                ),
                th.Property(
                    "write_settings_requires_admin",
                    th.BooleanType,
                    description="Only administrators change settings.",
                ),
                th.Property(
                    "pr_only_branch_overrides",
                    th.ArrayType(th.StringType),
                    description="Branches that are built without a pull request.",
                ),
            ),
            description="Switches of the project.",
        ),
    ).to_dict()


class ProjectEnvironmentVariables(ProjectStream):
    """Environment variables of a project, their values masked (operationId listEnvVars)."""

    name = "project_environment_variables"
    path = "/project/{project_slug}/envvar"
    primary_keys = ("project_slug", "name")
    schema = th.PropertiesList(
        *of_project(),
        th.Property("name", th.StringType, required=True, description="Name of the variable."),
        th.Property("value", th.StringType, description="Its last characters, behind a mask."),
        th.Property(
            "created_at", th.DateTimeType, description="When it was set, if that is known."
        ),
    ).to_dict()


class CheckoutKeys(ProjectStream):
    """Keys with which a project's jobs clone (operationId listCheckoutKeys)."""

    name = "checkout_keys"
    path = "/project/{project_slug}/checkout-key"
    primary_keys = ("project_slug", "fingerprint")
    schema = th.PropertiesList(
        *of_project(),
        th.Property("fingerprint", th.StringType, required=True, description="Of the key."),
        th.Property("public_key", th.StringType, description="Its public half."),
        th.Property("type", th.StringType, description="Deploy key or user key."),
        th.Property("preferred", th.BooleanType, description="Whether jobs use this one."),
        th.Property("created_at", th.DateTimeType, description="When it was made."),
    ).to_dict()


class Schedules(OptionalStream):
    """Schedules of a project (operationId listSchedulesForProject).

    Projects of the GitHub App have none: they have triggers.
    """

    name = "schedules"
    path = "/project/{project_slug}/schedule"
    primary_keys = ("id",)
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("actor.id",)}
    schema = th.PropertiesList(
        *of_project(),
        th.Property("id", th.UUIDType, required=True, description="Identifies the schedule."),
        th.Property("name", th.StringType, description="Name of the schedule."),
        th.Property("description", th.StringType, description="What it is for."),
        th.Property(
            "timetable",
            th.ObjectType(
                th.Property("per-hour", th.IntegerType, description="Times an hour."),
                th.Property(
                    "hours-of-day", th.ArrayType(th.IntegerType), description="Hours, in UTC."
                ),
                th.Property(
                    "days-of-week", th.ArrayType(th.StringType), description="Days such as MON."
                ),
                th.Property(
                    "days-of-month", th.ArrayType(th.IntegerType), description="Days, from 1."
                ),
                th.Property("months", th.ArrayType(th.StringType), description="Such as MAR."),
            ),
            description="When it starts pipelines.",
        ),
        th.Property(
            "parameters",
            th.ObjectType(additional_properties=True),
            description="Pipeline parameters, a branch or tag among them.",
        ),
        th.Property(
            "actor",
            th.ObjectType(
                th.Property("id", th.UUIDType, description="Id of the user."),
                th.Property("login", th.StringType, description="Login of the user."),
                th.Property("name", th.StringType, description="Name of the user."),
            ),
            description="In whose name its pipelines run.",
        ),
        th.Property("created_at", th.DateTimeType, description="When it was made."),
        th.Property("updated_at", th.DateTimeType, description="When it was last changed."),
    ).to_dict()


class Webhooks(ProjectStream):
    """Outbound webhooks of a project (operationId getWebhooks)."""

    name = "webhooks"
    path = "/webhook"
    primary_keys = ("id",)
    schema = th.PropertiesList(
        *of_project(),
        th.Property("id", th.UUIDType, required=True, description="Identifies the webhook."),
        th.Property("name", th.StringType, description="Name of the webhook."),
        th.Property("url", th.StringType, description="Where events are sent."),
        th.Property("events", th.ArrayType(th.StringType), description="What is told."),
        th.Property("verify_tls", th.BooleanType, description="Whether certificates are checked."),
        th.Property("signing_secret", th.StringType, description="Its last characters, masked."),
        th.Property(
            "scope",
            th.ObjectType(
                th.Property("id", th.UUIDType, description="Id of the project."),
                th.Property("type", th.StringType, description="Always a project today."),
            ),
            description="What is watched.",
        ),
        th.Property("created_at", th.DateTimeType, description="When it was made."),
        th.Property("updated_at", th.DateTimeType, description="When it was last changed."),
    ).to_dict()

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Name the project."""
        return {"scope-id": listing.keys["project_id"], "scope-type": "project"}
