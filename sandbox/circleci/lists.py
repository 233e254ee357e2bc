"""Lists that belong to projects and organizations: what a complete copy holds, and odd edits.

Nothing that CircleCI tells elsewhere says that one of them changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sandbox.circleci.model import uuid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from sandbox.circleci.model import Organization, Project, Row
    from sandbox.circleci.truth import Rows
    from sandbox.circleci.world import World


class Kind(NamedTuple):
    """A kind of list."""

    name: str
    """Its name in the model; "... of <id>" for each row of `parent`."""
    identity: str
    """What tells its rows apart."""
    value: str
    """What of a row may change."""
    key: tuple[str, ...] = ("id",)
    """The columns of the primary key."""
    parent: tuple[str, str] = ("", "")
    """The list that it is below, and the column of the rows there."""


KINDS = {
    "project_environment_variables": Kind("envvar", "name", "value", ("project_slug", "name")),
    "checkout_keys": Kind(
        "checkout-key", "fingerprint", "public-key", ("project_slug", "fingerprint")
    ),
    "schedules": Kind("schedule", "id", "description"),
    "webhooks": Kind("webhook", "id", "name"),
    "pipeline_definitions": Kind("definitions", "id", "description"),
    "triggers": Kind(
        "triggers", "id", "event_name", parent=("definitions", "pipeline_definition_id")
    ),
    "groups": Kind("groups", "id", "description"),
    "url_orb_allow_list": Kind("url-orb-allow-list", "id", "auth"),
    "environments": Kind("environments", "id", "description"),
    "contexts": Kind("contexts", "id", "name"),
    "context_environment_variables": Kind(
        *("variables", "variable", "truncated_value", ("context_id", "variable")),
        parent=("contexts", "context_id"),
    ),
    "context_restrictions": Kind(
        *("restrictions", "id", "name", ("context_id", "id")), parent=("contexts", "context_id")
    ),
    "components": Kind("components", "id", "name"),
    "component_versions": Kind(
        *("versions", "name", "job_number", ("component_id", "name")),
        parent=("components", "component_id"),
    ),
}


def differences(tables: dict[str, Rows], world: World) -> list[str]:
    """Compare loaded tables with the lists of a world, by key and by what may change of a row."""
    found = []
    for stream, kind in KINDS.items():
        column = kind.value.replace("-", "_")
        truth = {
            tuple((row | keys)[name] for name in kind.key): row.get(kind.value)
            for keys, rows in _lists(world, kind)
            for row in rows
        }
        loaded = {
            tuple(row[name] for name in kind.key): row.get(column)
            for row in tables.get(stream, {}).values()
        }
        if loaded != truth:
            found.append(f"{stream}: {loaded.items() ^ truth.items()}")
    slugs = {row["slug"] for row in tables.get("projects", {}).values()}
    if slugs != {project.slug for project in world.projects}:
        found.append(f"projects: {slugs}")
    return found


def edit(world: World, random: Random) -> str:
    """Add, change or remove a row of some list; return its stream and what was done."""
    stream, kind = random.choice([*KINDS.items()])
    lists = [rows for _, rows in _lists(world, kind)]
    rows = random.choice(lists) if lists else []
    done = random.choice(("added", "changed", "removed"))
    if rows:
        row = random.choice(rows)
        new = uuid(random)
        if done == "removed":
            rows.remove(row)
        elif done == "added":
            rows.append({**row, kind.identity: new})
        else:
            row[kind.value] = random.randrange(10_000) if kind.value == "job_number" else new
        world.edits += 1
    return f"{stream}: {done}"


def _lists(world: World, kind: Kind) -> Iterator[tuple[Row, list[Row]]]:
    """Yield each list of a kind that is shown, with what its place gives to its rows."""
    owners: list[Project | Organization] = [*world.projects, *world.organizations]
    above, column = kind.parent
    for owner in owners:
        keys = {"project_slug": owner.slug}
        if above:
            for row in owner.lists.get(above, ()):
                rows = owner.lists.setdefault(f"{kind.name} of {row['id']}", [])
                yield {**keys, column: row["id"]}, rows
        elif kind.name in owner.lists:
            yield keys, owner.lists[kind.name]
