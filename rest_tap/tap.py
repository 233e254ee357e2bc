"""What every tap of the three is: settings checked, streams read side by side, the truth told."""

from __future__ import annotations

import copy
import fnmatch
import functools
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, cast

import msgspec
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities
from singer_sdk.mapper import RemoveRecordTransform
from singer_sdk.singerlib import StateMessage

from rest_tap import redaction
from rest_tap.command_line import CommandLineTap
from rest_tap.ends import PATIENCE, SIGNALLED, end_in_any_case
from rest_tap.errors import ConfigError, StoppedError, StreamError, TapError
from rest_tap.http.client import ApiClient
from rest_tap.http.limits import Limits
from rest_tap.http.rate_limiter import RateLimiter
from rest_tap.http.session import Session
from rest_tap.lookups import LookupStream
from rest_tap.redaction import LONGEST_VALUE, shown
from rest_tap.shielding import exit_process
from rest_tap.state import check_state, kinds_of
from rest_tap.stats import RunSummary
from rest_tap.stream_maps import make_mapper
from rest_tap.sync import Sync
from rest_tap.timestamps import parse_timestamp
from rest_tap.worker_pool import Result, Turn, WorkerPool
from rest_tap.writing import BlockWriter, unmappable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from singer_sdk import Stream
    from singer_sdk.helpers.capabilities import CapabilitiesEnum

    from rest_tap.http.credentials import HeaderCredentials
    from rest_tap.listing import Row
    from rest_tap.stream import RestStream

CLOCK_TOLERANCE = timedelta(seconds=2)  # The Date header tells whole seconds


