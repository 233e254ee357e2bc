"""Pages as the plain SDK reads them: a stream as its documentation teaches it, nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from requests.auth import HTTPBasicAuth
from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import BaseAPIPaginator

from rest_tap import snake_case
from tap_confluence.streams.content import Pages as OurPages

if TYPE_CHECKING:
    import requests
    from singer_sdk.helpers.types import Context, Record


class _Cursor(BaseAPIPaginator[str | None]):
    def __init__(self) -> None:
        super().__init__(None)

    def get_next(self, response: requests.Response) -> str | None:
        link = response.json()["_links"].get("next", "")
        cursors = parse_qs(urlsplit(link).query).get("cursor")
        return cursors[0] if cursors else None


class Pages(RESTStream[str]):
    """Pages, in the columns of ours."""

    name = "pages"
    path = "/api/v2/pages"
    primary_keys = ("id",)
    replication_key = "modified_at"
    records_jsonpath = "$.results[*]"
    schema = OurPages.schema

    @property
    def url_base(self) -> str:
        """The site."""
        return str(self.config["base_url"])

    @property
    def authenticator(self) -> HTTPBasicAuth:
        """The credentials."""
        return HTTPBasicAuth(self.config["email"], self.config["api_token"])

    def get_new_paginator(self) -> _Cursor:
        """Follow cursors."""
        return _Cursor()

    def get_url_params(self, context: Context | None, next_page_token: Any) -> dict[str, Any]:  # noqa: ARG002
        """Ask for pages of every status, with their bodies."""
        return {
            "limit": 250,
            "cursor": next_page_token,
            "status": "current,archived,trashed",
            "sort": "modified-date",
            "body-format": "storage",
        }

    def post_process(self, row: Record, context: Context | None = None) -> Record | None:  # noqa: ARG002
        """Name the columns as ours are named."""
        row = {snake_case(name): value for name, value in row.items()}
        row["modified_at"] = row["version"]["createdAt"]
        return row


class TapPlain(Tap):
    """The tap of one stream."""

    name = "tap-plain"
    config_jsonschema = th.PropertiesList(
        th.Property("base_url", th.StringType, required=True),
        th.Property("email", th.StringType, required=True),
        th.Property("api_token", th.StringType, required=True, secret=True),
    ).to_dict()

    def discover_streams(self) -> list[Pages]:
        """List the stream."""
        return [Pages(self)]


if __name__ == "__main__":
    TapPlain.cli()
