"""How content and comments are read: everything once, then only what changed.

The API sorts these lists by date, but knows no `since`. So each list is read in feeds:

first    everything, oldest first, so that an interrupted first sync keeps what it has
changed  newest first, down to the bookmark
removed  what is archived or trashed, where it is wanted, at a first sync
look     the same, only looked through: archiving, trashing and restoring leave the date alone,
         so it is compared with what the last run knew (see removed.py)
by id    what the comparison found, in whatever status it is now
found    the same, among what is removed, where the list cannot be asked by id
again    everything from the start date on, newest first, if the comparison cannot tell
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from rest_tap import json_of, parse_timestamp
from tap_confluence.client import ConfluenceStream
from tap_confluence.removed import Sketch
from tap_confluence.space_filter import IDS_A_REQUEST, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    import requests
    from singer_sdk.helpers.types import Context, Record

    from rest_tap import Row

DATELESS = {"archived", "trashed"}  # Statuses that come and go while the date stays


class FeedStream(ConfluenceStream):
    """A list that the API sorts by the date of the newest version."""

    primary_keys = ("id",)
    replication_key = "modified_at"

    statuses: tuple[str, ...] = ()
    """What the endpoint's filter for the status knows; empty if it has none."""

    takes_spaces = True
    """The endpoint has a filter for spaces."""

    takes_ids = True
    """The endpoint has a filter for ids; else each is asked for by itself."""

    id_prefix = ""
    """What stands before the number of an id."""

    bookmark_depends_on: tuple[str, ...] = ("spaces", "page_statuses")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sketches: dict[str, Sketch] = {}
        # What both feeds show of the removed that changed: they are not read in one moment
        self._shown: dict[str, set[tuple[int, str]]] = {"changed": set(), "look": set()}
        self._compared = False

    # What is read

    @property
    def partitions(self) -> list[dict[str, Any]]:
        """The feeds of this run, each for every batch of spaces."""
        if self.since({}) is None:
            first = [status for status in self._wanted if status == "current"]
            return [*self._counted, *self._walks("first", first)]
        return [*self._walks("changed", self._wanted), *self._counted]

    @cached_property
    def _counted(self) -> list[dict[str, Any]]:
        """The walks that count what is removed, wanted or not: it may be restored."""
        removed = self._removed if self.since({}) is None else []
        look = [status for status in self._watched if status not in removed]
        can_compare = self.selected and self._wanted
        return [*self._walks("removed", removed), *self._walks("look", look if can_compare else [])]

    def _walks(self, feed: str, statuses: Sequence[str]) -> list[dict[str, Any]]:
        if not statuses:
            return []
        return [{"feed": feed, "statuses": ",".join(statuses), **part} for part in self.parts]

    @cached_property
    def parts(self) -> list[dict[str, str]]:
        """What one walk can ask for; several walks together ask for all that is wanted."""
        return self.space_filter.parts(self) if self.takes_spaces else [{}]

    @cached_property
    def _wanted(self) -> list[str]:
        """The statuses of rows to write, of those that the list knows."""
        if not self.statuses:
            return ["current"]
        return [status for status in self.config["page_statuses"] if status in self.statuses]

    @cached_property
    def _unwanted(self) -> set[str]:
        return {*self.statuses} - {*self._wanted}

    @cached_property
    def _removed(self) -> list[str]:
        return [status for status in self._wanted if status != "current"]

    @cached_property
    def _watched(self) -> list[str]:
        """The statuses whose lists tell what came and went."""
        watched = {*DATELESS, *self._removed}
        return [status for status in self.statuses if status in watched]

    def get_url_params(self, context: Context | None, next_page_token: Any) -> dict[str, Any]:
        """Ask for one page of a feed."""
        context = context or {}
        if "content" in context:
            return {}
        if context in self._counted and next_page_token is None:
            self._sketches[str(context)] = Sketch()  # A walk that is begun anew counts anew
        return super().get_url_params(context, next_page_token) | {
            "id": context.get("ids"),
            "space-id": context.get("space-id"),
            "type": context.get("type"),
            "status": context["statuses"] if self.statuses else None,
            "sort": "-modified-date" if self.is_newest_first(context) else "modified-date",
            "body-format": self.body_format if context["feed"] != "look" else None,
        }

    def get_url(self, context: Context | None) -> str:
        """Ask for the list, or for one of its rows where the list cannot be asked by id."""
        url = super().get_url(context)
        return f"{url}/{context['content']}" if context and "content" in context else url

    def parse_response(self, response: requests.Response) -> Iterable[Record]:
        """Take the list out of an answer, or the one row."""
        body = json_of(response)
        return (
            [body] if isinstance(body, dict) and "id" in body else super().parse_response(response)
        )

    def post_process_page(self, rows: list[Row], context: Mapping[str, Any]) -> list[Row]:
        """Derive the bookmark's column; keep wanted spaces and statuses; note what is removed."""
        for row in rows:
            row["modified_at"] = (row.get("version") or {}).get("createdAt")
        if not self.takes_spaces:
            rows = self.space_filter.kept(self, rows)
        self.add_markdown(rows)
        if sketch := self._sketches.get(str(context)):
            for row in rows:
                sketch.add(_number(row["id"]), row.get("status"))
        if (shown := self._shown.get(context["feed"])) is not None:
            shown.update(self._recently_removed(rows))
        if context["feed"] == "look":
            return []
        if context["feed"] == "by id":
            return rows
        if context["feed"] == "found":
            return [row for row in rows if row["id"] in context["found"]]
        unwanted = self._unwanted
        return [row for row in rows if row.get("status") not in unwanted]

    def _recently_removed(self, rows: list[Row]) -> Iterator[tuple[int, str]]:
        since = self.since({})
        for row in rows:
            changed = parse_timestamp(row["modified_at"])
            is_recent = since and (changed is None or changed >= since)
            if is_recent and row.get("status") in self._watched:
                yield _number(row["id"]), row["status"]

    def get_child_context(self, record: Record, context: Context | None) -> Context | None:
        """Ask no more for what left the wanted statuses: that it left is told."""
        is_unwanted = record.get("status") in self._unwanted
        return None if is_unwanted else super().get_child_context(record, context)

    # Where it starts and ends

    def since(self, context: Mapping[str, Any]) -> datetime | None:
        """Begin at the bookmark, or at the start date where everything is read again."""
        return self._tap.start_date if context.get("feed") == "again" else super().since(context)

    def is_newest_first(self, context: Mapping[str, Any]) -> bool:
        """Stop early in the feed of changes."""
        return context["feed"] in {"changed", "again"}

    def bookmark_moves(self, context: Mapping[str, Any]) -> bool:
        """Let a first sync keep what it has, where it is a single walk."""
        return context["feed"] == "first" and len(self.parts) == 1

    def is_single(self, context: Mapping[str, Any]) -> bool:
        """One row that may not be seen costs only itself."""
        return "content" in context

    def missing_is_empty(self, context: Mapping[str, Any]) -> bool:
        """What came out of the trash for good is not an error."""
        return "content" in context

    # What is remembered

    @property
    def _is_first(self) -> bool:
        """Whether everything is read for this stream itself, and not for one that is below it."""
        return self.since({}) is None and self.own_since({}) == self._tap.start_date

    def late_partitions(self) -> Sequence[Mapping[str, Any]]:
        """List walks for what the look through the removed found; once."""
        if self._compared or not self.selected or not self._counted or self._is_first:
            return ()
        self._compared = True
        before = Sketch.load(self.initial_state.get("removed")) if self._is_as_before else None
        if before is None and self.own_since({}) == self._tap.start_date:
            return ()  # A first run from a start date: there is nothing to compare with
        changes = self._sketch().changes(before) if before else None
        if changes is None:
            self.logger.info(
                "%s: what was archived, trashed or restored since the last run is more than its "
                "state can tell apart: reading everything again",
                self.name,
            )
            return self._walks("again", self._wanted)
        came, went = ([f"{self.id_prefix}{number}" for number in sorted(part)] for part in changes)
        by_id = {"feed": "by id", "statuses": ",".join(["current", *self._watched])}
        if self.takes_ids:
            ids = sorted({*came, *went})
            return [{**by_id, "ids": batch} for batch in joined(ids, IDS_A_REQUEST)]
        # What is in the trash may not be there to be asked for by itself
        return [
            *({**walk, "found": came} for walk in self._walks("found", came and self._watched)),
            *({**by_id, "content": content} for content in went if content not in came),
        ]

    def walk_done(self, context: Mapping[str, Any], parent: Row | None) -> None:  # noqa: ARG002
        """At a first sync, note what is removed before anything else is read."""
        is_known = self._is_as_before and "removed" in self.initial_state
        is_first = self.since({}) is None and not is_known
        if is_first and self.selected and context in self._counted[-1:]:
            self._note_removed()

    def stream_done(self) -> None:
        """Note what was removed, now that all of its changes are written."""
        if self.selected and self._counted:
            self._note_removed()

    def _note_removed(self) -> None:
        self._note_narrowed()
        self.stream_state["removed"] = self._sketch().dump()

    def _sketch(self) -> Sketch:
        sketch = Sketch()
        for part in self._sketches.values():
            sketch.merge(part)
        # Removed between the two, and told as such: without it nobody would see it come back
        for number, status in self._shown["changed"] - self._shown["look"]:
            sketch.add(number, status)
        return sketch


def _number(content: str) -> int:
    return int(content.removeprefix("att"))
