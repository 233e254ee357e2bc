"""Streams that are found by the ids which other streams' rows mention, such as users."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from rest_tap.bookmarks import Bookmarks
from rest_tap.listing import Cost
from rest_tap.stream import RestStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from rest_tap.listing import Listing, Row


class LookupBookmarks(Bookmarks):
    """Remember the last run as it began."""

    def complete(self, keys: Mapping[str, Any], newest: datetime | None) -> None:  # noqa: ARG002
        """Let `last_run` be the beginning of this run, which no bookmark is later than."""
        self.keep_last_run(keys, self._run.began)


class LookupStream(RestStream):
    """Rows by id, each id asked for once a run.

    Other streams say in `mentions` where their rows mention ids. They are asked for in batches as
    soon as a batch is full, and the rest before any bookmark moves: a bookmark that moved past the
    row which mentions an id must not leave that id behind. The keys of a list are {"ids": [...]}.

    The other streams are read from where this one last was, so that one which is selected later
    finds the ids of all their rows.
    """

    batch_size: int = 100
    rows_stay_true = True  # Those whom no row mentions any more
    keeps_last_run = True
    if_forbidden = if_missing = Cost.LIST

    sources: tuple[str, ...] = ()
    """Streams that are read for the ids in their rows even if they are not selected."""

    def known_ids(self) -> Iterable[str]:
        """List ids that are asked for first, whether they are seen or not."""
        return ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known: set[str] = set()
        self._pending: list[str] = []

    @functools.cached_property
    def bookmarks(self) -> Bookmarks:
        """Those of a stream that is read through others."""
        return LookupBookmarks(self, self.run)

    def is_behind(self, stream: RestStream, keys: Mapping[str, Any]) -> bool:
        """Tell whether rows that a stream has told before may mention ids that were not seen."""
        run = self.bookmarks.last_run()
        return run is None or any(run < at for at in stream.bookmarks.moments(keys))

    def add_rows(self, rows: Iterable[Row], paths: Iterable[str]) -> None:
        """Take down the ids that rows mention at dotted paths."""
        for path in paths:
            keys = path.split(".")
            self.add_ids(found for row in rows for found in _dig(row, keys, 0))

    def add_ids(self, ids: Iterable[str]) -> None:
        """Take down ids."""
        for found in ids:
            if found not in self._known:
                self._known.add(found)
                self._pending.append(found)

    @property
    def has_pending(self) -> bool:
        """Whether ids are noted that have not been asked for."""
        return bool(self._pending)

    def batches(self, *, full: bool) -> Iterator[Listing]:
        """Hand over the noted ids in batches, each a list; only full ones, or the rest as well."""
        while self._pending and (not full or len(self._pending) >= self.batch_size):
            ids = self._pending[: self.batch_size]
            del self._pending[: self.batch_size]
            yield self.listing(keys={"ids": ids})


def _dig(value: Any, keys: list[str], depth: int) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _dig(item, keys, depth)
    elif depth == len(keys):
        if isinstance(value, str) and value:
            yield value
    elif isinstance(value, dict):
        yield from _dig(value.get(keys[depth]), keys, depth + 1)
