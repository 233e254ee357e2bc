"""Pipelines that vanished: what the last run listed in the look-back, and this one does not."""

from __future__ import annotations

import base64
import contextlib
import uuid
from typing import TYPE_CHECKING, Any

from rest_tap import format_timestamp, parse_timestamp
from rest_tap.sketch import Sketch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, timedelta

    from rest_tap import Row
    from tap_circleci.bookmarks import BuildBookmarks

ROWS = (16, 16, 16, 16)
"""Cells of the sketch, of which some thirty pipelines can be read back."""

Key = tuple[Any, ...]


class ListedPipelines:
    """The ids of the pipelines in the look-back, list by list.

    The state keeps a sketch of those that a run listed, for thousands may be in the look-back:
    `at`, when that run began; `since`, from when on they were created. Lists that were not read
    in that run are left out of the comparison, and so are pipelines that are newer than it.

    Args:
        bookmarks: Those of `pipelines`, in whose state this stands.
    """

    def __init__(self, bookmarks: BuildBookmarks) -> None:
        self._bookmarks = bookmarks
        self._before: Mapping[str, Any] = bookmarks.initial.get("listed_pipelines") or {}
        self._found: dict[Key, dict[int, datetime]] = {}
        self._complete: set[Key] = set()

    # On any thread

    def add(self, rows: Iterable[Row], keys: Mapping[str, Any], oldest: datetime) -> None:
        """Take down the pipelines of a page, but for those that no run compares."""
        oldest = min(oldest, parse_timestamp(self._before.get("since")) or oldest)
        found = self._found.setdefault(_key(keys), {})
        for row in rows:
            created = parse_timestamp(row.get("created_at"))
            if created and created >= oldest:
                with contextlib.suppress(ValueError):  # No id that a sketch could hold
                    found[uuid.UUID(str(row.get("id"))).int] = created

    # On the main thread

    def note_complete(self, keys: Mapping[str, Any]) -> None:
        """Note that a list was read completely."""
        self._complete.add(_key(keys))

    def missed(self) -> list[str] | None:
        """List the pipelines that the last run listed and this one did not; None if too many.

        They need not have vanished: a list of them may be one that this run did not read.
        """
        since, at = (parse_timestamp(self._before.get(name)) for name in ("since", "at"))
        before = _read(self._before.get("ids"))
        if since is None or at is None or before is None:
            return []
        now = Sketch(ROWS)
        for key, found in self._found.items():
            if parse_timestamp(self._bookmarks.held(dict(key)).get("last_run")) != at:
                continue
            _put(now, found, since, at)
        changes = now.members_changed(before)
        return None if changes is None else [str(uuid.UUID(int=went)) for went in changes[1]]

    def save(self, state: dict[str, Any], began: datetime, lookback: timedelta) -> None:
        """Put a sketch of what was listed into the state."""
        listed, since = Sketch(ROWS), began - lookback
        for key in self._complete & self._found.keys():
            _put(listed, self._found[key], since, began)
        state["listed_pipelines"] = {
            "at": format_timestamp(began),
            "since": format_timestamp(since),
            "ids": base64.b85encode(listed.raw()).decode(),
        }


def _key(keys: Mapping[str, Any]) -> Key:
    return tuple(sorted(keys.items()))


def _put(sketch: Sketch, found: Mapping[int, datetime], since: datetime, until: datetime) -> None:
    for pipeline_id, created in found.items():
        if since <= created <= until:
            sketch.fold(pipeline_id)


def _read(text: object) -> Sketch | None:
    try:
        return Sketch(ROWS).read(base64.b85decode(str(text)))
    except ValueError:
        return None
