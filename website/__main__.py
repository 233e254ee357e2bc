"""Build the site: `python -m website FOLDER`, or `make docs`."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from hub.about import ROOT, TAPS, streams_of
from website.pages import TapPages
from website.samples import samples_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from website.samples import Samples

PAGES = ("README.md", "CHANGELOG.md", "SECURITY.md", "benchmarks/RESULTS.md")
FILES = ("LICENSE", "meltano.yml", "benchmarks/chart.svg")
SETTINGS = Path(__file__).parent
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#:\s]+)(#[^)]*)?\)")
CONTENTS = """
```{{toctree}}
:hidden:
:caption: {caption}

{pages}
```
"""


def build(folder: Path, samples: Callable[[str], Samples] = samples_of) -> int:
    """Build the site into a folder, and return an exit status; warnings are errors."""
    with tempfile.TemporaryDirectory() as source:
        write_sources(Path(source), samples)
        options = ("--quiet", "--fail-on-warning", "--keep-going", "-c", str(SETTINGS))
        command = [sys.executable, "-m", "sphinx", *options, "-d", f"{source}/.doctrees"]
        return subprocess.run([*command, source, str(folder)], check=False).returncode  # noqa: S603


def write_sources(source: Path, samples: Callable[[str], Samples]) -> None:
    """Write what the site is made of: the documents as they are, and a page a stream."""
    shutil.copytree(ROOT / "docs", source / "docs")
    for name in (*PAGES, *FILES):
        (source / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    shutil.copytree(ROOT / "examples" / "sql", source / "examples" / "sql")
    with ThreadPoolExecutor() as pool:
        for tap, found in zip(TAPS, pool.map(samples, TAPS), strict=True):
            pages = TapPages(tap, streams_of(tap), found)
            place = source / "reference" / tap
            place.mkdir(parents=True)
            (place / "index.md").write_text(pages.index())
            for stream in pages.streams:
                (place / f"{stream.name}.md").write_text(pages.page(stream))
            _link_streams(source / "docs" / f"{tap.removeprefix('tap-')}.md", pages)
    for page in source.rglob("*.md"):
        page.write_text(_without_folders(page))
    _write_index(source)


def _link_streams(page: Path, pages: TapPages) -> None:
    """Lead from the table of a tap's streams to their pages."""
    text = page.read_text()
    for stream in pages.streams:
        link = f"[`{stream.name}`](../reference/{pages.tap}/{stream.name}.md)"
        text = text.replace(f"\n| `{stream.name}`", f"\n| {link}", 1)
    page.write_text(text)


def _without_folders(page: Path) -> str:
    """Leave out links to folders, which no site can show, and to sources."""

    def kept(link: re.Match[str]) -> str:
        is_there = (page.parent / link[3]).is_file()
        return link[0] if is_there else link[2]

    return _LINK.sub(kept, page.read_text())


def _write_index(source: Path) -> None:
    """Begin with the README, and a table of contents."""
    readme = source / "README.md"
    howto = sorted(path.stem for path in (source / "docs").glob("*.md"))
    contents = {
        "How to": [f"docs/{name}" for name in howto],
        "Reference": [f"reference/{tap}/index" for tap in TAPS],
        "More": [page.removesuffix(".md") for page in PAGES[1:]],
    }
    trees = [
        CONTENTS.format(caption=caption, pages="\n".join(pages))
        for caption, pages in contents.items()
    ]
    (source / "index.md").write_text(readme.read_text() + "".join(trees))
    readme.unlink()


def main() -> None:
    """Build the site into the folder that is named."""
    parser = argparse.ArgumentParser(prog="python -m website", description=__doc__)
    parser.add_argument("folder", type=Path)
    raise SystemExit(build(parser.parse_args().folder))


if __name__ == "__main__":
    main()
