"""Short marks of rows and ids: what a state of many spaces has room for."""

from __future__ import annotations

import base64
import hashlib
import json

LENGTH = 4  # Characters of a mark: of 1,000 rows that are new, one in 16,000 runs looks known
OF_AN_ID = 5  # Characters that no two ids of an organization share


def mark_of(*values: object, length: int = LENGTH) -> str:
    """Make a short text of values; others hardly ever have the same."""
    digest = hashlib.blake2b(
        json.dumps(values, sort_keys=True).encode(), digest_size=length
    ).digest()
    return base64.b64encode(digest).decode()[:length]


class Marks:
    """Rows as they were in the last run, and as they are now. It may be asked on any thread.

    Args:
        held: The marks of the last run, one after another, as the state has them.
    """

    def __init__(self, held: str) -> None:
        self._held = {held[at : at + LENGTH] for at in range(0, len(held), LENGTH)}
        self._now: set[str] = set()

    def is_known(self, mark: str) -> bool:
        """Tell whether the last run had this mark."""
        return mark in self._held

    def keep(self, mark: str) -> None:
        """Let the next run know a mark."""
        self._now.add(mark)

    def __str__(self) -> str:
        return "".join(sorted(self._now))
