"""examples/airflow: the plan reads in its parts what the parts narrow, and nothing else."""

import json

from hub.about import ROOT, streams_of

OF_THE_SITE = {"group_members", "groups", "labels", "themes"}


def test_the_parts_read_what_is_read_by_default_and_belongs_to_a_space():
    plan = json.loads((ROOT / "examples/airflow/dags/shards.json").read_text())
    selected = {stream.name for stream in streams_of(plan["tap"]) if stream.selected_by_default}
    assert {f"{name}.*" for name in selected - OF_THE_SITE} == set(plan["select"])
