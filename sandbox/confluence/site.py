"""A site: its data, and the edits that people make to it.

Every edit takes effect at `site.now`. Changes of status (trash, archive, restore) leave version and
modification date as they were; purging leaves nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sandbox.confluence.campaign import Campaign
from sandbox.confluence.generate import Generator, Sizes
from sandbox.confluence.model import (
    Attachment,
    AuditEvent,
    BlogPost,
    Comment,
    Content,
    InlineComment,
    Label,
    Node,
    Page,
    Property,
    Space,
    Task,
    Version,
)
from sandbox.confluence.rights import Rights
from sandbox.confluence.store import edit
from sandbox.confluence.tree import Tree
from sandbox.confluence.truth import truth

if TYPE_CHECKING:
    from collections.abc import Collection
    from random import Random

    from sandbox.confluence.truth import Rows

Edited = TypeVar("Edited", bound=Content)


class Site(Rights, Tree):
    """A Confluence site."""

    def __init__(self, now: datetime | None = None) -> None:
        super().__init__(now or datetime(2026, 3, 1, 12, tzinfo=UTC))
        self.cloud_id = "6b0f3c1e-0d5a-4b3e-9a77-5b1c2d3e4f50"
        self.as_seen_live = False
        """Deviate from the contract as live sites were seen to: nulls, and numbers for dates."""
        self.is_seen_by_visitors = False
        """The view of people who are not logged in; see visitors.py."""
        self.hides_rows = False
        """Cut pages of v1 lists before hiding rows, so that they come out short."""

    @property
    def _anybody(self) -> str:
        return next(iter(self.users))

    @edit
    def add_page(self, space: Space, parent: Content | None = None, title: str = "") -> Page:
        """Add a page: below another, or below the home page of its space."""
        author, number = self._anybody, self.number()
        if parent is None:
            parent = self.content(space.homepage)
        return self.pages.add(
            Page(
                number,
                space,
                title or f"Page {number}",
                author,
                self.clock,
                self.first_version(author),
                text="<p>New.</p>",
                parent=parent,
                position=number,
                owner=author,
            )
        )

    @edit
    def add_blog_post(self, space: Space, title: str = "") -> BlogPost:
        """Add a blog post."""
        author, number = self._anybody, self.number()
        name = title or f"Post {number}"
        versions = self.first_version(author)
        return self.blog_posts.add(BlogPost(number, space, name, author, self.clock, versions))

    @edit
    def add_attachment(self, parent: Content, title: str = "") -> Attachment:
        """Attach a file to a page, blog post or custom content."""
        author, number = self._anybody, self.number()
        return self.attachments.add(
            Attachment(
                number,
                parent.space,
                title or f"file-{number}.txt",
                author,
                self.clock,
                self.first_version(author),
                parent=parent,
                file_id=f"file-{number:08x}",
                size=number % 9973,
            )
        )

    @edit
    def add_node(self, kind: str, parent: Content, title: str = "") -> Node:
        """Add a whiteboard, database, folder or embed to the page tree."""
        author, number = self._anybody, self.number()
        name, versions = title or f"{kind} {number}", self.first_version(author)
        node = Node(number, parent.space, name, author, self.clock, versions, parent=parent)
        node.type, node.position, node.url = kind, number, f"https://example.com/{number}"
        return self.nodes.add(node)

    @edit
    def change(self, content: Edited, text: str = "", *, title: str = "") -> Edited:
        """Add a version to content of any kind."""
        content.versions.append(Version(content.version.number + 1, self.clock, self._anybody))
        content.text = text or f"<p>Changed at {self.now:%H:%M:%S}.</p>"
        content.document = ""
        content.title = title or content.title
        self.table(content).changes += 1
        return content

    def _set_status(self, content: Content, status: str) -> None:
        content.status = status
        self.table(content).changes += 1

    @edit
    def archive(self, content: Page | Attachment) -> None:
        """Archive a page or attachment; blog posts cannot be."""
        self._set_status(content, "archived")

    @edit
    def restore(self, content: Content) -> None:
        """Bring content back from trash or archive."""
        self._set_status(content, "current")

    @edit
    def add_comment(
        self, parent: Content, *, inline: bool = False, reply_to: Comment | None = None
    ) -> Comment:
        """Comment on content, or reply to a comment on it."""
        author, number = self._anybody, self.number()
        versions = self.first_version(author)
        kind, title = (InlineComment if inline else Comment), f"Re: {parent.title}"
        comment = kind(number, parent.space, title, author, self.clock, versions)
        comment.text, comment.parent, comment.reply_to = "<p>Yes.</p>", parent, reply_to
        if isinstance(comment, InlineComment):
            comment.selection = "some words"
        added: Comment = self.table(comment).add(comment)
        return added

    @edit
    def resolve(self, comment: InlineComment, *, silently: bool = False) -> None:
        """Resolve an inline comment, or reopen a resolved one.

        The contract's update adds a version. `silently` leaves the version as it was.
        """
        comment.resolution = "reopened" if comment.resolution == "resolved" else "resolved"
        comment.resolver, comment.resolved = self._anybody, self.clock
        if silently:
            self.inline_comments.changes += 1
        else:
            self.change(comment, comment.text)

    @edit
    def add_label(self, content: Content, name: str, prefix: str = "global") -> Label:
        """Label content; the label is made if there is none of this name."""
        for label in self.labels.items.values():
            if (label.name, label.prefix) == (name, prefix):
                break
        else:
            label = self.labels.add(Label(self.number(), name, prefix, self.clock))
        self.labelled[label.number].add(content.number)
        self.labels.changes += 1
        return label

    @edit
    def remove_label(self, content: Content, label: Label) -> None:
        """Take a label from content; the label itself stays."""
        self.labelled[label.number].discard(content.number)
        self.labels.changes += 1

    @edit
    def add_task(self, parent: Content, text: str = "<p>Do it.</p>") -> Task:
        """Add a task to a page or blog post."""
        author = self._anybody
        return self.tasks.add(Task(self.number(), parent, text, author, self.clock, self.clock))

    @edit
    def change_task(self, task: Task, text: str = "", *, completed: bool | None = None) -> None:
        """Edit a task, complete it, or reopen it."""
        task.text, task.updated = text or task.text, self.clock
        if completed is not None:
            task.completed = self.clock if completed else None
            task.completer = self._anybody if completed else None
        self.tasks.changes += 1

    @edit
    def like(self, content: Content, account_id: str) -> None:
        """Like content, or take a like back."""
        likes = self.likes[content.number]
        (likes.remove if account_id in likes else likes.append)(account_id)

    @edit
    def set_property(self, content: Content, key: str, value: Any) -> None:
        """Set a property of content to any JSON value."""
        for known in self.properties[content.number]:
            if known.key == key:
                number = known.versions[-1].number + 1
                known.value = value
                known.versions.append(Version(number, self.clock, self._anybody))
                return
        versions = self.first_version(self._anybody)
        self.properties[content.number].append(Property(self.number(), key, value, versions))

    @edit
    def log(self, summary: str, category: str = "Security", affected: str = "site") -> None:
        """Add an entry to the audit log."""
        event = AuditEvent(self.clock, self._anybody, summary, category, affected)
        self.audit.append(event)

    @classmethod
    def generate(cls, seed: int = 1, *, now: datetime | None = None, **sizes: int) -> Site:
        """Return a site filled from a seed; how much of what is in `generate.Sizes`."""
        return Generator(cls(now), seed, Sizes(**sizes)).generate()

    def campaign(
        self, random: Random, edits: int, *, deletes: bool = True, also: Collection[str] = ()
    ) -> list[str]:
        """Apply random edits and return their kinds; see `Campaign.run`."""
        return Campaign(self, random).run(edits, deletes=deletes, also=also)

    def truth(self) -> dict[str, Rows]:
        """Return what a complete copy holds: by stream, the rows by key."""
        return truth(self)
