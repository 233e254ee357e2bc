"""docs/operating.md and SECURITY.md tell the truth."""

import json
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


def test_variables_of_the_loader_are_those_that_meltano_is_told_of():
    """Meltano ignores what a plugin does not declare, and says nothing."""
    (loader,) = yaml.safe_load((ROOT / "meltano.yml").read_text())["plugins"]["loaders"]
    declared = {setting["name"]: setting.get("value") for setting in loader["settings"]}
    texts = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").rglob("*.md")]
    named = {
        name.lower()
        for text in texts
        for name in re.findall(r"TARGET_POSTGRES_([A-Z_]+)", text.read_text())
    }
    assert named
    assert named <= declared.keys()
    told = (ROOT / "docs" / "targets.md").read_text().partition("## target-postgres\n")[2]
    settings = json.loads(told.partition("```json\n")[2].partition("```")[0])
    assert settings.keys() <= declared.keys()
    for name in ("validate_records", "use_copy"):
        assert settings[name] == declared[name]


@pytest.mark.parametrize(
    "file",
    [
        *("README.md", "docs/operating.md", "docs/contributing.md", "docs/targets.md"),
        "SECURITY.md",
    ],
)
def test_links_lead_somewhere(file):
    page = ROOT / file
    for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        assert link.startswith("https://") or (page.parent / link).exists(), link
