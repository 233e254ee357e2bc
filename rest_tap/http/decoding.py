"""From the bytes of an answer to what they say."""

from __future__ import annotations

import codecs
import contextlib
import json
import math
from types import GenericAlias
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import defstruct
from msgspec.structs import asdict

from rest_tap.errors import TransientError
from rest_tap.names import snake_case

if TYPE_CHECKING:
    import requests

MOST_DIGITS = 300  # Of a whole number; with some more, no number is as large
WORTH_LEARNING = 100  # Rows of an answer; to make a decoder takes longer than it saves with fewer


def json_of(response: requests.Response) -> Any:
    """Decode the body of an answer, once however often it is asked for.

    Raises:
        TransientError: If the body is empty, or not JSON: cut off, or a proxy's error page.
        RecursionError: If it is nested too deeply.
    """
    attributes = vars(response)
    if "decoded" not in attributes:
        try:
            attributes["decoded"] = _decoded(response)
        except UnicodeDecodeError as error:
            what = f"has bytes that are no {error.encoding.upper()}, from byte {error.start} on"
            raise TransientError(f"the answer {what}", response) from None
        except ValueError:
            kind = response.headers.get("Content-Type", "").partition(";")[0] or "no Content-Type"
            what = f"is not JSON ({kind})" if response.content.strip() else "is empty"
            raise TransientError(f"the answer {what}", response) from None
    if attributes["decoded"] is None:  # Never an empty list: that would say that all has vanished
        raise TransientError("the answer is null", response)
    return attributes["decoded"]


class RowDecoder:
    """Decodes the answers of a list, where it can with rows that have their columns' names already.

    msgspec renames while it decodes, at little cost, if it knows all fields beforehand. So those of
    one answer are taken for those of the next. An answer in which any row has more, fewer or others
    is decoded as `json_of` does it.

    Args:
        records_key: The key of the rows in an answer.
    """

    def __init__(self, records_key: str) -> None:
        self._key = records_key
        self._decoder: msgspec.json.Decoder[msgspec.Struct] | None = None

    def decode(self, response: requests.Response) -> list[dict[str, Any]] | None:
        """Decode an answer for `json_of`; return its rows if they have their columns' names.

        Raises:
            TransientError: As `json_of` does.
        """
        if decoder := self._decoder:  # Read once: threads share it
            try:
                body = asdict(decoder.decode(response.content))
            except ValueError:  # Of another form, or no JSON
                pass
            else:
                rows = body[self._key] = list(map(asdict, body[self._key]))
                vars(response)["decoded"] = body
                return rows
        self._decoder = self._learned(json_of(response))
        return None

    def _learned(self, body: Any) -> msgspec.json.Decoder[msgspec.Struct] | None:
        rows = body.get(self._key) if isinstance(body, dict) else None
        if not isinstance(rows, list) or len(rows) < WORTH_LEARNING:
            return None
        fields = rows[0].keys() if isinstance(rows[0], dict) else ()
        if not fields or any(not isinstance(row, dict) or row.keys() != fields for row in rows):
            return None
        row = _struct({snake_case(field): field for field in fields})
        answer = row and _struct({key: key for key in body}, **{self._key: GenericAlias(list, row)})
        return msgspec.json.Decoder(answer) if answer else None


def _struct(fields: dict[str, str], **types: Any) -> type[msgspec.Struct] | None:
    """Make a class with these names for fields of an answer, all of which must be there.

    None if one cannot be the name of an attribute.
    """
    if not all(name.isidentifier() and not name.startswith("__") for name in fields):
        return None
    names = [(name, types.get(name, Any)) for name in fields]
    return defstruct("Fields", names, rename=fields, forbid_unknown_fields=True, gc=False)


def _decoded(response: requests.Response) -> Any:
    """Decode JSON, and what is nearly JSON.

    Half of a surrogate pair, as where a text was cut, becomes a question mark. Line ends and the
    like may stand in texts as they are. Numbers that are
    none, or beyond all that a number can be, become null. An encoding other than UTF-8 is taken if
    the body or the header says so.

    Raises:
        ValueError: If it is not JSON.
        UnicodeDecodeError: If its texts are of no encoding that is known.
    """
    content = response.content
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    if not content.strip():
        raise ValueError("empty")
    encoding: str = json.detect_encoding(content)
    told = response.headers.get("Content-Type", "").lower().partition("charset=")[2].strip('" ;')
    with contextlib.suppress(LookupError):
        encoding = codecs.lookup(told).name if told and encoding == "utf-8" else encoding
    errors = "surrogatepass" if encoding.startswith("utf") else "strict"
    text = content.decode(encoding, errors)
    body = json.loads(
        text, strict=False, parse_constant=_nothing, parse_float=_finite, parse_int=_whole
    )
    return msgspec.json.decode(json.dumps(body, ensure_ascii=False).encode(errors="replace"))


def _nothing(_: str) -> None:
    """Read NaN and infinity."""


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def _whole(digits: str) -> int | float | None:
    return int(digits) if len(digits) < MOST_DIGITS else _finite(digits)
