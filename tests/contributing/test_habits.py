"""What hosts, editors and maintainers are told is what the project does."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
import tomllib
from datetime import date

import pytest
import yaml

from tests.support import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
MAKEFILE = (ROOT / "Makefile").read_text()
RELEASING = (ROOT / "docs" / "releasing.md").read_text()
TEMPLATES = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def test_the_workflow_calls_make_test_on_each_python_that_is_supported():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())
    job = workflow["jobs"]["test"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["project"]["classifiers"]))
    assert job["strategy"]["matrix"]["python"] == named
    assert job["steps"][-1]["run"].startswith("make test")


def test_a_commit_is_checked_with_what_lint_runs():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
    assert {repo["repo"] for repo in config["repos"]} == {"local"}
    lint = re.findall(
        r"^\t(\.venv/bin/.+)", MAKEFILE.partition("lint:")[2].partition("\n\n")[0], re.MULTILINE
    )
    for command in lint:
        tool = command.removesuffix(" --check")
        assert any(hook["entry"].startswith(tool) for hook in hooks), command


def test_editors_are_told_the_length_of_lines_that_ruff_checks():
    parser = configparser.ConfigParser()
    parser.read_string("[top]\n" + (ROOT / ".editorconfig").read_text())
    assert parser["*"]["max_line_length"] == str(PROJECT["tool"]["ruff"]["line-length"])


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_is_a_form(path):
    template = yaml.safe_load(path.read_text())
    if path.stem == "config":
        assert template == {"blank_issues_enabled": False}
        return
    assert {"name", "description", "body"} <= template.keys()
    ids = [part["id"] for part in template["body"] if part["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 0


def test_a_bug_report_asks_for_the_summary_the_version_and_the_state_without_values():
    template = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / "bug.yml").read_text())
    assert {"summary", "version", "state"} <= {part.get("id") for part in template["body"]}


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed")
def test_what_a_bug_report_asks_of_the_state_leaves_no_values():
    text = (ROOT / ".github" / "ISSUE_TEMPLATE" / "bug.yml").read_text()
    program = re.search(r"`jq '(.+)' state\.json`", text)[1]
    partition = {"context": {"project_slug": "gh/acme/web"}, "replication_key_value": "2026-01-01"}
    state = {"bookmarks": {"pipelines": {"partitions": [partition], "open": None, "count": 3}}}
    done = subprocess.run(
        ["jq", program], input=json.dumps(state), capture_output=True, text=True, check=True
    )
    left = {"context": {"project_slug": "string"}, "replication_key_value": "string"}
    assert json.loads(done.stdout) == {
        "bookmarks": {"pipelines": {"partitions": [left], "open": "null", "count": "number"}}
    }


def test_what_is_called_to_release_is_there():
    targets = set(re.findall(r"make ([a-z-]+)", RELEASING))
    assert {"constraints", "demo", "hub"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), f"make {target}"


def test_the_changelog_tells_of_the_version_with_its_date():
    changelog = (ROOT / "CHANGELOG.md").read_text()
    told = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\S+)$", changelog, re.MULTILINE)
    assert told[0][0] == PROJECT["project"]["version"]
    days = [date.fromisoformat(day) for _, day in told]
    assert days == sorted(days, reverse=True)
    assert changelog.count("## [Unreleased]") == 1
