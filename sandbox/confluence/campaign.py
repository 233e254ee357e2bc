"""Random edits, as a busy site sees them between two runs of a tap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.confluence.hidden_edits import HiddenEdits
from sandbox.confluence.model import Attachment, Content, InlineComment, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from random import Random

    from sandbox.confluence.model import Table
    from sandbox.confluence.site import Site


class Campaign:
    """Applies one random edit after the other; `log` tells what was done."""

    def __init__(self, site: Site, random: Random) -> None:
        self.site = site
        self.random = random
        self.log: list[str] = []

    def _one(self, *tables: Table[Any], status: str | None = None) -> Any:
        found = [
            item
            for table in tables
            for item in table.items.values()
            if status is None or item.status == status
        ]
        return self.random.choice(found) if found else None

    def _page(self) -> Page:
        page: Page = self._one(self.site.pages, status="current")
        return page

    def _commented(self) -> Content:
        site = self.site
        tables = (site.pages, site.blog_posts, site.attachments, site.custom_contents)
        item: Content = self._one(*tables, status="current")
        return item

    def add_page(self) -> None:
        """A new page below any other."""
        parent = self._page()
        self.site.add_page(parent.space, parent)

    def add_blog_post(self) -> None:
        """A new blog post."""
        self.site.add_blog_post(self._one(self.site.spaces))

    def change(self) -> None:
        """A new version of anything that has versions."""
        site = self.site
        tables: tuple[Table[Any], ...] = (
            site.pages,
            site.blog_posts,
            site.attachments,
            site.custom_contents,
            site.footer_comments,
            site.inline_comments,
        )
        table = self.random.choice([each for each in tables if each.items])
        if item := self._one(table, status="current"):
            title = f"Renamed {item.version.number}" if self.random.random() < 0.3 else ""
            site.change(item, title=title)

    def change_status(self) -> None:
        """A page, blog post or attachment is trashed, archived or restored."""
        site = self.site
        item = self._one(site.pages, site.blog_posts, site.attachments)
        if item.number in {space.homepage for space in site.spaces.items.values()}:
            return
        if item.status != "current":
            site.restore(item)
        elif isinstance(item, Page | Attachment) and self.random.random() < 0.5:
            site.archive(item)
        else:
            site.trash(item)

    def add_attachment(self) -> None:
        """A new file."""
        self.site.add_attachment(self._page())

    def add_comment(self) -> None:
        """A new comment."""
        parent = self._page() if (inline := self.random.random() < 0.4) else self._commented()
        self.site.add_comment(parent, inline=inline)

    def reply(self) -> None:
        """A reply to a comment."""
        site = self.site
        comment = self._one(site.footer_comments, site.inline_comments)
        if comment is not None:
            inline = isinstance(comment, InlineComment)
            site.add_comment(comment.parent, inline=inline, reply_to=comment)

    def resolve(self) -> None:
        """An inline comment is resolved or reopened."""
        if comment := self._one(self.site.inline_comments):
            self.site.resolve(comment)

    def label(self) -> None:
        """A label, old or new, on a page, blog post or attachment."""
        site = self.site
        name = self.random.choice(("urgent", "draft", "draft-2", "naïve"))
        site.add_label(self._one(site.pages, site.blog_posts, site.attachments), name)

    def task(self) -> None:
        """A task is added, edited, completed or reopened."""
        site, task = self.site, self._one(self.site.tasks)
        choice = self.random.randrange(3)
        if choice == 0 or task is None:
            site.add_task(self._page())
        elif choice == 1:
            site.change_task(task, completed=task.completed is None)
        else:
            site.change_task(task, "<p>Do it better.</p>")

    def unlabel(self) -> None:
        """A label is taken off."""
        site = self.site
        pairs = [
            (site.content(number), label)
            for label in site.labels.items.values()
            for number in sorted(site.labelled[label.number])
        ]
        if pairs:
            content, label = self.random.choice(pairs)
            if content is not None:
                site.remove_label(content, label)

    def purge(self) -> None:
        """Something in the trash is deleted for ever."""
        site = self.site
        if item := self._one(site.pages, site.blog_posts, site.attachments, status="trashed"):
            site.purge(item)

    def delete_comment(self) -> None:
        """A comment is deleted, with its replies."""
        if comment := self._one(self.site.footer_comments, self.site.inline_comments):
            self.site.purge(comment)

    def run(self, edits: int, *, deletes: bool, also: Collection[str] = ()) -> list[str]:
        """Apply so many edits, up to a minute apart, some in the same millisecond.

        Args:
            edits: How many.
            deletes: Whether what is in the trash, and comments, are deleted for ever.
            also: Families of edits that no date shows; see `hidden_edits.FAMILIES`.
        """
        kinds: list[Callable[[], None]] = [
            self.add_page,
            self.add_blog_post,
            *[self.change] * 5,
            *[self.change_status] * 3,
            self.add_attachment,
            *[self.add_comment] * 2,
            self.reply,
            self.resolve,
            *[self.label] * 2,
            self.unlabel,
            *[self.task] * 2,
        ]
        if deletes:
            kinds += [self.purge, self.delete_comment]
        kinds += HiddenEdits(self.site, self.random).kinds(also)
        with self.site.lock:
            for _ in range(edits):
                if self.random.random() < 0.8:
                    self.site.clock += self.random.randint(1, 60_000)
                kind = self.random.choice(kinds)
                kind()
                self.log.append(kind.__name__)
        return self.log
