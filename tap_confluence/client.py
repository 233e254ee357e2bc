"""What the streams share: addresses, pages and rate limits of Confluence's two APIs."""

from __future__ import annotations

from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, cast
from urllib.parse import parse_qsl

from singer_sdk.pagination import BaseAPIPaginator

from rest_tap import DeniedError, RestStream, StreamError, json_of, message_of
from rest_tap.state import TEXT
from tap_confluence.markdown import body_to_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import requests

    from rest_tap import Row
    from rest_tap.state import Kind
    from tap_confluence.space_filter import SpaceFilter
    from tap_confluence.tap import TapConfluence


SEARCH_LIMIT = 200  # Rows that search shows at once, whatever is asked for

PageToken = tuple[tuple[str, str], ...]
"""The parameters that lead to the next page of API v1."""


class CursorPaginator(BaseAPIPaginator[str | None]):
    """The way on in API v2: the cursor of the next link, from the body or the Link header.

    Only the cursor is taken. The link's path is wrong behind the gateway, and the parameters are
    the request's own.
    """

    def __init__(self) -> None:
        super().__init__(None)

    def get_next(self, response: requests.Response) -> str | None:
        """Read the cursor; None on the last page.

        Raises:
            StreamError: If there is a next page, and no cursor that leads to it.
        """
        link = next_link(json_of(response)) or response.links.get("next", {}).get("url", "")
        cursor = _parameters(link).get("cursor")
        if link and not cursor:
            asked = response.request.path_url.partition("?")[0]
            raise StreamError(f"GET {asked} answered with a next page without a cursor: {link!r}")
        return cursor

    def continue_if_empty(self, response: requests.Response) -> bool:  # noqa: ARG002
        """A page whose rows the user may not see is empty, and not the last."""
        return True


class OffsetPaginator(BaseAPIPaginator[PageToken | None]):
    """The way on in API v1: `start` or `cursor` of the next link.

    A page shorter than its limit is not the last one, for permissions are applied after it was
    cut; only a missing link is the end. The limit in the answer is the one that counts.
    """

    def __init__(self) -> None:
        super().__init__(None)

    def get_next(self, response: requests.Response) -> PageToken | None:
        """Read where the next page starts; None on the last page."""
        return _page_token(json_of(response))

    def continue_if_empty(self, response: requests.Response) -> bool:  # noqa: ARG002
        """As in API v2."""
        return True


def _page_token(body: dict[str, Any]) -> PageToken | None:
    if not (link := next_link(body)):
        return None
    given = _parameters(link)
    page_token = tuple((key, given[key]) for key in ("start", "cursor") if key in given)
    return page_token or (("start", str(int(body["start"]) + int(body["limit"]))),)


def next_link(body: Any) -> str:
    """Find the link to the next page in an answer, or in a list inside of it; or nothing."""
    links = body.get("_links") if isinstance(body, dict) else None
    return str(links.get("next") or "") if isinstance(links, dict) else ""


def places_after(part: Mapping[str, Any]) -> int:
    """Count the places that a part of a list takes, if the list goes on after it; else 0."""
    size = len(part.get("results") or ())
    told = (part.get(name) for name in ("start", "limit", "totalSize"))
    start, limit, total = (number if isinstance(number, int) else 0 for number in told)
    goes_on = next_link(part) or 0 < limit <= size or start + size < total
    return max(size, limit) if goes_on else 0


def _results(body: Any, path: str) -> list[dict[str, Any]]:
    rows = body.get("results") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise StreamError(f"GET {path} answered without the list 'results'")
    return rows


def lacks_scope(response: requests.Response) -> bool:
    """Tell whether a token was refused for its scopes, which a renewed one would lack too."""
    body = response.content.lstrip()
    refused = response.status_code == HTTPStatus.UNAUTHORIZED
    return refused and b"scope" in body and not body.startswith(b"<")


def _parameters(link: str) -> dict[str, str]:
    """Read the parameters of a link, in which cursors stand as they are: a plus is a plus."""
    return dict(parse_qsl(link.partition("?")[2].replace("+", "%2B")))


