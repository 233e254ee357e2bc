"""What differs between two revisions of a space: which bodies moved, and what has vanished."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rest_tap.kinds import KeyText
from tap_gitbook.client import without_internal
from tap_gitbook.marks import OF_AN_ID, mark_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rest_tap import Row

NOT_OF_A_BODY = {"pages", "slug", "path", "urls", "git"}
"""What a tree tells of a page that is about its place, or about others."""


def flatten(
    nodes: list[Row], parent: str | None = None, depth: int = 0
) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Yield all nodes of a page tree, each before those below it, with its place in the tree."""
    for position, node in enumerate(nodes):
        yield node, {"parent_page_id": parent, "position": position, "depth": depth}
        yield from flatten(node.get("pages") or [], node.get("id"), depth + 1)


@dataclass(frozen=True, slots=True)
class Tree:
    """A revision, as far as a later one is compared with it.

    Args:
        pages: IDs of all nodes.
        bodies: For each document, a mark of all that its own node tells, its place aside: a title
            that is changed does not move `updatedAt`.
        shared: Marks of what any body may show: reusable contents and variables of the space.
        files: IDs of all files.
    """

    pages: frozenset[str]
    bodies: Mapping[str, str]
    shared: Mapping[str, str]
    files: frozenset[str]

    @classmethod
    def of(cls, revision: Row, reusable: str = "reusableContents") -> Tree:
        """Take what is compared out of a revision.

        Args:
            revision: As the API tells it.
            reusable: The name that it has its reusable contents under.
        """
        nodes = [node for node, _ in flatten(revision["pages"])]
        contents = {
            f"content {each.get('id')}": _mark(each, {"git"})
            for each in revision.get(reusable) or ()
        }
        variables = (revision.get("variables") or {}).items()
        return cls(
            pages=_ids(nodes),
            bodies={
                page: _mark(node, NOT_OF_A_BODY)
                for node in nodes
                if node.get("type") == "document"
                for page in _ids([node])
            },
            shared=contents | {f"variable {name}": mark_of(value) for name, value in variables},
            files=_ids(revision["files"]),
        )

    def moved_bodies(self, now: Tree) -> set[str]:
        """Find the documents of a later revision whose bodies are, or may be, others."""
        if any(now.shared.get(name) != mark for name, mark in self.shared.items()):
            return {*now.bodies}
        return {page for page, mark in now.bodies.items() if self.bodies.get(page) != mark}


def _ids(parts: Iterable[Row]) -> frozenset[str]:
    """Collect IDs as the key columns of the tables have them."""
    told = (KeyText().mended(part.get("id")) for part in parts)
    return frozenset(each for each in told if each is not None)


def _mark(part: Row, leave_out: set[str]) -> str:
    told = {name: value for name, value in part.items() if name not in leave_out}
    return mark_of(without_internal(told), length=OF_AN_ID)


NOTHING = Tree(frozenset(), {}, {}, frozenset())


@dataclass(frozen=True)
class Changes:
    """What a space's revision has that an earlier one had not, and the other way round.

    Args:
        before: The revision that was read before; `NOTHING` if it is not known.
        now: The one that is read.
        recomputed: Documents whose origin is another by now, whatever their revisions tell.
    """

    before: Tree
    now: Tree
    recomputed: frozenset[str] = frozenset()

    @cached_property
    def moved_bodies(self) -> set[str]:
        """IDs of the documents whose bodies are, or may be, others."""
        return self.before.moved_bodies(self.now) | self.recomputed

    @property
    def pages_gone(self) -> list[str]:
        """IDs of the pages that have vanished."""
        return sorted(self.before.pages - self.now.pages)

    @property
    def files_gone(self) -> list[str]:
        """IDs of the files that have vanished."""
        return sorted(self.before.files - self.now.files)

    def lost_body(self, page_id: str | None) -> bool:
        """Tell whether a page had a body, and has none now."""
        return page_id in self.before.bodies and page_id not in self.now.bodies
