"""What CircleCI knows of builds: projects, pipelines, workflows and jobs, as rows of its API.

Rows are held as the API tells them, so that serving them costs nothing; the classes around them
say what belongs to what.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

Row = dict[str, Any]


def iso(at: datetime) -> str:
    """Write a moment as CircleCI does: UTC with milliseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def moment(text: str) -> datetime:
    """Read a moment."""
    return datetime.fromisoformat(text)


def uuid(random: Random) -> str:
    """Make an id of a seeded source."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


@dataclass(slots=True)
class Organization:
    """An organization, and the lists that belong to it."""

    id: str
    slug: str
    name: str
    vcs_type: str = "github"
    is_member: bool = True
    """Whether the token's user takes part, so that it is among the collaborations."""
    hides_id: bool = False
    """Whether the collaborations tell null for its id."""
    lists: dict[str, list[Row]] = field(default_factory=dict)


@dataclass(slots=True)
class Project:
    """A project, its pipelines oldest first, and the lists that belong to it."""

    id: str
    slug: str
    name: str
    organization: Organization
    is_followed: bool = True
    pipelines: list[Pipeline] = field(default_factory=list)
    lists: dict[str, list[Row]] = field(default_factory=dict)
    settings: Row = field(default_factory=dict)
    last_pipeline: int = 0
    last_job: int = 0

    @property
    def row(self) -> Row:
        """The project as the API tells it."""
        return {
            "slug": self.slug,
            "name": self.name,
            "id": self.id,
            "organization_name": self.organization.name,
            "organization_slug": self.organization.slug,
            "organization_id": self.organization.id,
            "vcs_info": {
                "vcs_url": f"https://vcs.example/{self.organization.name}/{self.name}",
                "provider": "GitHub",
                "default_branch": "main",
            },
        }


@dataclass(slots=True)
class Pipeline:
    """A pipeline with its workflows, reruns last."""

    row: Row
    project: Project
    number: int
    """Counts the pipelines of the whole vendor: what lists go by."""
    workflows: list[Workflow] = field(default_factory=list)
    has_aged_out: bool = False
    """Listed still, but nothing can be read of it."""

    @property
    def branch(self) -> str | None:
        """The branch that was built."""
        branch: str | None = self.row.get("vcs", {}).get("branch")
        return branch


@dataclass(slots=True)
class Workflow:
    """A workflow with its jobs."""

    row: Row
    pipeline: Pipeline
    jobs: list[Row] = field(default_factory=list)

    @property
    def has_ended(self) -> bool:
        """Whether it will not change any more."""
        return self.row["stopped_at"] is not None
