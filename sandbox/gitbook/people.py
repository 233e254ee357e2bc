"""Edits: organizations, their members and teams, and who may do what."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sandbox.gitbook import objects, source_objects
from sandbox.gitbook.world import World

if TYPE_CHECKING:
    from sandbox.gitbook.objects import Row

NOBODY = "everybody"
"""The owner of rows that belong to no organization."""


class People(World):
    """Who there is."""

    def add_user(self, name: str, *, email: bool = True) -> Row:
        """A person signs up."""
        return self.add("users", NOBODY, objects.user(self.new_id(), name, email=email))

    def add_organization(self, title: str, plan: str = "pro_2024") -> Row:
        """An organization is founded."""
        made = objects.organization(self.new_id(), title, plan, self.now)
        return self.add("organizations", NOBODY, made)

    def join(self, org: Row, who: Row, role: str | None = "edit") -> Row:
        """A user becomes a member; without a role, a guest."""
        self.log(org, "member.added", who)
        return self.add("members", org["id"], objects.member(who, role, self.now))

    def change_role(self, org: Row, who: Row, role: str | None) -> None:
        """A member gets another role."""
        self.tables["members"][org["id"]][who["id"]]["role"] = role
        self.log(org, "member.updated", who)

    def leave(self, org: Row, who: Row) -> None:
        """A member leaves the organization and its teams."""
        for team in self.rows("teams", org["id"]):
            if who["id"] in self.tables["team_members"][team["id"]]:
                self.exit_team(team, who)
        del self.tables["members"][org["id"]][who["id"]]
        self.log(org, "member.removed", who)

    def add_team(self, org: Row, title: str) -> Row:
        """A team is made."""
        return self.add("teams", org["id"], objects.team(self.new_id(), title, self.now))

    def enter_team(self, team: Row, who: Row, role: str = "member") -> None:
        """A member of the team's organization joins it."""
        org_id = self.owner("teams", team["id"])
        membership = self.tables["members"][org_id][who["id"]]
        row = {
            "organization": membership,
            "team": {"role": role},
            "permissions": {"view": True},
        }
        self.add("team_members", team["id"], row, who["id"])
        self._count(team, membership)

    def exit_team(self, team: Row, who: Row) -> None:
        """A member leaves a team."""
        org_id = self.owner("teams", team["id"])
        del self.tables["team_members"][team["id"]][who["id"]]
        self._count(team, self.tables["members"][org_id][who["id"]])

    def _count(self, team: Row, membership: Row) -> None:
        teams = self.tables["team_members"]
        team["members"] = len(teams[team["id"]])
        membership["teams"] = sum(membership["id"] in rows for rows in teams.values())

    def invite(self, org: Row, role: str | None = "read") -> Row:
        """A link that invites to an organization is made."""
        made = {"object": "invite", "id": self.new_id(), "role": role, "redundant": False}
        return self.add("invites", org["id"], made)

    def grant_user(self, kind: str, owner: str, who: Row, permission: str | None) -> None:
        """A user is given a role in a space, collection or site (`kind`)."""
        self.add(f"{kind}_users", owner, {"permission": permission, "user": who}, who["id"])

    def grant_team(self, kind: str, owner: str, team: Row, permission: str | None) -> None:
        """A team is given a role in a space, collection or site (`kind`)."""
        self.add(f"{kind}_teams", owner, {"permission": permission, "team": team}, team["id"])

    def revoke(self, table: str, owner: str, who: str) -> None:
        """A role is taken back; `table` is such as space_users."""
        self.tables[table][owner].pop(who, None)

    def install(self, org: Row, name: str) -> Row:
        """An integration is installed."""
        made = source_objects.installation(self.new_id(), name, org, self.now)
        return self.add("installations", org["id"], made, made["installation"]["id"])

    def log(self, org: Row, action: str, target: Row) -> None:
        """The audit log of an organization gets an event."""
        actor = next(iter(self.tables["users"][NOBODY].values()))
        event_id = str(UUID(int=self._ids.getrandbits(128), version=4))
        made = source_objects.audit_event(event_id, action, actor, target, self.now)
        self.add("audit_events", org["id"], made)
