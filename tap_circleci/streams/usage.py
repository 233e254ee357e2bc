"""Usage: every job run with its credits, by the exports that CircleCI prepares on demand."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import EMPTY_KEY, Bookmarks, Cost, columns, format_timestamp, parse_timestamp
from tap_circleci.client import CircleCIStream, vendor_timestamp
from tap_circleci.exports import Exporter, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from rest_tap import Listing, Row

RETENTION = timedelta(days=365)
LONGEST = timedelta(days=31)
SECOND = timedelta(seconds=1)
NULLS = {"", r"\N"}
NEEDED = ("ORGANIZATION_ID", "WORKFLOW_ID", "JOB_ID", "JOB_RUN_DATE", "PIPELINE_TRIGGER_USER_ID")
NEVER = "1970-01-01T00:00:00+00:00"

TEXTS = {
    "organization_name": "Name of the organization.",
    "project_id": "Id of the project.",
    "project_name": "Name of the project.",
    "vcs_name": "Where its code is.",
    "vcs_url": "Address of the repository.",
    "vcs_branch": "Branch that was built.",
    "pipeline_id": "Id of the pipeline.",
    "pipeline_trigger_source": "What started the pipeline.",
    "workflow_name": "Name of the workflow.",
    "job_name": "Name of the job.",
    "job_build_status": "How the job ended.",
    "resource_class": "Size of the machine.",
    "operating_system": "System of the machine.",
    "executor": "Kind of the machine.",
}
TIMES = {
    "organization_created_date": "When the organization was made.",
    "project_created_date": "When the project was made.",
    "last_build_finished_at": "When the project's last job ended.",
    "pipeline_created_at": "When the pipeline was created.",
    "workflow_first_job_queued_at": "When the workflow's first job began to wait.",
    "workflow_first_job_started_at": "When the workflow's first job started.",
    "workflow_stopped_at": "When the workflow ended.",
    "job_run_queued_at": "When the job began to wait.",
    "job_run_started_at": "When the job started.",
    "job_run_stopped_at": "When the job ended.",
}
INTEGERS = {
    "pipeline_number": "Number of the pipeline.",
    "job_run_number": "Number of the job.",
    "parallelism": "Machines of the job.",
}
NUMBERS = {
    "job_run_seconds": "Seconds that the job ran.",
    "median_cpu_utilization_pct": "Share of CPU used, in the middle, in percent.",
    "max_cpu_utilization_pct": "Share of CPU used, at most, in percent.",
    "median_ram_utilization_pct": "Share of memory used, in the middle, in percent.",
    "max_ram_utilization_pct": "Share of memory used, at most, in percent.",
    "compute_credits": "Credits for the machine.",
    "dlc_credits": "Credits for Docker layer caching.",
    "user_credits": "Credits for users' seats.",
    "storage_credits": "Credits for storage.",
    "network_credits": "Credits for network transfer.",
    "lease_credits": "Credits for leased machines.",
    "lease_overage_credits": "Credits for more leased machines than agreed.",
    "ipranges_credits": "Credits for fixed IP ranges.",
    "total_credits": "All credits of the row.",
}
BOOLEANS = {
    "is_unregistered_user": "Whether the user has no account at CircleCI.",
    "is_workflow_successful": "Whether the workflow succeeded.",
}


def _columns(kind: Any, names: Mapping[str, str]) -> list[columns.Column]:
    return [columns.column(name, kind, about) for name, about in names.items()]


def _time(text: str) -> str:
    at = parse_timestamp(text.removesuffix(" UTC"))
    return format_timestamp(at) if at else text


WORDS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0"), False),
}
READERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(TIMES, _time),
    **dict.fromkeys(INTEGERS, lambda text: int(float(text))),
    **dict.fromkeys(NUMBERS, float),
    **dict.fromkeys(BOOLEANS, lambda text: WORDS[text.lower()]),
    "job_run_date": _time,
}


def _value(name: str, text: str) -> Any:
    """Read a text as its column says; one that cannot be is left for the conformer to tell."""
    try:
        return READERS.get(name, str)(text)
    except (LookupError, ValueError, OverflowError):
        return text


class ExportBookmarks(Bookmarks):
    """Moved by what was exported, whatever was in it."""

    def advance(self, keys: Mapping[str, Any], newest: datetime | None) -> None:
        """Leave it to `Usage`."""


class Usage(CircleCIStream):
    """Job runs with their credits, and credits of no run (operationId createUsageExport).

    CircleCI adds a day to what can be exported when the day is over, and mends the last ones. So a
    run asks for the days since the last export less the look-back, up to last midnight.
    """

    name = "usage"
    path = "/organizations/{organization_id}/usage_export_job"
    primary_keys = (
        *("organization_id", "workflow_id", "job_id"),
        *("job_run_date", "pipeline_trigger_user_id"),
    )
    key_defaults: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("workflow_id", "job_id", "pipeline_trigger_user_id"), EMPTY_KEY),
        "job_run_date": NEVER,
    }
    replication_key = "job_run_date"
    is_read_last = True  # Nothing else shall wait until the vendor has made an export
    rows_stay_true = True
    state_partitioning_keys = ("organization_id",)
    selected_by_default = False
    if_forbidden = if_missing = Cost.NAMED_LIST
    needs = "an organization administrator's token"
    schema = columns.table(
        *(
            columns.key(name, about)
            for name, about in {
                "organization_id": "Id of the organization.",
                "workflow_id": "Id of the workflow; `-` for credits of no run.",
                "job_id": "Id of the job; `-` for credits of no run.",
                "pipeline_trigger_user_id": "User to whom the credits are attributed, or `-`.",
            }.items()
        ),
        columns.key("job_run_date", "Day of the run.", th.DateTimeType),
        *_columns(th.StringType, TEXTS),
        *_columns(th.DateTimeType, TIMES),
        *_columns(th.IntegerType, INTEGERS),
        *_columns(th.NumberType, NUMBERS),
        *_columns(th.BooleanType, BOOLEANS),
    )

    @cached_property
    def _due(self) -> dict[str, datetime]:
        """Where the next month of each organization starts that the bookmark may pass."""
        return {}

    def rounds(self) -> Iterator[Iterable[Listing]]:
        """Read nothing at first: exports make threads wait, and other streams shall not wait.

        Nor is anything exported for a trial (`--test`).
        """
        yield []
        if self.ABORT_AT_RECORD_COUNT is None:
            yield self._exports()

    def _exports(self) -> Iterator[Listing]:
        """Describe one export for each organization and month."""
        organization_ids = self.run.organizations.ids  # First, for answers tell the clock
        today = _midnight(self.run.began)
        oldest = today - RETENTION
        for organization_id in organization_ids:
            start = _midnight(self._start({"organization_id": organization_id}))
            if start < oldest:
                self.logger.warning(
                    "usage: CircleCI keeps a year of it: read from %s", vendor_timestamp(oldest)
                )
            start = max(start, oldest)
            self._due[organization_id] = start
            while start < today:
                end = min(start + LONGEST, today)
                window = {"start": vendor_timestamp(start), "end": vendor_timestamp(end - SECOND)}
                keys = {"organization_id": organization_id, **window}
                yield self.listing(
                    keys=keys,
                    pages=partial(self._files, keys),
                    done=partial(self._exported, organization_id, start, end),
                )
                start = end

    def _start(self, keys: Mapping[str, Any]) -> datetime:
        """Find the first day to read; after the last one when it has been read already."""
        done = parse_timestamp(self.bookmarks.held(keys).get("replication_key_value"))
        if done is None:
            return self.run.start_date
        is_new = done < _midnight(self.run.began)
        return done - self.run.choices.lookback if is_new else done

    @cached_property
    def _exporters(self) -> dict[str, Exporter]:
        return defaultdict(Exporter)

    def _files(self, keys: Mapping[str, str]) -> Iterator[list[Row]]:
        """Read an export's files."""
        path = self.path.format_map(keys)
        exporter = self._exporters[keys["organization_id"]]
        for url in exporter.prepare(self, path, keys["start"], keys["end"]):
            yield from read(self, url, NEEDED)

    def post_process(self, row: Row, context: Mapping[str, Any] | None = None) -> Row:  # noqa: ARG002
        """Turn a file's text into values."""
        return {name: None if text in NULLS else _value(name, text) for name, text in row.items()}

    @cached_property
    def bookmarks(self) -> Bookmarks:
        """How far each organization was exported."""
        return ExportBookmarks(self, self.run)

    def _exported(self, organization_id: str, start: datetime, end: datetime) -> None:
        """Note until when an organization's usage was read, unless a month before was not."""
        if self._due[organization_id] != start:
            return
        self._due[organization_id] = end
        state = self.bookmarks.state({"organization_id": organization_id})
        until = format_timestamp(end)
        state.update(replication_key=self.replication_key, replication_key_value=until)


def _midnight(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
