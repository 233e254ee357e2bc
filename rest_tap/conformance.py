"""Values made what their columns say, so that every record validates against its schema.

One value that a column cannot take ends a load. So a stream's schema is compiled to a type by which
msgspec looks at a page of rows at once. Where that fails, it looks at each column, and only where
one fails, Python at each of its values.
"""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, Any

import msgspec

from rest_tap.kinds import ITEMS, Object, kind_of
from rest_tap.last_rows import DELETED_AT
from rest_tap.names import each

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from rest_tap.kinds import Kind, Path

    Row = dict[str, Any]


EXTRA_FIELDS = "extra_fields"
"""The column of what a schema lacks, if the setting of this name is `keep`."""


class Check:
    """Tells at one look whether values fit."""

    def __init__(self, kind: Kind) -> None:
        self._type = list[kind.type | None]  # type: ignore[name-defined]
        self._formatted = list(kind.formatted())
        # Lets msgspec prepare the type once, before threads share it: half prepared, it crashes
        msgspec.convert([], self._type)

    def __call__(self, values: list[Any]) -> bool:
        """Tell whether all of them do."""
        try:
            msgspec.convert(values, self._type)
        except msgspec.ValidationError:
            return False
        return all(kind.fits(_gathered(values, path)) for path, kind in self._formatted)


class Conformer:
    """Mends the rows of one stream.

    Args:
        schema: What the stream says of its columns.
        keys: The columns of its primary key.
        key_defaults: What stands in those of which rows may have none.
        on_mended: Is told where values were mended: the column, how many, and what became of them.
        on_left_out: Is told why a row is left out.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        keys: Collection[str],
        key_defaults: Mapping[str, str],
        *,
        on_mended: Callable[[str, int, str], None],
        on_left_out: Callable[[str], None],
    ) -> None:
        self._on_mended = on_mended
        self._on_left_out = on_left_out
        self._key_defaults = key_defaults
        self._required = [*dict.fromkeys([*keys, *schema.get("required", ())])]
        self._schema, self._keys = schema, keys
        self._fit_as_described = Check(Object(self._kinds(is_closed=True)))
        self._lock = threading.Lock()
        self._prepared: tuple[Check, list[tuple[str, Kind, Check]]] | None = None
        self.may_have_more = False
        """Whether an object may have had parts that the schema does not describe."""

    def _kinds(self, *, is_closed: bool) -> dict[str, Kind]:
        return {
            name: kind_of(part, is_key=name in self._keys, is_closed=is_closed)
            for name, part in self._schema["properties"].items()
            if name != DELETED_AT  # No vendor's
        }

    def _checks(self) -> tuple[Check, list[tuple[str, Kind, Check]]]:
        """Get what most runs never need: the check of whole rows, and that of each column."""
        with self._lock:
            if self._prepared is None:
                kinds = self._kinds(is_closed=False)
                columns = [(name, kind, Check(kind)) for name, kind in kinds.items()]
                self._prepared = Check(Object(kinds)), columns
            return self._prepared

    def conform(self, rows: list[Row], only: Collection[str] | None = None) -> list[Row]:
        """Mend rows, in place but for what is nested in them; return them.

        Args:
            rows: The rows of a page.
            only: Look at these columns alone; None for all.
        """
        for name, word in self._key_defaults.items():
            for row in rows:
                if row.get(name) in (None, ""):
                    row[name] = word
        if not self.may_have_more and only is None:
            if self._fit_as_described(rows):
                return rows
            self.may_have_more = True
        fit_rows, columns = self._checks()
        if only is not None or not fit_rows(rows):
            for name, kind, fit in columns:
                is_meant = only is None or name in only
                if is_meant and not fit(each(rows, name)):
                    self._mend(rows, name, kind)
        return rows

    def with_keys(self, rows: list[Row]) -> list[Row]:
        """Leave out the rows without a value that each must have, such as one of the key."""
        for name in self._required:
            values = each(rows, name)
            if None in values:  # Loaders would fail on it
                for _ in range(values.count(None)):
                    self._on_left_out(f"row without {name}")
                rows = [row for row in rows if row.get(name) is not None]
        return rows

    def _mend(self, rows: list[Row], name: str, kind: Kind) -> None:
        changes = []
        for row in rows:
            value = row.get(name)
            if value is not None and (mended := kind.mended(value)) is not value:
                row[name] = mended
                changes.append(mended)
        if changes:
            first = "was made null" if changes[0] is None else "could be mended"
            how = f"values that the column cannot take are made to fit, or null; the first {first}"
            self._on_mended(name, len(changes), how)


def with_extra_fields(schema: dict[str, Any]) -> dict[str, Any]:
    """Add the column of what a schema lacks."""
    column = {
        "type": ["object", "null"],
        "properties": {},
        "additionalProperties": True,
        "description": "Fields that the vendor sends and this schema lacks, under the vendor's "
        "names; null if there are none.",
    }
    return {**schema, "properties": {**schema["properties"], EXTRA_FIELDS: column}}


def _gathered(values: list[Any], path: Path) -> list[str]:
    """Collect the texts that stand at a path, as `Kind.formatted` tells it."""
    for name in path:
        if name is ITEMS:
            values = [*itertools.chain.from_iterable(filter(None, values))]
        else:
            values = each(values, name)
    return [*filter(None, values)]  # None of them is an empty text, which is of no form
