"""A site with anonymous access, as it answers those whom it does not know."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from sandbox.confluence.access import ANONYMOUS, may_read, may_view_space
from sandbox.confluence.model import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.confluence.site import Site

CONTENT = (
    *("pages", "blog_posts", "attachments", "custom_contents", "nodes"),
    *("footer_comments", "inline_comments"),
)


def seen_by_visitors(site: Site) -> Site:
    """Make a copy of a site that holds only what everybody may see; edits do not reach it."""
    seen = copy.copy(site)
    seen._memo = OrderedDict()  # noqa: SLF001 -- what was derived from other tables
    seen.is_seen_by_visitors = True
    seen.spaces = _with(site.spaces, lambda space: may_view_space(site, ANONYMOUS, space))
    for name in CONTENT:
        table = _with(getattr(site, name), lambda content: may_read(site, ANONYMOUS, content))
        setattr(seen, name, table)
    seen.tasks = _with(site.tasks, lambda task: may_read(site, ANONYMOUS, task.parent))
    return seen


def _with(table: Table[Any], is_seen: Callable[[Any], bool]) -> Table[Any]:
    found: Table[Any] = Table()
    for item in table.items.values():
        if is_seen(item):
            found.add(item)
    return found
