"""What all streams of CircleCI share: address, pages, and what was seen when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from singer_sdk.pagination import BaseAPIPaginator

from rest_tap import (
    RestStream,
    StreamError,
    format_timestamp,
    json_of,
    parse_timestamp,
    path_value,
)
from tap_circleci.memory import is_of_reruns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import requests

    from rest_tap import Listing, Row
    from tap_circleci.memory import Memory
    from tap_circleci.tap import TapCircleCI

SETTLING = timedelta(seconds=10)
"""How far an answer may lag behind what it tells of; the clock's whole seconds are in it."""


class NextPageToken(BaseAPIPaginator[str | None]):
    """Follows `next_page_token` until it is null, empty or absent."""

    def __init__(self) -> None:
        super().__init__(None)

    def get_next(self, response: requests.Response) -> str | None:
        """Read the token of the next page."""
        body = json_of(response)
        return (body.get("next_page_token") or None) if isinstance(body, dict) else None


class CircleCIStream(RestStream):
    """A stream of CircleCI's API v2."""

    _tap: TapCircleCI
    records_key: str | None = "items"

    @property
    def url_base(self) -> str:
        """The API's address, of CircleCI itself or of a CircleCI Server."""
        return self._tap.base_url

    @staticmethod
    def quote(name: str, value: str) -> str:
        """Encode a value for the path: slugs keep their slashes, names of workflows must not."""
        return path_value(value, safe="/" if name.endswith("slug") else "")

    def get_new_paginator(self) -> BaseAPIPaginator[Any]:
        """Page by token: also where the specification does not say so, answers may hold one."""
        return NextPageToken()

    def page_params(self, token: str | None) -> Mapping[str, Any]:
        """Ask for one page; its size is not to be chosen."""
        return {"page-token": token} if token else {}

    def listed(self, path: str, params: Mapping[str, str]) -> Iterator[Row]:
        """List the rows of something beside the stream's own list, page after page.

        Raises:
            StreamError: If an answer has no list, or the pages go round in a circle.
        """
        asked, read = dict(params), set()
        while True:
            answer = self.get_json(path, asked)
            if not isinstance(answer, dict) or not isinstance(answer.get("items"), list):
                raise StreamError(f"{path}: an answer has no list 'items'")
            yield from answer["items"]
            if not (token := answer.get("next_page_token")):
                return
            if token in read:
                raise StreamError(f"{path}: a next page was one that had been read")
            read.add(token)
            asked["page-token"] = token

    def parse_response(self, response: requests.Response) -> Iterable[Row]:
        """Take the list out of an answer, whichever of its two spellings the key has."""
        body, key = json_of(response), self.records_key
        if key and isinstance(body, dict) and key not in body:
            other = key.replace("_", "-")
            if other in body:
                body[key] = body[other]
        return super().parse_response(response)


OVERLAP = timedelta(hours=1)
"""How old a pipeline may be, where insights tell the reruns: it may not have started at once."""

LAG = timedelta(hours=1)
"""How late insights may list a run that has ended."""


def vendor_timestamp(at: datetime) -> str:
    """Write a moment as the vendor's parameters take it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_after(at: object, watermark: datetime | None) -> bool:
    """Tell whether what happened at a time may not have been seen.

    Args:
        at: The vendor's timestamp; null means that it has not happened yet.
        watermark: Until when all was seen; None if nothing was.
    """
    happened = parse_timestamp(at)
    return watermark is None or happened is None or happened > watermark


class BuildStream(CircleCIStream):
    """Pipelines and everything below them.

    Nothing here is sorted by, or can be filtered by, the time of its last change. So each stream
    remembers, for each list of pipelines, when its last complete run began. A run
    lists the pipelines back to that moment less the look-back, asks for their workflows, and goes
    deeper only where something ended since, or had not ended.
    """

    state_partitioning_keys = ("list_slug", "branch", "org_slug", "branches", "reruns_slug")
    keeps_last_run = True

    @property
    def lookback(self) -> timedelta:
        """How old a pipeline may be that a run looks at again by listing it."""
        return self._tap.lookback if self._tap.lists_reruns else OVERLAP

    def remembered(self, keys: Mapping[str, Any]) -> Mapping[str, Any]:
        """Get what the state holds of a list of pipelines."""
        return self._partition(self.initial_state, keys)

    def last_run(self, keys: Mapping[str, Any]) -> datetime | None:
        """Find when the last complete run began, in the rows' clock; none saw a new pipeline."""
        run = super().last_run(keys)
        return None if run is None or self._memory.is_new(keys) else run - self._memory.lag

    def watermark(self, keys: Mapping[str, Any], *, below: bool = False) -> datetime | None:
        """Find until when all that happened was seen; None if nothing was.

        The newest timestamp tells best, for the rows' clock may be another than that by which
        runs begin; but what happened meanwhile may be on a page that had been read.

        Args:
            keys: Those of a list of pipelines, or of one of them.
            below: Whether the selected streams below this one must have seen it, too.
        """
        run = self.earliest_run(keys) if below else self.last_run(keys)
        newest, late = self._memory.newest(keys), LAG if is_of_reruns(keys) else SETTLING
        return run and min(newest or run, run + self._memory.lag - late)

    @property
    def _memory(self) -> Memory:
        return self._tap.memory

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Note how far the rows' clock is."""
        if not is_of_reruns(listing.keys):  # Which show but a few pipelines of a project
            self._memory.add_rows(rows, listing.keys)
        return super().post_process_page(rows, listing)

    def complete(self, keys: Mapping[str, Any], newest: datetime | None) -> None:  # noqa: ARG002
        """Remember the run's beginning, however old the newest pipeline is: projects idle.

        The projects that were seen with it: no later run lists their pipelines again.
        """
        if not self._tap.lists_reruns:
            self._keep_for_reruns(keys)
        self.get_context_state(keys)["last_run"] = format_timestamp(self._tap.began)
        self._memory.save(keys)
        if org := keys.get("org_slug"):
            self._tap.known_projects.mark_listed(org)
            self._tap.known_projects.save()

    def _keep_for_reruns(self, keys: Mapping[str, Any]) -> None:
        """Note from when on reruns are looked for, where that was not done before.

        Insights may refuse the first look; by the next run the list itself was read until now.
        """
        if is_of_reruns(keys) or not (run := super().last_run(keys)):
            return
        for slug in self._tap.known_projects.slugs:
            if holds(keys, slug):
                state = self.get_context_state({"reruns_slug": slug})
                state.setdefault("last_run", format_timestamp(run))


def holds(keys: Mapping[str, Any], slug: str) -> bool:
    """Tell whether a list of pipelines holds those of a project."""
    return keys.get("list_slug") == slug or slug.startswith(f"{keys.get('org_slug')}/")
