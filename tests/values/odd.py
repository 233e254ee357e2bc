"""Values that a vendor may send where its contract has others."""

from __future__ import annotations

import string
from typing import Any

ZERO_UUID = "00000000-0000-0000-0000-000000000000"
TEXTS = [
    *("", " ", "-", "0", "1", "-1", "1.25", "1e5", "1e400", "NaN", "Infinity", "0x10", "1_000"),
    *("12", "9223372036854775808", "1" * 400, "true", "FALSE", "Yes", "n", "null", "None"),
    *("A\0B", "\0", "\ufffd\u2028", "Straße", "\\u0000", '{"a": 1}', "[1, null]", "{", "\\N"),
    *(ZERO_UUID, "a0eebc999c0b4ef8bb6d6bb9bd380a11", "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}"),
    *("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "urn:uuid:a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    *("2026-04-01T10:00:00Z", "2026-04-01t10:00:00z", "2026-04-01 10:00:00", "2026-04-01"),
    *("2026-04-01T10:00:00.123456789Z", "2026-04-01T10:00:00+0100", "2026-04-01T10:00:00+01"),
    *("2026-04-01T10:00:00+23:59", "2026-04-01T10:00:00-15:59", "2026-04-01T10:00Z"),
    *("2026-04-01T24:00:00Z", "2026-12-31T23:59:60Z", "2026-02-30T00:00:00Z", "20260401T100000Z"),
    *("0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-05:00"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T24:00:00Z"),
    *("+20260-04-01T00:00:00Z", "-0001-04-01T00:00:00Z", "10000-04-01T00:00:00Z"),
    *("Wed, 01 Apr 2026 10:00:00 +0200", "2026-04-01 10:00:00 +0000 UTC", "1775037600"),
    *("2026-04-01T10:00:00+01:00[Europe/Paris]", "2026-04-01T10:00:00+01:00:30", "٢٠٢٦-04-01"),
    *("https://acme.example/?token=abc", "http://[::1", "x" * 300),
]
NUMBERS = [
    *(0, 1, -1, 2, 2026, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**30),
    *(0.0, -0.0, 1.0, 1.5, 1e22, 1e300, -1e300, 1775037600, 1775037600.25, 1775037600123),
]
OTHERS = [None, True, False, {}, [], [None], [[]], {"": None}, {"a\0": "b\0", "a": {"\0": []}}]


def scalar(random: Any) -> Any:
    """Pick one value, odd for most columns."""
    kind = random.random()
    if kind < 0.6:
        return random.choice(TEXTS)
    if kind < 0.8:
        return random.choice(NUMBERS)
    if kind < 0.95:
        return random.choice(OTHERS)
    return "".join(random.choices(string.printable + "\0é漢😀", k=random.randrange(12)))


def value(random: Any, depth: int = 2) -> Any:
    """Make any JSON value."""
    kind = random.random()
    if depth and kind < 0.15:
        return [value(random, depth - 1) for _ in range(random.randrange(4))]
    if depth and kind < 0.3:
        names = ("a", "id", "token", "a\0", "", random.choice(TEXTS))
        return {random.choice(names): value(random, depth - 1) for _ in range(random.randrange(4))}
    return scalar(random)


def nearly(random: Any, schema: dict[str, Any]) -> Any:
    """Make a value of the form that a schema has, with odd ones at all depths."""
    types = schema.get("type", [])
    if random.random() < 0.2:
        return value(random)
    if "object" in types:
        parts = {
            name: nearly(random, part)
            for name, part in schema.get("properties", {}).items()
            if random.random() < 0.8
        }
        others = schema.get("additionalProperties")
        inner = others if isinstance(others, dict) else {}
        extra = {"extra\0": nearly(random, inner), "apiToken": nearly(random, inner)}
        return parts | (extra if random.random() < 0.5 else {})
    if "array" in types:
        return [nearly(random, schema.get("items", {})) for _ in range(random.randrange(3))]
    return scalar(random)
