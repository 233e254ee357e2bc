"""All that a site holds, and the questions that several endpoints ask of it."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from datetime import UTC, datetime, timedelta
from functools import wraps
from threading import RLock
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from sandbox.confluence.model import (
    Attachment,
    AuditEvent,
    BlogPost,
    Comment,
    Content,
    CustomContent,
    Group,
    InlineComment,
    Label,
    Node,
    Page,
    Property,
    Restriction,
    Space,
    Table,
    Task,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Told = ParamSpec("Told")
Result = TypeVar("Result")
Edited = TypeVar("Edited", bound="Store")

REMEMBERED = 64
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def edit(
    method: Callable[Concatenate[Edited, Told], Result],
) -> Callable[Concatenate[Edited, Told], Result]:
    """Count an edit, and let it have the site for itself."""

    @wraps(method)
    def locked(self: Edited, /, *args: Told.args, **kwargs: Told.kwargs) -> Result:
        with self.lock:
            self.edits += 1
            return method(self, *args, **kwargs)

    return locked


class Store:
    """The data of a site. Hold `lock` while reading or changing it from another thread."""

    def __init__(self, now: datetime) -> None:
        self.lock = RLock()
        self.edits = 0
        self.clock = 0
        self.now = now
        self.users: dict[str, User] = {}
        self.groups: dict[str, Group] = {}
        self.spaces: Table[Space] = Table()
        self.labels: Table[Label] = Table()
        self.pages: Table[Page] = Table()
        self.nodes: Table[Node] = Table()
        self.blog_posts: Table[BlogPost] = Table()
        self.custom_contents: Table[CustomContent] = Table()
        self.attachments: Table[Attachment] = Table()
        self.footer_comments: Table[Comment] = Table()
        self.inline_comments: Table[Comment] = Table()
        self.tasks: Table[Task] = Table()
        self.labelled: defaultdict[int, set[int]] = defaultdict(set)
        """Numbers of the content that has a label, by the label's number."""
        self.likes: defaultdict[int, list[str]] = defaultdict(list)
        self.properties: defaultdict[int, list[Property]] = defaultdict(list)
        self.restrictions: defaultdict[int, dict[str, Restriction]] = defaultdict(dict)
        self.views: defaultdict[int, int] = defaultdict(int)
        self.audit: list[AuditEvent] = []
        self._last_number = 98304
        self._memo: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()

    @property
    def now(self) -> datetime:
        """The moment that edits take as theirs, and the answers' Date header."""
        return EPOCH + timedelta(milliseconds=self.clock)

    @now.setter
    def now(self, moment: datetime) -> None:
        self.clock = (moment - EPOCH) // timedelta(milliseconds=1)

    def number(self) -> int:
        """Return a number that nothing has yet."""
        self._last_number += 1
        return self._last_number

    def table(self, content: Content) -> Table[Any]:
        """Return the table that content is in."""
        if isinstance(content, InlineComment):
            return self.inline_comments
        tables: dict[type[Content], Table[Any]] = {
            Page: self.pages,
            Node: self.nodes,
            BlogPost: self.blog_posts,
            CustomContent: self.custom_contents,
            Attachment: self.attachments,
            Comment: self.footer_comments,
        }
        return tables[type(content)]

    def content(self, number: int) -> Content | None:
        """Return the content of any kind that has this number."""
        tables: tuple[Table[Any], ...] = (
            self.pages,
            self.blog_posts,
            self.attachments,
            self.custom_contents,
            self.footer_comments,
            self.inline_comments,
            self.nodes,
        )
        for table in tables:
            if number in table.items:
                return cast("Content", table.items[number])
        return None

    def derived(self, key: Hashable, stamp: Hashable, build: Callable[[], Any]) -> Any:
        """Return what `build` gives, from memory while the stamp stays the same."""
        known = self._memo.get(key)
        if known is None or known[0] != stamp:
            known = self._memo[key] = (stamp, build())
        self._memo.move_to_end(key)
        if len(self._memo) > REMEMBERED:
            self._memo.popitem(last=False)
        return known[1]

    def children(self, number: int) -> list[Page | Node]:
        """Return the current and archived children of content in the page tree."""

        def build() -> dict[int, list[Page | Node]]:
            found: dict[int, list[Page | Node]] = defaultdict(list)
            for table in (self.pages, self.nodes):
                for item in cast("Table[Page]", table).items.values():
                    if item.parent is not None and item.status in ("current", "archived"):
                        found[item.parent.number].append(item)
            return found

        tree = self.derived("children", (self.pages.changes, self.nodes.changes), build)
        return cast("list[Page | Node]", tree.get(number, []))

    def labels_of(self, content: Content) -> list[Label]:
        """Return the labels that content has."""
        return [
            label
            for label in self.labels.items.values()
            if content.number in self.labelled[label.number]
        ]
