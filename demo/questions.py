"""The questions of examples/sql, and the tables that docs/questions.md answers them from.

`python -m demo.questions` writes the answers into docs/questions.md again; `python -m
demo.questions tap-gitbook` prints what this tap reads of the site that they are about.
"""

from __future__ import annotations

import importlib
import logging
import re
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import sql

from demo.pipeline import Database, Meltano
from website.samples import NOW, written_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.confluence import Confluence

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "examples" / "sql"
PAGE = ROOT / "docs" / "questions.md"
VIEW = FOLDER / "who_may_read.sql"
TARGET = ROOT / ".meltano" / "loaders" / "target-postgres" / "venv" / "bin" / "target-postgres"
STREAMS = {  # What the questions and the report read
    "tap-circleci": "projects pipelines workflows jobs job_steps flaky_tests usage",
    "tap-confluence": (
        "spaces pages page_ancestors page_views page_labels page_restriction_subjects users groups "
        "group_members space_permissions space_role_assignments inline_comments tasks folders "
        "folder_restriction_subjects whiteboards whiteboard_restriction_subjects databases "
        "database_restriction_subjects embeds embed_restriction_subjects"
    ),
    "tap-gitbook": (
        "organizations spaces pages teams change_requests requested_reviewers sites site_findings "
        "site_insights"
    ),
}
PARTS = {"builds": "Builds", "pages": "Pages", "gitbook": "GitBook"}
ANSWER = re.compile(r"<!-- answers -->\n.*\Z", re.DOTALL)


@dataclass(frozen=True)
class Question:
    """A file of examples/sql: its first line asks, its second names the streams."""

    file: Path

    @property
    def text(self) -> str:
        """What is asked."""
        return self.file.read_text().split("\n", 1)[0].removeprefix("-- ")

    @property
    def needs(self) -> str:
        """The streams that must have been loaded, and what the words mean."""
        return self.file.read_text().split("\n", 2)[1].removeprefix("-- ")

    def ask(self, database: Database) -> str:
        """Answer with a table of text."""
        names, rows = database.ask(self.file.read_text())
        return as_table([names, *rows])


def questions() -> list[Question]:
    """List the questions, in the order of the page."""
    return [Question(file) for part in PARTS for file in sorted(FOLDER.glob(f"{part}_*.sql"))]


def as_table(rows: Sequence[Sequence[object]]) -> str:
    """Lay rows out in columns: numbers to the right, the rest to the left."""
    cells = [["" if value is None else str(value) for value in row] for row in rows]
    columns = list(zip(*cells, strict=True))
    widths = [max(map(len, column)) for column in columns]
    are_numbers = [all(re.fullmatch(r"-?[\d.]*", cell) for cell in below) for _, *below in columns]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(row, widths, are_numbers, strict=True)
        ).rstrip()
        for row in cells
    )


def played(tap: str) -> Any:
    """Play the vendor that the questions are about: the same on every day."""
    module = importlib.import_module(f"sandbox.{tap.removeprefix('tap-')}")
    vendor = module.build(now=NOW)
    if tap == "tap-confluence":
        _reorganize(vendor)
    elif tap == "tap-circleci":
        world = vendor.world
        failed = [each for each in world.workflows.values() if each.row["status"] == "failed"]
        for number, workflow in enumerate(failed[::3]):
            again = world.rerun(workflow)
            world.advance(150)
            world.finish(again, "failed" if number % 3 == 1 else "success")
    else:
        vendor.world.request_change(*_late(vendor.world))
    return vendor


def _reorganize(vendor: Confluence) -> None:
    """Trash pages that others are below, as people do who tidy up."""
    site = vendor.site
    pages = [page for page in site.pages.items.values() if page.status == "current"]
    above = {page.parent.number for page in pages if page.parent and page.parent.parent}
    for page in [page for page in pages if page.number in above][:3]:
        site.trash(page)


def _late(world: Any) -> tuple[Any, Any]:
    """Somebody drafts a change in the first space, long after the others."""
    return world.every("spaces")[0], world.every("users")[0]


def load(database: Database) -> None:
    """Load the tables by the real loader, all taps side by side, and make the view.

    Raises:
        RuntimeError: A loader failed; the message is its own.
    """
    if not TARGET.exists():
        Meltano(ROOT / ".venv-meltano" / "bin" / "meltano", ROOT, {})("install", "target-postgres")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        loaders = [_loader(stack, database, tap, Path(folder)) for tap in STREAMS]
        for loader in loaders:
            _, errors = loader.communicate()
            if loader.returncode:
                raise RuntimeError(errors.decode()[-2000:])
    database.query(sql.SQL("set search_path = tap_confluence;") + sql.SQL(VIEW.read_text()))


def _loader(
    stack: ExitStack, database: Database, tap: str, folder: Path
) -> subprocess.Popen[bytes]:
    config = folder / f"{tap}.json"
    config.write_text(
        f'{{"sqlalchemy_url": "{database.sqlalchemy_url}", "use_copy": true, '
        f'"validate_records": false, "default_target_schema": "{tap.replace("-", "_")}"}}'
    )
    command = [sys.executable, "-W", "ignore", "-m", "demo.questions", tap]
    reader = stack.enter_context(
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)  # noqa: S603 - this module
    )
    loader = subprocess.Popen(  # noqa: S603 - the loader that Meltano installed
        [TARGET, "--config", config],
        stdin=reader.stdout,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    return stack.enter_context(loader)


def page(database: Database) -> str:
    """Write docs/questions.md anew: what stands above its mark, then the answers."""
    return ANSWER.sub(lambda _: "\n".join(_answers(database)), PAGE.read_text())


def _answers(database: Database) -> Iterator[str]:
    yield "<!-- answers -->"
    part = ""
    for question in questions():
        kind = question.file.stem.partition("_")[0]
        if kind != part:
            part = kind
            yield f"\n## {PARTS[part]}"
        yield f"\n### {question.text}\n"
        yield f"[{question.file.name}](../examples/sql/{question.file.name}). {question.needs}\n"
        yield f"```text\n{question.ask(database)}\n```"
    yield ""


def main() -> None:
    """Print what a tap reads, or write the page."""
    if taps := sys.argv[1:]:
        logging.disable()
        for tap in taps:
            sys.stdout.write(written_by(tap, played(tap), STREAMS[tap].split()).read())
        return
    with tempfile.TemporaryDirectory() as folder, Database(Path(folder)) as database:
        load(database)
        PAGE.write_text(page(database))


if __name__ == "__main__":
    main()
