"""Settings by environment: nothing has to be written to a file."""

import json

import pytest

from tests.security.conftest import NEUTRAL
from tests.support import run_tap


def variables(site, settings):
    """Settings as environment variables: texts as they are, all others as JSON."""
    prefix = f"TAP_{site.tap}_".upper()
    return NEUTRAL | {
        prefix + name.upper(): value if isinstance(value, str) else json.dumps(value)
        for name, value in settings.items()
    }


def test_a_tap_takes_all_its_settings_from_the_environment(site):
    more = {"max_concurrency": 3, "requests_per_second": 200.5, "denied_streams": "skip"}
    run = run_tap(site.tap, None, "--config=ENV", env=variables(site, {**site.config, **more}))
    assert run.status == 0, run.stderr
    assert 1 <= site.sandbox.max_in_flight <= 3
    site.sandbox.clear()
    from_file = site.run()
    assert {s: len(from_file.records(s)) for s in streams(from_file)} == {
        s: len(run.records(s)) for s in streams(run)
    }
    for secret in site.secrets:
        assert secret.encode() not in run.stdout
        assert secret not in run.stderr


def streams(run):
    return {message["stream"] for message in run.of("SCHEMA")}


def test_the_environment_wins_over_a_file(site, tmp_path):
    file = tmp_path / "config.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps({**site.config, "base_url": "https://nowhere.acme.example"}))
    url = {"base_url": site.config["base_url"]}
    run = run_tap(site.tap, None, "--config", str(file), "--config=ENV", env=variables(site, url))
    assert run.status == 0, run.stderr


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("MAX_CONCURRENCY", "many", "it must be JSON, of type integer, such as 8"),
        ("REQUESTS_PER_SECOND", "fast", "it must be JSON, of type number, such as 10"),
        ("FLATTENING_ENABLED", "perhaps", "it must be JSON, of type boolean"),
        ("STREAM_MAPS", "a=b", "it must be JSON, of type object"),
    ],
)
def test_a_variable_of_the_wrong_type_is_named(confluence, variable, value, told):
    env = {**variables(confluence, confluence.config), f"TAP_CONFLUENCE_{variable}": value}
    run = run_tap("confluence", None, "--config=ENV", env=env)
    assert run.status == 1
    (line,) = run.errors
    assert f"TAP_CONFLUENCE_{variable}: {told}" in line


@pytest.mark.parametrize("text", ["true", "True", "1", "yes"])
def test_booleans_are_taken_as_shells_write_them(confluence, text):
    env = variables(confluence, confluence.config)
    env["TAP_CONFLUENCE_FLATTENING_ENABLED"] = text
    env["TAP_CONFLUENCE_FLATTENING_MAX_DEPTH"] = "1"
    run = run_tap("confluence", None, "--config=ENV", env=env)
    assert run.status == 0, run.stderr
    assert any("__" in column for row in run.records("spaces") for column in row)
