"""docs/contributing.md is followed literally, in a copy of the repository."""

import re
import shutil
import sys
from pathlib import Path

import pytest

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
    assert sum(step.startswith("$ ") for step in done) == 5
    for made in ("docs/pictures/tap-confluence.svg", "hub/extractors/tap-confluence.yml"):
        assert "space_content_labels" in (copy / made).read_text()


def test_the_layout_names_folders_that_are_there():
    text = (ROOT / "docs" / "contributing.md").read_text()
    table = text[text.index("| folder |") : text.index("Only `rest_tap`")]
    for row in table.strip().splitlines()[2:]:
        for folder in re.findall(r"`([^`]+)`", row.split("|")[1]):
            assert (ROOT / folder).is_dir()
