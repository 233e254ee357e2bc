"""Runs on OAuth 2.0 whose refresh tokens rotate: stopped, side by side, one after another.

The log-in server forgives nothing here: a refresh token that is used twice ends the chain.
"""

from __future__ import annotations

import json
import signal
import stat
import time

import pytest

from sandbox.faults import Fault
from tests.confluence.story import selecting
from tests.support import TapProcess, start_tap

LOG_IN = "/oauth/token"


@pytest.fixture
def story(play, tmp_path):
    story = play(pages=30, spaces=30)
    url, known = story.sandbox.url, story.credentials
    story.authority = story.vendor.authority
    story.authority.leeway = 0
    story.kept = tmp_path / "token.json"
    story.config = {
        "cloud_id": story.site.cloud_id,
        "gateway_url": url,
        "auth_url": url,
        "client_id": known.client_id,
        "client_secret": known.client_secret,
        "refresh_token": story.authority.refresh_token,
        "oauth_token_file": str(story.kept),
    }
    return story


def in_file(story):
    return json.loads(story.kept.read_text())["refresh_token"]


def wait_until(is_so):
    until = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


def goes_on(story):
    """Whether a later run finds a chain that lives."""
    story.sandbox.fault = None
    story.authority.expire()
    run = story.run("spaces")
    assert in_file(story) == story.authority.refresh_token
    assert story.authority.reused == 0
    return len(run.records("spaces")) == 30


@pytest.mark.parametrize(
    ("signals", "status", "seconds"),
    [
        ([signal.SIGTERM], 143, 1.5),
        ([signal.SIGINT], 130, 1.5),
        ([signal.SIGHUP], 129, 1.5),
        ([signal.SIGTERM, signal.SIGTERM], 143, 1.5),
        ([signal.SIGINT] * 5, 130, 1.5),
        ([signal.SIGTERM, signal.SIGINT], 130, 1.5),
        ([signal.SIGTERM], 143, 9.5),  # Longer than a run that hangs at its end is waited for
    ],
)
def test_a_refresh_ends_before_a_run_that_is_stopped(story, tmp_path, signals, status, seconds):
    given = story.authority.refresh_token
    story.sandbox.fault = lambda request, number: (
        Fault.slow(seconds) if request.path == LOG_IN else None
    )
    with start_tap("confluence", story.config, folder=tmp_path, select=["spaces"]) as process:
        wait_until(lambda: story.authority.issued)
        for number in signals:
            process.send_signal(number)
            time.sleep(0.02)  # Or two of a kind would arrive as one
        assert story.authority.refresh_token not in story.kept.read_text(), "nothing was tested"
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == status
    assert b"Traceback" not in stderr
    assert in_file(story) == story.authority.refresh_token != given
    assert goes_on(story)


def test_a_run_that_is_killed_during_a_refresh_leaves_a_token_that_is_forgiven(story, tmp_path):
    """Nothing can be kept then; but the vendor takes the used token for ten minutes more."""
    story.authority.leeway = 600
    story.sandbox.fault = lambda request, number: Fault.slow(5) if request.path == LOG_IN else None
    with start_tap("confluence", story.config, folder=tmp_path, select=["spaces"]) as process:
        wait_until(lambda: story.authority.issued)
        process.kill()
        process.communicate(timeout=30)
    assert in_file(story) == story.config["refresh_token"]
    story.sandbox.fault = None
    assert len(story.run("spaces").records("spaces")) == 30
    assert story.authority.reused == 1
    assert in_file(story) == story.authority.refresh_token


def test_a_refresh_ends_before_a_run_that_another_failure_ends(story, tmp_path):
    """The one thread asks for a token again when the other meets what ends the run."""
    story.sandbox.latency = 0.05
    refreshed = []

    def disturb(request, number):
        if request.path == LOG_IN and story.authority.issued == 1:
            refreshed.append(number)
            return Fault.slow(1.5)
        if number == 10:
            story.authority.expire()
        return None

    story.sandbox.fault = disturb
    with start_tap("confluence", story.config, folder=tmp_path) as process:
        process.stdout.readline()
        wait_until(lambda: story.authority.issued == 2)
        process.stdout.close()  # Whoever read the output is gone
        process.wait(30)
        process.stderr.close()
    assert refreshed
    assert in_file(story) == story.authority.refresh_token
    assert goes_on(story)


def test_two_runs_that_share_a_file_both_end_well(story, tmp_path):
    story.authority.lifetime = 2  # So that each token is used for one second
    story.sandbox.latency = 0.15
    select = ("spaces", "space_permissions", "space_properties", "space_labels")
    config = {**story.config, "max_concurrency": 3}
    processes = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        catalog = selecting(select)
        processes.append(TapProcess("confluence", folder, config=config, catalog=catalog))
    for run in [process.wait() for process in processes]:
        assert run.status == 0, run.stderr
        assert len(run.records("spaces")) == 30
        assert run.errors == []
    assert story.authority.issued >= 4
    assert story.authority.reused == 0
    assert goes_on(story)
    assert stat.S_IMODE(story.kept.stat().st_mode) == 0o600
    left = {path.name for path in tmp_path.iterdir() if path.name.startswith((".token", "token"))}
    assert left == {"token.json", "token.json.lock"}


def test_a_second_run_needs_no_refresh_while_the_token_is_good(story):
    story.run("spaces")
    story.run("spaces")
    assert story.authority.issued == 1


def test_a_foreign_file_is_refused_before_anything_is_asked(story):
    story.kept.write_text("somebody's notes")
    (error,) = story.run("spaces", status=1).errors
    assert f"oauth_token_file: {story.kept} holds something else" in error
    assert story.kept.read_text() == "somebody's notes"
    assert story.sandbox.requests == []


def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_lost(story):
    story.run("spaces")
    story.authority.expire()
    blocker = story.kept.with_name(".token.json.new")
    blocker.mkdir()
    (error,) = story.run("spaces", status=1).errors
    assert "No token was asked for, so none is lost" in error
    assert story.sandbox.count(LOG_IN) == 0
    blocker.rmdir()
    assert goes_on(story)


def test_a_linked_file_is_renewed_where_it_is(story, tmp_path):
    target = tmp_path / "volume" / "kept.json"
    target.parent.mkdir()
    story.kept.symlink_to(target)
    story.run("spaces")
    assert story.kept.is_symlink()
    assert goes_on(story)
    assert story.kept.samefile(target)


def test_an_odd_lifetime_costs_nothing(story):
    def odd(request, number):
        if request.path != LOG_IN:
            return None
        answer = story.authority.token(request)
        answer.body["expires_in"] = "abc"
        return Fault("answer", answer)

    story.sandbox.fault = odd
    assert len(story.run("spaces").records("spaces")) == 30
    assert goes_on(story)
