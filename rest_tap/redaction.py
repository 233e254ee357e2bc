"""Secrets stay out of logs, whoever logs them, and out of files that others can read.

What is logged comes from vendors, too. So each message is one line, whose control characters are
shown and do nothing, and of an address neither the query nor the credentials are seen.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import stat
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HIDDEN = "(hidden)"
SHORTEST = 4  # A shorter value would blank out half of every message
LONGEST_SECRET = 8_000  # No credential is longer; the settings refuse what is
LONG_PART = 8  # A part of a value, where it has spaces; a shorter one may be any word
LONGEST_LINE = 300  # Characters of a message; at DEBUG it may be longer
LONGEST_VALUE = 60  # Characters of a value that is wrong, in a message
DEEPEST_CAUSE = 8  # Errors that led to one another
METRIC = "METRIC: %s"  # A message of the SDK's, whose formatters look at its argument

CONTROLS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)  # Line ends, escapes, and what turns the direction of writing or has no width
USER = re.compile(r"(://)[^\s/?#@\"'<>]+(?::[^\s@\"'<>]*)?@")
QUERY = re.compile(r"((?:://|(?<![\w/])/)[^\s?\"'<>]*\?)[^\s\"'<>]+")
SIGNATURE = re.compile(
    r"(?i)\b((?:x-(?:amz|goog)-[\w-]+|sig|signature|\w*token|\w*secret)=)[^\s&\"'<>]+"
)

_forms: set[str] = set()
_pattern: re.Pattern[str] | None = None


def keep_secret(*values: object) -> None:
    """Hide these values, and what else was pasted with them, in all that is logged."""
    global _pattern  # noqa: PLW0603 - made anew with each secret, and used with each message
    before = len(_forms)
    for value in values:
        if isinstance(value, str) and len(value) <= LONGEST_SECRET:
            parts = [part for part in value.split() if len(part) >= LONG_PART]
            for text in (value, value.strip(), *parts):
                if len(text) >= SHORTEST:
                    _forms.update(_forms_of(text))
    if len(_forms) > before:
        forms = sorted(_forms, key=len, reverse=True)
        _pattern = re.compile("|".join(map(_regex, forms)))


def _regex(form: str) -> str:
    """Match a text as it stands, but %2f for %2F."""
    return re.sub("%[0-9A-F]{2}", lambda match: f"(?i:{match[0]})", re.escape(form))


def _forms_of(secret: str) -> Iterator[str]:
    """Say how a text is written in an address, in JSON, in Python, and within Base64."""
    yield secret
    raw = secret.encode(errors="surrogatepass")
    yield from (quote(raw, safe=""), quote(raw), quote_plus(raw))
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    for before in range(3):  # Bytes before it, such as a name and a colon, shift its bits
        sure = slice((before * 8 + 5) // 6, (before + len(raw)) * 8 // 6)
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(bytes(before) + raw).decode()[sure]
            if len(text) >= LONG_PART:
                yield text


def redacted(text: str) -> str:
    """Hide the secrets in a text, and what may be some in its addresses."""
    if _pattern:
        text = _pattern.sub(HIDDEN, text)
    if "://" in text:
        text = USER.sub(rf"\1{HIDDEN}@", text)
    if "?" in text:
        text = QUERY.sub(rf"\1{HIDDEN}", text)
    return SIGNATURE.sub(rf"\1{HIDDEN}", text) if "=" in text else text


def shown(text: str, longest: int | None = None) -> str:
    """Make one line of a text, its control characters escaped, and its middle cut if it is long.

    What a message begins with says what happened, its end what it takes.
    """
    line = CONTROLS.sub(lambda match: match[0].encode("unicode_escape").decode(), text.strip())
    if longest is None or len(line) <= longest:
        return line
    tail = longest * 2 // 5
    return f"{line[: longest - tail - 3]}...{line[-tail:]}"


class _Record(logging.LogRecord):
    """A record of which no handler and no formatter gets to see a secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.msg != METRIC:
            longest = LONGEST_LINE if self.levelno > logging.DEBUG else None
            try:
                message = self.getMessage()
            except Exception:  # noqa: BLE001 - of arguments that do not fit, as logging has it
                message = f"{self.msg} {self.args}"
            self.msg, self.args = shown(redacted(message), longest), None
        if self.exc_info and (error := self.exc_info[1]):
            error = _redacted_error(error)
            self.exc_info = (type(error), error, error.__traceback__)
        if self.stack_info:
            self.stack_info = redacted(self.stack_info)


def _redacted_error(error: BaseException, depth: int = 0) -> BaseException:
    """Copy an error, and what led to it: the same name and traceback, without secrets."""
    kind = type(error)
    try:
        message = shown(redacted(str(error)))
    except Exception:  # noqa: BLE001 - of a class that cannot say what it is
        message = ""
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    copy: BaseException = type(kind.__name__, (Exception,), names)(message)
    if depth < DEEPEST_CAUSE:
        cause, context = error.__cause__, error.__context__
        copy.__cause__ = cause and _redacted_error(cause, depth + 1)
        copy.__context__ = context and _redacted_error(context, depth + 1)
    copy.__suppress_context__ = error.__suppress_context__
    return copy.with_traceback(error.__traceback__)


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
