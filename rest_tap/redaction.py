"""Secrets stay out of logs, whoever logs them, and out of files that others can read."""

from __future__ import annotations

import logging
import stat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

HIDDEN = "(hidden)"
SHORTEST = 4  # A shorter value would blank out half of every message
LONG_PART = 8  # A part of a value, where it has spaces; a shorter one may be any word

_secrets: set[str] = set()


def keep_secret(*values: object) -> None:
    """Replace these values, and what else was pasted with them, in all that is logged."""
    for value in values:
        if isinstance(value, str):
            _secrets.update(text for text in (value, value.strip()) if len(text) >= SHORTEST)
            _secrets.update(part for part in value.split() if len(part) >= LONG_PART)


def redacted(text: str) -> str:
    """Replace the secrets in a text."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


class _Record(logging.LogRecord):
    def getMessage(self) -> str:  # noqa: N802 - the name is logging's
        return redacted(super().getMessage())


def install() -> None:
    """Let all loggers of the process redact."""
    if logging.getLogRecordFactory() is logging.LogRecord:
        logging.setLogRecordFactory(_make_record)


def _make_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    return _Record(*args, **kwargs)


def warn_if_exposed(setting: str, path: Path) -> None:
    """Warn of a file with secrets that others than its owner can read.

    Meltano makes files anew for each run, which nobody else can give other rights.
    """
    if ".meltano" in path.parts:
        return
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        logging.getLogger(__name__).warning(
            "%s: %s holds secrets and others can read it: chmod 600 %s", setting, path, path
        )
