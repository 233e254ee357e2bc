"""What the taps tell of themselves: by --about, and by the streams that they offer."""

from __future__ import annotations

import functools
import importlib
import json
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from rest_tap import RestStream, RestTap

ROOT = Path(__file__).resolve().parents[1]
WORDS = Path(__file__).parent / "words"
TAPS = sorted(path.stem for path in WORDS.glob("tap-*.yml"))


@functools.cache
def about(tap: str) -> dict[str, Any]:
    """Ask a tap to tell of itself."""
    program = Path(sys.executable).with_name(tap)
    told = subprocess.run(  # noqa: S603 - our own command line
        [program, "--about", "--format=json"], stdout=subprocess.PIPE, check=True
    )
    answer: dict[str, Any] = json.loads(told.stdout)
    return answer


def tap_class(tap: str) -> type[RestTap]:
    """Find a tap by its command."""
    (script,) = entry_points(group="console_scripts", name=tap)
    module = importlib.import_module(script.module)
    return cast("type[RestTap]", getattr(module, script.attr.partition(".")[0]))


def streams_of(tap: str) -> list[RestStream]:
    """List all streams that a tap can offer, those that a setting must ask for included."""
    kind = tap_class(tap)
    properties = kind.config_jsonschema["properties"]
    examples = {
        name: told["examples"][0] for name, told in properties.items() if "examples" in told
    } | {"extra_fields": "drop"}  # A column that is not the vendor's
    instance = kind(config=examples, validate_config=False)
    return cast("list[RestStream]", list(instance.streams.values()))
