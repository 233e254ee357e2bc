"""From a path to the function that answers it."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable

Handler = TypeVar("Handler", bound="Callable[..., Any]")
_CAPTURE = re.compile(r"\{(\w+)(\*?)\}")


class Router:
    """Finds handlers by method and path.

    Patterns are matched against the raw path, so that an encoded slash stays inside its segment;
    captures are percent-decoded. `{name}` takes one segment, `{name*}` one or more. Where two
    patterns match, the one that was added first wins.
    """

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        # By method and first literal segment: a request tries a few patterns, not all.
        self._routes: dict[tuple[str, str], list[tuple[re.Pattern[str], Callable[..., Any]]]] = (
            defaultdict(list)
        )

    def add(self, method: str, pattern: str) -> Callable[[Handler], Handler]:
        """Return the decorator that registers a handler."""
        first = _first_segment(pattern)
        expression, position = "", 0
        for found in _CAPTURE.finditer(pattern):
            expression += re.escape(pattern[position : found.start()])
            expression += f"(?P<{found[1]}>{'.+?' if found[2] else '[^/]+'})"
            position = found.end()
        compiled = re.compile(expression + re.escape(pattern[position:]))

        def register(handler: Handler) -> Handler:
            key = (method, "" if "{" in first else first)
            self._routes[key].append((compiled, handler))
            return handler

        return register

    def get(self, pattern: str) -> Callable[[Handler], Handler]:
        """Register a handler of GET."""
        return self.add("GET", pattern)

    def post(self, pattern: str) -> Callable[[Handler], Handler]:
        """Register a handler of POST."""
        return self.add("POST", pattern)

    def find(self, method: str, raw_path: str) -> tuple[Callable[..., Any], dict[str, str]] | None:
        """Return the handler of a raw path and what its captures took; None if there is none."""
        if not raw_path.startswith(self.prefix):
            return None
        rest = raw_path[len(self.prefix) :]
        for first in (_first_segment(rest), ""):
            for pattern, handler in self._routes.get((method, first), ()):
                if found := pattern.fullmatch(rest):
                    captures = {name: unquote(value) for name, value in found.groupdict().items()}
                    return handler, captures
        return None


def _first_segment(path: str) -> str:
    return path.removeprefix("/").partition("/")[0]
