"""docs/contributing.md is followed literally, in a copy of the repository."""

import dataclasses
import inspect
import re
import shutil
import sys
from pathlib import Path

import pytest

from rest_tap import Listing, RestStream
from tap_circleci.streams import STREAMS as CIRCLECI
from tap_confluence.streams import STREAMS as CONFLUENCE
from tap_gitbook.streams import STREAMS as GITBOOK
from tests.contributing.steps import Page
from tests.support import ROOT, SHARED

PARTS = (
    *("rest_tap", "tap_circleci", "tap_confluence", "tap_gitbook", "sandbox", "hub", "docs"),
    *("tests", "demo", "pyproject.toml", "constraints.txt", "meltano.yml", "Makefile"),
)


@pytest.fixture
def copy(tmp_path):
    """A copy of the repository that shares the environment, and the documents beside it."""
    folder = tmp_path / "repository"
    folder.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(
                ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy2(ROOT / part, folder / part)
    environment = folder / ".venv"
    environment.mkdir()
    for part in Path(sys.prefix).iterdir():
        (environment / part.name).symlink_to(part)
    (environment / "ready").unlink(missing_ok=True)
    (environment / "ready").touch()  # Or make would install everything anew
    if SHARED.exists():
        (tmp_path / "shared").symlink_to(SHARED)
    return folder


def test_a_stream_is_added_as_the_page_says(copy):
    page = Page((ROOT / "docs" / "contributing.md").read_text(), copy)
    done = list(page.follow())
    assert done[0] == "appended to sandbox/confluence/v2_site.py"
    assert sum(step.startswith("$ ") for step in done) == 8
    for made in ("docs/pictures/tap-confluence.svg", "hub/extractors/tap-confluence.yml"):
        assert "space_content_labels" in (copy / made).read_text()


def test_the_layout_names_folders_that_are_there():
    text = (ROOT / "docs" / "contributing.md").read_text()
    table = text[text.index("| folder |") : text.index("Only `rest_tap`")]
    for row in table.strip().splitlines()[2:]:
        for folder in re.findall(r"`([^`]+)`", row.split("|")[1]):
            assert (ROOT / folder).is_dir()


def test_the_hooks_of_the_page_are_those_that_streams_have():
    text = (ROOT / "docs" / "contributing.md").read_text()
    table = text[text.index("| step | thread |") : text.index("What happens where:")]
    _, _, *rows = table.strip().splitlines()
    cells = [row.split("|") for row in rows]
    told = {name for row in cells for name in re.findall(r"`(\w+)`", row[3])}
    assert {name for name in told if not hasattr(RestStream, name)} == set()
    overridden = {
        name
        for stream in (*CIRCLECI, *CONFLUENCE, *GITBOOK)
        for kind in stream.__mro__
        if kind.__module__.startswith("tap_")
        for name, value in vars(kind).items()
        if inspect.isfunction(value) and hasattr(RestStream, name) and not name.startswith("_")
    }
    assert overridden - told == set()
    of_listings = {name for row in cells for name in re.findall(r"`(\w+)`", row[4])}
    assert of_listings == {"start", "pages", "new_pass", "done"}
    assert of_listings <= {field.name for field in dataclasses.fields(Listing)}
