"""What a column may hold, and how another value is made to fit it.

Vendors send numbers as texts, empty texts for "none", and dates in five forms. Each kind names the
values that fit, as msgspec checks them, and mends one that does not. What is mended loses nothing;
where nothing can be made of a value, it is none.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import operator
import re
import uuid
from datetime import datetime
from functools import reduce
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from rest_tap.timestamps import to_rfc3339

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    Row = dict[str, Any]

EMPTY_KEY = "-"
"""What stands for nothing in a key: loaders turn empty texts into null, which keys refuse."""

LONGEST_KEY = 500
"""Bytes of a text in a key, of which several make up a key; a character has four at most."""

NO_UUID = str(uuid.UUID(int=0))
"""What some vendors send for "none"."""

SMALLEST, LARGEST = -(2**63), 2**63 - 1  # What the integers of databases hold
HUGE = 1.7976931348623157e308  # The largest number that is not infinite
FALSE, TRUE = {"false", "no", "n", "f", "off", "0"}, {"true", "yes", "y", "t", "on", "1"}
ITEMS = None
"""In a path: each item of a list."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE | re.ASCII)
_encoder = msgspec.json.Encoder()

Path = tuple[str | None, ...]


class Kind:
    """What a column, or a part of one, may hold."""

    type: Any = Any
    """The values that fit, for msgspec; null always does."""

    def mended(self, value: Any) -> Any:
        """Make a value fit: the same object if it does, None if nothing can be made of it."""
        return value

    def formatted(self) -> Iterator[tuple[Path, Formatted]]:
        """List the parts of which msgspec takes more than fits."""
        yield from ()


class Text(Kind):
    """Any text; what is no text is told as JSON."""

    type = str

    def mended(self, value: Any) -> Any:
        """Keep texts; a number that is an id comes without a fraction."""
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        with contextlib.suppress(RecursionError):
            return _encoder.encode(value).decode()
        return None


class KeyText(Text):
    """A text that is never empty, and fits an index: PostgreSQL takes 2,700 bytes in all."""

    type = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_KEY // 4)]

    def mended(self, value: Any) -> Any:
        """Put a word in the place of nothing; of what is too long, a hash in that of its end."""
        text = EMPTY_KEY if value == "" else super().mended(value)
        if text is None or len(text) <= LONGEST_KEY // 4 or len(text.encode()) <= LONGEST_KEY:
            return text
        whole = text.encode()
        end = f"...{hashlib.sha256(whole).hexdigest()[:32]}"
        return whole[: LONGEST_KEY - len(end)].decode(errors="ignore") + end


class Number(Kind):
    """A number, neither NaN nor infinite."""

    type = Annotated[float, msgspec.Meta(ge=-HUGE, le=HUGE)]

    def mended(self, value: Any) -> Any:
        """Read numbers in texts."""
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, str):
            value = _number_in(value)
        is_number = isinstance(value, int | float) and -HUGE <= value <= HUGE
        return value if is_number else None


