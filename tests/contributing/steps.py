"""Reads a how-to page as a person would, and does what it says."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
APPEND = re.compile(r"Append to `([^`]+)`:")
ADD = re.compile(r"In `([^`]+)`, add the lines with a plus:")


@dataclass
class Page:
    """A how-to page, followed in a copy of the repository."""

    text: str
    folder: Path

    def follow(self):
        """Do all that the page says, from top to bottom; yield each step that was done."""
        for found in BLOCK.finditer(self.text):
            kind, text = found.groups()
            before = self.text[: found.start()].rstrip().rpartition("\n")[2]
            if kind == "python":
                yield self.append(APPEND.fullmatch(before)[1], text)
            elif kind == "diff":
                yield self.add(ADD.fullmatch(before)[1], text)
            elif kind == "console":
                yield from self.run(text)

    def append(self, name, text):
        path = self.folder / name
        path.write_text(f"{path.read_text()}\n\n{text}")
        return f"appended to {name}"

    def add(self, name, diff):
        """Find the lines without a plus, which must stand there once, and add the others."""
        lines = diff.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] == " ")
        new = "".join(line[1:] for line in lines)
        path = self.folder / name
        content = path.read_text()
        assert content.count(old) == 1, f"{name} has not once:\n{old}"
        path.write_text(content.replace(old, new))
        return f"added to {name}"

    def run(self, text):
        """Run the commands; what the page shows below one must be in its output."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        environment["PYTHONPATH"] = str(self.folder)
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            done = subprocess.run(
                command,
                shell=True,
                cwd=self.folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            assert done.returncode == ("FAILED" in shown), f"$ {command}\n{done.stdout}"
            for line in shown.splitlines():
                assert line in done.stdout, f"$ {command}\n{done.stdout}"
            yield f"$ {command}"
