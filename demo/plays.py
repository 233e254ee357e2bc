"""What happens in the demo: a made-up site for each tap, and what people do on it between runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox import circleci, confluence, gitbook

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox import Vendor
    from sandbox.gitbook.objects import Row


@dataclass
class Play:
    """One tap's part of the demo."""

    tap: str
    vendor: Vendor
    config: Callable[[str], dict[str, Any]]
    """The tap's settings for a site that is played at a URL."""
    edit: Callable[[], list[str]]
    """Changes the site, and says what happened."""
    own_site: tuple[str, ...]
    """The settings with which a user reads a site of their own."""


def confluence_play(pages: int = 2_000) -> Play:
    """A wiki of five spaces whose people write, archive, label and comment."""
    vendor = confluence.build(pages=pages, attachments=pages // 4, footer_comments=pages // 2)
    site = vendor.site

    def edit() -> list[str]:
        site.now = datetime.now(UTC)
        current = [page for page in site.pages.items.values() if page.status == "current"]
        space = next(iter(site.spaces.items.values()))
        for page in current[10:22]:
            site.change(page)
        new = [site.add_page(space, title=f"Minutes of meeting {n}") for n in range(1, 6)]
        for page in current[30:33]:
            site.trash(page)
        site.archive(current[40])
        for page in new[:4]:
            site.add_label(page, "meeting")
        for page in current[50:57]:
            site.add_comment(page)
        return [
            "12 pages edited, 5 added, 3 trashed, 1 archived",
            "4 pages labelled, 7 comments added",
        ]

    return Play(
        "tap-confluence",
        vendor,
        confluence.config,
        edit,
        (
            "TAP_CONFLUENCE_BASE_URL=https://acme.atlassian.net/wiki",
            "TAP_CONFLUENCE_EMAIL=you@acme.example",
            "TAP_CONFLUENCE_API_TOKEN=...",
        ),
    )


def circleci_play(pipelines: int = 150) -> Play:
    """Three projects whose builds start, end and are run again."""
    vendor = circleci.build(pipelines=pipelines)
    world = vendor.world
    running = [world.new_pipeline(project) for project in world.projects[:2]]

    def edit() -> list[str]:
        world.now = datetime.now(UTC)
        for pipeline in running:
            for workflow in pipeline.workflows:
                world.finish(workflow)
        old = world.projects[2].pipelines[5]
        again = world.rerun(old.workflows[0])
        world.finish(again)
        for project in world.projects:
            world.new_pipeline(project, branch="main")
        return [
            "3 pipelines started",
            f"{sum(len(pipeline.workflows) for pipeline in running)} workflows ended",
            "1 old workflow was run again",
        ]

    return Play(
        "tap-circleci",
        vendor,
        circleci.config,
        edit,
        (
            "TAP_CIRCLECI_TOKEN=...",
            """TAP_CIRCLECI_PROJECT_SLUGS='["gh/acme/web"]'""",
        ),
    )


def gitbook_play(pages: int = 25) -> Play:
    """Two organisations whose people write documentation, publish and discuss it."""
    vendor = gitbook.build(spaces=6, pages=pages)
    world = vendor.world

    def edit() -> list[str]:
        world.clock = datetime.now(UTC)
        space = world.every("spaces")[0]

        def change(made: Row) -> None:
            world.edit(made, made["pages"][0]["id"])
            world.insert(made, world.new_page("What is new in winter"))

        world.publish(space, change)
        author = world.every("users")[0]
        comment = world.comment(space, author, "Is this still true?")
        world.reply(comment, author, "It is.")
        world.request_change(space, author)
        return [
            "1 space published with 1 page edited and 1 added",
            "1 comment, 1 reply",
            "1 change request",
        ]

    return Play(
        "tap-gitbook",
        vendor,
        gitbook.config,
        edit,
        ("TAP_GITBOOK_ACCESS_TOKEN=...",),
    )


PLAYS: tuple[Callable[[], Play], ...] = (confluence_play, circleci_play, gitbook_play)
