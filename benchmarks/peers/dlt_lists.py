"""Six long lists of Confluence with dlt's rest_api source; runs in an environment of its own.

Usage: python dlt_lists.py BASE_URL EMAIL:TOKEN FOLDER WORKERS, where 0 workers means sequentially.
Only dlt's extraction runs: what it writes is not yet normalized and not loaded anywhere.
"""

from __future__ import annotations

import sys

from dlt_environment import set_up  # type: ignore[import-not-found]  # beside this file

base_url, credentials, folder, workers = sys.argv[1:]
set_up(folder, int(workers))

import dlt  # type: ignore[import-not-found]  # noqa: E402 - it reads the environment
from dlt.sources.rest_api import rest_api_source  # type: ignore[import-not-found]  # noqa: E402

ALL = {"status": "current,archived,trashed"}
LISTS = {
    "pages": {"path": "pages", "params": {"limit": 250, "body-format": "storage", **ALL}},
    "blog_posts": {
        "path": "blogposts",
        "params": {"limit": 250, "body-format": "storage", "status": "current,trashed"},
    },
    "attachments": {"path": "attachments", "params": {"limit": 250, **ALL}},
    "footer_comments": {
        "path": "footer-comments",
        "params": {"limit": 250, "body-format": "storage"},
    },
    "inline_comments": {
        "path": "inline-comments",
        "params": {"limit": 250, "body-format": "storage"},
    },
    "tasks": {"path": "tasks", "params": {"limit": 250, "body-format": "storage"}},
}
email, _, token = credentials.partition(":")
source = rest_api_source(
    {
        "client": {
            "base_url": f"{base_url}/api/v2/",
            "auth": {"type": "http_basic", "username": email, "password": token},
            "paginator": {"type": "json_link", "next_url_path": "_links.next"},
        },
        "resource_defaults": {
            "primary_key": "id",
            "write_disposition": "merge",
            "parallelized": int(workers) > 0,
        },
        "resources": [
            {"name": name, "endpoint": {**endpoint, "data_selector": "results"}}
            for name, endpoint in LISTS.items()
        ],
    }
)
pipeline = dlt.pipeline(
    "confluence",
    pipelines_dir=f"{folder}/pipelines",
    destination="dummy",
    dataset_name="confluence",
)
pipeline.extract(source)
