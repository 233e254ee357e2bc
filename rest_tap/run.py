"""What a stream may know of the run that it is read in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from singer_sdk import Stream

    from rest_tap.http.client import ApiClient
    from rest_tap.listing import Row
    from rest_tap.stats import RunSummary


class Run(Protocol):
    """A run, as streams see it; a tap is one."""

    @property
    def config(self) -> Mapping[str, Any]:
        """The settings."""

    @property
    def config_jsonschema(self) -> Mapping[str, Any]:
        """What settings there are, with their defaults."""

    @property
    def initial_state(self) -> Mapping[str, Any]:
        """The bookmarks of all streams as they stood when the run began."""

    @property
    def began(self) -> datetime:
        """When the run began, in the API's clock, which its first answer tells."""

    @property
    def initialized_at(self) -> int:
        """When the process began, in milliseconds since 1970."""

    @property
    def start_date(self) -> datetime | None:
        """The moment from which on rows are wanted."""

    @property
    def client(self) -> ApiClient:
        """What sends the requests of all streams."""

    @property
    def summary(self) -> RunSummary:
        """What every stream has done."""

    @property
    def streams(self) -> Mapping[str, Stream]:
        """All streams by name."""

    def passes_filter(self, stream: Stream, row: Row) -> bool:
        """Tell whether a user's stream map keeps a row, and so its children."""
