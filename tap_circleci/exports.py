"""Exports of usage: asked for, waited for, and read from their files."""

from __future__ import annotations

import csv
import gzip
import io
import re
import threading
import time
import zlib
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

import requests
import urllib3

from rest_tap import StreamError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from rest_tap import RestStream

HOUR = 3600.0
PER_HOUR = 10
"""How often an hour an organization may be asked for an export, and as often how far it is."""

PAUSES = (30, 60, 120, 240, 480, 900, 900, 900)
"""Seconds before each look at an export; it is given up after the last."""

DOWNLOADS = 3
"""How often a file is opened before it is given up."""

PAGE = 500
LONGEST_FIELD = 16 * 2**20
csv.field_size_limit(LONGEST_FIELD)  # Of the process; a commit's message can exceed Python's own

# A field between commas, in the two ways that CircleCI writes them: in quotes, of which those
# inside are doubled, or with a backslash before what would else mean something
FIELD = re.compile(
    r'"(?:[^"]|"")*"(?=,|\r?$)|(?P<quoted>"(?:[^"\\]|\\.)*"(?=,|\r?$))|(?:[^",\\\r\n]|\\.)[^,\\\r\n]*'
    r"(?:\\.[^,\\\r\n]*)*"
)
ESCAPED = re.compile(r'\\([\\,"])')


class CutError(Exception):
    """A file lacks its header, or a part of a row."""


BROKEN = (
    *(EOFError, zlib.error, OSError, urllib3.exceptions.HTTPError, requests.RequestException),
    *(csv.Error, UnicodeDecodeError, CutError),
)


class HourlyQuota:
    """Spaces requests of one kind for one organization, whichever thread sends them."""

    clock: Callable[[], float] = staticmethod(time.monotonic)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: deque[float] = deque(maxlen=PER_HOUR)

    def take(self, pause: float) -> float:
        """Take a turn after a pause at the earliest; return the seconds to wait for it."""
        with self._lock:
            now = self.clock()
            at = now + pause
            if len(self._taken) == PER_HOUR:
                at = max(at, self._taken[0] + HOUR)
            self._taken.append(at)
            return at - now


class Exporter:
    """Makes exports of one organization, as often as CircleCI allows."""

    def __init__(self) -> None:
        self._begun = HourlyQuota()
        self._looks = HourlyQuota()

    def prepare(self, stream: RestStream, path: str, start: str, end: str) -> list[str]:
        """Ask for an export and wait until its files can be read; return their addresses.

        Raises:
            StreamError: If CircleCI cannot make it, or takes longer than anyone should wait.
        """
        window = f"the usage from {start} to {end}"
        stream.wait(self._begun.take(0))
        job = stream.get_json(path, method="POST", json={"start": start, "end": end})
        pauses = iter(PAUSES)
        while job["state"] not in {"completed", "failed"}:
            if (pause := next(pauses, None)) is None:
                raise StreamError(
                    f"CircleCI has not finished exporting {window} after "
                    f"{sum(PAUSES) // 60} minutes: run again later"
                )
            stream.wait(self._looks.take(min(pause, stream.config["max_wait"])))
            job = stream.get_json(f"{path}/{job['usage_export_job_id']}")
        if job["state"] == "failed":
            reason = job.get("error_reason") or "it does not say why"
            raise StreamError(f"CircleCI could not export {window}: {reason}")
        return list(job.get("download_urls") or ())  # null where there was nothing to export


def read(stream: RestStream, url: str, needed: Collection[str]) -> Iterator[list[dict[str, str]]]:
    """Read a gzipped CSV file, some rows at a time, and where it breaks off go on from there.

    Args:
        stream: Whose rows these are.
        url: Of the file.
        needed: The columns, in upper case, without which it is no file of an export.

    Raises:
        StreamError: If it breaks off again and again, or holds anything else.
    """
    done = 0
    for left in reversed(range(DOWNLOADS)):
        try:
            with stream.open_url(url) as response, gzip.GzipFile(fileobj=response.raw) as unzipped:
                text = io.TextIOWrapper(unzipped, "utf-8-sig", newline="")
                rows = islice(_rows(text, needed), done, None)
                while page := list(islice(rows, PAGE)):
                    yield page
                    done += len(page)
                return
        except BROKEN as error:
            if not left:
                raise StreamError(f"a file of an export cannot be read: {error}") from error
            stream.logger.info("%s: a file broke off after %s rows; reading on", stream.name, done)


def _rows(text: Iterable[str], needed: Collection[str]) -> Iterator[dict[str, str]]:
    """Read rows, each with all of its columns.

    Raises:
        CutError: If there is no header or not all of a row.
        StreamError: If the columns are others.
    """
    table = csv.reader(_in_quotes(text))
    header = next(table, None)
    if not header:
        raise CutError("it is empty, without a header")
    if lacking := sorted({*needed} - {name.upper() for name in header}):
        raise StreamError(f"a file of an export lacks the columns {', '.join(lacking)}")
    for fields in table:
        if fields and len(fields) != len(header):
            raise CutError(f"a row has {len(fields)} of {len(header)} columns")
        if fields:
            yield dict(zip(header, fields, strict=True))


def _in_quotes(lines: Iterable[str]) -> Iterator[str]:
    """Put what is written with backslashes in quotes, as the csv module reads it."""
    is_within = False  # A quoted text that began on a line before
    for line in lines:
        text = line
        if not is_within and ESCAPED.search(text):
            text = FIELD.sub(_quoted, text)
        is_within ^= text.count('"') % 2 == 1
        yield text


def _quoted(field: re.Match[str]) -> str:
    text = field[0]
    if field["quoted"]:
        text = text[1:-1]
    elif text.startswith('"') or "\\" not in text:
        return text
    if not ESCAPED.search(text):
        return field[0]
    plain = ESCAPED.sub(r"\1", text).replace('"', '""')
    return f'"{plain}"'
