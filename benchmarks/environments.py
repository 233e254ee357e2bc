"""The virtual environments of the tools that are compared, made where they are missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".bench"
CONSTRAINED = ["--constraint", str(ROOT / "constraints.txt")]
NEEDS = {
    "ours": [*CONSTRAINED, "--editable", str(ROOT)],
    "meltano": [*CONSTRAINED, "meltano-tap-circle-ci==0.6.6"],  # On the SDK that we are on
    "target-postgres": [*CONSTRAINED, "meltanolabs-target-postgres~=0.8.1"],
    "dlt": ["dlt[postgres]~=1.31.0"],
}


def environment(name: str) -> Path:
    """Return the folder of the programs of an environment."""
    folder = FOLDER / name
    wanted, ready = " ".join(NEEDS[name]), folder / "ready"
    if not ready.exists() or ready.read_text() != wanted:
        print(f"making {folder.relative_to(ROOT)}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", *NEEDS[name]]
        settings = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
        subprocess.run(install, check=True, env=settings)
        ready.write_text(wanted)
    return folder / "bin"
