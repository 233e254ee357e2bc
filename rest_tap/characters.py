"""The NUL character, which PostgreSQL takes in no text: removed from texts at any depth."""

from __future__ import annotations

from typing import Any

NUL = "\0"
ENCODED = rb"\u0000"  # As JSON has it; a backslash before it makes it something else


def without_nul(value: Any) -> tuple[Any, int]:
    """Remove it from a value, in a copy; tell how many texts and names had it."""
    if isinstance(value, str):
        return (value.replace(NUL, ""), 1) if NUL in value else (value, 0)
    if isinstance(value, list):
        found = [without_nul(item) for item in value]
        count = sum(count for _, count in found)
        return ([item for item, _ in found] if count else value), count
    if not isinstance(value, dict):
        return value, 0
    whole: dict[str, Any] = {}
    count = 0
    for name, part in value.items():
        kept, inside = without_nul(part)
        count += inside + (NUL in name)
        whole[_free_name(name, value, whole) if NUL in name else name] = kept
    return (whole if count else value), count


def _free_name(name: str, *taken: dict[str, Any]) -> str:
    """Name a part without NUL, and as no other part is named."""
    name = name.replace(NUL, "")
    while any(name in names for names in taken):
        name += "_"
    return name
