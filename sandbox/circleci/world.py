"""CircleCI's world as one token sees it, with a clock and the edits that people and time make."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from threading import RLock
from typing import TYPE_CHECKING

from sandbox.circleci import furniture
from sandbox.circleci.model import Organization, Pipeline, Project, Row, Workflow, iso, uuid

if TYPE_CHECKING:
    from collections.abc import Iterable

STEP = timedelta(seconds=2)  # Between the starts of a workflow's jobs


class World:
    """Everything that the API tells, and everything that can happen to it.

    Args:
        seed: Decides every id and every choice.
        now: The vendor's clock at the beginning.
    """

    def __init__(self, seed: int = 1, now: datetime | None = None) -> None:
        self.random = Random(seed)
        self.lock = RLock()
        self.now = now or datetime.now(UTC)
        self.edits = 0
        """Counts what has changed, for answers that are kept."""
        self.organizations: list[Organization] = []
        self.projects: list[Project] = []
        self.pipelines: dict[str, Pipeline] = {}
        self.workflows: dict[str, Workflow] = {}
        self.jobs: dict[tuple[str, int], Workflow] = {}
        """The workflow that ran a job, by project and number."""
        self.users: dict[str, Row] = {}
        self.usage_takes = timedelta(minutes=2)
        """How long an export of usage takes."""
        self.insights_take = timedelta()
        """How late insights list a run that has ended."""
        self.usage_fails: str | None = None
        self._count = 0
        for login in ("ada", "bert", "cleo", "dora"):
            self._add_user(login)

    # Places and people

    def _add_user(self, login: str) -> None:
        person = uuid(self.random)
        name = login.title()
        avatar = f"https://pictures.example/{login}.png"
        self.users[person] = {"id": person, "login": login, "name": name, "avatar_url": avatar}

    @property
    def me(self) -> Row:
        """The token's user."""
        return next(iter(self.users.values()))

    def add_organization(self, name: str, *, app: bool = False) -> Organization:
        """Make an organization; those of the GitHub App have ids for slugs."""
        identity = uuid(self.random)
        slug = f"circleci/{identity}" if app else f"gh/{name}"
        organization = Organization(identity, slug, name, "circleci" if app else "github")
        organization.lists = furniture.of_organization(self, organization)
        self.organizations.append(organization)
        self.edits += 1
        return organization

    def add_project(self, organization: Organization, name: str) -> Project:
        """Make a project."""
        identity = uuid(self.random)
        slug = f"{organization.slug}/{identity if organization.vcs_type == 'circleci' else name}"
        project = Project(identity, slug, name, organization)
        project.lists = furniture.of_project(self, project)
        project.settings = furniture.settings(self)
        self.projects.append(project)
        self.edits += 1
        return project

    def project(self, slug: str) -> Project | None:
        """Find a project by its slug."""
        short = slug.replace("github/", "gh/", 1) if slug.startswith("github/") else slug
        return next((project for project in self.projects if project.slug == short), None)

    def organization(self, name: str | None) -> Organization | None:
        """Find an organization by its slug or id."""
        return next((o for o in self.organizations if name in (o.slug, o.id)), None)

    # What happens

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        with self.lock:
            self.now += timedelta(seconds=seconds)
            self.edits += 1

    def new_pipeline(
        self,
        project: Project | None = None,
        *,
        branch: str | None = "main",
        workflows: Iterable[str] = ("build", "deploy"),
        jobs: int = 3,
    ) -> Pipeline:
        """Trigger a pipeline whose workflows start to run."""
        with self.lock:
            project = project or self.projects[0]
            self._count += 1
            project.last_pipeline += 1
            row = furniture.pipeline(self, project, branch)
            pipeline = Pipeline(row, project, self._count)
            project.pipelines.append(pipeline)
            self.edits += 1
            self.pipelines[row["id"]] = pipeline
            for name in workflows:
                self.new_workflow(pipeline, name, jobs)
            return pipeline

    def set_up_later(self, project: Project, *, branch: str | None = "main") -> Pipeline:
        """Trigger a pipeline whose configuration is still being read."""
        with self.lock:
            pipeline = self.new_pipeline(project, branch=branch, workflows=())
            pipeline.row["state"] = "setup-pending"
            return pipeline

    def set_up(self, pipeline: Pipeline) -> None:
        """Finish reading a configuration: its workflow starts, and the pipeline's row changes."""
        with self.lock:
            pipeline.row.update(state="created", updated_at=iso(self.now))
            self.new_workflow(pipeline, "build")

    def new_workflow(self, pipeline: Pipeline, name: str, jobs: int = 3) -> Workflow:
        """Start a workflow: its first job runs, the others wait."""
        with self.lock:
            workflow = self._open(pipeline, name)
            before: list[str] = []
            for number in range(jobs):
                job = self._job(workflow, f"{name}-{number + 1}", before)
                before = [job["id"]]
            self._start(workflow, workflow.jobs[:1])
            return workflow

    def finish(self, workflow: Workflow, status: str = "success") -> None:
        """End a workflow: jobs succeed in order, and the last one decides."""
        with self.lock:
            started = datetime.fromisoformat(workflow.row["created_at"])
            waiting = [job for job in workflow.jobs if not job.get("stopped_at")]
            for number, job in enumerate(waiting):
                last = number == len(waiting) - 1
                if job["type"] == "approval":
                    job["status"] = "canceled" if status == "canceled" else "success"
                    continue
                self._number(workflow, job)
                job.setdefault("started_at", iso(min(self.now, started + STEP * (number + 1))))
                job["stopped_at"] = iso(self.now)
                job["status"] = status if last else "success"
            self._end(workflow, status)

    def hold(self, pipeline: Pipeline, name: str = "release") -> Workflow:
        """Start a workflow that waits for an approval."""
        with self.lock:
            workflow = self.new_workflow(pipeline, name, jobs=1)
            first = workflow.jobs[0]
            first.update(status="success", stopped_at=iso(self.now))
            approval = self._job(workflow, "hold", [first["id"]])
            approval.update(type="approval", status="on_hold")
            approval["approval_request_id"] = approval["id"]
            self._job(workflow, "ship", [approval["id"]])
            workflow.row["status"] = "on_hold"
            self.edits += 1
            return workflow

    def approve(self, workflow: Workflow) -> None:
        """Approve what a workflow waits for; the next job starts."""
        with self.lock:
            for job in workflow.jobs:
                if job["status"] == "on_hold":
                    job.update(
                        status="success", approved_by=self._anyone(), stopped_at=iso(self.now)
                    )
            waiting = [job for job in workflow.jobs if job["status"] == "blocked"]
            self._start(workflow, waiting[:1])
            workflow.row["status"] = "running"
            self.edits += 1

    def rerun(self, workflow: Workflow, *, from_failed: bool = False) -> Workflow:
        """Run a workflow again, under the same pipeline, whose own row does not change."""
        with self.lock:
            new = self._open(workflow.pipeline, workflow.row["name"])
            for old in workflow.jobs:
                if from_failed and old["status"] == "success":
                    new.jobs.append(dict(old))  # The same job, listed a second time
                else:
                    self._job(new, old["name"], [])["type"] = old["type"]
            builds = [job for job in new.jobs if job["status"] == "blocked"]
            self._start(new, builds[:1])
            return new

    def cancel(self, workflow: Workflow) -> None:
        """Cancel a workflow; jobs that have not started never will."""
        with self.lock:
            who = self._anyone()
            for job in workflow.jobs:
                if job["status"] == "running":
                    job.update(status="canceled", stopped_at=iso(self.now), canceled_by=who)
                elif not job.get("stopped_at"):
                    job["status"] = "not_run"
            workflow.row["canceled_by"] = who
            self._end(workflow, "canceled")

    def delete(self, pipeline: Pipeline) -> None:
        """Let a pipeline vanish with everything below it."""
        with self.lock:
            pipeline.project.pipelines.remove(pipeline)
            del self.pipelines[pipeline.row["id"]]
            for workflow in pipeline.workflows:
                del self.workflows[workflow.row["id"]]
            self.edits += 1

    def delete_project(self, project: Project) -> None:
        """Let a project vanish with everything in it."""
        with self.lock:
            for pipeline in list(project.pipelines):
                self.delete(pipeline)
            self.projects.remove(project)
            self.edits += 1

    def age_out(self, pipeline: Pipeline) -> None:
        """Let a pipeline be listed still, though its workflows cannot be read any more."""
        with self.lock:
            pipeline.has_aged_out = True
            self.edits += 1

    # How it happens

    def _anyone(self) -> str:
        return self.random.choice([*self.users])

    def _open(self, pipeline: Pipeline, name: str) -> Workflow:
        row = furniture.workflow(self, pipeline, name, self._anyone())
        workflow = Workflow(row, pipeline)
        pipeline.workflows.append(workflow)
        self.workflows[row["id"]] = workflow
        self.edits += 1
        return workflow

    def _job(self, workflow: Workflow, name: str, before: list[str]) -> Row:
        job: Row = {
            "id": uuid(self.random),
            "name": name,
            "type": "build",
            "status": "blocked",
            "project_slug": workflow.pipeline.project.slug,
            "dependencies": before,
        }
        workflow.jobs.append(job)
        return job

    def _number(self, workflow: Workflow, job: Row) -> None:
        if "job_number" not in job:
            project = workflow.pipeline.project
            project.last_job += 1
            job["job_number"] = project.last_job
            self.jobs[project.slug, project.last_job] = workflow

    def _start(self, workflow: Workflow, jobs: list[Row]) -> None:
        for job in jobs:
            self._number(workflow, job)
            job.update(status="running", started_at=iso(self.now), stopped_at=None)
        self.edits += 1

    def _end(self, workflow: Workflow, status: str) -> None:
        workflow.row.update(status=status, stopped_at=iso(self.now))
        self.edits += 1

    # What there is

    @property
    def unfinished(self) -> list[Workflow]:
        """The workflows that have not ended, oldest first."""
        return [workflow for workflow in self.workflows.values() if not workflow.has_ended]
