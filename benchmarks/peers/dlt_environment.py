"""How dlt is set up, before it is imported."""

from __future__ import annotations

import os


def set_up(folder: str, workers: int | None = None) -> None:
    """Let it work below a folder, and extract with so many workers; 0 is one after another."""
    os.environ |= {
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
        "DLT_PROJECT_DIR": folder,
        "DLT_DATA_DIR": folder,
    }
    if workers is not None:
        os.environ["EXTRACT__WORKERS"] = str(max(1, workers))
        os.environ["EXTRACT__MAX_PARALLEL_ITEMS"] = str(max(1, 2 * workers))
