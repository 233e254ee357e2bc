"""The tap: its settings, its token and its streams."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, cast

from singer_sdk import typing as th

from rest_tap import RestTap, StreamError, parse_timestamp, shared_settings
from tap_circleci.auth import Token
from tap_circleci.choices import Choices
from tap_circleci.discovery import KnownProjects
from tap_circleci.memory import Memory
from tap_circleci.organizations import KnownOrganizations
from tap_circleci.settings import LONGEST_WINDOW, SETTINGS
from tap_circleci.streams import STREAMS
from tap_circleci.streams.insights_workflows import RETENTION
from tap_circleci.vanished import ListedPipelines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rest_tap import RestStream
    from tap_circleci.client import BuildStream

DEFAULT_AGE = timedelta(days=90)


class TapCircleCI(RestTap):
    """Reads CircleCI: pipelines, workflows and jobs, settings, insights, deploys and usage."""

    name = "tap-circleci"
    config_jsonschema: ClassVar = th.PropertiesList(
        *SETTINGS, *shared_settings("tap-circleci")
    ).to_dict()

    def discover_streams(self) -> list[RestStream]:
        """List the streams."""
        return [kind(self) for kind in STREAMS]

    def check_config(self) -> None:
        """Check the settings."""
        _ = self.choices

    @cached_property
    def choices(self) -> Choices:
        """What a user chose."""
        return Choices(self.config)

    @cached_property
    def start_date(self) -> datetime:
        """The moment from which on rows are wanted: 90 days ago if it is not set."""
        return parse_timestamp(self.config.get("start_date")) or self.began - DEFAULT_AGE

    @property
    def lists_reruns(self) -> bool:
        """Whether reruns are found by looking at each pipeline in the look-back."""
        return bool(self.config["rerun_detection"] != "insights")

    @cached_property
    def asks_insights(self) -> bool:
        """Whether this run asks insights for reruns: each one, or once a day for older ones."""
        read = [each for each in self._stream("pipelines").family if each.selected]
        is_due = any(each.reconciliation.is_due for each in read)
        return not self.lists_reruns or (self.config["rerun_detection"] == "both" and is_due)

    @cached_property
    def reruns_asked(self) -> dict[str, datetime]:
        """From when on insights were asked for the reruns of projects in this run."""
        return {}

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
    def organizations(self) -> KnownOrganizations:
        """Which organizations there are."""
        return KnownOrganizations(self)

    @cached_property
    def known_projects(self) -> KnownProjects:
        """Which projects there are."""
        return KnownProjects(self)

    @cached_property
    def memory(self) -> Memory:
        """What the runs remember of each list of pipelines."""
        return Memory(self, cast("BuildStream", self._stream("pipelines")))

    @cached_property
    def listed_pipelines(self) -> ListedPipelines:
        """The pipelines in the look-back, by which a run tells what vanished."""
        return ListedPipelines(cast("BuildStream", self._stream("pipelines")).bookmarks)

    @cached_property
    def workflows_read(self) -> set[str]:
        """The workflows of this run's pipelines, where insights tell the reruns of others."""
        return set()

    def _stream(self, name: str) -> RestStream:
        return cast("RestStream", self.streams[name])

    def sync_all(self) -> None:  # type: ignore[misc] # The base class says why
        """Say what this run cannot see, and read all selected streams."""
        # Made before threads share them
        _ = self.organizations, self.known_projects, self.memory, self.listed_pipelines
        for remark in self._remarks():
            self.logger.warning(remark)
        super().sync_all()

    def _remarks(self) -> Iterator[str]:
        if not (self.choices.project_slugs or self.choices.lists_projects):
            yield (
                "project_slugs is not set: without it CircleCI lists only the projects that the "
                "token's user follows, 250 at most. Set it, or project_discovery, to read others"
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
        if self.choices.reporting_window != LONGEST_WINDOW:
            yield (
                "reporting_window: insights name the workflows of these days only, so older runs "
                f"of others are not read; {LONGEST_WINDOW} names all"
            )

    def ask_time(self) -> None:
        """Ask for what most runs need anyway."""
        with contextlib.suppress(StreamError):  # Told where it is read
            self.organizations.collaborations()

    # The token

    @property
    def authenticator(self) -> Token:
        """Show the token to the API, and to nothing else."""
        return Token(self.choices)


if __name__ == "__main__":
    TapCircleCI.cli()
