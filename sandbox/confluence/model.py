"""What a Confluence site consists of: people, spaces, content and what hangs on content.

Moments are epoch milliseconds, identities plain numbers; `rows` gives both the vendor's form.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, Generic, TypeVar


@lru_cache(maxsize=10_000)
def _day(day: int) -> str:
    return f"{datetime.fromtimestamp(day * 86_400, UTC):%Y-%m-%d}"


def iso(moment: int) -> str:
    """Write a moment as the vendor does: UTC with milliseconds."""
    # Large sites have a million of them: days are remembered, the rest is arithmetic.
    seconds, millisecond = divmod(moment, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"{_day(day)}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z"


@dataclass(slots=True)
class User:
    """A person, or an app."""

    account_id: str
    name: str
    active: bool = True
    app: bool = False


@dataclass(slots=True)
class Group:
    """A group of users."""

    id: str
    name: str
    members: list[str] = field(default_factory=list)
    access: tuple[str, ...] = ("user",)
    """What its members may on the site: user, admin, site-admin."""


@dataclass(slots=True)
class Label:
    """A label; prefix and name together are unique."""

    number: int
    name: str
    prefix: str
    created: int

    @property
    def id(self) -> str:
        """The vendor's id."""
        return str(self.number)


@dataclass(slots=True)
class Property:
    """A property of content or of a space."""

    number: int
    key: str
    value: Any
    versions: list[Version]


@dataclass(slots=True)
class Permission:
    """An operation that a principal may do in a space."""

    id: str
    principal_type: str
    principal: str
    operation: str
    target: str


@dataclass(slots=True)
class Assignment:
    """A role that a principal has in a space."""

    principal_type: str
    principal: str
    role: str


@dataclass(slots=True)
class Space:
    """A space with its settings."""

    number: int
    key: str
    name: str
    type: str
    author: str
    created: int
    status: str = "current"
    alias: str = ""
    """Stands in its address instead of the key; empty where it has none of its own."""
    homepage: int = 0
    labels: set[int] = field(default_factory=set)
    properties: list[Property] = field(default_factory=list)
    permissions: list[Permission] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The vendor's id."""
        return str(self.number)


@dataclass(slots=True)
class Version:
    """One version of something."""

    number: int
    at: int
    author: str
    message: str = ""
    minor: bool = False


@dataclass(slots=True)
class Content:
    """What all kinds of content have in common."""

    kind: ClassVar[str] = "content"

    number: int
    space: Space
    title: str
    author: str
    created: int
    versions: list[Version]
    status: str = "current"
    text: str = ""
    """The body in the storage format."""
    document: str = ""
    """The body in the Atlassian Document Format, of content that was written in it."""
    parent: Content | None = None

    @property
    def id(self) -> str:
        """The vendor's id."""
        return str(self.number)

    @property
    def version(self) -> Version:
        """The newest version."""
        return self.versions[-1]

    @property
    def modified(self) -> int:
        """The moment of the newest version."""
        return self.versions[-1].at


@dataclass(slots=True)
class Page(Content):
    """A page; its parent is content of the tree, or nothing for a space's home page."""

    kind: ClassVar[str] = "page"
    position: int = 0
    owner: str | None = None
    last_owner: str | None = None
    subtype: str = "page"


@dataclass(slots=True)
class Node(Content):
    """A whiteboard, database, folder or embed of the page tree."""

    type: str = "folder"
    position: int = 0
    url: str = ""


@dataclass(slots=True)
class BlogPost(Content):
    """A blog post."""

    kind: ClassVar[str] = "blogpost"


@dataclass(slots=True)
class CustomContent(Content):
    """Content of an app, on a page, a blog post, other custom content, or in the space itself."""

    kind: ClassVar[str] = "custom_content"
    type: str = ""


@dataclass(slots=True)
class Attachment(Content):
    """A file on its parent: a page, a blog post or custom content."""

    kind: ClassVar[str] = "attachment"
    media_type: str = "text/plain"
    file_id: str = ""
    size: int = 0

    @property
    def id(self) -> str:
        """The vendor's id: the only one that is not all digits."""
        return f"att{self.number}"


@dataclass(slots=True)
class Comment(Content):
    """A footer comment: its parent is what it comments, `reply_to` the comment it answers."""

    kind: ClassVar[str] = "footer_comment"
    reply_to: Comment | None = None


@dataclass(slots=True)
class InlineComment(Comment):
    """A comment on some words of a page or blog post."""

    kind: ClassVar[str] = "inline_comment"
    selection: str = ""
    resolution: str = "open"
    resolver: str | None = None
    resolved: int | None = None


@dataclass(slots=True)
class Task:
    """A task of a page or blog post."""

    number: int
    parent: Content
    text: str
    creator: str
    created: int
    updated: int
    assignee: str | None = None
    due: int | None = None
    completer: str | None = None
    completed: int | None = None

    @property
    def id(self) -> str:
        """The vendor's id."""
        return str(self.number)

    @property
    def status(self) -> str:
        """Whether it is done, in the vendor's words."""
        return "incomplete" if self.completed is None else "complete"


@dataclass(slots=True)
class Restriction:
    """Who alone may do an operation on content."""

    users: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)


@dataclass(slots=True)
class AuditEvent:
    """An entry of the audit log, which has no id."""

    at: int
    author: str
    summary: str
    category: str
    affected: str
    address: str = "192.0.2.7"


Item = TypeVar("Item", Space, Label, Task, Page, Node, BlogPost, CustomContent, Attachment, Comment)


class Table(Generic[Item]):
    """Items by number, and a count of changes that tells what was derived from them is stale."""

    def __init__(self) -> None:
        self.items: dict[int, Item] = {}
        self.changes = 0

    def add(self, item: Item) -> Item:
        """Put an item in."""
        self.items[item.number] = item
        self.changes += 1
        return item

    def remove(self, number: int) -> None:
        """Take an item out."""
        del self.items[number]
        self.changes += 1
