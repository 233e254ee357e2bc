"""What a space is computed from beside its own revision, and how that was when it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_gitbook.marks import LENGTH, mark_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

KINDS = ("spec", "translation", "space")
"""The fields by which references name an OpenAPI specification, a translation, a space."""


def references(value: Any) -> set[str]:
    """Find what anything of the API refers to, at any depth, such as `spec petstore`."""
    found, left = set[str](), [value]
    while left:
        part = left.pop()
        if isinstance(part, list):
            left += part
        elif isinstance(part, dict):
            left += part.values()
            if isinstance(part.get("kind"), str):
                named = ((kind, part.get(kind)) for kind in KINDS)
                found |= {f"{kind} {name}" for kind, name in named if isinstance(name, str)}
    return found


class Origins:
    """Which spaces were computed from what, and from which state of it.

    Args:
        held: What the state has: `spec petstore@` and a mark of the specification, and marks of
            the spaces that were read with it, one after another.
    """

    def __init__(self, held: Mapping[str, str]) -> None:
        self._spaces = {
            told: {text[at : at + LENGTH] for at in range(0, len(text), LENGTH)}
            for told, text in held.items()
        }

    def of(self, space_id: str) -> dict[str, str]:
        """Tell what a space was computed from: reference -> mark."""
        key = mark_of(space_id)
        told = [each for each, spaces in [*self._spaces.items()] if key in spaces]
        return {each[: -LENGTH - 1]: each[-LENGTH:] for each in told}

    def keep(self, space_id: str, marks: Mapping[str, str]) -> None:
        """Remember what a space was computed from."""
        key = mark_of(space_id)
        for spaces in self._spaces.values():
            spaces.discard(key)
        for reference, mark in marks.items():
            self._spaces.setdefault(f"{reference}@{mark}", set()).add(key)

    def retain(self, space_ids: Collection[str]) -> None:
        """Forget all other spaces."""
        keys = {*map(mark_of, space_ids)}
        for spaces in self._spaces.values():
            spaces.intersection_update(keys)

    def as_state(self) -> dict[str, str]:
        """Write it as the state has it."""
        return {told: "".join(sorted(each)) for told, each in self._spaces.items() if each}