class Integer(Number):
    """A whole number of 64 bits."""

    type = Annotated[int, msgspec.Meta(ge=SMALLEST, le=LARGEST)]

    def mended(self, value: Any) -> Any:
        """Take a fraction of zero from a number; with any other it is none."""
        value = super().mended(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return value if isinstance(value, int) and SMALLEST <= value <= LARGEST else None


class Boolean(Kind):
    """True or false."""

    type = bool

    def mended(self, value: Any) -> Any:
        """Read the words for it."""
        if value in (0, 1):
            return bool(value)
        word = value.strip().lower() if isinstance(value, str) else None
        return True if word in TRUE else False if word in FALSE else None


class Formatted(Kind):
    """A text of a form of which msgspec takes some variants that do not fit."""

    def formatted(self) -> Iterator[tuple[Path, Formatted]]:
        """It is one itself."""
        yield (), self

    def fits(self, texts: list[str]) -> bool:
        """Tell whether texts which msgspec takes are of none of these variants."""
        return self._fits("".join(texts), len(texts)) or all(
            self.mended(text) is text for text in texts
        )

    def _fits(self, joined: str, count: int) -> bool:
        """Tell it at one look; False where that is not enough."""
        raise NotImplementedError


class Timestamp(Formatted):
    """A moment as RFC 3339 has it, within the years 1 to 9999."""

    type = Annotated[datetime, msgspec.Meta(tz=True)]

    def _fits(self, joined: str, count: int) -> bool:
        return joined.count("T") == joined.count("Z") + joined.count("+00:00") == count

    def mended(self, value: Any) -> Any:
        """Read what else stands for a moment."""
        return to_rfc3339(value)


class Uuid(Formatted):
    """A UUID with its dashes; that of zeros, which means none, is null."""

    type = uuid.UUID
    none: str | None = None

    def _fits(self, joined: str, count: int) -> bool:
        return len(joined) == len(NO_UUID) * count and NO_UUID not in joined

    def mended(self, value: Any) -> Any:
        """Read one without dashes, or with braces."""
        try:
            found = str(uuid.UUID(value))
        except (ValueError, AttributeError, TypeError):
            return None
        if found == NO_UUID:
            found = self.none or ""
        return value if found == value.lower() else found or None


class KeyUuid(Uuid):
    """A UUID that is a key: the one of zeros is one, too."""

    none = NO_UUID


class Anything(Kind):
    """Whatever JSON holds, or one of some types."""

    def __init__(self, *types: type) -> None:
        self._types = frozenset(types)
        if types:
            self.type = reduce(operator.or_, types)

    def mended(self, value: Any) -> Any:
        """Tell as a text what is of none of the types, if one of them is that."""
        if not self._types or type(value) in self._types:
            return value
        return Text().mended(value) if str in self._types else None


class Object(Kind):
    """An object.

    Args:
        parts: What is known of its parts.
        is_closed: Others do not fit.
    """

    def __init__(self, parts: Mapping[str, Kind], *, is_closed: bool = False) -> None:
        self._parts = parts
        names = {f"part_{number}": name for number, name in enumerate(parts)}
        fields = [(field, parts[name].type | None, None) for field, name in names.items()]
        self.type = msgspec.defstruct(
            "Parts", fields, rename=names, gc=False, forbid_unknown_fields=is_closed
        )

    def formatted(self) -> Iterator[tuple[Path, Formatted]]:
        """List those among its parts."""
        for name, part in self._parts.items():
            for path, kind in part.formatted():
                yield (name, *path), kind

    def mended(self, value: Any) -> Any:
        """Mend its parts, in a copy: other rows may hold the same one."""
        if isinstance(value, str):
            value = _json_in(value)
        if not isinstance(value, dict):
            return None
        whole = {
            name: self._parts[name].mended(part) if name in self._parts else part
            for name, part in value.items()
        }
        return value if _are_same(whole.values(), value.values()) else whole


class Table(Kind):
    """An object of which all parts are of one kind, and none is null."""

    def __init__(self, part: Kind) -> None:
        self._part = part
        self.type = dict[str, part.type]  # type: ignore[name-defined]

    def mended(self, value: Any) -> Any:
        """Leave out the parts of which nothing can be made."""
        if isinstance(value, str):
            value = _json_in(value)
        if not isinstance(value, dict):
            return None
        parts = ((name, self._part.mended(part)) for name, part in value.items())
        whole = {name: part for name, part in parts if part is not None}
        return value if _are_same(whole.values(), value.values()) else whole


class Array(Kind):
    """A list of one kind of items, none of them null."""

    def __init__(self, item: Kind) -> None:
        self._item = item
        self.type = list[item.type]  # type: ignore[name-defined]

    def formatted(self) -> Iterator[tuple[Path, Formatted]]:
        """List those in its items."""
        for path, kind in self._item.formatted():
            yield (ITEMS, *path), kind

    def mended(self, value: Any) -> Any:
        """Leave out the items of which nothing can be made; something alone is a list of it."""
        if isinstance(value, str):
            value = _json_in(value) or value or None
        listed = value if isinstance(value, list) else [value]
        items = [item for item in map(self._item.mended, listed) if item is not None]
        if listed is value:
            return value if _are_same(items, listed) else items
        return items or None


JSON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}
SCALARS: dict[str, type[Kind]] = {"number": Number, "integer": Integer, "boolean": Boolean}
FORMATS: dict[str, type[Kind]] = {"date-time": Timestamp, "uuid": Uuid}
KEYS: dict[type[Kind], type[Kind]] = {Text: KeyText, Uuid: KeyUuid}


def kind_of(schema: Mapping[str, Any], *, is_key: bool = False, is_closed: bool = False) -> Kind:
    """Compile what a schema says of a value.

    Args:
        schema: What it says.
        is_key: The value is a part of a key.
        is_closed: Objects of which parts are described have no others.
    """
    named = schema.get("type", ())
    names = [name for name in ([named] if isinstance(named, str) else named) if name != "null"]
    if {*names} >= JSON_TYPES.keys() - {"integer"}:
        return Anything()
    if len(names) != 1:
        return Anything(*itertools.chain.from_iterable(JSON_TYPES[name] for name in names))
    (name,) = names
    if name == "array":
        return Array(kind_of(schema.get("items", {}), is_closed=is_closed))
    if name == "object":
        parts = {
            part: kind_of(inner, is_closed=is_closed)
            for part, inner in schema.get("properties", {}).items()
        }
        others = schema.get("additionalProperties")
        if isinstance(others, dict) and not parts:
            return Table(kind_of(others))
        return Object(parts, is_closed=is_closed and bool(parts))
    kind = FORMATS.get(schema.get("format", ""), Text) if name == "string" else SCALARS[name]
    return KEYS.get(kind, kind)() if is_key else kind()


def _are_same(some: Collection[Any], others: Collection[Any]) -> bool:
    return len(some) == len(others) and all(map(operator.is_, some, others))


def _number_in(text: str) -> int | float | None:
    if not _NUMBER.fullmatch(text := text.strip()) or len(text) > len(str(int(HUGE))):
        return None
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def _json_in(text: str) -> Any:
    """Read an object or a list that was sent as a text."""
    if text.lstrip()[:1] not in {"{", "["}:
        return None
    with contextlib.suppress(msgspec.DecodeError, RecursionError):
        return msgspec.json.decode(text)
    return None
