"""Lists that a run could not read: the next one asks for them again, and bookmarks may move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from rest_tap.listing import Cost, Listing
from rest_tap.lookups import LookupStream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_tap.errors import DeniedError
    from rest_tap.stream import RestStream

MOST_BYTES = 2_000  # In a state, a stream; beyond them, bookmarks stay and all is read again
SIGN_OF_NONE = 3, 10  # Lists that are all missing, in a first and in a later run: no such operation
MOST_DENIALS = 3  # Runs in a row that a list is denied in, before it is taken for an answer

Entry = dict[str, Any]
Name = tuple[tuple[str, Any], ...]


class UnreadLists:
    """Stand in the state of their stream, beside its bookmark.

    Each entry has the `keys` of a list, or the `path` of a row, and in how many runs it was
    `denied`. It comes into the state before any bookmark moves past what it stands for, and goes
    when the list was read, or was denied often enough.
    """

    def __init__(self) -> None:
        self._asked: dict[str, set[Name]] = {}

    def due(self, stream: RestStream) -> list[Listing]:
        """List what earlier runs could not read, and this one has not asked for meanwhile."""
        asked = self._asked.get(stream.name, set())
        entries = [
            entry
            for entry in _entries(stream.bookmarks.held())
            if _name(entry) not in asked and self._can_be_asked(stream, entry)
        ]
        return [
            stream.listing(
                keys=entry.get("keys", {}),
                path=entry.get("path"),
                is_one_row="path" in entry,
                all_children=True,
                if_forbidden=Cost.LIST,
                if_missing=Cost.LIST,
            )
            for entry in entries
        ]

    def _can_be_asked(self, stream: RestStream, entry: Entry) -> bool:
        """Tell whether the stream has such lists; else the entry is let go."""
        keys = entry.get("keys")
        if keys is None or (stream.parent and {*stream.placeholders} <= keys.keys()):
            return True
        self._put(stream, entry, None)
        return False

    def note_read(self, stream: RestStream, listing: Listing) -> None:
        """Take a list out that was read."""
        entry = _entry(stream, listing)
        if entry and self._find(stream, entry):
            self._put(stream, entry, None)

    def note_failed(self, stream: RestStream, listing: Listing) -> bool:
        """Let the next run ask again for a list that failed; False if it cannot."""
        entry = _entry(stream, listing)
        return entry is not None and self._put(stream, entry, 0)

    def note_row_failed(self, stream: RestStream, listing: Listing, row_id: object) -> bool:
        """Let the next run ask again for one row of a list; False if it cannot."""
        if str(row_id).startswith("/"):
            return self._put(stream, {"path": str(row_id)}, 0)
        has_address = [*stream.primary_keys] == ["id"] and "{" not in stream.path
        path = listing.path or stream.path
        entry = {"path": path if listing.is_one_row else f"{path}/{row_id}"}
        return has_address and not stream.reads_all_now and self._put(stream, entry, 0)

    def note_denied(self, stream: RestStream, listing: Listing) -> bool:
        """Let the next run ask again for a list that was denied, unless it was so for long."""
        entry = _entry(stream, listing)
        if not entry:
            return False
        denials = (self._find(stream, entry) or {}).get("denied", 0) + 1
        return self._put(stream, entry, denials if denials < MOST_DENIALS else None)

    def forget(self, stream: RestStream) -> None:
        """Take all out of a stream that the next run reads again as a whole."""
        if self._asked.get(stream.name) or _entries(stream.bookmarks.held()):
            stream.bookmarks.state().pop("unread", None)

    def _find(self, stream: RestStream, entry: Entry) -> Entry | None:
        return next(
            (each for each in _entries(stream.bookmarks.held()) if _name(each) == _name(entry)),
            None,
        )

    def _put(self, stream: RestStream, entry: Entry, denials: int | None) -> bool:
        """Keep an entry, or with None take it out; tell whether it is kept."""
        self._asked.setdefault(stream.name, set()).add(_name(entry))
        state = stream.bookmarks.state()
        others = [each for each in _entries(state) if _name(each) != _name(entry)]
        state.pop("unread", None)
        is_kept = False
        if denials is not None:
            more = [*others, {**entry, "denied": denials} if denials else entry]
            if is_kept := len(msgspec.json.encode(more)) <= MOST_BYTES:
                others = more
        if others:
            state["unread"] = others
        return is_kept


def denial_of_all(stream: RestStream) -> DeniedError | None:
    """Find the denial of all that was ever asked of a stream, where that tells of the stream."""
    stats = stream.stats
    denial = stats.last_denial
    if denial is None or stats.denied < stats.asked:
        return None
    # The few parents of a later run may be of those that are denied by themselves
    is_first = stream.reads_all_now or not stream.bookmarks.initial.keys() - {"unread"}
    if denial.is_forbidden:
        return denial if isinstance(stream, LookupStream) or is_first else None
    return denial if stats.asked >= SIGN_OF_NONE[0 if is_first else 1] else None


def _entry(stream: RestStream, listing: Listing) -> Entry | None:
    """Describe a list as the state holds it; None for one that is not described by its keys.

    Nor for one that each run reads anyway.
    """
    if stream.reads_all_now:
        return None
    if listing.is_one_row and listing.path and not listing.keys:
        return {"path": listing.path}
    is_by_keys = not (listing.path or listing.params or listing.pages or listing.known)
    are_plain = all(isinstance(value, (str, int)) for value in listing.keys.values())
    return {"keys": dict(listing.keys)} if stream.parent and is_by_keys and are_plain else None


def _entries(state: Mapping[str, Any]) -> list[Entry]:
    return [*(state.get("unread") or ())]


def _name(entry: Mapping[str, Any]) -> Name:
    return (("path", entry.get("path")), *sorted((entry.get("keys") or {}).items()))
