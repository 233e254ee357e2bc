"""From what a tap tells of itself to its definition for Meltano Hub and for meltano.yml."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import yaml

from hub.about import WORDS, about, streams_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rest_tap import RestStream

Definition = dict[str, Any]

PACKAGE = "devdocs-taps"
VARIANT = "devdocs"
# Meltano 4.4 fails on a decimal that comes from the environment; fractions still pass meltano.yml
KINDS = {"number": "integer"}
FOR_MELTANO = (
    "name",
    "namespace",
    "label",
    "description",
    "pip_url",
    "executable",
    "capabilities",
    "log_parser",
    "select",
    "settings_group_validation",
    "settings",
)


def hub_definition(tap: str) -> Definition:
    """Make the definition that Meltano Hub publishes."""
    told, streams = about(tap), streams_of(tap)
    words = yaml.safe_load((WORDS / f"{tap}.yml").read_text())
    if "scopes" in words:
        words["prereq"] = words["prereq"].replace(
            "{scopes}\n", _scopes(streams, words.pop("scopes"))
        )
    return {
        "name": tap,
        "variant": VARIANT,
        "namespace": tap.replace("-", "_"),
        "description": told["description"],
        "pip_url": PACKAGE,
        "executable": tap,
        "maintenance_status": "active",
        "quality": "silver",
        "keywords": ["meltano_sdk"],
        "supported_python_versions": told["supported_python_versions"],
        "capabilities": sorted(told["capabilities"]),
        "log_parser": "singer-sdk",
        **words,
        "next_steps": (WORDS / "next_steps.md").read_text(),
        # Without it Meltano selects everything, whatever a stream costs
        "select": [f"{stream.name}.*" for stream in streams if stream.selected_by_default],
        "settings": [_setting(*item) for item in told["settings"]["properties"].items()],
    }


def project_definition(definition: Definition, pip_url: str) -> Definition:
    """Make the definition that stands in a project's meltano.yml, installed from elsewhere."""
    return {**{key: definition[key] for key in FOR_MELTANO}, "pip_url": pip_url}


def _setting(name: str, told: Mapping[str, Any]) -> Definition:
    setting: Definition = {"name": name, "label": told["title"], "kind": _kind(told)}
    if "enum" in told:
        values = [value for value in told["enum"] if value is not None]
        setting["options"] = [{"label": value, "value": value} for value in values]
    if told.get("secret"):
        setting["sensitive"] = True
    if told.get("default") is not None:
        setting["value"] = told["default"]
    if setting["kind"] == "string" and told.get("examples"):
        setting["placeholder"] = told["examples"][0]
    return {**setting, "description": told["description"]}


def _kind(told: Mapping[str, Any]) -> str:
    """Say the kind, so that nobody guesses it from the name: a client_id is no password."""
    if "enum" in told:
        return "options"
    if told.get("format") == "date-time":
        return "date_iso8601"
    types = told["type"]
    (kind,) = [types] if isinstance(types, str) else (name for name in types if name != "null")
    return KINDS.get(kind, kind)


def _scopes(streams: Iterable[RestStream], pattern: str) -> str:
    """Lay out which scopes the streams need, as the streams say it."""
    names = defaultdict(list)
    for stream in streams:
        for scope in re.findall(pattern, stream.needs):
            names[scope].append(stream.name)
    rows = (f"| `{scope}` | {', '.join(names[scope])} |" for scope in sorted(names))
    return "\n".join(["| Scope | Streams |", "| --- | --- |", *rows, ""])
