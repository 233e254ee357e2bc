"""The tap: its settings, its token and its streams."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast
from urllib.parse import urlsplit

from singer_sdk import typing as th

from rest_tap import (
    ConfigError,
    DeniedError,
    HeaderCredentials,
    RestTap,
    checked_url,
    parse_timestamp,
    shared_settings,
)
from tap_circleci.discovery import KnownProjects
from tap_circleci.memory import Memory
from tap_circleci.settings import LONGEST_WINDOW, SETTINGS
from tap_circleci.slugs import read_slug
from tap_circleci.streams import STREAMS
from tap_circleci.streams.insights_workflows import RETENTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rest_tap import RestStream, Row
    from tap_circleci.client import BuildStream

DEFAULT_AGE = timedelta(days=90)


class TapCircleCI(RestTap):
    """Reads CircleCI: pipelines, workflows and jobs, settings, insights, deploys and usage."""

    name = "tap-circleci"
    config_jsonschema: ClassVar = th.PropertiesList(
        *SETTINGS, *shared_settings("tap-circleci")
    ).to_dict()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._asking = threading.Lock()
        self._collaborations: list[Row] | None = None
        super().__init__(*args, **kwargs)

    def discover_streams(self) -> list[RestStream]:
        """List the streams."""
        return [kind(self) for kind in STREAMS]

    def check_config(self) -> None:
        """Check the address, the token's form, the slugs, the branches and the dates.

        Raises:
            ConfigError: Naming the setting and what to write.
        """
        _ = self.base_url, self.project_slugs, self.configured_orgs, self.branches
        token = self.config["token"]
        if not token or " " in token:
            raise ConfigError(
                "token: write the token alone, without spaces and without the word Bearer"
            )

    # What a user chose

    @cached_property
    def base_url(self) -> str:
        """The API's address."""
        url = checked_url("base_url", self.config["base_url"])
        path = urlsplit(url).path
        if not path:
            return f"{url}/api/v2"
        if not path.endswith("/api/v2"):
            raise ConfigError(f"base_url: {url!r} must end with /api/v2, the API that is read")
        return url

    @cached_property
    def project_slugs(self) -> list[str]:
        """The projects of the settings."""
        return self._slugs("project_slugs")

    @cached_property
    def configured_orgs(self) -> list[str]:
        """The organizations of the settings."""
        return self._slugs("org_slugs")

    def _slugs(self, setting: str) -> list[str]:
        slugs = (read_slug(setting, slug) for slug in self.config.get(setting) or ())
        return list(dict.fromkeys(slugs))

    @cached_property
    def org_slugs(self) -> list[str]:
        """The organizations whose lists of pipelines are read where no project is set."""
        return self.configured_orgs or [org["slug"] for org in self.collaborations()]

    @cached_property
    def chosen_orgs(self) -> list[str]:
        """The organizations of the settings, or of their projects; none for all there are."""
        owners = (slug.rpartition("/")[0] for slug in self.project_slugs)
        return self.configured_orgs or list(dict.fromkeys(owners))

    def passes_over(self, org: str) -> bool:
        """Pass over an organization that CircleCI answers 404 for, and tell the user, if it may.

        Nobody set those in which the user takes part, and not all of them need to build there.
        """
        if org in self.configured_orgs:
            return False
        self.logger.warning(
            "collaborations: CircleCI does not know %s, or not for this token; left out", org
        )
        return True

    def collaborations(self) -> list[Row]:
        """List the organizations in which the token's user takes part, asked for once a run."""
        with self._asking:
            if self._collaborations is None:
                stream = self._stream("collaborations")
                listed = stream.get_json("/me/collaborations")
                self._collaborations = [
                    row
                    for row in listed
                    if isinstance(row, dict) and row.get("slug") and isinstance(row["slug"], str)
                ]
                for _ in range(len(listed) - len(self._collaborations)):
                    stream.count_skipped("row without slug")
                if not self._collaborations and not self.chosen_orgs:
                    stream.stats.skip("no organization")  # Nor does it tell that all has vanished
                    stream.logger.warning(
                        "collaborations: the token's user takes part in no organization, so "
                        "nothing is read: set project_slugs or org_slugs"
                    )
            return self._collaborations

    def ask_organization(self, slug: str) -> Row:
        """Ask for an organization of which only the slug is known.

        Raises:
            DeniedError: If it is not there for the token, which is told before.
        """
        try:
            row: Row = self._stream("organizations").get_json(f"/organization/{slug}")
        except DeniedError as error:
            hint = f"{error}. Nothing that belongs to this organization is read"
            if slug in self.configured_orgs:
                self.report_missing("org_slugs", [slug], hint)
            else:
                named_by = "project_slugs" if self.project_slugs else "collaborations"
                self.logger.warning("%s: %r: %s", named_by, slug, hint)
            raise
        return row

    @property
    def organization_ids(self) -> list[str]:
        """The ids of the organizations that are read."""
        ids = []
        known = {row["slug"]: row.get("id") for row in self.collaborations()}
        for slug in self.chosen_orgs or known:
            with contextlib.suppress(DeniedError):  # Told, and no reason to leave out others
                ids.append(known.get(slug) or self.ask_organization(slug)["id"])
        return ids

    @cached_property
    def branches(self) -> list[str]:
        """The branches of the settings."""
        names = [name.strip() for name in self.config.get("branches") or ()]
        if "" in names:
            raise ConfigError("branches: '' is not the name of a branch; an empty list takes all")
        return list(dict.fromkeys(names))

    @cached_property
    def start_date(self) -> datetime:
        """The moment from which on rows are wanted: 90 days ago if it is not set."""
        return parse_timestamp(self.config.get("start_date")) or self.began - DEFAULT_AGE

    @cached_property
    def lookback(self) -> timedelta:
        """How old a pipeline may be that is looked at again."""
        return timedelta(seconds=self.config["lookback"])

    @property
    def lists_reruns(self) -> bool:
        """Whether reruns are found by looking at each pipeline in the look-back."""
        return bool(self.config["rerun_detection"] == "lookback")

    @property
    def reporting_window(self) -> str:
        """The days that the summaries of insights cover."""
        return str(self.config["reporting_window"])

    @property
    def all_branches(self) -> dict[str, str]:
        """The parameter by which insights cover all branches."""
        return {"all-branches": "true"} if self.config["all_branches"] else {}

    # What the streams of a run share

    @property
    def reads_pipelines(self) -> bool:
        """Whether this run lists pipelines anyway."""
        return self._stream("pipelines").is_active

    @property
    def lacks_pipelines(self) -> bool:
        """Whether a list of pipelines was not read to its end in this run."""
        return self.reads_pipelines and self._stream("pipelines").stats.is_incomplete

    @cached_property
    def known_projects(self) -> KnownProjects:
        """Which projects there are."""
        return KnownProjects(self)

    @cached_property
    def memory(self) -> Memory:
        """What the runs remember of each list of pipelines."""
        return Memory(self, cast("BuildStream", self._stream("pipelines")))

    @cached_property
    def workflows_read(self) -> set[str]:
        """The workflows of this run's pipelines, where insights tell the reruns of others."""
        return set()

    def _stream(self, name: str) -> RestStream:
        return cast("RestStream", self.streams[name])

    def sync_all(self) -> None:  # type: ignore[misc] # The base class says why
        """Say what this run cannot see, and read all selected streams."""
        _ = self.known_projects, self.memory  # Made before threads share them
        for remark in self._remarks():
            self.logger.warning(remark)
        super().sync_all()

    def _remarks(self) -> Iterator[str]:
        if not self.project_slugs:
            yield (
                "project_slugs is not set: without it CircleCI lists only the projects that the "
                "token's user follows, 250 at most. Set it to read others"
            )
        read = [stream for name in self.streams if (stream := self._stream(name)).selected]
        if self._stream("users") in read and not any("users" in s.mentions for s in read):
            yield (
                "users: only those are read that rows of other streams mention: select workflows, "
                "jobs or schedules with them"
            )
        if not self._stream("insights_workflow_runs").selected:
            return
        start = parse_timestamp(self.config.get("start_date"))
        if start and start < datetime.now(UTC) - RETENTION:
            yield "start_date: insights reach back 90 days; their runs are read from there on"
        if self.reporting_window != LONGEST_WINDOW:
            yield (
                "reporting_window: insights name the workflows of these days only, so older runs "
                f"of others are not read; {LONGEST_WINDOW} names all"
            )

    # The token

    @property
    def authenticator(self) -> HeaderCredentials:
        """Show the token to the API, and to nothing else."""
        return HeaderCredentials(
            lambda: f"{self.base_url}/",
            "Circle-Token",
            lambda: str(self.config["token"]),
            f"token: {self.base_url} refused it (401). API v2 takes personal API tokens only (User "
            "Settings, Personal API Tokens), not project tokens. Check that it is complete and "
            "has not expired",
        )


if __name__ == "__main__":
    TapCircleCI.cli()
