"""Rows that a world is furnished with; every field as the vendor's contract has it."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from sandbox.circleci.model import iso, uuid

if TYPE_CHECKING:
    from sandbox.circleci.model import Organization, Pipeline, Project, Row
    from sandbox.circleci.world import World

SUBJECTS = ("Fix the login", "Add a report", "Use fewer queries", "Update dependencies")


def pipeline(world: World, project: Project, branch: str | None) -> Row:
    """Make the row of a pipeline that is triggered now; without a branch, by an API call."""
    at, who = iso(world.now), world.random.choice([*world.users.values()])
    row: Row = {
        "id": uuid(world.random),
        "errors": [],
        "project_slug": project.slug,
        "updated_at": at,
        "number": project.last_pipeline,
        "state": "created",
        "created_at": at,
        "trigger": {
            "type": "webhook" if branch else "api",
            "received_at": at,
            "actor": {"login": who["login"], "avatar_url": who["avatar_url"]},
        },
    }
    if branch:
        repository = f"https://vcs.example/{project.organization.name}/{project.name}"
        row["vcs"] = {
            "provider_name": "GitHub",
            "target_repository_url": repository,
            "origin_repository_url": repository,
            "branch": branch,
            "revision": f"{world.random.getrandbits(160):040x}",
            "commit": {"subject": world.random.choice(SUBJECTS), "body": ""},
        }
    else:
        row["trigger_parameters"] = {"deploy": True, "times": 2}
    return row


def workflow(world: World, of: Pipeline, name: str, who: str) -> Row:
    """Make the row of a workflow that starts now."""
    return {
        "pipeline_id": of.row["id"],
        "id": uuid(world.random),
        "name": name,
        "project_slug": of.project.slug,
        "status": "running",
        "started_by": who,
        "pipeline_number": of.row["number"],
        "created_at": iso(world.now),
        "stopped_at": None,
        "tag": None,
    }


def settings(world: World) -> Row:
    """Make the advanced settings of a project."""
    names = [
        *("autocancel_builds", "build_fork_prs", "build_prs_only", "disable_ssh"),
        *("forks_receive_secret_env_vars", "oss", "set_github_status", "setup_workflows"),
    ]
    row: Row = {name: world.random.random() < 0.5 for name in names}
    row["write_settings_requires_admin"] = False
    return {"advanced": {**row, "pr_only_branch_overrides": ["main"]}}


def of_project(world: World, project: Project) -> dict[str, list[Row]]:
    """Make the lists that belong to a project."""
    at, user = iso(world.now), world.me
    owner = {key: user[key] for key in ("id", "login", "name")}
    repository = {"full_name": f"{project.organization.name}/{project.name}", "external_id": "42"}
    definition = uuid(world.random)
    return {
        "envvar": [
            {"name": name, "value": f"xxxx{name[-2:]}", "created-at": created}
            for name, created in (("API_URL", at), ("API_SECRET", None))
        ],
        "checkout-key": [
            {
                "public-key": "ssh-ed25519 AAAA",
                "type": "deploy-key",
                "fingerprint": ":".join(f"{world.random.randrange(256):02x}" for _ in range(16)),
                "preferred": True,
                "created-at": at,
            }
        ],
        "schedule": [
            {
                "id": uuid(world.random),
                "timetable": {"per-hour": 1, "hours-of-day": [3], "days-of-week": ["MON", "FRI"]},
                "updated-at": at,
                "name": "nightly",
                "created-at": at,
                "project-slug": project.slug,
                "parameters": {"branch": "main", "full": True},
                "actor": owner,
                "description": None,
            }
        ],
        "webhook": [
            {
                "url": f"https://hooks.example/{number}",
                "verify-tls": True,
                "id": uuid(world.random),
                "signing-secret": "****abcd",
                "updated-at": at,
                "name": f"hook {number}",
                "created-at": at,
                "scope": {"id": project.id, "type": "project"},
                "events": ["workflow-completed"],
            }
            for number in range(2)
        ],
        "definitions": [
            {
                "id": definition,
                "name": "main",
                "description": "Builds everything",
                "created_at": at,
                "config_source": {
                    "provider": "github_app",
                    "repo": repository,
                    "file_path": ".circleci/config.yml",
                },
                "checkout_source": {"provider": "github_app", "repo": repository},
            }
        ],
        f"triggers of {definition}": [
            {
                "id": uuid(world.random),
                "event_name": "push",
                "created_at": at,
                "event_source": {"provider": "github_app", "repo": repository},
                "event_preset": "all-pushes",
                "checkout_ref": "",
                "config_ref": "",
                "disabled": False,
                "parameters": {},
            }
        ],
    }


def of_organization(world: World, organization: Organization) -> dict[str, list[Row]]:
    """Make the lists that belong to an organization; contexts fill more than one page."""
    at = iso(world.now)
    lists: dict[str, list[Row]] = {
        "contexts": [
            {"id": uuid(world.random), "name": f"context-{number}", "created_at": at}
            for number in range(23)
        ],
        "groups": [
            {"id": uuid(world.random), "name": name, "description": f"All {name}"}
            for name in ("owners", "readers")
        ],
        "url-orb-allow-list": [
            {
                "id": uuid(world.random),
                "name": "ours",
                "prefix": f"https://orbs.example/{organization.name}/",
                "auth": "none",
            }
        ],
        "environments": [
            {
                "id": uuid(world.random),
                "name": name,
                "description": f"The {name} cluster",
                "labels": [{"key": "region", "value": "eu"}],
                "created_at": at,
                "updated_at": at,
            }
            for name in ("production", "staging")
        ],
        "components": [
            {
                "id": uuid(world.random),
                "name": name,
                "project_id": uuid(world.random),
                "labels": [],
                "release_count": 2,
                "created_at": at,
                "updated_at": at,
            }
            for name in ("web", "api")
        ],
    }
    for context in lists["contexts"][:3]:
        lists[f"variables of {context['id']}"] = [
            {"variable": name, "created_at": at, "updated_at": at, "context_id": context["id"]}
            for name in ("AWS_KEY", "AWS_SECRET")
        ]
        lists[f"restrictions of {context['id']}"] = [
            {
                "context_id": context["id"],
                "id": uuid(world.random),
                "project_id": uuid(world.random),
                "name": "web",
                "restriction_type": "project",
                "restriction_value": uuid(world.random),
            }
        ]
    for component in lists["components"]:
        lists[f"versions of {component['id']}"] = [
            {
                "name": f"1.{number}",
                "environment_id": lists["environments"][number]["id"],
                "namespace": "default",
                "is_live": number == 0,
                "pipeline_id": uuid(world.random),
                "workflow_id": uuid(world.random),
                "job_id": uuid(world.random),
                "job_number": number + 1,
                "last_deployed_at": at,
            }
            for number in range(2)
        ]
    own = Random(organization.name)  # All other ids stay as they are
    web, production = lists["components"][0], lists["environments"][0]["id"]
    lists["deployments"] = [
        {
            "id": uuid(own),
            "attributes": {
                "type": "deploy",
                "status": "SUCCESS",
                "target_version": {"name": f"1.{number}"},
                "is_rollback": number == 2,
                "created_at": at,
                "ended_at": at,
                "failure_reason": None,
            },
            "references": {
                "deploy_component": {"id": web["id"], "attributes": {"name": web["name"]}},
                "deploy_environment": {"id": production},
                "pipeline": {"id": uuid(own)},
                "workflow": {"id": uuid(own)},
            },
        }
        for number in range(60)
    ]
    return lists
