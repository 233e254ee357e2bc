"""Pages of Confluence into PostgreSQL with dlt's rest_api source, in an environment of its own.

Usage: python dlt_confluence.py SITE EMAIL TOKEN FOLDER DATABASE SCHEMA.
"""

from __future__ import annotations

import sys

from dlt_environment import set_up  # type: ignore[import-not-found]  # beside this file

site, email, token, folder, database, schema = sys.argv[1:]
set_up(folder)

import dlt  # type: ignore[import-not-found]  # noqa: E402 - it reads the environment
from dlt.sources.rest_api import rest_api_source  # type: ignore[import-not-found]  # noqa: E402

source = rest_api_source(
    {
        "client": {
            "base_url": f"{site}/api/v2/",
            "auth": {"type": "http_basic", "username": email, "password": token},
            "paginator": {"type": "json_link", "next_url_path": "_links.next"},
        },
        "resources": [
            {
                "name": "pages",
                "primary_key": "id",
                "write_disposition": "merge",
                "endpoint": {
                    "path": "pages",
                    "data_selector": "results",
                    "params": {
                        "limit": 250,
                        "status": "current,archived,trashed",
                        "body-format": "storage",
                    },
                },
            },
        ],
    }
)
pipeline = dlt.pipeline(
    "confluence",
    pipelines_dir=f"{folder}/pipelines",
    destination=dlt.destinations.postgres(database),
    dataset_name=schema,
)
pipeline.run(source)
