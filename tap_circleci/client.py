"""What all streams of CircleCI share: address, pages, and what was seen when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from singer_sdk.pagination import BaseAPIPaginator

from rest_tap import RestStream, StreamError, json_of, parse_timestamp, path_value
from rest_tap.endless import EndGuard
from tap_circleci.bookmarks import BuildBookmarks
from tap_circleci.memory import is_of_reruns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import requests

    from rest_tap import Listing, Row
    from tap_circleci.memory import Memory
    from tap_circleci.tap import TapCircleCI


PERSONAL_ONLY = "a personal token, not a project token, of a user who sees it"


class Pages(NamedTuple):
    """How a version of the API hands out a list in pages."""

    rows: str
    """The key of the rows in an answer."""
    token_of: Callable[[Any], object]
    """Reads the token of the next page out of an answer; nothing at the end."""
    parameter: str
    """Asks for the page of a token."""


def _cursor(body: Any) -> object:
    page = body.get("page")
    return page.get("next") if isinstance(page, dict) else None


V2_PAGES = Pages("items", lambda body: body.get("next_page_token"), "page-token")
V3_PAGES = Pages("data", _cursor, "page[cursor]")


class NextPageToken(BaseAPIPaginator[str | None]):
    """Follows the token of the next page until it is null, empty or absent."""

    def __init__(self, pages: Pages) -> None:
        super().__init__(None)
        self._token_of = pages.token_of

    def get_next(self, response: requests.Response) -> str | None:
        """Read the token of the next page."""
        body = json_of(response)
        token = self._token_of(body) if isinstance(body, dict) else None
        return str(token) if token else None


class CircleCIStream(RestStream):
    """A stream of CircleCI's API v2."""

    records_key: str | None = "items"
    pages: Pages = V2_PAGES

    @property
    def run(self) -> TapCircleCI:
        """The run, with what the streams share in it."""
        return cast("TapCircleCI", super().run)

    @property
    def url_base(self) -> str:
        """The API's address, of CircleCI itself or of a CircleCI Server."""
        return self.run.choices.base_url

    @staticmethod
    def quote(name: str, value: str) -> str:
        """Encode a value for the path: slugs keep their slashes, names of workflows must not."""
        return path_value(value, safe="/" if name.endswith("slug") else "")

    def get_new_paginator(self) -> BaseAPIPaginator[Any]:
        """Page by token: also where the specification does not say so, answers may hold one."""
        return NextPageToken(self.pages)

    def page_params(self, token: str | None) -> Mapping[str, Any]:
        """Ask for one page; its size is not to be chosen."""
        return {self.pages.parameter: token} if token else {}

    def listed(
        self, path: str, params: Mapping[str, str], pages: Pages = V2_PAGES
    ) -> Iterator[Row]:
        """List the rows of something beside the stream's own list, page after page.

        Raises:
            StreamError: If an answer has no list, or the list has no end.
        """
        asked, guard, token = dict(params), EndGuard(path), None
        while True:
            guard.check_token(token)
            answer = self.get_json(path, asked)
            if not isinstance(answer, dict) or not isinstance(answer.get(pages.rows), list):
                raise StreamError(f"{path}: an answer has no list {pages.rows!r}")
            guard.check_page(answer[pages.rows])
            yield from answer[pages.rows]
            if not (token := pages.token_of(answer)):
                return
            asked[pages.parameter] = str(token)

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
    derived_columns = ("project_slug",)

    @property
    def lookback(self) -> timedelta:
        """How old a pipeline may be that a run looks at again by listing it."""
        return self.run.choices.lookback if self.run.lists_reruns else OVERLAP

    @cached_property
    def bookmarks(self) -> BuildBookmarks:
        """Until when each list was seen."""
        return BuildBookmarks(self, self.run)

    @property
    def _memory(self) -> Memory:
        return self.run.memory

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Note how far the rows' clock is."""
        if not is_of_reruns(listing.keys):  # Which show but a few pipelines of a project
            self._memory.add_rows(rows, listing.keys)
        return super().post_process_page(rows, listing)

    def stream_done(self) -> None:
        """Remember that reruns were looked for, however old their pipelines are."""
        super().stream_done()
        self.bookmarks.note_reruns(self.run.reruns_asked if self.run.asks_insights else None)
