"""Random events, as between two runs of a tap on a busy day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.circleci.lists import edit
from sandbox.circleci.model import moment

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from random import Random

    from sandbox.circleci.model import Pipeline, Workflow
    from sandbox.circleci.world import World

BRANCHES = ("main", "main", "feature/login", None)
ENDS = ("success", "success", "failed", "error")


class Campaign:
    """Lets one random event happen after the other; `log` tells what happened.

    Args:
        world: Where it happens.
        random: Decides what.
        window: How old a pipeline may be that is rerun or deleted; None: as old as any that can
            be read.
        projects: Whether projects vanish, too.
        lists: Whether what belongs to projects and organizations changes, too.
    """

    def __init__(
        self,
        world: World,
        random: Random,
        window: timedelta | None,
        *,
        projects: bool = False,
        lists: bool = False,
    ) -> None:
        self.world = world
        self.random = random
        self.window = window
        self.projects = projects
        self.lists = lists
        self.log: list[str] = []

    def run(self, events: int) -> None:
        """Let so many events happen, some time apart."""
        kinds: list[Callable[[], object]] = [
            *(self.trigger, self.trigger, self.finish, self.finish, self.finish, self.rerun),
            *(self.rerun, self.hold, self.approve, self.cancel, self.delete, self.set_up),
        ]
        if self.projects:
            kinds.append(self.delete_project)
        if self.lists:
            kinds += [self.edit_list] * len(kinds)
        for _ in range(events):
            self.world.advance(self.random.randrange(1, 1200))
            event = self.random.choice(kinds)
            event()
            self.log.append(event.__name__)

    def trigger(self) -> None:
        """A new pipeline, whose configuration sometimes takes a while."""
        project, branch = self.random.choice(self.world.projects), self.random.choice(BRANCHES)
        if self.random.random() < 0.2:
            self.world.set_up_later(project, branch=branch)
        else:
            jobs = self.random.choice((1, 2, 3, 25))
            self.world.new_pipeline(project, branch=branch, jobs=jobs)

    def set_up(self) -> None:
        """A configuration has been read."""
        if waiting := [p for p in self._recent() if p.row["state"] == "setup-pending"]:
            self.world.set_up(self.random.choice(waiting))

    def finish(self) -> None:
        """A workflow ends."""
        if running := self._unfinished("running"):
            self.world.finish(self.random.choice(running), self.random.choice(ENDS))

    def cancel(self) -> None:
        """A workflow is canceled."""
        if running := self._unfinished("running"):
            self.world.cancel(self.random.choice(running))

    def hold(self) -> None:
        """A workflow waits for an approval."""
        if pipelines := self._recent():
            self.world.hold(self.random.choice(pipelines))

    def approve(self) -> None:
        """Somebody approves."""
        if held := self._unfinished("on_hold"):
            self.world.approve(self.random.choice(held))

    def rerun(self) -> None:
        """A workflow runs again, old as it may be."""
        ended = [w for p in self._recent() for w in p.workflows if w.has_ended]
        if ended:
            self.world.rerun(self.random.choice(ended), from_failed=self.random.random() < 0.5)

    def delete(self) -> None:
        """A pipeline vanishes."""
        if (pipelines := self._recent()) and self.random.random() < 0.3:
            self.world.delete(self.random.choice(pipelines))

    def delete_project(self) -> None:
        """A project vanishes, with all its pipelines; never the last ones."""
        if len(self.world.projects) > 2 and self.random.random() < 0.3:
            self.world.delete_project(self.random.choice(self.world.projects))

    def edit_list(self) -> None:
        """Somebody changes what belongs to a project or an organization."""
        edit(self.world, self.random)

    def _recent(self) -> list[Pipeline]:
        pipelines = [p for p in self.world.pipelines.values() if not p.has_aged_out]
        if self.window is None:
            return pipelines
        oldest = self.world.now - self.window
        return [p for p in pipelines if moment(p.row["created_at"]) >= oldest]

    def _unfinished(self, status: str) -> list[Workflow]:
        recent = {id(pipeline) for pipeline in self._recent()}
        unfinished = self.world.unfinished
        return [w for w in unfinished if w.row["status"] == status and id(w.pipeline) in recent]
