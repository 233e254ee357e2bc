"""Random edits that no version and no date of content shows, by families."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.confluence import catalog
from sandbox.confluence.model import Content, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from random import Random

    from sandbox.confluence.model import Group, Space
    from sandbox.confluence.site import Site

FAMILIES = {
    "owners": ("change_owner",),
    "moves": ("move", "move", "move_to_another_space"),
    "deletes": ("purge_what_is_current", "delete_task", "delete_custom_content"),
    "spaces": ("add_space", "delete_space"),
    "nodes": ("add_node", "change_node", "delete_node"),
    "restrictions": ("restrict", "restrict", "lift_restriction"),
    "rights": ("permit", "withdraw", "assign", "unassign"),
    "groups": ("add_group", "remove_group", "join_group", "join_group", "change_access"),
    "visibility": ("hide", "hide_space", "show", "show"),
}
"""Families of edits: what a campaign may be asked to do besides."""

CLASSES = ("anonymous-users", "authenticated-users", "all-licensed-users", "all-product-admins")


class HiddenEdits:
    """Edits that are seen only by reading again what they changed."""

    def __init__(self, site: Site, random: Random) -> None:
        self.site = site
        self.random = random

    def kinds(self, families: Collection[str]) -> list[Callable[[], None]]:
        """List the edits of some families."""
        return [getattr(self, name) for family in families for name in FAMILIES[family]]

    # What is chosen

    def _any(self, items: Iterable[Any]) -> Any:
        found = list(items)
        return self.random.choice(found) if found else None

    def _some(self, items: Iterable[str], most: int) -> list[str]:
        found = list(items)
        return self.random.sample(found, self.random.randint(0, min(most, len(found))))

    def _homes(self) -> set[int]:
        return {space.homepage for space in self.site.spaces.items.values()}

    def _tree(self) -> list[Any]:
        """List what stands in the page tree, home pages aside."""
        homes = self._homes()
        items = [*self.site.pages.items.values(), *self.site.nodes.items.values()]
        return [i for i in items if i.status == "current" and i.number not in homes]

    def _space(self) -> Space:
        space: Space = self._any(self.site.spaces.items.values())
        return space

    def _group(self) -> Group | None:
        group: Group | None = self._any(self.site.groups.values())
        return group

    def _account(self) -> str:
        return self.random.choice(list(self.site.users))

    # Owners and moves

    def change_owner(self) -> None:
        """A page gets another owner."""
        if page := self._any(p for p in self._tree() if isinstance(p, Page)):
            self.site.own(page, self._account())

    def _move(self, parents: Callable[[Content], Sequence[Content]]) -> None:
        item = self._any(self._tree())
        if item is not None:
            parent = self._any(p for p in parents(item) if self.site.may_move(item, p))
            if parent is not None:
                self.site.move(item, parent)

    def move(self) -> None:
        """Something is moved within its space."""
        pages = self.site.pages.items.values()
        self._move(lambda item: [p for p in pages if p.space is item.space])

    def move_to_another_space(self) -> None:
        """Something is moved to another space, with all that is below it."""
        pages = self.site.pages.items.values()
        self._move(lambda item: [p for p in pages if p.space is not item.space])

    # What is deleted for ever

    def purge_what_is_current(self) -> None:
        """Something is trashed and purged at once, so that no list ever showed it in the trash."""
        site = self.site
        tables = (site.pages, site.blog_posts, site.attachments)
        items = [item for table in tables for item in table.items.values()]
        if item := self._any(i for i in items if i.number not in self._homes()):
            site.trash(item)
            site.purge(item)

    def delete_task(self) -> None:
        """A task is deleted."""
        if task := self._any(self.site.tasks.items.values()):
            self.site.remove_task(task)

    def delete_custom_content(self) -> None:
        """Content of an app is deleted."""
        if item := self._any(self.site.custom_contents.items.values()):
            self.site.purge(item)

    def add_space(self) -> None:
        """A new space."""
        self.site.add_space(f"NEW{self.site.edits}")

    def delete_space(self) -> None:
        """A space is deleted, with all that is in it; never the last ones."""
        if len(self.site.spaces.items) > 3:
            self.site.remove_space(self._space())

    # What stands between pages

    def add_node(self) -> None:
        """A new folder, whiteboard, database or embed."""
        kind = self.random.choice(("folder", "whiteboard", "database", "embed"))
        self.site.add_node(kind, self._any(self._tree()))

    def change_node(self) -> None:
        """One of them is edited."""
        if node := self._any(self.site.nodes.items.values()):
            self.site.change(node, title=f"Renamed {node.version.number}")

    def delete_node(self) -> None:
        """One of them is deleted."""
        if node := self._any(self.site.nodes.items.values()):
            self.site.purge(node)

    # Who may do what

    def restrict(self) -> None:
        """A page, post or something between pages may be read or edited by some alone."""
        posts = [p for p in self.site.blog_posts.items.values() if p.status == "current"]
        item = self._any([*self._tree(), *posts])
        operation = self.random.choice(("read", "update"))
        users, groups = self._some(self.site.users, 4), self._some(self.site.groups, 2)
        self.site.restrict(item, operation, users, groups)

    def lift_restriction(self) -> None:
        """A restriction is taken away."""
        numbers = [number for number, known in self.site.restrictions.items() if known]
        if numbers and (item := self.site.content(self.random.choice(numbers))):
            self.site.restrict(item, self.random.choice(("read", "update")))

    def permit(self) -> None:
        """A user or group may do something in a space."""
        group = self._group()
        who = [("user", self._account()), *([("group", group.id)] if group else [])]
        what = self.random.choice(("read/space", "create/page"))
        self.site.permit(self._space(), *self.random.choice(who), what)

    def withdraw(self) -> None:
        """A permission is taken back."""
        space = self._space()
        if permission := self._any(space.permissions):
            self.site.withdraw(space, permission)

    def assign(self) -> None:
        """Somebody gets a role in a space."""
        role = self.random.choice(catalog.SPACE_ROLES)["id"]
        group = self._group()
        who = [("USER", self._account()), ("ACCESS_CLASS", self.random.choice(CLASSES))]
        who += [("GROUP", group.id)] if group else []
        self.site.assign(self._space(), *self.random.choice(who), role)

    def unassign(self) -> None:
        """A role is taken back."""
        space = self._space()
        if assignment := self._any(space.assignments):
            self.site.unassign(space, assignment)

    def add_group(self) -> None:
        """A new group."""
        self.site.add_group(f"group {self.site.edits}")

    def remove_group(self) -> None:
        """A group is deleted; never the last ones."""
        if len(self.site.groups) > 2 and (group := self._group()):
            self.site.remove_group(group)

    def join_group(self) -> None:
        """Somebody comes into a group, or leaves it."""
        if group := self._group():
            self.site.join(group, self._account())

    def change_access(self) -> None:
        """The members of a group may do something else on the site."""
        if group := self._group():
            self.site.give_access(group, self.random.choice(((), ("user",), ("user", "admin"))))

    # What the token's user may see

    def hide(self) -> None:
        """A page is hidden from the token's user, with all that is below it."""
        if item := self._any(self._tree()):
            self.site.hide(item)

    def hide_space(self) -> None:
        """A space is hidden; never the last ones that are seen."""
        seen = [s for s in self.site.spaces.items.values() if s.number not in self.site.hidden]
        if len(seen) > 3:
            self.site.hide(self.random.choice(seen))

    def show(self) -> None:
        """Something that was hidden may be seen again."""
        if self.site.hidden:
            number = self.random.choice(sorted(self.site.hidden))
            thing = self.site.spaces.items.get(number) or self.site.content(number)
            if thing is None:
                self.site.hidden.discard(number)
            else:
                self.site.show(thing)
