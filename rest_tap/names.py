"""Columns in snake_case, so that SQL needs no quotes, and what stands under a name."""

from __future__ import annotations

import re
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|-")


@lru_cache(maxsize=4096)
def snake_case(name: str) -> str:
    """Name the column of a vendor's field.

    >>> [snake_case(name) for name in ("spaceId", "photoURL", "created-at", "_links")]
    ['space_id', 'photo_url', 'created_at', '_links']
    """
    return _BOUNDARY.sub("_", name).lower()


def each(values: Sequence[Any], name: str) -> list[Any]:
    """Get what objects have under a name; None where there is no such thing, or no object."""
    try:
        return [*map(itemgetter(name), values)]  # Most times all have it
    except (LookupError, TypeError):
        return [value.get(name) if isinstance(value, dict) else None for value in values]
