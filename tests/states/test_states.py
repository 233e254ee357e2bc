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
LATER = {"unread", "reconciled", "version"}
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
    "circleci": (play_circleci, circleci.config),
    "gitbook": (lambda: gitbook.build(now=NOW), gitbook.config),
}


def keys_of(state):
    """The names of all that a state of that version can hold, without what it holds.

    Projects whose reruns were looked for have an entry of their own no more.
    """
    if isinstance(state, dict):
        return {name: keys_of(value) for name, value in state.items() if name not in LATER}
    if isinstance(state, list):
        return [keys_of(value) for value in state if "reruns_slug" not in str(value)]
    return type(state).__name__


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
    assert run.status == 0, run.stderr
    rows = Counter(message["stream"] for message in run.of("RECORD"))
    assert rows == recorded["next_run"]["rows"]
    assert asked <= recorded["next_run"]["requests"] + ONCE_MORE
    assert keys_of(run.state) == keys_of(recorded["state"])
