"""States that version 0.1.0 wrote go on: nothing is read again that it had read.

Each file holds what was selected, the state after two runs on a site that then stood still, and
what the next run of 0.1.0 wrote and asked.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox import Sandbox, circleci, confluence, gitbook
from tests.support import run_tap

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
FILES = sorted(Path(__file__).parent.glob("*.json"))
ONCE_MORE = 2  # Requests that a run makes to look at its credentials
SWEPT = {"confluence": 7}  # Lists of ids, which are due in the first run of a later version
LATER = {"unread", "reconciled", "version", "listed_pipelines", "known"}
"""Keys that states have had since then, or at times."""


def play_circleci():
    world = circleci.generate(1, now=NOW, pipelines=12)
    world.hold(world.new_pipeline(workflows=[]))
    world.advance(120)
    return circleci.CircleCI(world)


VENDORS = {
    "confluence": (
        lambda: confluence.Confluence(confluence.Site.generate(3, now=NOW)),
        confluence.config,
    ),
    "circleci": (
        play_circleci,
        lambda url: {**circleci.config(url), "rerun_detection": "lookback"},  # As it was then
    ),
    "gitbook": (lambda: gitbook.build(now=NOW), gitbook.config),
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_state_of_version_0_1_0_goes_on(path):
    recorded = json.loads(path.read_text())
    tap = path.stem.partition("-")[0]
    play, config = VENDORS[tap]
    with Sandbox(play()) as sandbox:
        settings = {**config(sandbox.url), **recorded["settings"]}
        if "org_slugs" in settings:
            del settings["project_slugs"]
        run = run_tap(tap, settings, state=recorded["state"], select=recorded["select"])
        asked = len(sandbox.requests)
        sandbox.clear()
        goes_on = run_tap(tap, settings, state=run.state, select=recorded["select"])
        asked_then = len(sandbox.requests)
    assert run.status == goes_on.status == 0, run.stderr
    rows = Counter(message["stream"] for message in run.of("RECORD"))
    assert rows == recorded["next_run"]["rows"]
    assert asked <= recorded["next_run"]["requests"] + ONCE_MORE + SWEPT.get(tap, 0)
    assert Counter(message["stream"] for message in goes_on.of("RECORD")) <= rows
    assert asked_then <= recorded["next_run"]["requests"] + ONCE_MORE