class RestTap(CommandLineTap):
    """A tap whose streams share threads, connections, pauses and one truthful end."""

    package_name = "devdocs-taps"
    message_writer_class = BlockWriter
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        TapCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]  # Not BATCH: the SDK's batches go past selection and stream maps

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        redaction.install()
        self.fatal: Exception | None = None
        self.state_size = 0
        self._signal: int | None = None
        self._stopped_at = 0.0
        self._initial_state: dict[str, Any] = {}
        super().__init__(*args, **kwargs)
        self.writer.check = self._check_patience

    # What a tap says of itself

    @property
    def authenticator(self) -> HeaderCredentials:
        """What shows the API who asks."""
        raise NotImplementedError

    # What the streams share

    def setup_mapper(self) -> None:
        """Prepare the stream maps of all streams."""
        self.mapper = make_mapper(self.catalog, self.config, self.logger)

    @functools.cached_property
    def pool(self) -> WorkerPool:
        """The threads."""
        return WorkerPool(self.config["max_concurrency"], on_fatal=self._note_fatal)

    @functools.cached_property
    def rate_limiter(self) -> RateLimiter:
        """The turns of requests."""
        return RateLimiter(self.config.get("requests_per_second"))

    @functools.cached_property
    def summary(self) -> RunSummary:
        """What every stream has done."""
        return RunSummary(self.logger)

    @functools.cached_property
    def session(self) -> Session:
        """The connections."""
        return Session(self.config["max_concurrency"], self.limits)

    @functools.cached_property
    def limits(self) -> Limits:
        """What a server may take of the run."""
        timeout = self.config["request_timeout"]
        return Limits(
            timeout,
            self.config["max_wait"],
            self.config.get("max_answer_seconds") or 10 * timeout,
            self.config["max_answer_bytes"],
        )

    @functools.cached_property
    def client(self) -> ApiClient:
        """What sends the requests of all streams."""
        return ApiClient(
            self.session,
            self.rate_limiter,
            self.authenticator,
            self.config.get("user_agent") or f"{self.name}/{self.plugin_version}",
            self.limits,
        )

    @functools.cached_property
    def start_date(self) -> datetime | None:
        """The moment from which on rows are wanted."""
        return parse_timestamp(self.config.get("start_date"))

    @property
    def began(self) -> datetime:
        """When the run began, by the vendor's clock or this machine's, whichever is behind.

        What happens from then on has not been seen, and no bookmark may lie in the future.
        """
        local = datetime.fromtimestamp(self.initialized_at / 1000, UTC)
        theirs = self.client.began
        return theirs if theirs and theirs < local - CLOCK_TOLERANCE else local

    @property
    def writer(self) -> BlockWriter:
        """Writes the messages."""
        return cast("BlockWriter", self.message_writer)

    def passes_filter(self, stream: Stream, row: Row) -> bool:
        """Tell whether a user's stream map keeps a row, and so its children."""
        maps = self.mapper.stream_maps.get(stream.name)
        if not maps or isinstance(maps[0], RemoveRecordTransform):
            return True  # A stream that is not to be written, like one that is not selected
        try:
            return maps[0].get_filter_result(row)
        except Exception as error:
            raise unmappable(stream.name, error) from error

    def report_missing(self, setting: str, values: Iterable[str], hint: str) -> None:
        """Tell that a setting names things that cannot be read: the run is incomplete."""
        stats = self.summary.of(f"setting {setting}")
        for value in values:
            stats.missing.append(value)
            told = (setting, value, hint)
            stats.warn(self.logger, "missing", "%s: %r cannot be read: %s", *told)

    # A run

    @functools.cached_property
    def engine(self) -> Sync:
        """The main thread's part of a run."""
        return Sync(self)

    @functools.cached_property
    def lookup_streams(self) -> list[LookupStream]:
        """The streams of this run that look up ids."""
        return [s for s in self.streams.values() if isinstance(s, LookupStream) and s.is_active]

    def sync_all(self) -> None:  # type: ignore[misc] # The SDK's ends at the first stream that fails
        """Read all selected streams.

        Raises:
            TapError: At the end, if anything selected was not read completely.
            StoppedError: If a signal arrived; the last true STATE is written by then.
        """
        self.reset_progress_markers()
        if self.state:
            self.write_state()
        sources = {name for seen in self.lookup_streams for name in seen.sources}
        roots = [s for s in self._roots() if s.is_active or s.name in sources]
        try:
            if roots:
                self.begin()
            for seen in self.lookup_streams:
                self.engine.start_lookup(seen)
            for root in roots:
                if not isinstance(root, LookupStream):
                    self.engine.plan(root)
            # The rows of those that look up come between those of the others
            self.engine.read_all([s for s in roots if not isinstance(s, LookupStream)])
            self.check()
            self.engine.finish_closed()
            for seen in self.lookup_streams:
                self.engine.close(seen)
            self.engine.finish_closed()
            self._write_last_state()
        except (StoppedError, TapError):  # What is written is written, whatever ends the run
            self._write_last_state()
            raise
        finally:
            self.pool.close()
            self.summary.log()
        self._raise_incomplete()

    def _roots(self) -> list[RestStream]:
        """List the top-level streams, in the order in which they are read."""
        for stream in [cast("RestStream", s) for s in self.streams.values()]:
            if stream.is_read_last:
                self.streams[stream.name] = self.streams.pop(stream.name)
        return [cast("RestStream", s) for s in self.streams.values() if not s.parent_stream_type]

    def begin(self) -> None:
        """Find out whether the credentials are taken, before anything is read.

        Raises:
            TapError: As `check_access`.
            StoppedError: If a signal arrived.
        """

        def run() -> Result:
            self.check_access()
            streams = [cast("RestStream", stream) for stream in self.streams.values()]
            waits = any(s.waits and s.selected and s.reconciliation.is_by_time for s in streams)
            if waits and self.client.began is None:
                self.ask_time()
            return Result()

        for _ in self.pool.results(self.pool.submit((), run, Turn(0)), self.check):
            pass

    def run_trial(self) -> None:
        """Read one record of each stream."""
        for stream in self.streams.values():
            stream.ABORT_AT_RECORD_COUNT = 1
            stream.selected = True
        self.begin()
        for root in self._roots():
            for _ in self.engine.read(root):
                pass
            self.check()

    def finish(self) -> None:
        """End a trial run."""
        self.check()
        self.writer.flush()
        self.summary.log()
        self._raise_incomplete()

    def check_access(self) -> None:
        """Find out, on a worker thread, whether the API takes the credentials as their user's.

        Raises:
            TapError: If it takes them for nobody's, and would answer as to a visitor.
        """

    def ask_time(self) -> None:
        """Ask for something, on a worker thread, so that the vendor's clock tells what is due."""

    def check_catalog(self) -> None:
        """Check that the catalog, and the setting `reconcile_always`, name streams of this tap.

        Raises:
            ConfigError: Naming what is no stream.
        """
        super().check_catalog()
        for pattern in self.config.get("reconcile_always") or ():
            if not fnmatch.filter(self.streams, pattern):
                raise ConfigError(
                    f"reconcile_always: {self.name} has no stream {shown(pattern, LONGEST_VALUE)!r}"
                )

    def write_state(self) -> None:
        """Write the state, if it changed."""
        self.state_size = len(msgspec.json.encode(self.state))
        self.state_writer.write_state(self.state)

    def _write_last_state(self) -> None:
        """Let a STATE be the last message: some targets forget the one before it at a record."""
        if self.writer.is_cut:  # What the state claims may be among what was not written
            self.writer.repeat_state()
            return
        try:
            self.write_state()
            if self.writer.bytes_since_state:
                self.writer.write_message(StateMessage(value=self.state))
        except StoppedError:
            self.writer.repeat_state()
            raise

    def check(self) -> None:
        """Raise what ends the run at once.

        Raises:
            StoppedError: If a signal arrived.
            TapError: If something met an error of the whole run.
        """
        if self._signal is not None:
            raise StoppedError(self._signal)
        if self.fatal:
            raise self.fatal

    def _check_patience(self) -> None:
        """Raise StoppedError if a run that shall stop has waited for its reader for long enough."""
        if self._signal is not None and time.monotonic() - self._stopped_at > PATIENCE:
            raise StoppedError(self._signal)

    def _note_fatal(self, error: BaseException) -> None:
        if isinstance(error, TapError) and not isinstance(error, StreamError):
            self.fatal = error

    def _raise_incomplete(self) -> None:
        """Raise what makes the exit status 1."""
        denials_count = self.config["denied_streams"] == "fail"
        names = [
            stats.name
            for stats in self.summary.streams
            if stats.is_incomplete and (denials_count or stats.missing or not stats.is_denied)
        ]
        if names:
            raise TapError(f"Not everything could be read: {', '.join(names)}. See the summary")

    def stop(self, signum: int) -> None:
        """Stop at the next record; at once if a second signal comes and nothing is shielded."""
        if self._signal is not None:
            exit_process(SIGNALLED + signum)
        self._signal, self._stopped_at = signum, time.monotonic()
        end_in_any_case(SIGNALLED + signum)

    # State

    @property
    def initial_state(self) -> dict[str, Any]:
        """The bookmarks as they stood when the run began."""
        return self._initial_state

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over the state of an earlier run.

        Raises:
            ConfigError: If it is not a state, is another tap's, or comes from the future.
        """
        kinds = {name: kinds_of(type(stream)) for name, stream in self.streams.items()}
        for complaint in check_state(state, kinds):
            self.logger.warning("%s", complaint)
        super().load_state(state)
        self._initial_state = copy.deepcopy(self.state.get("bookmarks", {}))
