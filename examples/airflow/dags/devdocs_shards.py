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

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import dag, task

PROJECT = os.environ.get("MELTANO_PROJECT_ROOT", "/srv/taps")  # Where meltano.yml is
PLAN = Path(os.environ.get("DEVDOCS_SHARDS") or Path(__file__).with_name("shards.json"))
POOL = "devdocs"
RUN = 'meltano run --state-id-suffix="$SHARD" $PIPELINE'


@task
def environments() -> list[dict[str, str]]:
    """List what each part's task finds in its environment."""
    plan = json.loads(PLAN.read_text())
    share = plan["requests_per_second"] // min(plan["at_once"], len(plan["shards"]))
    prefix = plan["tap"].upper().replace("-", "_")
    return [
        {
            "PIPELINE": f"{plan['tap']} {plan['target']}",
            "SHARD": shard,
            # The rows of the other parts have not vanished
            f"{plan['target'].upper().replace('-', '_')}_ACTIVATE_VERSION": "false",
            f"{prefix}_REQUESTS_PER_SECOND": str(max(1, share)),
            **{f"{prefix}_{name.upper()}": json.dumps(value) for name, value in settings.items()},
        }
        for shard, settings in plan["shards"].items()
    ]


@dag(
    schedule="@hourly",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
)
def devdocs_shards() -> None:
    """Run all parts; `airflow pools set devdocs 4 ...` says how many at once."""
    BashOperator.partial(
        task_id="read",
        bash_command=RUN,
        append_env=True,
        cwd=PROJECT,
        pool=POOL,
        # The first runs of several parts may collide when they create the same table
        retries=3,
        retry_delay=timedelta(seconds=10),
        map_index_template="{{ task.env['SHARD'] }}",
    ).expand(env=environments())


devdocs_shards()
