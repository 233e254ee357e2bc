"""Vendors that answer as their contract says, but for odd values in the rows of their lists."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from sandbox import Response, circleci, confluence, gitbook
from tests.values import odd

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox import Request, Vendor

LISTS = ("items", "results", "flaky_tests", "flaky-tests", "pages", "files")
"""Where answers have their rows."""


class Odd:
    """Passes a vendor's answers on, with something changed in each row.

    Args:
        vendor: Who answers.
        change: Changes a row; what it returns is sent.
        where: Part of the paths whose answers are changed.
    """

    def __init__(self, vendor: Vendor, change: Callable[[Any], Any], where: str = "") -> None:
        self._vendor = vendor
        self._change = change
        self._where = where

    def __getattr__(self, name: str) -> Any:
        return getattr(self._vendor, name)

    def handle(self, request: Request) -> Response:
        answer = self._vendor.handle(request)
        if answer.status != 200 or self._where not in request.path:
            return answer
        try:
            body = json.loads(answer.encoded())
        except ValueError:
            return answer
        return Response(200, json.dumps(self._changed(body)).encode(), answer.headers)

    def _changed(self, body: Any) -> Any:
        if isinstance(body, list):
            return [self._change(row) for row in body]
        for name in LISTS:
            if isinstance(body, dict) and isinstance(body.get(name), list):
                return {**body, name: [self._change(row) for row in body[name]]}
        return body


def mutation(seed: int, share: float) -> Callable[[Any], Any]:
    """Make something odd of some of the values in a row, at all depths."""
    chance = random.Random(seed)

    def change(value: Any) -> Any:
        if isinstance(value, dict):
            changed = {name: change(part) for name, part in value.items()}
            if chance.random() < share:
                changed[f"new{chance.choice('AB')}"] = odd.value(chance)
            return changed
        if isinstance(value, list):
            return [change(item) for item in value]
        return odd.value(chance) if chance.random() < share else value

    def row(value: Any) -> Any:
        """A row stays an object; a list of anything else is no list of rows."""
        return change(value) if isinstance(value, dict) else value

    return row


def confluence_site() -> tuple[Vendor, Callable[[str], dict[str, Any]]]:
    return confluence.build(pages=30, attachments=10, footer_comments=10), confluence.config


def circleci_world() -> tuple[Vendor, Callable[[str], dict[str, Any]]]:
    return circleci.build(pipelines=15), circleci.config


def gitbook_world() -> tuple[Vendor, Callable[[str], dict[str, Any]]]:
    return gitbook.build(pages=4), gitbook.config


VENDORS = {
    "confluence": confluence_site,
    "circleci": circleci_world,
    "gitbook": gitbook_world,
}
