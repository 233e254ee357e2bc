"""The case that waits for a database: pages of Confluence, through a loader, into PostgreSQL."""

from __future__ import annotations

import json
import shlex
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml
from psycopg import sql

from benchmarks.environments import FOLDER, ROOT, environment
from benchmarks.report import Section
from benchmarks.tools import PEERS, Singer
from benchmarks.vendors import WELL, Vendor
from demo.pipeline import Database

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.measuring import Usage
    from benchmarks.reading import Output

PAGES = 100_000
NEEDED = ("ours", "target-postgres", "dlt")
HEADER = (
    *("tool", "wall s", "CPU s", "peak MB", "requests", "rows", "complete", "x best peer"),
    "x its CPU",
)
LOADER = ROOT / "hub" / "loaders" / "target-postgres.yml"


@dataclass
class Loading:
    """A tool that reads a vendor and loads a database.

    Args:
        name: What the table calls it.
        schema: Where its tables go.
    """

    name: str
    schema: str

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return FOLDER / "runs" / self.schema

    def prepare(self, config: Mapping[str, Any], database: Database) -> list[str]:
        """Forget what it has done; return the command that reads and loads everything."""
        database.drop(self.schema)
        database.drop(f"{self.schema}_staging")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        return self.command(config, database)

    def command(self, config: Mapping[str, Any], database: Database) -> list[str]:
        """Return the command."""
        raise NotImplementedError


@dataclass
class Pipe(Loading):
    """Our tap and target-postgres.

    Args:
        settings: Of the loader, beside where it loads.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)

    def command(self, config: Mapping[str, Any], database: Database) -> list[str]:
        """Write the loader's settings; return the pipe."""
        where = {"sqlalchemy_url": database.sqlalchemy_url, "default_target_schema": self.schema}
        settings = self.folder / "target.json"
        settings.write_text(json.dumps({**where, **self.settings}))
        tap = Singer(
            f"{self.schema} tap", [str(environment("ours") / "tap-confluence")], ("pages",)
        )
        target = [
            str(environment("target-postgres") / "target-postgres"),
            "--config",
            str(settings),
        ]
        pipe = f"{shlex.join(tap.prepare(config))} | {shlex.join(target)}"
        return ["bash", "-o", "pipefail", "-c", pipe]


@dataclass
class Dlt(Loading):
    """A pipeline of dlt, all the way."""

    def command(self, config: Mapping[str, Any], database: Database) -> list[str]:
        """Return the command."""
        credentials = (config["base_url"], config["email"], config["api_token"])
        program = [str(environment("dlt") / "python"), str(PEERS / "dlt_confluence.py")]
        # dlt asks for a password and a host; the socket is what counts
        uri = database.uri.replace(":@/", ":none@localhost/")
        return [*program, *credentials, str(self.folder), uri, self.schema]


def shipped() -> dict[str, Any]:
    """Read the settings of the loader that the project ships."""
    settings = yaml.safe_load(LOADER.read_text())["settings"]
    return {each["name"]: each["value"] for each in settings if isinstance(each.get("value"), bool)}


def load(bench: Bench) -> Section:
    """Read pages and load them, all the way into a database."""
    section = Section(
        f"{PAGES:,} Confluence pages into PostgreSQL",
        "A first run into an empty schema of a server on this machine; the sandbox gives bytes "
        "that it has prepared. CPU and memory are those of tap and loader together, or of dlt; the "
        "server's own are in the wall time alone. dlt extracts, normalizes, and merges by key, as "
        "the loader does. As shipped means validate_records: false and use_copy: true.",
        header=HEADER,
    )
    ours = Pipe("tap-confluence and target-postgres, as shipped", "load_ours", shipped())
    usual = Pipe("tap-confluence and target-postgres, its defaults", "load_usual")
    peer = Dlt("dlt to postgres", "load_dlt")
    for name in NEEDED:
        environment(name)
    FOLDER.mkdir(exist_ok=True)
    with (
        Database(FOLDER / "postgres") as database,
        Vendor("confluence", prepared=True, pages=PAGES) as vendor,
    ):
        runs = [_run(bench, tool, vendor, database) for tool in (ours, usual, peer)]
    section.rows = [run.cells(runs[-1]) for run in runs]
    shipped_run, usual_run, peer_run = (run.usage for run in runs)
    cpu = shipped_run.cpu / peer_run.cpu
    section.claim("no more CPU than dlt", f"{cpu:.2f} x its", cpu <= 1)
    saved = shipped_run.wall / usual_run.wall
    section.claim("<= 0.6 x the loader's defaults", f"{saved:.2f} x their wall", saved <= 0.6)
    complete = all(run.is_complete for run in runs[:2])
    section.claim("every row is in the table", "yes" if complete else "no", complete)
    return section


@dataclass
class Loaded:
    """What one tool took and brought."""

    tool: Loading
    usage: Usage
    requests: int
    output: Output

    @property
    def is_complete(self) -> bool:
        """Whether the table holds all rows, and no others."""
        return not (self.usage.status or self.output.missing or self.output.invented)

    def cells(self, peer: Loaded) -> tuple[str, ...]:
        """Lay out a row of the table."""
        usage, output = self.usage, self.output
        whole = "yes" if self.is_complete else f"NO: {output.missing} missing"
        return (
            *(self.tool.name, f"{usage.wall:.2f}", f"{usage.cpu:.2f}", f"{usage.memory:.0f}"),
            *(f"{self.requests:,}", f"{output.records:,}", whole),
            *(f"{usage.wall / peer.usage.wall:.2f}", f"{usage.cpu / peer.usage.cpu:.2f}"),
        )


def _run(bench: Bench, tool: Loading, vendor: Vendor, database: Database) -> Loaded:
    def prepare() -> list[str]:
        command = tool.prepare(vendor.config, database)
        vendor.reset(WELL)
        return command

    usage = bench.prepared(prepare, FOLDER / f"{tool.schema}.log")
    ids = tool.folder / "ids.txt"
    table = sql.Identifier(tool.schema, "pages")
    found = database.query(sql.SQL("select id from {}").format(table)) if not usage.status else []
    ids.write_text("".join(f"{identifier}\n" for (identifier,) in found))
    output = vendor.read("ids", ids, ("pages",))
    return Loaded(tool, usage, vendor.watched().requests, output)
