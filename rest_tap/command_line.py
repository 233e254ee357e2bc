"""The command line and what it is given: settings, state, catalog, and exit statuses."""

from __future__ import annotations

import codecs
import difflib
import gc
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec
from singer_sdk.cli import plugin_cli
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.plugin_base import JSONSchemaValidator
from singer_sdk.singerlib import Catalog
from singer_sdk.tap_base import CliTestOptionValue

from rest_tap import redaction
from rest_tap.ends import end_at_signals, one_line_errors
from rest_tap.environment import settings_of_environment
from rest_tap.errors import ConfigError
from rest_tap.logs import start_logging
from rest_tap.sdk import SdkTap
from rest_tap.timestamps import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable

    import click

COLLECT_EVERY = 50_000  # New objects. Rows are many, and none of them is ever left to be collected
LIKENESS = 0.75  # Of two names, of which one may be the other misspelled
NO_STATE = '--state: expected a JSON object {"bookmarks": {...}}'


class CommandLineTap(SdkTap):
    """A tap that checks what it is given, and ends with one line and a true exit status."""

    def check_config(self) -> None:
        """Check what the settings' schema cannot.

        Raises:
            ConfigError: Naming the setting, what is wrong, and what to write instead.
        """

    def begin(self) -> None:
        """Begin a trial run: find out whether the credentials are taken."""
        raise NotImplementedError

    def finish(self) -> None:
        """End a run: write what waits, tell the summary, and raise what was incomplete."""
        raise NotImplementedError

    def settings_of_environment(self, prefix: str) -> dict[str, Any]:
        """Read the environment; the SDK would take a number such as 2.5 for a text."""
        schema = self.config_jsonschema
        self.append_builtin_config(schema)
        return settings_of_environment(schema["properties"], prefix)

    def validate_settings(self, settings: dict[str, Any], *, raise_errors: bool) -> list[str]:
        """Check the settings, without ever showing the value of a secret."""
        schema = self.config_jsonschema
        self.append_builtin_config(schema)
        properties = schema["properties"]
        secrets = {name for name, kind in properties.items() if kind.get("secret")}
        redaction.keep_secret(*(settings.get(name) for name in secrets))
        for name, value in list(settings.items()):
            if value is None:
                del settings[name]  # So that its default counts
            elif isinstance(value, float | Decimal):
                settings[name] = float(value) if value % 1 else int(value)
        headers = (_check_header(name, settings) for name in (*secrets, "user_agent"))
        errors = [error for error in headers if error]
        for error in JSONSchemaValidator(schema).iter_errors(settings):
            name = str(error.path[0]) if error.path else ""
            if name in secrets:
                errors.append(f"{name}: it must be text of the form that its description gives")
            else:
                errors.append(f"{name}: {error.message}" if name else error.message)
        if errors:
            errors += self._guesses(properties)
        if errors and raise_errors:
            raise ConfigValidationError("Config validation failed", errors=errors, schema=schema)
        if raise_errors:
            for guess in self._guesses(properties):
                self.logger.warning("%s", guess)
            self._check_start_date()
            self.check_config()
        return errors

    def _check_start_date(self) -> None:
        start_date = self.config.get("start_date")
        if not start_date:
            return
        if not (at := parse_timestamp(start_date)):
            raise ConfigError(
                f"start_date: {start_date!r} is not a date; write it as 2026-01-31T00:00:00Z"
            )
        if at > datetime.now(UTC):
            raise ConfigError(f"start_date: {start_date} is in the future: nothing would be read")

    def _guesses(self, known: Iterable[str]) -> list[str]:
        """Say of settings that do not exist what may be meant."""
        guesses = []
        for name in sorted(self.config.keys() - set(known)):
            near = difflib.get_close_matches(name, known, 1, LIKENESS)
            hint = f": is {near[0]} meant?" if near else ""
            guesses.append(f"{name} is no setting of {self.name} and does nothing{hint}")
        return guesses

    @plugin_cli
    def cli(cls) -> click.Command:  # noqa: N805 - it is called with the class
        """The command; with it, logging begins."""
        start_logging(cls.name)
        end_at_signals()
        return cls.get_singer_command()

    @classmethod
    def cb_version(cls, ctx: click.Context, param: click.Option, value: bool) -> None:  # noqa: FBT001
        """Print the version."""
        with one_line_errors(cls.logger):
            super().cb_version(ctx, param, value)

    @classmethod
    def invoke(  # type: ignore[override]
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: Any = None,
        state: Any = None,
        catalog: Any = None,
    ) -> None:
        """Run the tap from the command line; every way to end has its exit status."""
        with one_line_errors(cls.logger):
            if about:
                cls.print_about(about_format)
                sys.stdout.flush()
                return
            cls.print_version(print_fn=cls.logger.info)
            tap = cls(
                config=config.config if config else {},
                state=_read_state(state),
                catalog=_read_catalog(catalog),
                parse_env_config=bool(config and config.parse_env),
            )
            tap.check_catalog()
            gc.freeze()
            gc.set_threshold(COLLECT_EVERY)
            tap.sync_all()

    def check_catalog(self) -> None:
        """Check that the catalog knows only streams of this tap.

        Raises:
            ConfigError: Naming the others.
        """
        if self.input_catalog is not None:
            unknown = [name for name in self.input_catalog if name not in self.streams]
            if unknown:
                raise ConfigError(
                    f"--catalog: {self.name} has no stream {', '.join(map(repr, unknown))}; "
                    "make the catalog anew with --discover and the same settings"
                )

    @classmethod
    def cb_config(cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]) -> Any:
        """Read the configuration files, each once: it may be a pipe."""
        with one_line_errors(cls.logger):
            found = super().cb_config(ctx, param, tuple(name for name in value if name == "ENV"))
            for name in value:
                if name != "ENV":
                    found.config.update(cls._read_config(Path(name)))
            return found

    @classmethod
    def _read_config(cls, path: Path) -> dict[str, Any]:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ConfigError(f"--config: {path} cannot be read: {error.strerror}") from error
        config = _json("--config", path, content)
        if not isinstance(config, dict):
            raise ConfigError(f"--config: {path} must hold one JSON object of settings")
        properties = cls.config_jsonschema["properties"]
        has_secret = any(properties.get(name, {}).get("secret") for name in config)
        if has_secret:
            redaction.warn_if_exposed("--config", path)
        return config

    @classmethod
    def cb_discover(cls, ctx: click.Context, param: click.Option, value: bool) -> None:  # noqa: FBT001
        """Print the catalog."""
        with one_line_errors(cls.logger):
            try:
                super().cb_discover(ctx, param, value)
            finally:
                if value:
                    sys.stdout.flush()

    @classmethod
    def cb_test(cls, ctx: click.Context, param: click.Option, value: str) -> None:  # noqa: ARG003
        """Read one record of each stream, or tell the schemas, and say what failed."""
        if value == CliTestOptionValue.Disabled.value:
            return
        config = ctx.params.get("config")
        with one_line_errors(cls.logger):
            tap = cls(
                config=config.config if config else {},
                parse_env_config=bool(config and config.parse_env),
            )
            if value == CliTestOptionValue.Schema.value:
                tap.write_schemas()
            else:
                tap.begin()
                tap.run_connection_test()
            tap.finish()
        ctx.exit()


