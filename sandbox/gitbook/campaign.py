"""Random lives of a world: the same for the same seed, whatever happens in between."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sandbox.gitbook.objects import link_page, nodes
from sandbox.gitbook.publishing import Publishing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from random import Random

    from sandbox.gitbook.objects import Row


class Campaign(Publishing):
    """A world in which things happen by themselves."""

    def campaign(self, random: Random, count: int, also: Collection[str] = ()) -> None:
        """Let so many things happen, minutes apart.

        Args:
            random: Decides what.
            count: How many.
            also: What happens besides that changes how pages are shown and leaves no mark on
                them: "reusable" for reusable contents, "titles" for titles and descriptions.
        """
        kinds: list[Callable[[Random], None]] = [
            self._publish,
            self._publish,
            self._talk,
            self._talk,
            self._go_on_with_a_request,
            self._go_on_with_a_request,
            self._change_members,
            self._change_teams,
            self._change_spaces,
            self._change_sites,
            self._change_sources,
            self._change_permissions,
        ]
        kinds += [getattr(self, f"_change_{name}") for name in also for _ in range(3)]
        with self.lock:
            for _ in range(count):
                self.tick(minutes=random.randrange(1, 9))
                random.choice(kinds)(random)

    def _any(self, random: Random, table: str) -> Row | None:
        rows = self.every(table)
        return random.choice(rows) if rows else None

    def _some(self, random: Random, table: str) -> Row:
        return random.choice(self.every(table))

    def _publish(self, random: Random) -> None:
        space = self._some(random, "spaces")
        old = self.tables["revisions"][space["id"]]
        if random.random() < 0.1:
            self.roll_back(space, random.choice(list(old)))
            return

        def change(made: Row) -> None:
            for _ in range(random.randrange(1, 4)):
                self._change_tree(random, made)

        self.publish(space, change)

    def _change_tree(self, random: Random, made: Row) -> None:
        tree = list(nodes(made["pages"]))
        parents = [None, *(node["id"] for node in tree if "pages" in node)]
        written = [node["id"] for node in tree if node["type"] == "document"]
        deed = random.choice(["add", "add", "link", "edit", "retitle", "move", "drop", "file"])
        if deed == "add":
            page = self.new_page(f"News {self.now}", empty=random.random() < 0.2)
            self.insert(made, page, random.choice(parents))
        elif deed == "link":
            self.insert(made, link_page(self.new_id(), "Elsewhere"), random.choice(parents))
        elif deed == "file":
            self.upload(made, "more.png", random.randrange(9999))
            if random.random() < 0.5:
                made["files"].pop(0)
        elif deed == "edit" and written:
            self.edit(made, random.choice(written))
        elif deed == "retitle" and written:
            self.retitle(made, random.choice(written), f"Title {self.now}")
        elif deed == "move" and tree:
            self.move(made, random.choice(tree)["id"], random.choice(parents))
        elif deed == "drop" and len(tree) > 3:
            self.drop(made, random.choice(tree)["id"])

    def _change_reusable(self, random: Random) -> None:
        space = self._some(random, "spaces")
        contents = self.current(space)["reusableContents"]
        written = self._written(space)
        deed = random.choice(["make", "show", "edit", "edit", "drop"])

        def change(made: Row) -> None:
            if deed == "make" or not contents:
                self.reuse(made, f"Piece {len(contents)}")
            elif deed == "show" and written:
                self.edit(made, random.choice(written), random.choice(contents)["id"])
            elif deed == "edit":
                self.edit_reusable(made, random.choice(contents)["id"])
            elif deed == "drop":
                made["reusableContents"].pop(0)

        self.publish(space, change)

    def _change_titles(self, random: Random) -> None:
        space = self._some(random, "spaces")
        written = self._written(space)
        if written:
            page, words = random.choice(written), f"as of {self.now}"
            change = partial(self.describe, page_id=page, title=f"Now {words}", description=words)
            self.publish(space, change)

    def _written(self, space: Row) -> list[str]:
        return [n["id"] for n in nodes(self.current(space)["pages"]) if n["type"] == "document"]

    def _talk(self, random: Random) -> None:
        person = self._some(random, "users")
        table = random.choice(["spaces", "change_requests"])
        comment = self._any(random, "comments" if table == "spaces" else "request_comments")
        deed = random.choice(["comment", "reply", "edit", "resolve", "delete"])
        if comment is None or deed == "comment":
            if about := self._any(random, table):
                self.comment(about, person, f"A thought at {self.now}")
        elif deed == "reply":
            self.reply(comment, person, "Quite so.")
        elif deed == "edit":
            self.edit_comment(comment, f"Put better at {self.now}")
        elif deed == "resolve":
            self.resolve(comment, person)
        else:
            self.delete_comment(comment)

    def _go_on_with_a_request(self, random: Random) -> None:
        person = self._some(random, "users")
        requests = [row for row in self.every("change_requests") if row["status"] != "merged"]
        if not requests or random.random() < 0.2:
            self.request_change(self._some(random, "spaces"), person, triage=random.random() < 0.3)
            return
        request = random.choice(requests)
        pages = nodes(self.current(self.find("spaces", request["space"]))["pages"])
        written = [node["id"] for node in pages if node["type"] == "document"]
        deed = random.choice(["plan", "ready", "archive", "merge", "review", "ask", "ask"])
        if deed == "plan" and written:
            self.plan_edit(request, random.choice(written))
        elif deed == "ready":
            self.mark_ready(request)
        elif deed == "archive":
            self.archive(request)
        elif deed == "merge":
            self.merge(request, person)
        elif deed == "review":
            self.review(request, person, random.choice(["approved", "changes-requested"]))
        else:
            self.ask_for_review(request, "user", person, self._some(random, "users"))

    def _change_members(self, random: Random) -> None:
        org = self._some(random, "organizations")
        members = self.rows("members", org["id"])
        deed = random.choice(["join", "role", "leave", "invite"])
        if deed == "join":
            self.join(org, self.add_user(f"Somebody {len(self.every('users'))}"), None)
        elif deed == "invite":
            self.invite(org)
        elif len(members) > 2:
            who = random.choice(members[1:])["user"]
            if deed == "role":
                self.change_role(org, who, random.choice(["admin", "read", None]))
            else:
                self.leave(org, who)

    def _change_teams(self, random: Random) -> None:
        org = self._some(random, "organizations")
        teams = self.rows("teams", org["id"])
        if not teams or random.random() < 0.2:
            self.add_team(org, f"Team {len(teams)}")
            return
        team = random.choice(teams)
        member = random.choice(self.rows("members", org["id"]))["user"]
        if member["id"] in self.tables["team_members"][team["id"]]:
            self.exit_team(team, member)
        else:
            self.enter_team(team, member)

    def _change_spaces(self, random: Random) -> None:
        org = self._some(random, "organizations")
        spaces = self.rows("spaces", org["id"])
        deed = random.choice(["add", "rename", "rename", "delete"])
        if deed == "add":
            self.add_space(org, f"Space {self.now}")
        elif deed == "rename" and spaces:
            self.rename_space(random.choice(spaces), f"Renamed {self.now}")
        elif len(spaces) > 3:
            self.delete_space(random.choice(spaces[2:]))

    def _change_sites(self, random: Random) -> None:
        site = self._some(random, "sites")
        visitor = f"visitor-{random.randrange(9)}"
        self.visit(site, "page_view", f"/{random.randrange(5)}", None, visitor)
        deed = random.choice(["ask", "rate", "gap", "redirect", "launch", "visit"])
        redirects = [row for row in self.rows("redirects", site["id"]) if row["draft"]]
        answers = self.rows("answers", site["id"])
        findings = self.rows("findings", site["id"])
        if deed == "ask":
            self.ask(site, f"What is {random.randrange(4)}?")
        elif deed == "rate" and answers:
            self.rate(random.choice(answers), random.choice([-1, 1]))
        elif deed == "gap":
            self.find_gap(site, f"Gap at {self.now}")
            if findings:
                self.settle_gap(random.choice(findings), random.choice(["open", "canceled"]))
        elif deed == "redirect":
            self.redirect(site, f"/{self.now}", draft=random.random() < 0.5)
        elif deed == "launch" and redirects:
            self.launch(random.choice(redirects))
        else:
            self.visit_often(site, random, 5, 20)

    def _change_sources(self, random: Random) -> None:
        org = self._some(random, "organizations")
        deed = random.choice(["openapi", "version", "define", "import", "finish"])
        specs, running = self.rows("openapi_specs", org["id"]), self.rows("imports", org["id"])
        spaces = self.rows("spaces", org["id"])
        if deed == "openapi":
            self.add_openapi(org, f"api-{len(specs)}")
        elif deed == "version" and specs:
            self.add_openapi_version(random.choice(specs))
        elif deed == "import" and spaces:
            self.start_import(org, random.choice(spaces), self._some(random, "users"))
        elif deed == "finish" and running:
            self.finish_import(random.choice(running))
        else:
            self.define(org, f"term {self.now}")

    def _change_permissions(self, random: Random) -> None:
        kind = random.choice(["space", "site", "collection"])
        owner = self._any(random, f"{kind}s")
        if owner is None:
            return
        person = self._some(random, "users")
        if random.random() < 0.5:
            self.grant_user(kind, owner["id"], person, random.choice(["read", "admin"]))
        else:
            self.revoke(f"{kind}_users", owner["id"], person["id"])
