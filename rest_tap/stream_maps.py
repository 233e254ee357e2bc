"""A user's stream maps: the SDK's own, made ready for every stream of a catalog."""

from __future__ import annotations

import ast
import dataclasses
import importlib.util
from typing import TYPE_CHECKING, Any

from singer_sdk.mapper import PluginMapper
from singer_sdk.singerlib import Catalog, MetadataMapping

from rest_tap.errors import ConfigError

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator, Mapping

    from singer_sdk.singerlib import CatalogEntry


def make_mapper(
    catalog: Catalog, config: Mapping[str, Any], logger: logging.Logger
) -> PluginMapper:
    """Make the stream maps of a catalog's streams.

    To the SDK, a stream that is not selected has no columns, so that a map for all streams ("*")
    fails on its key. Here it keeps them: its map fits, and filters what is read below it.

    Raises:
        ConfigError: If an expression needs a package that is not installed.
        MappingError: If a map cannot be used; the SDK's.
    """
    _check_faker(config.get("stream_maps") or {})
    mapper = PluginMapper(plugin_config=dict(config), logger=logger)
    mapper.register_raw_streams_from_catalog(
        Catalog((name, _with_columns(entry)) for name, entry in catalog.items())
    )
    return mapper


def _with_columns(entry: CatalogEntry) -> CatalogEntry:
    """Select all columns of a stream that is not selected."""
    is_selected = entry.metadata.resolve_selection()[()]
    return entry if is_selected else dataclasses.replace(entry, metadata=MetadataMapping())


def _check_faker(maps: Mapping[str, Any]) -> None:
    """Find out before the first row is written."""
    if importlib.util.find_spec("faker"):
        return
    for name, stream_map in maps.items():
        if isinstance(stream_map, dict) and "fake" in set(_names(stream_map)):
            raise ConfigError(
                f"stream_maps: {name} uses `fake`, which the package faker provides; "
                "install it with the taps: pip install 'devdocs-taps[faker]'"
            )


def _names(stream_map: Mapping[str, Any]) -> Iterator[str]:
    """List the names in the expressions; the SDK tells what is wrong with one that is none."""
    for expression in stream_map.values():
        try:
            tree = ast.parse(expression, mode="eval")
        except (SyntaxError, TypeError, ValueError):
            continue
        yield from (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
