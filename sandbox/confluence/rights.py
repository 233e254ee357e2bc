"""The edits of a site that decide who may see what: people, groups, permissions, restrictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.confluence import access
from sandbox.confluence.model import (
    Assignment,
    Content,
    Group,
    Page,
    Permission,
    Restriction,
)
from sandbox.confluence.store import Store, edit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.confluence.model import Space


class Rights(Store):
    """A site whose rights can be changed; none of it makes a new version of anything."""

    @edit
    def restrict(
        self,
        content: Content,
        operation: str,
        users: Sequence[str] = (),
        groups: Sequence[str] = (),
    ) -> None:
        """Let only these users and groups read or update content; nobody named: everybody."""
        self.restrictions[content.number][operation] = Restriction([*users], [*groups])

    @edit
    def permit(self, space: Space, kind: str, who: str, what: str = "read/space") -> Permission:
        """Give a user, group or access-class a permission in a space."""
        operation, _, target = what.partition("/")
        permission = Permission(str(self.number()), kind, who, operation, target)
        space.permissions.append(permission)
        return permission

    @edit
    def withdraw(self, space: Space, permission: Permission) -> None:
        """Take a permission back."""
        space.permissions.remove(permission)

    @edit
    def assign(self, space: Space, kind: str, who: str, role: str) -> Assignment:
        """Give a USER, GROUP or ACCESS_CLASS a role in a space."""
        assignment = Assignment(kind, who, role)
        if assignment not in space.assignments:
            space.assignments.append(assignment)
        return assignment

    @edit
    def unassign(self, space: Space, assignment: Assignment) -> None:
        """Take a role back."""
        space.assignments.remove(assignment)

    @edit
    def add_group(self, name: str, access: tuple[str, ...] = ("user",)) -> Group:
        """Add a group without members."""
        id_ = f"group-{self.number():04}"
        group = self.groups[id_] = Group(id_, name, access=access)
        return group

    @edit
    def remove_group(self, group: Group) -> None:
        """Delete a group; where it was named, it still is."""
        del self.groups[group.id]

    @edit
    def join(self, group: Group, account: str) -> None:
        """Let somebody into a group, or out of it again."""
        (group.members.remove if account in group.members else group.members.append)(account)

    @edit
    def give_access(self, group: Group, access: tuple[str, ...]) -> None:
        """Decide what the members of a group may on the site."""
        group.access = access

    @edit
    def own(self, page: Page, account: str) -> None:
        """Give a page to another owner."""
        page.last_owner, page.owner = page.owner, account
        self.pages.changes += 1

    @edit
    def hide(self, *things: Content | Space) -> None:
        """Take the token's user the right to see content or spaces, with all that is below."""
        self.hidden.update(thing.number for thing in things)
        self._look_again()

    @edit
    def show(self, *things: Content | Space) -> None:
        """Give the right back."""
        self.hidden.difference_update(thing.number for thing in things)
        self._look_again()

    def _look_again(self) -> None:
        for table in (*self.tables(), self.spaces, self.tasks):
            table.changes += 1

    def may_read(self, account: str, content: Content) -> bool:
        """Tell whether an account, or `access.ANONYMOUS`, may read content."""
        with self.lock:
            return access.may_read(self, account, content)
