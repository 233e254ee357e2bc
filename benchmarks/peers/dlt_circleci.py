"""Pipelines, workflows and jobs with dlt's rest_api source; runs in an environment of its own.

Usage: python dlt_circleci.py BASE_URL TOKEN FOLDER WORKERS, where 0 workers means sequentially.
Only dlt's extraction runs: what it writes is not yet normalized and not loaded anywhere.
"""

from __future__ import annotations

import sys

from dlt_environment import set_up  # type: ignore[import-not-found]  # beside this file

base_url, token, folder, workers = sys.argv[1:]
set_up(folder, int(workers))

import dlt  # type: ignore[import-not-found]  # noqa: E402 - it reads the environment
from dlt.sources.rest_api import rest_api_source  # type: ignore[import-not-found]  # noqa: E402

source = rest_api_source(
    {
        "client": {
            "base_url": base_url,
            "auth": {"type": "api_key", "name": "Circle-Token", "api_key": token},
            "paginator": {
                "type": "cursor",
                "cursor_path": "next_page_token",
                "cursor_param": "page-token",
            },
        },
        "resource_defaults": {
            "primary_key": "id",
            "write_disposition": "merge",
            "parallelized": int(workers) > 0,
            "endpoint": {"data_selector": "items"},
        },
        "resources": [
            {
                "name": "pipelines",
                "endpoint": {
                    "path": "pipeline",
                    "params": {"org-slug": "gh/acme"},
                    # Newest first: stop at the first pipeline that the last run has seen
                    "incremental": {"cursor_path": "created_at", "row_order": "desc"},
                },
            },
            {
                "name": "workflows",
                "endpoint": {"path": "pipeline/{resources.pipelines.id}/workflow"},
                "include_from_parent": ["id"],
            },
            {
                "name": "jobs",
                "endpoint": {"path": "workflow/{resources.workflows.id}/job"},
                "include_from_parent": ["id"],
            },
        ],
    }
)
pipeline = dlt.pipeline(
    "circleci", pipelines_dir=f"{folder}/pipelines", destination="dummy", dataset_name="circleci"
)
pipeline.extract(source)
