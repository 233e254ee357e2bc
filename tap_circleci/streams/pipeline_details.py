"""What one request a pipeline tells more, once it is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from rest_tap import columns, json_of
from tap_circleci.client import BuildStream
from tap_circleci.streams.pipelines import Pipelines, changed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import requests

    from rest_tap import Listing, Row


class PipelineDetails(BuildStream):
    """What one request a pipeline tells; it does not change once the pipeline is set up."""

    primary_keys = ("pipeline_id",)
    parent_stream_type = Pipelines
    selected_by_default = False
    records_key = None

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Read new pipelines, and those that were not set up when they were read."""
        is_known = not changed(row, self.bookmarks.watermark(keys))
        if above.purpose or (is_known and not above.all_children):
            return None
        return self.listing_below(above, row, keys)


class PipelineValues(PipelineDetails):
    """Pipeline values, by name (operationId getPipelineValuesById)."""

    name = "pipeline_values"
    path = "/pipeline/{pipeline_id}/values"
    schema = columns.table(
        columns.key("pipeline_id", "The pipeline.", th.UUIDType),
        columns.text("project_slug", "Its project."),
        columns.free_form("values", "What `pipeline.*` in the configuration stood for."),
    )

    def parse_response(self, response: requests.Response) -> Iterable[Row]:
        """Put the map into one column, its keys as they are."""
        return [{"values": json_of(response)}]


class PipelineConfigs(PipelineDetails):
    """Configuration of a pipeline, as written and as run (operationId getPipelineConfigById)."""

    name = "pipeline_configs"
    path = "/pipeline/{pipeline_id}/config"
    schema = columns.table(
        columns.key("pipeline_id", "The pipeline.", th.UUIDType),
        columns.text("project_slug", "Its project."),
        columns.text("source", "YAML as in the repository."),
        columns.text("compiled", "YAML with all orbs expanded."),
        columns.text("setup_config", "YAML of the setup workflow."),
        columns.text("compiled_setup_config", "YAML of the setup workflow with all orbs expanded."),
    )
