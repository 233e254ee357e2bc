"""How a stream asks: with the tap's client, in the words of the SDK's hooks."""

from __future__ import annotations

import functools
from string import Formatter
from typing import TYPE_CHECKING, Any, cast

from rest_tap.errors import ConfigError, DeniedError, StreamError, TransientError
from rest_tap.http.addresses import path_value
from rest_tap.http.checks import check_file, check_status
from rest_tap.http.client import MAX_TRIES
from rest_tap.http.decoding import RowDecoder, json_of
from rest_tap.sdk import SdkStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import requests
    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.singerlib import Catalog

    from rest_tap.http.client import ApiClient
    from rest_tap.run import Run
    from rest_tap.stats import StreamStats


UNEXPECTED_FORM = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError)


class RequestingStream(SdkStream):
    """Sends requests as the SDK's hooks describe them, through the tap's client."""

    needs: str = ""
    """The scope, role or plan that reading this stream takes; shown when it is denied."""

    records_key: str | None = None
    """The key of the list in an answer; None if the answer is the list, or one row."""

    def apply_catalog(self, catalog: Catalog) -> None:
        """Take over what a user chose; only the replication key is not to be chosen.

        Raises:
            ConfigError: If it is another one.
        """
        own = self.replication_key
        super().apply_catalog(catalog)
        chosen, self.replication_key = self.replication_key, own
        if chosen and chosen != own:
            hint = f"its replication key is {own}" if own else "it has no replication key"
            raise ConfigError(f"--catalog: {self.name} cannot be read by {chosen}: {hint}")

    @property
    def run(self) -> Run:
        """The run that the stream is read in."""
        return cast("Run", self._tap)

    @functools.cached_property
    def stats(self) -> StreamStats:
        """What this stream has sent and written so far."""
        return self.run.summary.of(self.name)

    @property
    def client(self) -> ApiClient:
        """What sends the requests of all streams."""
        return self.run.client

    # What is asked

    @staticmethod
    def quote(name: str, value: str) -> str:  # noqa: ARG004 - overrides tell names apart
        """Encode a value of the context for its place in the path.

        Raises:
            StreamError: If it would lead to another place, as `..` does.
        """
        return path_value(value)

    def get_url(self, context: Context | None) -> str:
        """Fill the path's placeholders from the context."""
        values = {name: self.quote(name, str((context or {})[name])) for name in self.placeholders}
        return self.url_base + self.path.format_map(values)

    @functools.cached_property
    def placeholders(self) -> list[str]:
        """The names in the path that are filled from the context."""
        return [name for _, name, *_ in Formatter().parse(self.path) if name]

    def build_prepared_request(
        self,
        method: str,
        url: str,
        params: Any = None,
        json: object = None,
        headers: Any = None,  # noqa: ARG002 - those of the client
    ) -> requests.PreparedRequest:
        """Prepare a request with the tap's credentials."""
        return self.client.request(method, url, params, json)

    def get_json(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        method: str = "GET",
        json: object = None,
    ) -> Any:
        """Ask for something beside the stream's own list: a path below `url_base`, or a URL.

        Raises:
            DeniedError: On 403, 404 and 410.
            StreamError: If it cannot be had.
        """

        def build() -> requests.PreparedRequest:
            url = path if "://" in path else self.url_base + path
            return self.client.request(method, url, params, json)

        return json_of(self.send(build))

    def open_url(self, url: str) -> requests.Response:
        """Open a file elsewhere, without credentials; its body is read as it is asked for."""
        return self.client.send(
            lambda: self.client.file_request(url), self.stats, read=None, check=check_file
        )

    def wait(self, seconds: float) -> None:
        """Let this thread wait for something that the server prepares.

        Raises:
            StreamError: If that is longer than `max_wait`.
        """
        self.client.wait(seconds, self.stats)

    # What is answered

    def send(
        self,
        build: Callable[[], requests.PreparedRequest],
        read: Callable[[requests.Response], object] | None = json_of,
        max_tries: int = MAX_TRIES,
    ) -> requests.Response:
        """Send a request as `ApiClient.send` does, counted for this stream."""
        return self.client.send(build, self.stats, read, self.validate_response, max_tries)

    def validate_response(self, response: requests.Response) -> None:
        """Sort the answers that are not rows.

        Raises:
            DeniedError: 403, 404 and 410.
            TransientError: Answers that a later try may mend.
            StreamError: Other answers of 300 and more.
        """
        try:
            check_status(response)
        except DeniedError as error:
            if not self.needs:
                raise
            message = f"{error} (it needs {self.needs})"
            raise DeniedError(message, error.status) from None

    @functools.cached_property
    def decoder(self) -> RowDecoder | None:
        """Decodes long answers faster; None where the rows are not in a list of their own."""
        return RowDecoder(self.records_key) if self.records_key else None

    def parse_response(self, response: requests.Response) -> Iterable[Record]:
        """Take the list out of an answer.

        Raises:
            TransientError: If it is not there.
        """
        body = json_of(response)
        if self.records_key is not None:
            body = body.get(self.records_key) if isinstance(body, dict) else None
            if not isinstance(body, list):
                raise TransientError(f"the answer has no list {self.records_key!r}", response)
        return body if isinstance(body, list) else [body]

    def count_skipped(self, what: str) -> None:
        """Count what cannot be read or written, for it lacks what it needs."""
        if self.stats.skip(what) == 1:
            self.logger.warning("%s: a %s is left out; the summary counts them", self.name, what)

    def unexpected_form(self, what: str, error: Exception) -> StreamError:
        """Say that something is not as the vendor's document has it, which all else trusts."""
        self.logger.debug("%s: it was raised here", self.name, exc_info=error)
        return StreamError(
            f"{what} is not of the documented form ({type(error).__name__}: {error}). "
            "Please report it with the traceback that LOGLEVEL=DEBUG shows"
        )
