"""Write what is made from the taps: `make hub`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from hub.about import ROOT, TAPS, streams_of
from hub.definitions import hub_definition, project_definition
from hub.pictures import picture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEGIN = "  # Made from --about by `make hub`; what is written here is lost\n"
LOADERS = ROOT / "hub" / "loaders"
END = "  # End of what `make hub` makes\n"


def contents() -> Iterator[tuple[Path, str]]:
    """Yield each file that is made, and what must stand in it."""
    definitions = [hub_definition(tap) for tap in TAPS]
    for definition in definitions:
        yield ROOT / "hub" / "extractors" / f"{definition['name']}.yml", dump(definition)
    project = ROOT / "meltano.yml"
    extractors = [project_definition(definition, "-e .") for definition in definitions]
    loaders = [yaml.safe_load(path.read_text()) for path in sorted(LOADERS.glob("*.yml"))]
    plugins = {"extractors": extractors, "loaders": loaders}
    made = re.sub(r"^(?=.)", "  ", dump(plugins), flags=re.MULTILINE)
    before, _, rest = project.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    yield project, f"{before}{BEGIN}{made}{END}{after}"
    for tap in TAPS:
        yield ROOT / "docs" / "pictures" / f"{tap}.svg", picture(tap, streams_of(tap))


def dump(content: Any) -> str:
    """Write YAML in the order of the definitions, with Markdown as it is read."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stand as blocks; nothing is an alias of something else."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def main() -> None:
    """Write all files."""
    for path, content in contents():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


if __name__ == "__main__":
    main()
