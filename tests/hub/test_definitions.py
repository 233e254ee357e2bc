"""The Hub is told what the taps tell, rightly and up to date."""

import json
from xml.etree import ElementTree as ET

import pytest
import yaml
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from singer_sdk.exceptions import ConfigValidationError

from hub.about import ROOT, TAPS, about, streams_of
from hub.generate import contents
from rest_tap import ConfigError
from tests.support import SHARED

SCHEMAS = SHARED / "specs" / "hub"
NOT_SECRET = {"oauth_token_file", "mask_secrets"}  # A file, and a switch: no secrets themselves


@pytest.fixture(scope="module")
def definitions():
    folder = ROOT / "hub" / "extractors"
    return {tap: yaml.safe_load((folder / f"{tap}.yml").read_text()) for tap in TAPS}


@pytest.fixture(scope="module")
def project():
    return yaml.safe_load((ROOT / "meltano.yml").read_text())


def test_what_make_hub_makes_is_up_to_date():
    stale = [path.name for path, content in contents() if path.read_text() != content]
    assert not stale, f"`make hub` would change {', '.join(stale)}"


@pytest.fixture(scope="module")
def hub_schema():
    """The Hub's own check of extractors, whose schemas refer to each other by relative paths."""
    if not SCHEMAS.exists():
        pytest.skip("the Hub's schemas are not beside the repository")
    resources = []
    for path in SCHEMAS.rglob("*.json"):
        address = f"https://hub/{path.relative_to(SCHEMAS)}"
        schema = {**json.loads(path.read_text()), "$id": address}
        resources.append((address, Resource.from_contents(schema)))
    start = {"$ref": "https://hub/plugin_definitions/extractors.schema.json"}
    return Draft7Validator(start, registry=Registry().with_resources(resources))


@pytest.mark.parametrize("tap", TAPS)
def test_definitions_are_valid_against_the_hubs_schema(definitions, hub_schema, tap):
    definition = definitions[tap]
    assert [error.message for error in hub_schema.iter_errors(definition)] == []
    assert not hub_schema.is_valid({**definition, "nonsense": 1})
    assert not hub_schema.is_valid({**definition, "capabilities": ["telepathy"]})


@pytest.mark.parametrize("tap", TAPS)
def test_every_secret_is_sensitive_and_nothing_else_is(definitions, tap):
    settings = definitions[tap]["settings"]
    sensitive = {setting["name"] for setting in settings if setting.get("sensitive")}
    told = about(tap)["settings"]["properties"]
    secret = {name for name in told if told[name].get("secret")}
    assert sensitive == secret
    sounds_secret = {
        setting["name"]
        for setting in settings
        if any(word in setting["name"] for word in ("token", "secret", "password"))
    }
    assert sounds_secret - NOT_SECRET == sensitive


KINDS = {
    "spaces": "array",
    "project_slugs": "array",
    "client_id": "string",
    "cloud_id": "string",
    "oauth_token_file": "string",
    "body_format": "options",
    "start_date": "date_iso8601",
    "lookback": "integer",
    "requests_per_second": "integer",
    "all_branches": "boolean",
    "stream_maps": "object",
}


def test_kinds_are_of_the_settings_not_of_their_names(definitions):
    for definition in definitions.values():
        for setting in definition["settings"]:
            assert setting["kind"] == KINDS.get(setting["name"], setting["kind"])
            assert setting["label"]
            assert setting["description"]


@pytest.mark.parametrize("tap", TAPS)
def test_each_group_of_settings_is_enough_and_none_is_too_many(definitions, tap):
    """Each way to authenticate that the Hub offers is one that the tap takes."""
    definition = definitions[tap]
    examples = {
        setting["name"]: setting.get("placeholder", "abcd-1234")
        for setting in definition["settings"]
    }
    tap_class = type(streams_of(tap)[0]._tap)
    for group in definition["settings_group_validation"]:
        tap_class(config={name: examples[name] for name in group})
        for left_out in set(group) - {"refresh_token"}:  # Without it, the app is its own user
            with pytest.raises((ConfigError, ConfigValidationError)):
                tap_class(config={name: examples[name] for name in group if name != left_out})


@pytest.mark.parametrize("tap", TAPS)
def test_prerequisites_list_every_stream_that_needs_a_scope(definitions, tap):
    rows = [row for row in definitions[tap]["prereq"].splitlines() if row.startswith("| `")]
    listed = {name for row in rows for name in row.split("|")[2].strip().split(", ")}
    assert listed == {stream.name for stream in streams_of(tap) if "scope" in stream.needs}


@pytest.mark.parametrize("tap", TAPS)
def test_the_project_has_environments_a_job_and_a_schedule_for_each_tap(project, tap):
    assert [environment["name"] for environment in project["environments"]] == ["dev", "prod"]
    (job,) = [job for job in project["jobs"] if job["tasks"] == [f"{tap} target-postgres"]]
    assert [schedule["job"] for schedule in project["schedules"]].count(job["name"]) == 1
    (extractor,) = [e for e in project["plugins"]["extractors"] if e["name"] == tap]
    assert extractor["namespace"], "without a namespace Meltano would ask the Hub"
    assert extractor["pip_url"] == "-e ."


@pytest.mark.parametrize("tap", TAPS)
def test_the_picture_of_the_tables_shows_every_table_and_key(tap):
    picture = ET.parse(ROOT / "docs" / "pictures" / f"{tap}.svg").getroot()
    lines = [text.text or "" for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    shown = " ".join(lines)
    streams = streams_of(tap)
    for stream in streams:
        assert f"{stream.name} key {', '.join(stream.primary_keys)}" in shown
    ways_down = list(picture.iter("{http://www.w3.org/2000/svg}path"))
    assert len(ways_down) == sum(stream.parent is not None for stream in streams)