def _check_header(name: str, settings: dict[str, Any]) -> str | None:
    """Take the line end off that a file leaves at a token; say what no header can hold."""
    value = settings.get(name)
    if not isinstance(value, str):
        return None
    settings[name] = value = value.strip()
    if value.isascii() and value.isprintable():
        return None
    return f"{name}: it must be one line of ASCII characters; look for what was pasted with it"


def check_state(state: dict[str, Any], streams: set[str]) -> None:
    """Check the state of an earlier run.

    Raises:
        ConfigError: If it is not a state, is another tap's, or comes from the future.
    """
    if not isinstance(state.get("bookmarks", {}), dict):
        raise ConfigError(NO_STATE)
    if state and "bookmarks" not in state:
        hint = " (take what stands in singer_state)" if "singer_state" in state else ""
        raise ConfigError(f'--state: it has no "bookmarks"{hint}')
    bookmarks = state.get("bookmarks", {})
    unknown = [name for name in bookmarks if name not in streams]
    if len(unknown) > len(bookmarks) / 2:
        raise ConfigError(
            f"--state: most of its streams are not this tap's ({', '.join(sorted(unknown)[:3])}): "
            "is it another tap's state?"
        )
    for name, entry in bookmarks.items():
        if not isinstance(entry, dict):
            raise ConfigError(f"--state: the bookmark of {name} must be a JSON object")
        parts = entry.get("partitions", [])
        if not (isinstance(parts, list) and all(map(_is_partition, parts))):
            raise ConfigError(
                f"--state: the partitions of {name} must be a list of JSON objects with a context"
            )
        for part in (entry, *parts):
            for key in ("replication_key_value", "last_run"):
                _check_moment(name, part.get(key))


def _is_partition(part: object) -> bool:
    return isinstance(part, dict) and isinstance(part.get("context"), dict)


def _check_moment(stream: str, value: object) -> None:
    at = parse_timestamp(value)
    if value is not None and not at:
        raise ConfigError(
            f"--state: the bookmark of {stream} has {value!r} where a timestamp belongs. "
            "Correct or remove it"
        )
    if at and at > datetime.now(UTC) + timedelta(days=1):
        raise ConfigError(
            f"--state: the bookmark of {stream} is in the future ({value}): nothing "
            "would ever be read. Correct or remove it"
        )


def _json(option: str, name: object, content: bytes) -> Any:
    """Decode what a file holds, after the mark that some editors write before it."""
    try:
        return msgspec.json.decode(content.removeprefix(codecs.BOM_UTF8))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{option}: {name} is not JSON in UTF-8: {error}") from error


def _read_json(option: str, file: Any) -> Any:
    return None if file is None else _json(option, file.name, file.buffer.read())


def _read_state(file: Any) -> dict[str, Any] | None:
    state = _read_json("--state", file)
    if state is not None and not isinstance(state, dict):
        raise ConfigError(NO_STATE)
    return cast("dict[str, Any] | None", state)


def _read_catalog(file: Any) -> dict[str, Any] | None:
    catalog = _read_json("--catalog", file)
    if catalog is not None:
        try:
            Catalog.from_dict({"streams": catalog["streams"]})
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            expected = 'expected {"streams": [...]}, as --discover prints it'
            raise ConfigError(f"--catalog: {expected} ({type(error).__name__}: {error})") from error
    return cast("dict[str, Any] | None", catalog)
