"""The command line and what it is given: settings, state, catalog, and exit statuses."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Any

from singer_sdk.cli import plugin_cli
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.tap_base import CliTestOptionValue

from rest_tap import redaction
from rest_tap.ends import end_at_signals, one_line_errors
from rest_tap.environment import settings_of_environment
from rest_tap.errors import ConfigError
from rest_tap.inputs import read_catalog, read_config, read_state
from rest_tap.logs import start_logging
from rest_tap.sdk import SdkTap
from rest_tap.settings_check import check_settings, check_start_date, guesses

if TYPE_CHECKING:
    from collections.abc import Mapping

    import click

COLLECT_EVERY = 50_000  # New objects. Rows are many, and none of them is ever left to be collected


class CommandLineTap(SdkTap):
    """A tap that checks what it is given, and ends with one line and a true exit status."""

    def check_config(self) -> None:
        """Check what the settings' schema cannot.

        Raises:
            ConfigError: Naming the setting, what is wrong, and what to write instead.
        """

    def run_trial(self) -> None:
        """Read one record of each stream."""
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
        redaction.keep_secret(*map(settings.get, _secrets(schema)))
        errors = check_settings(settings, schema)
        unknown = list(guesses(settings, schema, self.name))
        if errors:
            errors += unknown
        if raise_errors:
            if errors:
                raise ConfigValidationError(
                    "Config validation failed", errors=errors, schema=schema
                )
            for guess in unknown:
                self.logger.warning("%s", guess)
            if complaint := check_start_date(self.config.get("start_date")):
                raise ConfigError(complaint)
            self.check_config()
        return errors

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
                state=read_state(state),
                catalog=read_catalog(catalog),
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
                    found.config.update(read_config(name, _secrets(cls.config_jsonschema)))
            return found

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
                tap.run_trial()
            tap.finish()
        ctx.exit()


def _secrets(schema: Mapping[str, Any]) -> list[str]:
    return [name for name, told in schema["properties"].items() if told.get("secret")]
