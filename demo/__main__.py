"""Run every tap twice into a real PostgreSQL: `make demo`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from demo.pipeline import Database, Meltano, Outcome
from demo.plays import PLAYS, Play
from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".demo"
FIRST, SECOND = 1, 2
LATENCY = 0.02  # Seconds before each answer, so that the figures mean something


def main() -> int:
    """Run the demo; the exit status says whether everything was loaded."""
    FOLDER.mkdir(exist_ok=True)
    for kept in FOLDER.glob("meltano.db*"):
        kept.unlink()
    with Database(FOLDER / "postgres") as database:
        print(f"PostgreSQL runs at {database.uri}\n")
        environment = {
            "MELTANO_DATABASE_URI": f"sqlite:///{FOLDER}/meltano.db",
            "TARGET_POSTGRES_SQLALCHEMY_URL": database.sqlalchemy_url,
        }
        plays = [play() for play in PLAYS]
        meltano = Meltano(ROOT / ".venv-meltano" / "bin" / "meltano", ROOT, environment)
        installed = meltano("install", *(play.tap for play in plays), "target-postgres")
        if installed.status:
            print(installed.output)
            return 1
        for play in plays:
            if not run_twice(play, database, environment):
                return 1
        print(f"Look at the tables (while `make demo` runs): psql '{database.uri}'")
    return 0


def run_twice(play: Play, database: Database, environment: Mapping[str, str]) -> bool:
    """Load a site, let its people work, and load it again; False if a run failed."""
    schema = play.tap.replace("-", "_")
    database.drop(schema)
    with Sandbox(play.vendor, latency=LATENCY) as sandbox:
        prefix = schema.upper()
        settings = {
            f"{prefix}_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in play.config(sandbox.url).items()
        }
        meltano = Meltano(
            ROOT / ".venv-meltano" / "bin" / "meltano", ROOT, {**environment, **settings}
        )
        for number in (FIRST, SECOND):
            if number == SECOND:
                print(f"Meanwhile: {'; '.join(play.edit())}.\n")
            print(f"$ meltano run {play.tap} target-postgres    # run {number}", flush=True)
            sandbox.clear()
            since = database.now()
            outcome = meltano("run", play.tap, "target-postgres")
            outcome.loaded = database.tables(schema, since)
            if outcome.status:
                print(outcome.output)
                return False
            print(report(outcome, len(sandbox.requests)), end="\n\n")
    print("The same with your own site:")
    for setting in play.own_site:
        print(f"  export {setting}")
    print(f"  export TARGET_POSTGRES_SQLALCHEMY_URL={database.sqlalchemy_url}")
    print(f"  .venv-meltano/bin/meltano run {play.tap} target-postgres\n")
    return True


def report(outcome: Outcome, sent: int) -> str:
    """Lay out what a run loaded, table by table."""
    lines = [f"{'table':28}{'rows loaded':>12}{'rows in all':>12}{'requests':>10}"]
    for table, (loaded, total) in outcome.loaded.items():
        requests = outcome.requests.get(table, 0)
        lines.append(f"{table:28}{loaded:12,}{total:12,}{requests:10,}")
    loaded, total = (sum(counts) for counts in zip(*outcome.loaded.values(), strict=True))
    lines.append(
        f"{'in ' + format(outcome.seconds, '.1f') + ' s':28}{loaded:12,}{total:12,}{sent:10,}"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
