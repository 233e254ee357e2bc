"""Query parameters: which an endpoint knows, and which values it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.messages import Request

Check = Callable[[Sequence[str]], Any]
"""Takes the values that were given and returns what they mean, or raises ValueError."""


class InvalidError(Exception):
    """The request is not what the contract allows: answered 400."""


def _only(values: Sequence[str]) -> str:
    if len(values) != 1 or not values[0]:
        raise ValueError("one value is expected")
    return values[0]


def text(values: Sequence[str]) -> str:
    """Any text."""
    return _only(values)


def boolean(values: Sequence[str]) -> bool:
    """`true` or `false`."""
    return {"true": True, "false": False}[_only(values)]


def integer(least: int = 0, most: int = 2**63 - 1) -> Check:
    """Return the check of a whole number between two others."""

    def check(values: Sequence[str]) -> int:
        number = int(_only(values))
        if not least <= number <= most:
            raise ValueError(f"not in {least}..{most}")
        return number

    return check


def one_of(*allowed: str) -> Check:
    """Return the check of a word that must be one of these."""

    def check(values: Sequence[str]) -> str:
        word = _only(values)
        if word not in allowed:
            raise ValueError(f"not one of {', '.join(allowed)}")
        return word

    return check


def sort(*fields: str) -> Check:
    """Return the check of a sort order by one of these fields, with `-` for descending."""
    return one_of(*fields, *(f"-{field}" for field in fields))


def many(item: Check, most: int | None = None) -> Check:
    """Return the check of a list: separated by commas, or the parameter given several times."""

    def check(values: Sequence[str]) -> frozenset[Any]:
        items = [part.strip() for value in values for part in value.split(",")]
        if most is not None and len(items) > most:
            raise ValueError(f"more than {most} values")
        return frozenset(item([part]) for part in items)

    return check


def checked(request: Request, allowed: Mapping[str, Check]) -> dict[str, Any]:
    """Return what the parameters mean; refuse those that are unknown or wrong."""
    meant: dict[str, Any] = {}
    for name, values in request.query.items():
        check = allowed.get(name)
        if check is None:
            raise InvalidError(f"Provided parameter '{name}' is not known here")
        try:
            meant[name] = check(values)
        except (ValueError, KeyError) as error:
            raise InvalidError(f"Provided value {values} for '{name}' is wrong: {error}") from error
    return meant


def paging(least: int = 1) -> dict[str, Check]:
    """Return the checks of a list's paging."""
    return {"cursor": text, "limit": integer(least, 250)}


IDS = many(integer(), 250)
SPACE_IDS = many(integer(), 100)
BODY = one_of("storage", "atlas_doc_format")
RAW_BODY = one_of("raw", "storage", "atlas_doc_format")
DATES = sort("created-date", "modified-date")
ID_DATES = sort("id", "created-date", "modified-date")
ID_DATES_TITLE = sort("id", "created-date", "modified-date", "title")
