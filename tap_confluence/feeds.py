"""How content and comments are read: everything once, then only what changed.

The API sorts these lists by date, but knows no `since`. So each list is read in feeds:

first    everything, oldest first, so that an interrupted first sync keeps what it has
changed  newest first, down to the bookmark
removed  all that is archived or trashed, at a first sync
look     the same, only looked through: archiving, trashing and restoring leave the date alone,
         so it is compared with what the last run knew (see removed.py)
by id    what the comparison found
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from rest_tap import json_of
from tap_confluence.client import ConfluenceStream
from tap_confluence.removed import Sketch
from tap_confluence.scope import IDS_A_REQUEST, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import requests
    from singer_sdk.helpers.types import Context, Record

    from rest_tap import Row

EVERYTHING = ("removed", "first")


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

    narrows: tuple[str, ...] = ("spaces", "page_statuses")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sketches: dict[str, Sketch] = {}
        self._compared = False

    # What is read

    @property
    def partitions(self) -> list[dict[str, Any]]:
        """The feeds of this run, each for every batch of spaces."""
        removed, looks = bool(self._removed_statuses), self.selected
        if self.since({}) is None:
            return self._walks(EVERYTHING if removed else ["first"])
        return self._walks(["changed", "look"] if removed and looks else ["changed"])

    def _walks(self, feeds: Iterable[str]) -> list[dict[str, Any]]:
        return [{"feed": feed, **part} for feed in feeds for part in self.parts]

    @cached_property
    def parts(self) -> list[dict[str, str]]:
        """What one walk can ask for; several walks together ask for all that is wanted."""
        return self.scope.parts(self) if self.takes_spaces else [{}]

    @cached_property
    def _wanted_statuses(self) -> list[str]:
        return [status for status in self.config["page_statuses"] if status in self.statuses]

    @cached_property
    def _removed_statuses(self) -> list[str]:
        return [status for status in self._wanted_statuses if status != "current"]

    def get_url_params(self, context: Context | None, next_page_token: Any) -> dict[str, Any]:
        """Ask for one page of a feed."""
        context = context or {}
        feed, params = context["feed"], super().get_url_params(context, next_page_token)
        if "content" in context:
            return {}
        statuses = {
            "first": [status for status in self._wanted_statuses if status == "current"],
            "removed": self._removed_statuses,
            "look": self._removed_statuses,
        }.get(feed, self._wanted_statuses)
        if feed in {"removed", "look"} and next_page_token is None:
            self._sketches[str(context)] = Sketch()  # A walk that is begun anew counts anew
        return params | {
            "id": context.get("ids"),
            "space-id": context.get("space-id"),
            "type": context.get("type"),
            "status": ",".join(statuses) or None,
            "sort": "-modified-date" if feed == "changed" else "modified-date",
            "body-format": self.body_format if feed != "look" else None,
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

    def post_process(self, row: Row, context: Context | None = None) -> Row | None:  # noqa: ARG002
        """Derive the bookmark's column from the newest version."""
        row["modified_at"] = (row.get("version") or {}).get("createdAt")
        return row

    def post_process_page(self, rows: list[Row], context: Mapping[str, Any]) -> list[Row]:
        """Keep the rows of the wanted spaces; take down what is archived or trashed."""
        if not self.takes_spaces:
            rows = self.scope.kept(self, rows)
        if sketch := self._sketches.get(str(context)):
            for row in rows:
                sketch.add(_number(row["id"]), row["status"])
        return [] if context["feed"] == "look" else rows

    # Where it starts and ends

    def is_newest_first(self, context: Mapping[str, Any]) -> bool:
        """Stop early in the feed of changes."""
        return bool(context["feed"] == "changed")

    def bookmark_moves(self, context: Mapping[str, Any]) -> bool:
        """Let a first sync keep what it has, where it is a single walk."""
        return context["feed"] == "first" and len(self.parts) == 1

    def missing_is_empty(self, context: Mapping[str, Any]) -> bool:
        """What came out of the trash for good is not an error."""
        return "content" in context

    # What is remembered

    def late_partitions(self) -> Sequence[Mapping[str, Any]]:
        """List walks for what the look through the removed found; once."""
        if self._compared or not self._looked:
            return ()
        self._compared = True
        before = Sketch.load(self.initial_state.get("removed"))
        if before is None and super().own_since({}) == self._tap.start_date:
            return ()  # A first run from a start date: there is nothing to compare with
        changes = self._sketch("look").changes(before) if before else None
        if changes is None:
            self.logger.info(
                "%s: more was archived, trashed or restored since the last run than its state can "
                "tell apart: reading everything again",
                self.name,
            )
            return self._walks(EVERYTHING)
        ids = [f"{self.id_prefix}{number}" for number in sorted(changes)]
        if not self.takes_ids:
            return [{"feed": "by id", "content": content} for content in ids]
        return [{"feed": "by id", "ids": batch} for batch in joined(ids, IDS_A_REQUEST)]

    def walk_done(self, context: Mapping[str, Any], parent: Row | None) -> None:  # noqa: ARG002
        """At a first sync, note what is removed before anything else is read."""
        is_last = context == self._walks(["removed"])[-1]
        if is_last and self.selected and "removed" not in self.initial_state:
            self.stream_state["removed"] = self._sketch("removed").dump()

    def stream_done(self) -> None:
        """Note what was removed, now that all of its changes are written."""
        super().stream_done()
        if self.selected and self._removed_statuses:
            feed = "look" if self._looked else "removed"
            self.stream_state["removed"] = self._sketch(feed).dump()

    def _sketch(self, feed: str) -> Sketch:
        sketch = Sketch()
        for walk in self._walks([feed]):
            if part := self._sketches.get(str(walk)):
                sketch.merge(part)
        return sketch

    @property
    def _looked(self) -> bool:
        return any(str(walk) in self._sketches for walk in self._walks(["look"]))


def _number(content: str) -> int:
    return int(content.removeprefix("att"))
