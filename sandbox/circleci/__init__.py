"""CircleCI, played from its published contract.

`generate` fills a world from a seed; `CircleCI` puts it behind API v2.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.circleci.campaign import Campaign
from sandbox.circleci.truth import differences, truth
from sandbox.circleci.vendor import PROJECT_TOKEN, TOKEN, CircleCI
from sandbox.circleci.world import World

__all__ = [
    "PROJECT_TOKEN",
    "TOKEN",
    "Campaign",
    "CircleCI",
    "World",
    "build",
    "config",
    "differences",
    "generate",
    "truth",
]

GAP = timedelta(minutes=30)


def generate(
    seed: int = 1,
    *,
    now: datetime | None = None,
    projects: int = 3,
    pipelines: int = 60,
    gap: timedelta = GAP,
) -> World:
    """Make a world whose pipelines, spread over its projects, have all ended by now."""
    now = now or datetime.now(UTC)
    world = World(seed, now - gap * (pipelines + 1))
    organization = world.add_organization("acme")
    for number in range(projects):
        world.add_project(organization, f"service-{number + 1}")
    random = world.random
    for number in range(pipelines):
        world.now += gap
        branch = random.choice(("main", "main", "feature/login"))
        pipeline = world.new_pipeline(world.projects[number % projects], branch=branch)
        started = world.now
        for minutes, workflow in enumerate(pipeline.workflows, start=2):
            world.now = started + timedelta(minutes=minutes)
            world.finish(workflow, random.choice(("success", "success", "success", "failed")))
        world.now = started
    world.now = now
    world.edits += 1
    return world


def build(seed: int = 1, **sizes: Any) -> CircleCI:
    """Return a generated world behind its address, its newest pipelines of today."""
    return CircleCI(generate(seed, **sizes))


def config(url: str) -> dict[str, Any]:
    """Return a configuration of tap-circleci for a world that is played at this URL."""
    return {
        "base_url": f"{url}/api/v2",
        "token": TOKEN,
        "project_slugs": [f"gh/acme/service-{number}" for number in (1, 2, 3)],
    }
