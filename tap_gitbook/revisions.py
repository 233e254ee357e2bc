"""Which revision of each space was read: the bookmarks of what spaces hold."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from tap_gitbook.marks import OF_AN_ID, mark_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Remembered(Protocol):
    """The state of a stream."""

    @property
    def initial(self) -> Mapping[str, Any]: ...  # noqa: D102
    def state(self) -> dict[str, Any]: ...  # noqa: D102


class Revisions:
    """Keeps the revision of each space, once for all streams that are read from it.

    What is noted while a space is read may come from any thread; `remember` and `forget_missing`
    change the state, on the main one.

    Args:
        bookmarks: Where the state is.
        readers: Tells who reads revisions in this run: what all of them have read is known.
    """

    def __init__(self, bookmarks: Remembered, readers: Callable[[], Sequence[str]]) -> None:
        self._bookmarks = bookmarks
        self._readers = readers
        self.listed: dict[str, str | None] = {}
        """The revision of each space that this run has listed."""
        self._looked_at: set[str] = set()
        self._came: dict[str, str | None] = {}
        self._moved_on: set[str] = set()

    @cached_property
    def known(self) -> Mapping[str, str]:
        """The revision of each space that all of today's readers have read before."""
        revisions, readers = map(self._bookmarks.initial.get, ("revisions", "readers"))
        if not isinstance(revisions, dict) or not isinstance(readers, list):
            return {}
        return revisions if {*self._readers()} <= {*readers} else {}

    def known_of(self, space_id: str) -> str | None:
        """Find the revision of a space that was read before; version 0.1.0 kept it by its ID."""
        return self.known.get(_key(space_id), self.known.get(space_id))

    def is_new(self, space_id: str, listed: str | None) -> bool:
        """Tell whether a space, as it is listed, must be read; one that tells nothing must."""
        self._looked_at.add(space_id)
        return listed is None or self.known_of(space_id) != listed

    def note_came(self, space_id: str, revision: str | None) -> None:
        """Note which revision was answered: a space may move on after it was listed."""
        self._came[space_id] = revision

    def note_moved_on(self, space_id: str) -> None:
        """Note that a page was another when its body was read: the next run reads it again."""
        self._moved_on.add(space_id)

    def remember(self, space_id: str) -> None:
        """Keep the revision of a space of which all was written."""
        revision = self._came.get(space_id)
        if revision is not None and space_id not in self._moved_on:
            self._kept.pop(space_id, None)
            self._kept[_key(space_id)] = revision

    def of(self, space_id: str | None, listed: str | None) -> str | None:
        """Find the revision that the rows of a space have, after all that could be was read.

        It is the one that came, or that of an earlier run where the new one could not be read.
        """
        if space_id in self._came:
            return self._came[space_id]
        before = self._bookmarks.initial.get("revisions")
        if space_id is None or not isinstance(before, dict):
            return listed
        return before.get(_key(space_id), before.get(space_id, listed))

    def forget_missing(self) -> bool:
        """Let go of the spaces that were not listed; tell whether there were any."""
        listed = {*self._looked_at, *map(_key, self._looked_at)}
        missing = self.known.keys() - listed
        for key in missing:
            self._kept.pop(key, None)
        return bool(missing)

    @cached_property
    def _kept(self) -> dict[str, str]:
        """The revision of each space by now, in the state."""
        revisions = dict(self.known)
        self._bookmarks.state().update(revisions=revisions, readers=[*self._readers()])
        return revisions


def _key(space_id: str) -> str:
    """Shorten the ID of a space for the state."""
    return mark_of(space_id, length=OF_AN_ID)
