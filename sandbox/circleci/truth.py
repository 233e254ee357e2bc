"""What a complete copy of a world holds: the rows of each stream by their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.circleci import builds, v3

if TYPE_CHECKING:
    from sandbox.circleci.model import Row
    from sandbox.circleci.world import World

Rows = dict[tuple[Any, ...], "Row"]


def truth(world: World) -> dict[str, Rows]:
    """List the rows of pipelines and of all that is below them."""
    tables: dict[str, Rows] = {
        name: {}
        for name in (
            *("pipelines", "workflows", "jobs", "job_details", "tests", "artifacts"),
            *("pipeline_values", "job_steps"),
        )
    }
    for pipeline in world.pipelines.values():
        identity = pipeline.row["id"]
        tables["pipelines"][identity,] = pipeline.row
        tables["pipeline_values"][identity,] = {"values": builds.pipeline_values(pipeline)}
        for workflow in pipeline.workflows:
            tables["workflows"][workflow.row["id"],] = workflow.row
            keys = {"workflow_id": workflow.row["id"], "pipeline_id": identity}
            for job in workflow.jobs:
                tables["jobs"][job["id"], workflow.row["id"]] = {**job, **keys}
                slug, number = pipeline.project.slug, job.get("job_number")
                if job.get("stopped_at") and number and world.jobs[slug, number] is workflow:
                    below = {**keys, "job_id": job["id"]}
                    tables["job_details"][slug, number] = {**builds.details(workflow, job), **below}
                    for step in v3.steps(job):
                        place = (job["id"], step["execution"], step["num"])
                        tables["job_steps"][place] = {**step, **keys}
                    for position, test in enumerate(builds.tests(job)):
                        tables["tests"][slug, number, position] = {**test, **below}
                    for file in builds.artifacts(job):
                        key = (slug, number, file["node_index"], file["path"])
                        tables["artifacts"][key] = {**file, **below}
    return tables


def differences(tables: dict[str, Rows], world: World, gone: set[str]) -> list[str]:
    """Compare loaded tables with a world.

    Args:
        tables: The rows by stream and key, as loaded.
        world: What they should be.
        gone: Ids of pipelines that were deleted: their rows may stay, for no list tells of it.
    """
    found = []
    for name, rows in truth(world).items():
        if name not in tables:
            continue
        loaded = tables[name]
        for key, row in rows.items():
            if key not in loaded:
                found.append(f"{name} {key}: missing")
            elif wrong := [column for column in row if loaded[key].get(column) != row[column]]:
                found.append(f"{name} {key}: {wrong} differ")
        for key in loaded.keys() - rows.keys():
            owner = loaded[key].get("pipeline_id") or loaded[key].get("id")
            if owner not in gone:
                found.append(f"{name} {key}: does not exist")
    return found
