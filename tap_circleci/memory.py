"""What runs remember of each list of pipelines, to tell what none of them has seen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rest_tap import format_timestamp, latest, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from rest_tap import Row
    from tap_circleci.client import BuildStream
    from tap_circleci.tap import TapCircleCI

    Key = tuple[Any, ...]

TIMES = ("created_at", "updated_at", "started_at", "stopped_at")
ENDED = {
    *("success", "failed", "error", "canceled", "unauthorized", "not_run"),
    *("retried", "timedout", "infrastructure_fail", "terminated-unknown"),
}
MOST_OPEN = 50
"""How many workflows of a list are remembered that have not ended: the newest."""

FORGOTTEN = timedelta(days=90)
"""How old they may be; few approvals come later."""

DAY = timedelta(days=1)


def is_open(build: Row) -> bool:
    """Tell whether a workflow or job may go on: its status counts, whatever its times say."""
    if build.get("status") is None:
        return build.get("stopped_at") is None
    return build["status"] not in ENDED


class Memory:
    """Stands in the state of `pipelines`, selected or not, for what is below them as well.

    `newest` is the newest timestamp of all rows of a list, whose clock need not be that of the
    answers. `open` are its workflows that had not ended. `lag` is the least age, in seconds, that
    the newest timestamp of any list ever had when a run began: the rows' clock is not further
    behind, and a project that idles is told from a clock that is behind.
    """

    def __init__(self, tap: TapCircleCI, lists: BuildStream) -> None:
        self._tap = tap
        self._lists = lists
        self._lag: float | None = lists.initial_state.get("lag")
        self._known: dict[Key, Mapping[str, Any]] = {}
        self._newest: dict[Key, datetime] = {}
        self._open: dict[Key, dict[str, datetime | None]] = {}
        self._kept: dict[Key, Mapping[str, Any]] = {}
        lag = timedelta(seconds=self._lag or 0)
        self.lag = lag if tap.lists_reruns or lag > DAY else timedelta()
        """How far the rows' clock may be behind; where insights tell reruns, a day is let pass."""

    # As it stood when the run began; on any thread

    def newest(self, context: Mapping[str, Any]) -> datetime | None:
        """Find the newest timestamp that was seen in a list."""
        return parse_timestamp(self._remembered(context).get("newest"))

    def newest_pipeline(self, context: Mapping[str, Any]) -> datetime | None:
        """Find when the newest pipeline of a list was created, of those that were seen.

        The bookmark stands still while pipelines are read, but not selected.
        """
        bookmark = parse_timestamp(self._remembered(context).get("replication_key_value"))
        return (self._lists.selected and bookmark) or self.newest(context)

    def is_new(self, context: Mapping[str, Any]) -> bool:
        """Tell whether a pipeline, with all below it, is newer than all that were seen."""
        created = parse_timestamp(context.get("pipeline_created_at"))
        newest = self.newest_pipeline(context)
        return created is not None and (newest is None or created > newest)

    def was_open(self, workflow_id: object, context: Mapping[str, Any]) -> bool:
        """Tell whether a workflow had not ended when it was seen last."""
        return workflow_id in (self._remembered(context).get("open") or ())

    # What this run meets; on any thread

    def add_rows(self, rows: Iterable[Row], context: Mapping[str, Any]) -> None:
        """Take down the newest timestamp."""
        newest = latest([row.get(name) for row in rows for name in TIMES])
        if newest and "reruns_slug" not in context:  # Which shows but a few of a project's
            key = self._key(context)
            self._newest[key] = max(newest, self._newest.get(key, newest))

    def track(self, workflow: Row, context: Mapping[str, Any]) -> None:
        """Take down a workflow that may go on, or did so when it was seen last."""
        if workflow["id"] in self._found(context) or is_open(workflow):
            self.follow(workflow, context)

    def follow(self, workflow: Row, context: Mapping[str, Any]) -> None:
        """Let the next run ask for a workflow again."""
        created = parse_timestamp(workflow.get("created_at")) or self._tap.began
        self._found(context)[workflow["id"]] = created

    def drop(self, workflow_id: str, context: Mapping[str, Any]) -> None:
        """Leave out a workflow that was read to its end."""
        self._found(context).pop(workflow_id, None)

    # On the main thread

    def unfinished(self) -> Sequence[Mapping[str, Any]]:
        """List a walk for each workflow that had not ended, and stands in no list of this run."""
        walks = []
        for context in self._kept.values():
            found = self._found(context)
            for workflow_id in [
                found_id for found_id, created in list(found.items()) if not created
            ]:
                walks.append({**context, "open_workflow": workflow_id})
                found[workflow_id] = self._tap.began
        return walks

    def save(self, context: Mapping[str, Any]) -> None:
        """Put it into the state, when a list was read completely."""
        key, began = self._key(context), self._tap.began
        self._kept[key] = context
        state = self._lists.get_context_state(context)
        if newest := self._newest.get(key):
            state["newest"] = format_timestamp(max(newest, self.newest(context) or newest))
            age = max(0.0, (began - newest).total_seconds())
            self._lag = age if self._lag is None else min(age, self._lag)
            self._lists.stream_state["lag"] = round(self._lag)
        oldest = began - timedelta(seconds=self._lag or 0) - FORGOTTEN
        found = [(at or began, name) for name, at in list(self._found(context).items())]
        state["open"] = [name for at, name in sorted(found, reverse=True) if at > oldest][
            :MOST_OPEN
        ]
        if not state["open"]:
            del state["open"]

    def _found(self, context: Mapping[str, Any]) -> dict[str, datetime | None]:
        """The open workflows of a list, and when each that was met in this run was created."""
        before = dict.fromkeys(self._remembered(context).get("open") or ())
        return self._open.setdefault(self._key(context), before)

    def _remembered(self, context: Mapping[str, Any]) -> Mapping[str, Any]:
        key = self._key(context)
        if key not in self._known:
            self._known[key] = self._lists.remembered(context)
        return self._known[key]

    def _key(self, context: Mapping[str, Any]) -> Key:
        return tuple(map(context.get, self._lists.state_partitioning_keys))
