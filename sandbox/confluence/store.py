"""All that a site holds, and the questions that several endpoints ask of it."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from datetime import UTC, datetime, timedelta
from functools import wraps
from threading import RLock
from typing import TYPE_CHECKING, Any, Concatenate, NamedTuple, ParamSpec, TypeVar, cast

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
    Version,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

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


class Indexed(NamedTuple):
    """What the index of the search knows of content."""

    type: str
    status: str
    space: str


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
        self.lifts_children = False
        """Trashing content moves its children up to its own parent, as on a live site."""
        self.hidden: set[int] = set()
        """Numbers of the content and spaces that the token's user may not see."""
        self.index: dict[int, Indexed] | None = None
        """What the index of the search holds where it lags; None: what there is."""
        self.index_changes = 0
        self.finds_archived_spaces = True
        """Whether /content/search, which has no parameter for it, finds what is in these."""
        self._last_number = 98304
        self._memo: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()

    def first_version(self, author: str) -> list[Version]:
        """Return the history of what somebody adds now."""
        return [Version(1, self.clock, author)]

    def tables(self) -> tuple[Table[Any], ...]:
        """Return the tables of content."""
        return (
            *(self.pages, self.nodes, self.blog_posts, self.attachments, self.custom_contents),
            *(self.footer_comments, self.inline_comments),
        )

    def is_visible(self, content: Content) -> bool:
        """Tell whether the token's user may see content: it and all that it is in or below."""
        if not self.hidden:
            return True
        at: Content | None = content
        while at is not None:
            if at.number in self.hidden or at.space.number in self.hidden:
                return False
            at = at.parent
        return True

    def seen(self, table: Table[Any]) -> Iterator[Any]:
        """Yield the items of a table that the token's user may see."""
        return (item for item in table.items.values() if self.is_visible(item))

    def searchable(self) -> Iterator[Content]:
        """Yield what search can find, if the index knows it."""
        for table in (self.pages, self.blog_posts, self.attachments, self.nodes):
            yield from self.seen(table)

    def indexed(self, item: Content) -> Indexed | None:
        """Return what the index knows of content."""
        if self.index is not None:
            return self.index.get(item.number)
        kind = item.type if isinstance(item, Node) else item.kind
        return Indexed(kind, item.status, item.space.key)

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
        for table in self.tables():
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
                for item in self.seen(cast("Table[Page]", table)):
                    if item.parent is not None and item.status in ("current", "archived"):
                        found[item.parent.number].append(item)
            return found

        tree = self.derived("children", (self.pages.changes, self.nodes.changes), build)
        return cast("list[Page | Node]", tree.get(number, []))

    def ancestors(self, content: Content) -> list[Content]:
        """Return what is above content, from the top down."""
        found: list[Content] = []
        at = content.parent
        while at is not None:
            found.insert(0, at)
            at = at.parent
        return found

    def labels_of(self, content: Content) -> list[Label]:
        """Return the labels that content has."""

        def build() -> dict[int, list[Label]]:
            found: dict[int, list[Label]] = defaultdict(list)
            for label in self.labels.items.values():
                for number in self.labelled[label.number]:
                    found[number].append(label)
            return found

        labels = self.derived("labels_of", self.labels.changes, build)
        return cast("list[Label]", labels.get(content.number, []))

    @edit
    def let_index_lag(self) -> None:
        """Let search know, from now on, only what there is now."""
        self.index = None
        known = ((item.number, self.indexed(item)) for item in self.searchable())
        self.index = {number: found for number, found in known if found}
        self.index_changes += 1

    @edit
    def let_index_catch_up(self) -> None:
        """Let search know again what there is."""
        self.index = None
        self.index_changes += 1
