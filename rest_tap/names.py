"""Columns in snake_case, so that SQL needs no quotes."""

from __future__ import annotations

import re
from functools import cache

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|-")


@cache
def snake_case(name: str) -> str:
    """Name the column of a vendor's field.

    >>> [snake_case(name) for name in ("spaceId", "photoURL", "created-at", "_links")]
    ['space_id', 'photo_url', 'created_at', '_links']
    """
    return _BOUNDARY.sub("_", name).lower()
