"""docs/operating.md and SECURITY.md tell the truth."""

import re

import pytest
import yaml

from hub.about import ROOT, TAPS, about
from rest_tap import DeniedError
from rest_tap.stats import StreamStats

TEXT = (ROOT / "docs" / "operating.md").read_text()


def test_the_summary_line_is_one_that_a_run_writes():
    stats = StreamStats("page_versions")
    stats.add(records=8120, requests=1204, retries=3, waited=12.5)
    stats.skipped[DeniedError("not for you", 403).reason] += 2
    stats.mend("photo_url", 12)
    stats.mask("configuration", 2)
    stats.lose("4711")
    for line in stats.lines():
        assert f"Summary: {line}" in TEXT


def test_schedules_and_jobs_are_those_of_the_project():
    project = yaml.safe_load((ROOT / "meltano.yml").read_text())
    tasks = {job["name"]: job["tasks"] for job in project["jobs"]}
    told = re.findall(r"^\| `(\S+)` \| `(\S+)` \| `([^`]+)` \|", TEXT, re.MULTILINE)
    assert told
    assert sorted(told) == sorted(
        (schedule["name"], schedule["job"], *tasks[schedule["job"]])
        for schedule in project["schedules"]
    )


@pytest.mark.parametrize("tap", TAPS)
def test_variables_are_those_of_settings(tap):
    prefix = f"{tap}_".replace("-", "_").upper()
    settings = {name.upper() for name in about(tap)["settings"]["properties"]} | {"LOGLEVEL"}
    named = set(re.findall(rf"{prefix}([A-Z_]+)", TEXT))
    assert named
    assert named <= settings


@pytest.mark.parametrize("tap", TAPS)
def test_defaults_are_those_of_the_settings(tap):
    settings = about(tap)["settings"]["properties"]
    for name, value in re.findall(r"`(\w+)` \((\d+)(?: s)?\)", TEXT):
        assert settings[name]["default"] == int(value)


@pytest.mark.parametrize("file", ["docs/operating.md", "docs/contributing.md", "SECURITY.md"])
def test_links_lead_somewhere(file):
    page = ROOT / file
    for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        assert link.startswith("https://") or (page.parent / link).exists(), link
