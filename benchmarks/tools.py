"""The tools that are compared: how each is started, and where it keeps what it wrote."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from benchmarks.environments import FOLDER, environment

if TYPE_CHECKING:
    from collections.abc import Mapping

PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Singer:
    """A tap.

    Args:
        name: What the table calls it.
        command: How it is started.
        streams: What it shall read.
        workers: How many requests it may send at once.
        settings: Settings beside those that the vendor's address needs.
        deselected: Columns that it shall leave out.
    """

    name: str
    command: list[str]
    streams: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    workers: int = 1
    deselected: tuple[str, ...] = ()
    keeps: ClassVar[str] = "singer"

    @property
    def at_once(self) -> int:
        """How many requests it can have sent at a time."""
        return max(1, self.workers)

    def prepare(self, config: Mapping[str, Any]) -> list[str]:
        """Write its files; return its command for a first run."""
        self.forget()
        settings = self._write("config", {**config, **self.settings})
        command = [*self.command, "--config", settings]
        found = subprocess.run([*command, "--discover"], capture_output=True, check=False)
        if found.returncode:
            raise RuntimeError(f"{self.name}: {found.stderr.decode()}")
        catalog = json.loads(found.stdout)
        for entry in catalog["streams"]:
            for metadata in entry["metadata"]:
                crumb = metadata["breadcrumb"]
                if not crumb:
                    metadata["metadata"]["selected"] = entry["tap_stream_id"] in self.streams
                elif crumb[-1] in self.deselected:
                    metadata["metadata"]["selected"] = False
        return [*command, "--catalog", self._write("catalog", catalog)]

    def without(self, columns: tuple[str, ...]) -> Self:
        """Return the same, leaving out columns."""
        return replace(self, deselected=columns)

    def again(self, command: list[str], state: bytes) -> list[str]:
        """Return its command for the run after one that left a state."""
        return [*command, "--state", self._write("state", json.loads(state))]

    def forget(self) -> None:
        """Let the next run be a first one."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return FOLDER / "runs" / self.name.replace(" ", "-").replace(",", "")

    @property
    def output(self) -> Path:
        """Where its output is."""
        return self.folder / "output.jsonl"

    @property
    def written(self) -> Path:
        """What it wrote, as `reading` takes it."""
        return self.output

    def _write(self, name: str, content: Mapping[str, Any]) -> str:
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(content))
        path.chmod(0o600)
        return str(path)


@dataclass(frozen=True)
class Dlt(Singer):
    """A dlt pipeline; it keeps its state by itself."""

    keeps: ClassVar[str] = "dlt"

    def prepare(self, config: Mapping[str, Any]) -> list[str]:
        """Return its command."""
        self.forget()
        token = config.get("token") or f"{config['email']}:{config['api_token']}"
        arguments = (config["base_url"], token, str(self.folder), str(self.workers))
        return [*self.command, *arguments]

    def again(self, command: list[str], state: bytes) -> list[str]:  # noqa: ARG002
        """Return the same command: its state lies in its folder."""
        return command

    @property
    def written(self) -> Path:
        """What it extracted."""
        return self.folder


BUILDS = ("pipelines", "workflows", "jobs")
ORGANIZATION = "gh/acme"


def circleci(workers: int = 8, **settings: Any) -> Singer:
    """Return our tap for CircleCI, reading the list of an organization as its peers do."""
    lists = {"org_slugs": [ORGANIZATION], "project_slugs": []}
    settings = {"max_concurrency": workers, **lists, **settings}
    command = [str(environment("ours") / "tap-circleci")]
    return Singer(f"tap-circleci, {workers} workers", command, BUILDS, settings, workers)


def meltano() -> Singer:
    """Return the tap for CircleCI that Meltano publishes: the plain SDK, sequential."""
    command = [str(environment("meltano") / "tap-circle-ci")]
    return Singer("meltano-tap-circle-ci", command, BUILDS, {"org_slug": ORGANIZATION})


def dlt(workers: int = 0) -> Dlt:
    """Return dlt's pipeline; 0 workers are none beside the main thread."""
    command = [str(environment("dlt") / "python"), str(PEERS / "dlt_circleci.py")]
    name = f"dlt parallelized, {workers} workers" if workers else "dlt sequential"
    return Dlt(name, command, BUILDS, workers=workers)


def confluence(**settings: Any) -> Singer:
    """Return our tap for Confluence, reading pages."""
    return Singer(
        "tap-confluence", [str(environment("ours") / "tap-confluence")], ("pages",), settings
    )


LISTS = ("pages", "blog_posts", "attachments", "footer_comments", "inline_comments", "tasks")


def lists(workers: int = 8) -> Singer:
    """Return our tap for Confluence, reading six long lists."""
    command = [str(environment("ours") / "tap-confluence")]
    settings = {"max_concurrency": workers}
    return Singer(f"tap-confluence, {workers} workers", command, LISTS, settings, workers)


def dlt_lists(workers: int = 8) -> Dlt:
    """Return dlt's pipeline for the same lists."""
    command = [str(environment("dlt") / "python"), str(PEERS / "dlt_lists.py")]
    return Dlt(f"dlt parallelized lists, {workers} workers", command, LISTS, workers=workers)


def gitbook() -> Singer:
    """Return our tap for GitBook, which is only started."""
    return Singer("tap-gitbook", [str(environment("ours") / "tap-gitbook")], ())


def plain(**settings: Any) -> Singer:
    """Return the same on the plain SDK."""
    command = [str(environment("ours") / "python"), str(PEERS / "plain_confluence.py")]
    return Singer("plain SDK", command, ("pages",), settings)
