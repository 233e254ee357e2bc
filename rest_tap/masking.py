"""Secrets inside of the data are masked where no contract says what stands there.

That is in free-form objects, in fields that a schema lacks, and in the user and the parameters of
addresses: the value of what is named like a secret, at any depth. A column or a part that a schema
names is never masked for its name, such as the key of a space. Docs: docs/operating.md.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, unquote_plus

import msgspec

from rest_tap.secret_names import is_harmless, is_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Row = dict[str, Any]

MASK = "***"

NAMES, VALUES = ("name", "key", "header", "field", "variable"), {"value", "values", "default"}
"""Where an object that is one of many settings has its name, and its value."""

CONTENT = {"text", "markdown", "html", "body", "title", "description"}
"""Where people write: what looks like a setting there, such as a line of an example, is none."""

FLAGS = ("secret", "sensitive", "isSecret", "is_secret")
"""What such an object says of itself if its value is secret."""

_ADDRESS = re.compile(r"\s*(?:([a-z][a-z0-9+.-]*)://(?:([^/?#\s]*)@)?|/[^\s?]*\?)", re.IGNORECASE)
_PARAMETER = re.compile(r"(?<=[?&;#/])([^?&;#/=\s]+)=([^&#\s]*)")
_HEADER = re.compile(
    r"(?:([\w-]+)\s*[:=]\s*(?:(?:basic|bearer|digest|token)\s+)?|bearer\s+(?=\S{16}))(\S+)",
    re.IGNORECASE,
)
_encoder = msgspec.json.Encoder()


class Finder:
    """Masks what it walks through, in copies, and counts."""

    def __init__(self) -> None:
        self.count = 0

    def hidden(self, value: Any) -> Any:
        """Mask a text or a number that is a secret."""
        if value in ("", MASK) or isinstance(value, bool) or value is None:
            return value
        self.count += 1
        return MASK

    def free(self, value: Any, *, secret: bool = False) -> Any:
        """Mask a value of which nothing is known; all of it if its name says that it is secret."""
        if isinstance(value, str):
            return self.hidden(value) if secret else self.text(value)
        if isinstance(value, dict):
            return self.parts(value, {}, secret=secret)
        if isinstance(value, list):
            return _same_or([self.free(item, secret=secret) for item in value], value)
        return self.hidden(value) if secret else value

    def parts(
        self, value: dict[str, Any], known: Mapping[str, Part | None], *, secret: bool = False
    ) -> dict[str, Any]:
        """Mask the parts of an object, each known one by what is known of it."""
        is_setting = any(is_secret(n) for n in map(value.get, NAMES) if isinstance(n, str))
        is_setting = is_setting or any(value.get(flag) is True for flag in FLAGS)
        changed = {}
        for name, part in value.items():
            inside = is_setting and name in VALUES
            if name not in known:
                inside = inside or is_secret(name) or (secret and not is_harmless(name))
                is_count = isinstance(part, int | float) and name.lower().endswith("tokens")
                if name in CONTENT and isinstance(part, str) and not inside:
                    masked = self.address(part)
                else:
                    masked = self.free(part, secret=inside and not is_count)
            else:
                kind = known[name]
                masked = kind.masked(part, self, secret=inside) if kind else part
            if masked is not part:
                changed[name] = masked
        return {**value, **changed} if changed else value

    def text(self, value: str) -> str:
        """Mask what is secret in an address, a header, a key, or an object that is told as text."""
        if value[:1] in {"{", "["}:
            return self._object_in(value)
        if "PRIVATE KEY-----" in value:
            return str(self.hidden(value))
        header = _HEADER.fullmatch(value)
        if header and (header[1] is None or is_secret(header[1])):
            return value[: header.start(2)] + str(self.hidden(header[2]))
        return self.address(value)

    def _object_in(self, text: str) -> str:
        try:
            value = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            return text
        masked = self.free(value)
        return text if masked is value else _encoder.encode(masked).decode()

    def address(self, value: str) -> str:
        """Mask the password and the secret parameters of an address; another text stays."""
        if not (found := _ADDRESS.match(value)):
            return value
        if user := found[2]:
            start, end = found.span(2)
            name, colon, password = user.partition(":")
            if colon:
                user = f"{name}:{self.hidden(password)}"
            elif found[1].lower().startswith("http"):
                user = str(self.hidden(user))
            value = f"{value[:start]}{user}{value[end:]}"
        return self._parameters(value)

    def _parameters(self, text: str) -> str:
        return _PARAMETER.sub(self._parameter, text)

    def _parameter(self, found: re.Match[str]) -> str:
        name, value = found.groups()
        if is_secret(unquote_plus(name)):
            return f"{name}={self.hidden(value)}"
        if ";" in value or "?" in value:  # Which may separate parameters, too
            return f"{name}={self._parameters(value)}"
        inner = unquote(value)
        if inner != value and (masked := self.address(inner)) != inner:
            value = quote(masked, safe="*")
        return f"{name}={value}"


class Part:
    """What is known of a column, or of a part of one, in which secrets may be.

    This one is free-form.
    """

    is_free = True
    """Something in it is."""

    def may_hold(self, values: Sequence[Any]) -> bool:
        """Tell, at little cost, whether there is anything of unknown names in values."""
        return any(values)

    def masked(self, value: Any, finder: Finder, *, secret: bool) -> Any:
        """Mask what is in a value: the same object if that is nothing."""
        return finder.free(value, secret=secret)


class TextPart(Part):
    """A text, which may be an address."""

    is_free = False

    def may_hold(self, values: Sequence[Any]) -> bool:  # noqa: ARG002
        """Addresses are looked for in another way: see `Masker`."""
        return False

    def masked(self, value: Any, finder: Finder, *, secret: bool) -> Any:  # noqa: ARG002
        """Never for the name that its contract gives it."""
        return finder.address(value) if isinstance(value, str) else value


class ObjectPart(Part):
    """An object of which some parts are known; where it is None, there are no secrets in one."""

    def __init__(self, parts: Mapping[str, Part | None]) -> None:
        self._parts = parts
        self._inner = {
            name: part for name, part in parts.items() if part and type(part) is not TextPart
        }
        self.is_free = any(part.is_free for part in self._inner.values())

    def may_hold(self, values: Sequence[Any]) -> bool:
        """Look for parts that are not known."""
        objects = [*filter(None, values)]
        return not self._parts.keys() >= set().union(*objects) or any(
            part.may_hold([value.get(name) for value in objects])
            for name, part in self._inner.items()
        )

    def masked(self, value: Any, finder: Finder, *, secret: bool) -> Any:  # noqa: ARG002
        """Mask its parts."""
        return finder.parts(value, self._parts) if isinstance(value, dict) else value


class ListPart(Part):
    """A list of such things."""

    def __init__(self, item: Part) -> None:
        self._item = item
        self.is_free = item.is_free

    def may_hold(self, values: Sequence[Any]) -> bool:
        """Look into all items together."""
        return self._item.may_hold([*itertools.chain.from_iterable(filter(None, values))])

    def masked(self, value: Any, finder: Finder, *, secret: bool) -> Any:
        """Mask its items."""
        if not isinstance(value, list):
            return value
        return _same_or([self._item.masked(v, finder, secret=secret) for v in value], value)


class Masker:
    """Masks the secrets in the rows of one stream.

    Args:
        schema: What the stream says of its columns.
        on_masked: Is told the column in which secrets were masked, and how many.
    """

    def __init__(self, schema: Mapping[str, Any], on_masked: Callable[[str, int], None]) -> None:
        self._on_masked = on_masked
        parts = {name: part_of(kind) for name, kind in schema["properties"].items()}
        self._row = {name: part for name, part in parts.items() if part}
        self._objects = {
            name: part for name, part in self._row.items() if not isinstance(part, TextPart)
        }
        self._free = {name: part for name, part in self._objects.items() if part.is_free}

    def mask(
        self, rows: list[Row], *, has_addresses: bool, may_have_more: bool = True
    ) -> list[Row]:
        """Mask rows, in copies: the same list if there is nothing to mask.

        Args:
            rows: Rows that conform to the schema.
            has_addresses: Look at texts, too: there may be an address among them.
            may_have_more: Look for parts that the schema does not describe, too.
        """
        looked_at = self._objects if may_have_more else self._free
        for name, part in (self._row if has_addresses else looked_at).items():
            values = [row.get(name) for row in rows]
            if not has_addresses and not part.may_hold(values):
                continue
            finder, done = Finder(), []
            for row, value in zip(rows, values, strict=True):
                secret = name in VALUES and any(
                    is_secret(text) for text in map(row.get, NAMES) if isinstance(text, str)
                )
                masked = part.masked(value, finder, secret=secret)
                done.append(row if masked is value else {**row, name: masked})
            if finder.count:
                rows = done
                self._on_masked(name, finder.count)
        return rows


def part_of(schema: Mapping[str, Any]) -> Part | None:
    """Compile where secrets may be in what a schema describes; None for nowhere."""
    named = schema.get("type", ())
    types = {named} if isinstance(named, str) else {*named}
    types.discard("null")
    if types == {"string"}:
        return None if schema.get("format") in {"date-time", "uuid"} else TextPart()
    if types == {"array"}:
        item = part_of(schema.get("items", {}))
        return item and ListPart(item)
    if types == {"object"} and (parts := schema.get("properties")):
        return ObjectPart({name: part_of(part) for name, part in parts.items()})
    return None if types and types <= {"number", "integer", "boolean"} else Part()


def _same_or(items: list[Any], given: list[Any]) -> list[Any]:
    return given if all(a is b for a, b in zip(items, given, strict=True)) else items
