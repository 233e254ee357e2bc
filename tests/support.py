"""Run a tap as its users do, and load what it writes as a target would."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

Tables = dict[str, dict[tuple[Any, ...], dict[str, Any]]]


@dataclass
class Run:
    """What one run of a tap wrote, and how it ended."""

    stdout: bytes
    stderr: str
    status: int
    messages: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.stdout.startswith(b'{"type":'):
            lines = self.stdout.split(b"\n")
            assert lines[-1] == b"" or self.status != 0, "the output ends within a line"
            self.messages = [json.loads(line) for line in lines[:-1]]

    def records(self, stream: str) -> list[dict[str, Any]]:
        return [m["record"] for m in self.of("RECORD") if m["stream"] == stream]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [m for m in self.messages if m["type"] == kind]

    @property
    def state(self) -> dict[str, Any]:
        """The last state, as it would be kept for the next run."""
        states = self.of("STATE")
        return states[-1]["value"] if states else {}

    @property
    def errors(self) -> list[str]:
        """The lines of stderr that tell of errors."""
        return [line for line in self.stderr.splitlines() if "ERROR" in line]

    def load(self, tables: Tables | None = None) -> Tables:
        """Upsert the records by key, and delete what an ACTIVATE_VERSION says has vanished."""
        tables = defaultdict(dict) if tables is None else tables
        keys: dict[str, list[str]] = {}
        for message in self.messages:
            stream = message.get("stream")
            if message["type"] == "SCHEMA":
                keys[stream] = message["key_properties"]
                tables.setdefault(stream, {})
            elif message["type"] == "RECORD":
                record = message["record"]
                key = tuple(record[name] for name in keys[stream])
                assert None not in key, f"{stream}: a key is null in {record}"
                tables[stream][key] = {**record, "_version": message.get("version")}
            elif message["type"] == "ACTIVATE_VERSION":
                rows = tables[stream]
                for key in [k for k, row in rows.items() if row["_version"] != message["version"]]:
                    del rows[key]
        return tables


def run_tap(
    tap: str,
    config: dict[str, Any],
    *arguments: str,
    state: dict[str, Any] | None = None,
    catalog: dict[str, Any] | None = None,
    select: list[str] | None = None,
    env: dict[str, str] | None = None,
    timeout: float = 120,
    secrets: tuple[str, ...] = (),
) -> Run:
    """Run a tap in a process of its own.

    Args:
        tap: Such as "confluence", or "module:Class" of a tap that only a test knows.
        config: The settings.
        arguments: More of the command line, such as --discover.
        state: The state of the run before.
        catalog: A catalog; see also `select`.
        select: Streams to select instead of the default ones.
        env: More environment variables.
        timeout: Seconds after which the test fails.
        secrets: Texts that must not stand in any output.
    """
    with tempfile.TemporaryDirectory() as folder:
        process = start_tap(
            tap, config, *arguments,
            folder=Path(folder), state=state, catalog=catalog, select=select, env=env,
        )  # fmt: skip
        stdout, stderr = process.communicate(timeout=timeout)
    for secret in secrets:
        assert secret.encode() not in stdout, "a secret stands in the output"
        assert secret not in stderr.decode(), "a secret stands in the log"
    return Run(stdout, stderr.decode(), process.returncode)


def start_tap(
    tap: str,
    config: dict[str, Any],
    *arguments: str,
    folder: Path,
    state: dict[str, Any] | None = None,
    catalog: dict[str, Any] | None = None,
    select: list[str] | None = None,
    env: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a tap in a process of its own, with its files in a folder."""
    if select is not None:
        catalog = discover(tap, config)
        for entry in catalog["streams"]:
            for metadata in entry["metadata"]:
                if not metadata["breadcrumb"]:
                    metadata["metadata"]["selected"] = entry["tap_stream_id"] in select
    options = ["--config", _write(folder / "config.json", config)]
    if state is not None:
        options += ["--state", _write(folder / "state.json", state)]
    if catalog is not None:
        options += ["--catalog", _write(folder / "catalog.json", catalog)]
    return subprocess.Popen(
        [sys.executable, "-c", _program(tap), *options, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
    )


def discover(tap: str, config: dict[str, Any]) -> dict[str, Any]:
    """Let a tap tell its catalog."""
    module, name = _class_of(tap)
    kind = getattr(importlib.import_module(module), name)
    found = kind(config=dict(config), validate_config=False, setup_mapper=False)
    catalog: dict[str, Any] = json.loads(found.catalog_json_text)
    return catalog


def _class_of(tap: str) -> tuple[str, str]:
    module, _, name = tap.partition(":")
    if name:
        return module, name
    name = {"confluence": "Confluence", "circleci": "CircleCI", "gitbook": "GitBook"}[tap]
    return f"tap_{tap}.tap", f"Tap{name}"


def _program(tap: str) -> str:
    module, name = _class_of(tap)
    return f"from {module} import {name}; {name}.cli()"


def _write(path: Path, content: dict[str, Any]) -> str:
    path.write_text(json.dumps(content))
    path.chmod(0o600)
    return str(path)
