"""The edits of a site that change its page tree, and what is deleted with a branch of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.confluence.model import Comment, Page, Space
from sandbox.confluence.store import Store, edit

if TYPE_CHECKING:
    from sandbox.confluence.model import Content, Node, Task

HANGING = ("attachments", "custom_contents", "footer_comments", "inline_comments")


class Tree(Store):
    """A site whose pages are moved and deleted; moves make no new version of anything."""

    @edit
    def move(self, content: Page | Node, parent: Page | Node, position: int | None = None) -> None:
        """Move content below other content, which may be in another space."""
        content.parent = parent
        content.position = self.number() if position is None else position
        if content.space is not parent.space:
            for item in self._branch(content):
                item.space = parent.space
        for table in self.tables():
            table.changes += 1

    def may_move(self, content: Content, parent: Content) -> bool:
        """Tell whether content may go below other content: not below itself, nor a home page."""
        at: Content | None = parent
        while at is not None and at is not content:
            at = at.parent
        return at is None and content.parent is not None

    def _branch(self, content: Content) -> list[Content]:
        """List content with all that is below it in the tree, and all that hangs on that."""
        found, at = [content], 0
        while at < len(found):
            found += [
                item
                for table in self.tables()
                for item in table.items.values()
                if item.parent is found[at]
            ]
            at += 1
        return found

    @edit
    def trash(self, content: Content) -> None:
        """Move content to the trash."""
        content.status = "trashed"
        self.table(content).changes += 1
        if self.lifts_children:
            self._lift_children(content)

    def _lift_children(self, content: Content) -> None:
        for table in (self.pages, self.nodes):
            for item in table.items.values():
                if item.parent is content:
                    item.parent = content.parent
                    table.changes += 1

    @edit
    def purge(self, content: Content) -> None:
        """Delete content for ever, with all that hangs on it; children move up."""
        self._lift_children(content)
        for name in HANGING:
            table = getattr(self, name)
            for item in list(table.items.values()):
                is_reply = isinstance(item, Comment) and item.reply_to is content
                if (item.parent is content or is_reply) and item.number in table.items:
                    self.purge(item)
        for task in [task for task in self.tasks.items.values() if task.parent is content]:
            self.tasks.remove(task.number)
        for numbers in self.labelled.values():
            numbers.discard(content.number)
        self.labels.changes += 1
        for known in (self.likes, self.properties, self.restrictions, self.views):
            known.pop(content.number, None)
        self.table(content).remove(content.number)

    @edit
    def remove_task(self, task: Task) -> None:
        """Delete a task: its line is taken out of the page."""
        self.tasks.remove(task.number)

    @edit
    def remove_space(self, space: Space) -> None:
        """Delete a space with all that is in it."""
        for table in self.tables():
            for item in list(table.items.values()):
                if item.space is space and item.number in table.items:
                    self.purge(item)
        self.spaces.remove(space.number)

    @edit
    def add_space(self, key: str) -> Space:
        """Add a space with a home page."""
        author = next(iter(self.users))
        space = Space(self.number(), key, f"Space {key}", "global", author, self.clock)
        home = Page(self.number(), space, f"Home of {key}", author, self.clock, [])
        home.versions += self.first_version(author)
        home.owner, space.homepage = author, home.number
        self.pages.add(home)
        return self.spaces.add(space)
