"""Read a site of any size: a task for each part of it, on as many workers as Airflow has.

Each task is one `meltano run` with settings and a state of its own. A pool bounds how many run at
once, and each gets its share of the requests that the vendor allows. `shards.json` says what the
parts are; it is read when a run begins, so that a new part needs no new DAG.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import dag, task

if TYPE_CHECKING:
    from airflow.sdk.definitions.mappedoperator import OperatorPartial

PROJECT = os.environ.get("MELTANO_PROJECT_ROOT", "/srv/taps")  # Where meltano.yml is
PLAN = Path(os.environ.get("DEVDOCS_SHARDS") or Path(__file__).with_name("shards.json"))
POOL = "devdocs"

# Meltano keeps the catalog of a tap's run in one file of its system folder: each part has its own
READ = """
part=".meltano/parts/$SHARD"
mkdir -p "$part" && ln -sfn ../../extractors ../../loaders "$part"
MELTANO_SYS_DIR_ROOT="$PWD/$part" meltano run --state-id-suffix="$SHARD" $PIPELINE
"""


def environments(plan: dict[str, Any]) -> list[dict[str, str]]:
    """List what the task of each part finds in its environment, the first part first."""
    parts = {"first": plan["first"]} | {
        shard: {"_select": plan["select"], **settings} for shard, settings in plan["shards"].items()
    }
    tap, target = (plan[plugin].upper().replace("-", "_") for plugin in ("tap", "target"))
    share = plan["requests_per_second"] // min(plan["at_once"], len(plan["shards"]))
    return [
        {
            "PIPELINE": f"{plan['tap']} {plan['target']}",
            "SHARD": shard,
            # To one part, the rows of the others look as if they had vanished
            f"{target}_ACTIVATE_VERSION": "false",
            f"{tap}_REQUESTS_PER_SECOND": str(max(1, share)),
            **{f"{tap}_{name.upper()}": json.dumps(value) for name, value in settings.items()},
        }
        for shard, settings in parts.items()
    ]


@task
def first() -> list[dict[str, str]]:
    """Find the part that is read before the others."""
    return environments(json.loads(PLAN.read_text()))[:1]


@task
def others() -> list[dict[str, str]]:
    """List the parts that are read side by side."""
    return environments(json.loads(PLAN.read_text()))[1:]


def read(task_id: str) -> OperatorPartial:
    """Make a task of each environment that it will be given."""
    return BashOperator.partial(
        task_id=task_id,
        bash_command=READ,
        append_env=True,
        cwd=PROJECT,
        pool=POOL,
        retries=3,
        retry_delay=timedelta(minutes=1),
        map_index_template="{{ task.env['SHARD'] }}",
    )


@dag(
    schedule="@hourly",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
)
def devdocs_shards() -> None:
    """Run all parts; `airflow pools set devdocs 4 ...` says how many at once.

    The first part also reads what belongs to the site as a whole, and creates the tables: targets
    collide when several of them create the same one.
    """
    read("read_first").expand(env=first()) >> read("read").expand(env=others())


devdocs_shards()
