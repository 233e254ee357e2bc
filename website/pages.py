"""The page of a stream, from its class, its schema, its docs' table, and rows of the sandbox."""

from __future__ import annotations

import inspect
import json
import re
from typing import TYPE_CHECKING, Any

from hub.about import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rest_tap import RestStream
    from website.samples import Samples

LONGEST_TEXT = 160  # Characters of a text in an example
MOST_ITEMS = 2  # Of a list in an example
_LINK_TO_DOCS = re.compile(r"\]\((?!\w+:)")
_CELLS = re.compile(r"(?<!\\)\|")


INDEX = """\
# Streams of {tap}

What the tap does with them, and its settings: [{tap}]({docs}).

{table}

```{{toctree}}
:hidden:

{names}
```
"""
PAGE = """\
# {name}

{about}

{facts}

## Columns

The vendor's field is empty where the tap makes a column, or the rows do not come as JSON. What
stands inside of an object has the vendor's names.

{columns}

{example}
"""
EXAMPLE = """\
## Example

A row that the tap writes of its sandbox; long texts and lists are cut.

```json
{row}
```
"""


class TapPages:
    """The pages of a tap's streams."""

    def __init__(self, tap: str, streams: Sequence[RestStream], samples: Samples) -> None:
        self.tap = tap
        self.streams = sorted(streams, key=lambda stream: stream.name)
        self.samples = samples
        self.words = _words(tap)

    def index(self) -> str:
        """List the streams."""
        rows = (
            (f"[{s.name}]({s.name}.md)", _yes(s.selected_by_default), _about(s).split("\n")[0])
            for s in self.streams
        )
        return INDEX.format(
            tap=self.tap,
            docs=f"../../docs/{self.tap.removeprefix('tap-')}.md",
            table=_table(("stream", "selected by default", "what it has"), rows),
            names="\n".join(stream.name for stream in self.streams),
        )

    def page(self, stream: RestStream) -> str:
        """Describe a stream."""
        heading = ("column", "type", "vendor's field", "description")
        row = self.samples.rows.get(stream.name)
        written = json.dumps(_shortened(row), indent=2, ensure_ascii=False)
        return PAGE.format(
            name=stream.name,
            about=_about(stream),
            facts=_table(("", ""), self._facts(stream)),
            columns=_table(heading, self._columns(stream)),
            example=EXAMPLE.format(row=written) if row else "The sandbox has no row of it.",
        )

    def _facts(self, stream: RestStream) -> Iterator[tuple[str, str]]:
        words = self.words[stream.name]
        yield "endpoint", words["endpoint"]
        yield "key", _code(stream.primary_keys or ())
        yield (
            "bookmark",
            _code([stream.replication_key]) if stream.replication_key else (words["bookmark"]),
        )
        needs = words.get("scopes") or words.get("needs") or stream.needs
        if needs:
            yield "needs", needs
        yield "cost, in requests", words["cost"]
        yield "what it cannot see", words["what it cannot see"] or "nothing is known"
        yield "selected by default", _yes(stream.selected_by_default)
        if stream.parent:
            yield "parent", _links([stream.parent.name])
        if children := [s.name for s in self.streams if s.parent is stream]:
            yield "children", _links(children)
        if mentioned := sorted(stream.mentions):
            yield "mentions rows of", _links(mentioned)

    def _columns(self, stream: RestStream) -> Iterator[tuple[str, ...]]:
        names = self.samples.vendor_names(stream)
        handed = self._handed_down(stream)
        for name, schema in stream.schema["properties"].items():
            field = f"`{names[name]}`" if name in names else handed.get(name, "")
            key = " (key)" if name in (stream.primary_keys or ()) else ""
            yield f"`{name}`{key}", _type(schema), field, schema.get("description", "")
            for path, inner in _inside(name, schema):
                yield f"`{path}`", _type(inner), "", inner.get("description", "")

    def _handed_down(self, stream: RestStream) -> dict[str, str]:
        """Say which columns come from a stream above, and which of its own they are."""
        found: dict[str, str] = {}
        above = stream.parent
        while above is not None:
            for key, column in above.child_keys.items():
                found.setdefault(key, f"{_links([above.name])} `{column}`")
            above = above.parent
        return found


def _words(tap: str) -> dict[str, dict[str, str]]:
    """Read the table of streams in a tap's docs: by stream, the cells by their headings."""
    name = f"{tap.removeprefix('tap-')}.md"
    text = (ROOT / "docs" / name).read_text()
    text = text.replace("](#", f"]({name}#")
    text = _LINK_TO_DOCS.sub("](../../docs/", text)
    head, _, *lines = text[text.index("| stream |") :].split("\n\n")[0].splitlines()
    heading = _split(head)
    rows = [dict(zip(heading, _split(line), strict=True)) for line in lines]
    return {row["stream"].strip("* ").strip("`"): row for row in rows}


def _split(line: str) -> list[str]:
    return [cell.strip() for cell in _CELLS.split(line.strip().strip("|"))]


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, cells))} |" for cells in lines)


def _cell(text: str) -> str:
    return _CELLS.sub(r"\\|", " ".join(text.split()))


def _code(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _links(names: Sequence[str]) -> str:
    return ", ".join(f"[{name}]({name}.md)" for name in names)


def _about(stream: RestStream) -> str:
    return inspect.cleandoc(stream.__doc__ or "")


def _yes(answer: bool) -> str:  # noqa: FBT001 - a word for it
    return "yes" if answer else "no"


def _type(schema: Mapping[str, Any]) -> str:
    kinds = schema.get("type", "anything")
    kinds = [kinds] if isinstance(kinds, str) else [kind for kind in kinds if kind != "null"]
    if len(kinds) > 2:  # noqa: PLR2004 - all that there is
        return "any JSON"
    if kinds == ["array"]:
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("format") or " or ".join(kinds))


def _inside(path: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """List what stands inside of an object or a list of objects."""
    while "items" in schema:
        path, schema = f"{path}[]", schema["items"]
    for name, inner in schema.get("properties", {}).items():
        yield f"{path}.{name}", inner
        yield from _inside(f"{path}.{name}", inner)


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:LONGEST_TEXT]}..."
    if isinstance(value, list):
        return [_shortened(item) for item in value[:MOST_ITEMS]]
    if isinstance(value, dict):
        return {name: _shortened(item) for name, item in value.items()}
    return value
