"""Write the same rows on the engine's path and on the SDK's; tell what each takes a row.

Usage: python writing_paths.py '[CONFIG, {NAME: [SETTINGS, DESELECTED], ...}]'
"""

from __future__ import annotations

import functools
import json
import logging
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import requests

from rest_tap import snake_case
from rest_tap.writing import RowEncoder
from tap_confluence.tap import TapConfluence

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES = 20


def rows_of(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Read one answer of pages."""
    url = f"{config['base_url']}/api/v2/pages?limit=250&body-format=storage"
    answer = requests.get(url, auth=(config["email"], config["api_token"]), timeout=60)
    rows = [{snake_case(k): v for k, v in row.items()} for row in answer.json()["results"]]
    return [{**row, "modified_at": row["version"]["createdAt"]} for row in rows]


def tap_of(config: dict[str, Any], deselected: list[str]) -> TapConfluence:
    """Make the tap as a run has it."""
    catalog = TapConfluence(config=config).catalog_dict
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            if metadata["breadcrumb"] and metadata["breadcrumb"][-1] in deselected:
                metadata["metadata"]["selected"] = False
    return TapConfluence(config=config, catalog=catalog)


def by_sdk(tap: Any, rows: list[dict[str, Any]], at: datetime) -> bytes:
    """Make the lines as the SDK does, with the same encoder of JSON."""
    stream, lines = tap.streams["pages"], []
    for row in rows:
        for message in stream._generate_record_messages(row):  # noqa: SLF001 - of the SDK
            message.time_extracted = at
            lines.append(bytes(tap.message_writer.format_message(message)))
    return b"".join(lines)


def microseconds(write: Callable[..., object], rows: list[dict[str, Any]], at: datetime) -> float:
    """Measure the CPU that a row takes; the best of several times counts."""
    best = float("inf")
    for _ in range(TIMES):
        began = time.process_time()
        write(rows, at)
        best = min(best, time.process_time() - began)
    return 1e6 * best / len(rows)


def main() -> None:
    """Compare."""
    logging.disable(logging.WARNING)
    config, shapes = json.loads(sys.argv[1])
    rows, at = rows_of(config), datetime.now(UTC)
    found = {}
    for name, (settings, deselected) in {"as they come": ({}, []), **shapes}.items():
        tap: Any = tap_of({**config, **settings}, deselected)
        encode, sdk = RowEncoder(tap.streams["pages"]).lines, functools.partial(by_sdk, tap)
        found[name] = (
            microseconds(encode, rows, at),
            microseconds(sdk, rows, at),
            encode(rows, at) == sdk(rows, at),
        )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
