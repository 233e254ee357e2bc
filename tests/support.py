"""Run a tap as its users do, and load what it writes as a target would."""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rest_tap.http import decoding

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    ["tap_circleci.tap", "tap_confluence.tap", "tap_gitbook.tap", "tests.rest_tap.library"]
)
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
        """Upsert the records by key, and delete what a record or ACTIVATE_VERSION says is gone."""
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
                if record.get("_sdc_deleted_at"):
                    del tables[stream][key]
            elif message["type"] == "ACTIVATE_VERSION":
                rows = tables[stream]
                for key in [k for k, row in rows.items() if row["_version"] != message["version"]]:
                    del rows[key]
        return tables


class TapProcess:
    """The command line of a tap in a process of its own, forked with everything imported.

    Args:
        tap: Such as "confluence", or "module:Class" of a tap that only a test knows.
        folder: Where its files go.
        arguments: More of the command line, such as --discover.
        env: More environment variables.
        files: What stands in the files of `config`, `state` and `catalog`: JSON, or a text.
    """

    def __init__(
        self,
        tap: str,
        folder: Path,
        *arguments: str,
        env: dict[str, str] | None = None,
        **files: Any,
    ) -> None:
        for name, content in files.items():
            if content is not None:
                arguments = (*arguments, f"--{name}", write(folder / f"{name}.json", content))
        self._secrets = secrets_of(tap, files.get("config"))
        self._outputs = folder / "stdout", folder / "stderr"
        self._process = PROCESSES.Process(
            target=_run_forked, args=(*_class_of(tap), arguments, env or {}, *self._outputs)
        )
        self._process.start()

    @property
    def is_over(self) -> bool:
        return self._process.exitcode is not None

    def kill(self) -> None:
        """Let the process end without a chance to do anything more."""
        self._process.kill()

    def wait(self, timeout: float = 120) -> Run:
        """Wait for the end; return what was written, which must hold no secret."""
        stdout, stderr = self._outputs
        self._process.join(timeout)
        if not self.is_over:
            self._process.kill()
            raise TimeoutError(f"the tap did not end: {stderr.read_text()[-2000:]}")
        run = Run(stdout.read_bytes(), stderr.read_text(), self._process.exitcode or 0)
        for secret in self._secrets:
            assert secret.encode() not in run.stdout, "a secret stands in the output"
            assert secret not in run.stderr, "a secret stands in the log"
        return run


def run_tap(
    tap: str,
    config: Any,
    *arguments: str,
    state: Any = None,
    catalog: Any = None,
    select: list[str] | None = None,
    env: dict[str, str] | None = None,
    timeout: float = 120,
) -> Run:
    """Run a tap to its end; `select` selects streams instead of the default ones."""
    if select is not None:
        catalog = selecting(tap, config, select)
    with tempfile.TemporaryDirectory() as folder:
        files = {"config": config, "state": state, "catalog": catalog}
        return TapProcess(tap, Path(folder), *arguments, env=env, **files).wait(timeout)


def start_tap(
    tap: str,
    config: dict[str, Any],
    *,
    folder: Path,
    state: dict[str, Any] | None = None,
    select: list[str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a tap whose output is read while it runs, with its files in a folder."""
    options = ["--config", write(folder / "config.json", config)]
    if state is not None:
        options += ["--state", write(folder / "state.json", state)]
    if select is not None:
        options += ["--catalog", write(folder / "catalog.json", selecting(tap, config, select))]
    module, name = _class_of(tap)
    program = f"from {module} import {name}; {name}.cli()"
    return subprocess.Popen(
        [sys.executable, "-c", program, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )


def selecting(tap: str, config: dict[str, Any], select: list[str]) -> dict[str, Any]:
    """Make a catalog that selects these streams."""
    catalog = discover(tap, config)
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            if not metadata["breadcrumb"]:
                metadata["metadata"]["selected"] = entry["tap_stream_id"] in select
    return catalog


def discover(tap: str, config: dict[str, Any]) -> dict[str, Any]:
    """Let a tap tell its catalog."""
    found = tap_class(tap)(config=dict(config), validate_config=False, setup_mapper=False)
    catalog: dict[str, Any] = json.loads(found.catalog_json_text)
    return catalog


def secrets_of(tap: str, config: Any) -> list[str]:
    """List the secrets among the settings: they must stand in no output of any run."""
    if not isinstance(config, dict):
        return []
    properties = tap_class(tap).config_jsonschema["properties"]
    secrets = (config.get(name) for name, told in properties.items() if told.get("secret"))
    return [secret for secret in secrets if isinstance(secret, str) and len(secret) > 3]


def tap_class(tap: str) -> Any:
    """Find a tap's class."""
    module, name = _class_of(tap)
    return getattr(importlib.import_module(module), name)


def _class_of(tap: str) -> tuple[str, str]:
    module, _, name = tap.partition(":")
    if name:
        return module, name
    name = {"confluence": "Confluence", "circleci": "CircleCI", "gitbook": "GitBook"}[tap]
    return f"tap_{tap}.tap", f"Tap{name}"


def _run_forked(  # noqa: PLR0917 - the target of a process
    module: str,
    name: str,
    arguments: tuple[str, ...],
    env: dict[str, str],
    stdout: Path,
    stderr: Path,
) -> None:
    for number, path in enumerate((stdout, stderr), 1):
        os.dup2(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY), number)
    os.environ.update(env)
    decoding.WORTH_LEARNING = 1  # Or the short lists of tests would never be decoded as long ones
    try:
        getattr(importlib.import_module(module), name).cli(arguments)
    finally:
        sys.stdout.flush()


def write(path: Path, content: Any) -> str:
    """Write a file that only its owner may read; return its name."""
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    path.chmod(0o600)
    return str(path)
