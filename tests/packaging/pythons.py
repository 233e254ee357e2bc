"""The Pythons of this machine, wherever they were installed."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

from tests.support import ROOT

VERSION = "import sys; print(*sys.version_info[:2], sys.prefix == sys.base_prefix)"


def pythons(oldest: tuple[int, int] | None = None) -> dict[str, Path]:
    """Find one interpreter of each version, from the oldest that the distribution supports on."""
    oldest = oldest or minimum()
    folders = [Path(folder) for folder in os.get_exec_path()]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders += sorted(pyenv.glob("versions/*/bin"))
    folders += sorted(Path.home().glob(".local/share/uv/python/*/bin"))
    found: dict[tuple[int, int], Path] = {}
    for folder in folders:
        for program in sorted(folder.glob("python3.*")):
            named = re.fullmatch(r"python3\.(\d+)", program.name)
            if not named or (version := (3, int(named[1]))) < oldest or version in found:
                continue
            told = subprocess.run(
                [program, "-c", VERSION], capture_output=True, text=True, check=False
            )
            if told.stdout.split() == ["3", named[1], "True"]:  # Not pyenv's shims, nor a venv
                found[version] = program
    return {".".join(map(str, version)): program for version, program in sorted(found.items())}


def minimum() -> tuple[int, int]:
    """Read the oldest version from the project's metadata."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    major, minor = project["requires-python"].removeprefix(">=").split(".")
    return int(major), int(minor)