class ConfluenceStream(RestStream):
    """A list of Confluence's REST API v2."""

    records_key: str | None = "results"
    limit = 250
    paged = True
    """The list comes in pages; else in one answer."""
    has_body = True
    """The rows have bodies, where they are asked for."""
    bookmark_depends_on: tuple[str, ...] = ("spaces",)
    optional_params = frozenset({"body-format"})
    state_keys: ClassVar[Mapping[str, Kind]] = {"narrowed": TEXT}

    @property
    def run(self) -> TapConfluence:
        """The run, with what the streams share in it."""
        return cast("TapConfluence", super().run)

    @property
    def url_base(self) -> str:
        """Where API v2 is; it moves to the gateway when a token turns out to need that."""
        return f"{self.run.address.wiki}/api/v2"

    @cached_property
    def space_filter(self) -> SpaceFilter:
        """The spaces that the settings ask for."""
        return self.run.space_filter

    def get_new_paginator(self) -> BaseAPIPaginator[Any] | None:
        """Follow cursors."""
        return CursorPaginator() if self.paged else None

    def page_params(self, token: Any) -> Mapping[str, Any]:
        """Ask for pages as large as the API allows."""
        return {"limit": self.limit, "cursor": token} if self.paged else {}

    @property
    def body_format(self) -> str | None:
        """The format of bodies to ask for; None for none."""
        wanted: str = self.config["body_format"]
        if not self.has_body or wanted == "none":
            return None
        return "storage" if wanted == "markdown" else wanted

    def add_markdown(self, rows: list[Row]) -> None:
        """Translate the bodies of rows, if that is wanted; what cannot be read is counted."""
        if not (self.selected and self.has_body and self.config["body_format"] == "markdown"):
            return
        for row in rows:
            row["body_markdown"], is_readable = body_to_markdown(row.get("body"))
            if not is_readable:
                self.stats.mend("body_markdown")
                message = "%s: the body of %s cannot be read, its Markdown is plain text"
                self.stats.warn(self.logger, "body", message, self.name, row.get("id"))

    def ask(self, path: str, **params: str) -> Any:
        """Ask API v2 for something beside this stream's own list."""
        url = f"{self.run.address.wiki}/api/v2{path}"
        return self.get_json(url, {"limit": ConfluenceStream.limit, **params} if params else None)

    def ask_list(self, path: str, **params: str) -> list[dict[str, Any]]:
        """Ask API v2 for a list that is short enough for one answer."""
        return _results(self.ask(path, **params), path)

    def search(self, **params: str) -> Iterator[dict[str, Any]]:
        """Ask API v1's search.

        Raises:
            StreamError: If it goes round in a circle.
        """
        for rows in self.ask_pages("/rest/api/search", limit=str(SEARCH_LIMIT), **params):
            yield from rows

    def ask_pages(self, path: str, **params: str) -> Iterator[list[dict[str, Any]]]:
        """Ask either API for a list beside this stream's own, page after page.

        Raises:
            StreamError: If it goes round in a circle.
        """
        url = f"{self.run.address.wiki}{path}"
        page_token: PageToken | None = ()
        met: set[PageToken] = set()
        while page_token is not None:
            if page_token in met:
                raise StreamError(f"{url}: a next page was one that had been read")
            met.add(page_token)
            body = self.get_json(url, {"limit": self.limit, **params, **dict(page_token)})
            yield _results(body, path)
            page_token = _page_token(body)

    def validate_response(self, response: requests.Response) -> None:
        """Tell a missing scope, which the gateway answers with 401 too, from a wrong token.

        Raises:
            DeniedError: For this stream alone.
        """
        if lacks_scope(response):
            message = message_of(response)
            message += f" (it needs {self.needs})"
            raise DeniedError(message, HTTPStatus.FORBIDDEN, everywhere=True)
        super().validate_response(response)


class ConfluenceV1Stream(ConfluenceStream):
    """A list of the older REST API, where v2 has none."""

    limit = 200

    @property
    def url_base(self) -> str:
        """Where API v1 is."""
        return f"{self.run.address.wiki}/rest/api"

    def get_new_paginator(self) -> BaseAPIPaginator[Any] | None:
        """Follow offsets."""
        return OffsetPaginator() if self.paged else None

    def page_params(self, token: Any) -> Mapping[str, Any]:
        """Ask for pages of the wanted size, from where the last one ended."""
        return {"limit": self.limit, **dict(token or ())} if self.paged else {}
