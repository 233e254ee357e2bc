"""The Meltano Singer SDK: all that this package knows of its insides stands here.

The SDK promises nothing for names that begin with an underscore. Each one that is needed is given
a public name here, and a test names those that a version of the SDK no longer has.
"""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

from singer_sdk import RESTStream, Tap
from singer_sdk._logging import _setup_console_logging
from singer_sdk.plugin_base import _plugin_log_level

if TYPE_CHECKING:
    from types import FrameType


STOPPING = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP

_RETRIES = "requests are waited for and tried again in the same way for all streams"
_READING = "rows are read by listings: see docs/contributing.md"
_BATCHES = "batches would go past selection and stream maps"
_ORDER = "a listing says in which order its rows come"
_CHILDREN = "set `child_keys`, or override `has_children` or `listing_for`"
_METRICS = "the summary counts for all streams"

INERT = {
    "STATE_MSG_FREQUENCY": "a STATE follows when its bookmark moves",
    "TYPE_CONFORMANCE_LEVEL": "all values are made what their columns say",
    "allow_redirects": "redirects are followed on the same host, and by files",
    "authenticator": "the tap's `authenticator` is used",
    "backoff_handler": _RETRIES,
    "backoff_jitter": _RETRIES,
    "backoff_max_tries": _RETRIES,
    "backoff_runtime": _RETRIES,
    "backoff_wait_generator": _RETRIES,
    "calculate_sync_cost": _METRICS,
    "check_sorted": _ORDER,
    "compare_start_date": "moments are compared as moments",
    "emit_activate_version_messages": "`reads_all` says what tells which rows vanished",
    "extra_retry_statuses": _RETRIES,
    "finalize_state_progress_markers": "bookmarks move when their rows are written",
    "generate_child_contexts": _CHILDREN,
    "get_batch_config": _BATCHES,
    "get_batch_counter": _BATCHES,
    "get_batches": _BATCHES,
    "get_child_context": _CHILDREN,
    "get_http_request": "override `request_for`",
    "get_http_request_counter": _METRICS,
    "get_record_counter": _METRICS,
    "get_records": _READING,
    "get_replication_key_signpost": "bookmarks never pass the run's beginning",
    "get_sync_timer": _METRICS,
    "get_url_params": "override `query`, or `page_params` for the parameters of paging",
    "ignore_parent_replication_key": "set `parent_cursor` if a row of the parent tells of changes",
    "is_sorted": _ORDER,
    "log_sync_costs": _METRICS,
    "next_page_token_jsonpath": "override `get_new_paginator`",
    "partitions": "override `rounds`",
    "payload_as_json": "bodies are sent as JSON",
    "prepare_request": "override `request_for`",
    "prepare_request_payload": "override `payload`",
    "preprocess_context": _CHILDREN,
    "records_jsonpath": "set `records_key`",
    "request_decorator": _RETRIES,
    "request_records": _READING,
    "requests_session": "the tap's `session` is used",
    "schema_filepath": "set `schema`",
    "timeout": "the setting `request_timeout` is used",
    "update_sync_costs": _METRICS,
    "user_agent": "the setting `user_agent` is used",
}
"""Hooks of the SDK's streams that have no effect here, and what has."""


def log_to_stderr(name: str) -> None:
    """Let what a tap logs go to stderr, at the level and in the form that the environment asks for.

    Raises:
        Exception: Of many kinds, for what the file in SINGER_SDK_LOG_CONFIG may have in it.
    """
    _setup_console_logging(log_level=_plugin_log_level(plugin_name=name))


def stopping_signals() -> list[signal.Signals]:
    """List the signals that ask a run to stop, but those that it shall ignore, as under nohup."""
    known = [getattr(signal, name) for name in STOPPING if hasattr(signal, name)]
    return [signum for signum in known if signal.getsignal(signum) is not signal.SIG_IGN]


class SdkTap(Tap):
    """The SDK's tap, with public names for what it does in private."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _refuse_private(cls, Tap)

    # What the SDK asks of a tap

    def settings_of_environment(self, prefix: str) -> dict[str, Any]:
        """Read the settings that variables with this prefix give."""
        raise NotImplementedError

    def validate_settings(self, settings: dict[str, Any], *, raise_errors: bool) -> list[str]:
        """Check and complete the settings; return what is wrong with them.

        Raises:
            ConfigValidationError: If something is, and `raise_errors`.
        """
        raise NotImplementedError

    def stop(self, signum: int) -> None:
        """Take note of a signal that asks the run to stop."""
        raise NotImplementedError

    # What a tap asks of the SDK

    def reset_progress_markers(self) -> None:
        """Forget the marks in the state of a run that was cut off."""
        self._reset_state_progress_markers()

    # The names by which the SDK calls

    @property
    def _env_var_config(self) -> dict[str, Any]:
        return self.settings_of_environment(self._env_var_prefix)

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        return self.validate_settings(self._config, raise_errors=raise_errors)

    def _setup_signal_handlers(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return  # Which is the only one that may
        for signum in stopping_signals():
            signal.signal(signum, self._handle_termination)

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self.stop(signum)


class SdkStream(RESTStream[Any]):
    """The SDK's stream, with public names for what it does in private."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse hooks of the SDK that nothing calls.

        Raises:
            TypeError: Naming the hook, and what to use instead.
        """
        super().__init_subclass__(**kwargs)
        _refuse_private(cls, RESTStream)
        for name in INERT.keys() & vars(cls).keys():
            raise TypeError(f"{cls.__name__}.{name} has no effect: {INERT[name]}")

    @property
    def version(self) -> int | None:
        """The version of a complete run, by which a target knows what vanished."""
        return self._stream_version

    @version.setter
    def version(self, value: int | None) -> None:
        self._stream_version = value

    def write_schema(self) -> None:
        """Write the SCHEMA message, if the stream is selected."""
        if self.selected:
            self._write_schema_message()

    def write_activate_version(self) -> None:
        """Write the ACTIVATE_VERSION message: rows of earlier versions exist no more."""
        if self.version is not None:
            self._write_activate_version_message(self.version)


def _refuse_private(cls: type, base: type) -> None:
    """Refuse a class whose names the SDK has taken for itself.

    Raises:
        TypeError: Naming the class and the name.
    """
    for name in vars(cls):
        if name.startswith("_") and not name.startswith(("__", "_abc_")) and hasattr(base, name):
            raise TypeError(f"{cls.__name__}.{name} is a private name of the SDK: see rest_tap.sdk")
