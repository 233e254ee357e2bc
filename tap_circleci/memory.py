"""What runs remember of each list of pipelines, to tell what none of them has seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from rest_tap import format_timestamp, latest, parse_timestamp
from rest_tap.timestamps import AHEAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Look(Enum):
    """Why pipelines are looked at that are not the newest of a list."""

    RERUN = auto()
    """Insights tell a rerun of them."""
    UNFINISHED = auto()
    """A workflow of them had not ended."""


def is_open(build: Row) -> bool:
    """Tell whether a workflow or job may go on: its status counts, whatever its times say."""
    if build.get("status") is None:
        return build.get("stopped_at") is None
    return build["status"] not in ENDED


def _packed(newest: datetime, bookmark: datetime | None) -> list[int]:
    """Write two moments in milliseconds, the second as how much older it is.

    Nothing where CircleCI told more than milliseconds, which it does not.
    """
    time, more = divmod(newest - EPOCH, MILLISECOND)
    age, more_of_age = divmod(newest - bookmark if bookmark else timedelta(), MILLISECOND)
    if more or more_of_age:
        return []
    return [time, age] if bookmark else [time]


def _unpacked(packed: Sequence[int]) -> dict[str, str]:
    """Read what `_packed` has written."""
    names = ("newest", "replication_key_value")
    ages = (0, *packed[1:])
    times = zip(names, ages, strict=False) if packed else ()
    return {name: format_timestamp(EPOCH + (packed[0] - age) * MILLISECOND) for name, age in times}


def is_of_reruns(keys: Mapping[str, Any]) -> bool:
    """Tell whether a part of the state is that of a project's reruns, not that of a list."""
    return "reruns_slug" in keys


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
        self._lag: float | None = lists.bookmarks.initial.get("lag")
        self._known: dict[Key, Mapping[str, Any]] = {}
        self._newest: dict[Key, datetime] = {}
        self._open: dict[Key, dict[str, datetime | None]] = {}
        self._kept: dict[Key, Mapping[str, Any]] = {}
        lag = timedelta(seconds=self._lag or 0)
        self.lag = lag if tap.lists_reruns or lag > DAY else timedelta()
        """How far the rows' clock may be behind; where insights tell reruns, a day is let pass."""

    # As it stood when the run began; on any thread

    def newest(self, keys: Mapping[str, Any]) -> datetime | None:
        """Find the newest timestamp that was seen in a list."""
        return latest([self._remembered(keys).get("newest")], until=self._tap.began + AHEAD)

    def newest_pipeline(self, keys: Mapping[str, Any]) -> datetime | None:
        """Find when the newest pipeline of a list was created, of those that were seen.

        The bookmark stands still while pipelines are read, but not selected.
        """
        bookmark = parse_timestamp(self._remembered(keys).get("replication_key_value"))
        return (self._lists.selected and bookmark) or self.newest(keys)

    def is_new(self, keys: Mapping[str, Any]) -> bool:
        """Tell whether a pipeline, with all below it, is newer than all that were seen."""
        created = parse_timestamp(keys.get("pipeline_created_at"))
        newest = self.newest_pipeline(keys)
        return created is not None and (newest is None or created > newest)

    def was_open(self, workflow_id: object, keys: Mapping[str, Any]) -> bool:
        """Tell whether a workflow had not ended when it was seen last."""
        return workflow_id in (self._remembered(keys).get("open") or ())

    # What this run meets; on any thread

    def add_rows(self, rows: Iterable[Row], keys: Mapping[str, Any]) -> None:
        """Take down the newest timestamp."""
        times = (row.get(name) for row in rows for name in TIMES)
        newest = latest(times, until=self._tap.began + AHEAD)
        if newest:
            key = self._key(keys)
            self._newest[key] = max(newest, self._newest.get(key, newest))

    def track(self, workflow: Row, keys: Mapping[str, Any]) -> None:
        """Take down a workflow that may go on, or did so when it was seen last."""
        if workflow["id"] in self._found(keys) or is_open(workflow):
            self.follow(workflow, keys)

    def follow(self, workflow: Row, keys: Mapping[str, Any]) -> None:
        """Let the next run ask for a workflow again."""
        created = parse_timestamp(workflow.get("created_at")) or self._tap.began
        self._found(keys)[workflow["id"]] = created

    def drop(self, workflow_id: str, keys: Mapping[str, Any]) -> None:
        """Leave out a workflow that was read to its end."""
        self._found(keys).pop(workflow_id, None)

    # On the main thread

    def drop_all(self, workflow_ids: Iterable[str], keys: Mapping[str, Any]) -> None:
        """Leave out workflows that were read to their ends."""
        for workflow_id in workflow_ids:
            self.drop(workflow_id, keys)

    def take_unfinished(self) -> list[tuple[Mapping[str, Any], str]]:
        """Take each workflow that had not ended, and stands in no list of this run.

        Each comes with the keys of the list that it stood in.
        """
        taken = []
        for keys in self._kept.values():
            found = self._found(keys)
            for workflow_id in [
                found_id for found_id, created in list(found.items()) if not created
            ]:
                taken.append((keys, workflow_id))
                found[workflow_id] = self._tap.began
        return taken

    def save(self, keys: Mapping[str, Any]) -> None:
        """Put it into the state, when a list was read completely."""
        key, began = self._key(keys), self._tap.began
        self._kept[key] = keys
        state = self._lists.bookmarks.state(keys)
        if newest := self._newest.get(key):
            state["newest"] = format_timestamp(max(newest, self.newest(keys) or newest))
            age = max(0.0, (began - newest).total_seconds())
            self._lag = age if self._lag is None else min(age, self._lag)
            self._lists.bookmarks.state()["lag"] = round(self._lag)
        oldest = began - timedelta(seconds=self._lag or 0) - FORGOTTEN
        found = [(at or began, name) for name, at in list(self._found(keys).items())]
        state["open"] = [name for at, name in sorted(found, reverse=True) if at > oldest][
            :MOST_OPEN
        ]
        if not state["open"]:
            del state["open"]
        self._pack(keys)

    def _found(self, keys: Mapping[str, Any]) -> dict[str, datetime | None]:
        """The open workflows of a list, and when each that was met in this run was created."""
        before = dict.fromkeys(self._remembered(keys).get("open") or ())
        return self._open.setdefault(self._key(keys), before)

    def _remembered(self, keys: Mapping[str, Any]) -> Mapping[str, Any]:
        key, bookmarks = self._key(keys), self._lists.bookmarks
        if key not in self._known:
            packed = (bookmarks.initial.get("lists") or {}).get(bookmarks.mark(keys), ())
            self._known[key] = {**_unpacked(packed), **bookmarks.held(keys)}
        return self._known[key]

    def _pack(self, keys: Mapping[str, Any]) -> None:
        """Let the state have the times of a list in a short form: there may be hundreds."""
        bookmarks, mark = self._lists.bookmarks, self._lists.bookmarks.mark(keys)
        state, whole = bookmarks.state(keys), bookmarks.state()
        before = _unpacked(whole.get("lists", {}).get(mark, ()))
        bookmark = latest([each.get("replication_key_value") for each in (before, state)])
        newest = latest([*before.values(), *map(state.get, ("newest", "replication_key_value"))])
        if newest and (packed := _packed(newest, bookmark)):
            whole.setdefault("lists", {})[mark] = packed
            for name in ("newest", "replication_key", "replication_key_value"):
                state.pop(name, None)
        bookmarks.tidy(keys)

    def _key(self, keys: Mapping[str, Any]) -> Key:
        return tuple(map(keys.get, self._lists.state_partitioning_keys))
