"""A world to begin with: two organizations that the token sees and one that it does not."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from sandbox.gitbook import objects, source_objects
from sandbox.gitbook.campaign import Campaign
from sandbox.gitbook.vendor import Access, GitBook

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.gitbook.objects import Row

NAMES = ("Ada Nkemelu", "Bruno Salo", "Chie Okabe", "Dilan Aydin", "Edda Storm", "Femi Adu")
SPACES = ("Guides", "Reference", "Handbook", "Release notes", "Tutorials", "Style guide")


def build(
    *, seed: int = 1, spaces: int = 3, pages: int = 6, now: datetime | None = None
) -> GitBook:
    """Make a vendor with a world of some size: `spaces` an organization, `pages` a space."""
    world = Campaign(seed, now)
    world.tick(days=-12)
    builder = _Builder(world, seed)
    access = Access(user=builder.people[0]["id"])
    for title, plan in (("Acme", "enterprise_2024"), ("Globex", "pro_2024")):
        org = world.add_organization(title, plan)
        access.organizations.add(org["id"])
        builder.fill(org, spaces, pages)
    hidden = world.add_organization("Initech")
    world.join(hidden, builder.people[1])
    world.add_space(hidden, "Secret plans")
    world.clock += timedelta(days=12)
    for site in world.every("sites"):
        world.visit_often(site, builder.random, visits=60, hours=10 * 24)
    return GitBook(world, access)


def config(url: str) -> dict[str, object]:
    """Return the settings with which the tap reads this vendor."""
    return {"access_token": Access.token, "base_url": f"{url}/v1"}


class _Builder:
    """Lets people do what makes each kind of row at least once."""

    def __init__(self, world: Campaign, seed: int) -> None:
        self.world = world
        self.random = Random(seed)
        self.people = [world.add_user(name, email=name != NAMES[-1]) for name in NAMES]

    def fill(self, org: Row, spaces: int, pages: int) -> None:
        """An organization comes to life."""
        world, people = self.world, self.people
        for number, person in enumerate(people):
            role = "admin" if number == 0 else self.random.choice(["edit", "read", None])
            world.join(org, person, role)
        team, _ = world.add_team(org, "Writers"), world.add_team(org, "Nobody yet")
        for person in people[:3]:
            world.enter_team(team, person)
        world.invite(org)
        world.invite(org, None)
        world.install(org, "slack")
        outer = world.add_collection(org, "Products")
        inner = world.add_collection(org, "Rockets", outer)
        world.grant_user("collection", inner["id"], people[1], "admin")
        world.grant_team("collection", outer["id"], team, "read")
        made = [
            world.add_space(org, f"{SPACES[n % len(SPACES)]} {n}", (outer, inner, None)[n % 3])
            for n in range(spaces)
        ]
        made[0]["gitSync"] = objects.git_sync("docs", world.now)
        made[-1]["type"] = "styleguide"
        for space in made:
            self.write(space, pages)
            self.discuss(space, team)
        self.publish(org, made, team)
        spec = world.add_openapi(org, "rocket-api")
        world.add_openapi_version(spec)
        world.translate(org, made[0])
        world.define(org, "rocket")
        world.finish_import(world.start_import(org, made[0], people[0]))

    def write(self, space: Row, pages: int) -> None:
        """A space gets a tree of all kinds of nodes, four levels deep, and a file."""
        world = self.world

        def first_pages(made: Row) -> None:
            group = world.insert(made, objects.group_page(world.new_id(), "Basics", world.now))
            above = group
            for number in range(pages):
                page = world.new_page(f"Page {number}", empty=number == pages - 1)
                world.insert(made, page, above["id"] if number % 4 else None)
                above = page if number < pages - 1 else above
            world.insert(made, objects.link_page(world.new_id(), "Status"), group["id"])
            spec = objects.computed_page(world.new_id(), "API", "rocket-api")
            world.insert(made, spec, group["id"])
            world.upload(made, "rocket.png", 2048)

        world.publish(space, first_pages)
        world.tick(hours=1)
        owner = world.find("organizations", space["organization"])
        world.add(
            "space_integrations", space["id"], source_objects.integration("mermaid", owner), "m"
        )

    def discuss(self, space: Row, team: Row) -> None:
        """A space gets comments, and change requests in every status."""
        world, (ada, bruno, chie) = self.world, self.people[:3]
        world.grant_user("space", space["id"], bruno, "edit")
        world.grant_team("space", space["id"], team, "comment")
        world.comment(space, ada, "Is this right?")
        world.resolve(world.comment(space, bruno, "A typo"), ada)
        world.reply(world.comment(space, chie, "What about Mars?"), ada, "Later.")
        page = next(
            node
            for node in objects.nodes(world.current(space)["pages"])
            if node["type"] == "document"
        )
        draft, ready, dropped, merged, triage = (
            world.request_change(space, self.random.choice(self.people), triage=n == 4)
            for n in range(5)
        )
        for request in (draft, merged):
            world.plan_edit(request, page["id"])
            world.tick(minutes=10)
        for request in (ready, dropped, triage):
            world.mark_ready(request)
        world.archive(dropped)
        world.ask_for_review(ready, "user", bruno, ada)
        world.ask_for_review(ready, "team", team, ada)
        world.review(ready, chie, "changes-requested")
        world.review(merged, bruno, "approved")
        world.merge(merged, ada)
        world.reply(world.comment(ready, bruno, "Nearly there"), chie, "Indeed.")
        world.resolve(world.comment(merged, chie, "Well done"), ada)

    def publish(self, org: Row, spaces: list[Row], team: Row) -> None:
        """An organization gets a site with visitors, and another that is not published."""
        world = self.world
        site = world.add_site(org, f"{org['title']} docs")
        group = world.add_section_group(site, "Learn")
        section = world.add_section(site, "Start", group)
        world.show(site, spaces[0], section)
        world.show(site, spaces[1])
        world.share(site, "For partners")
        world.redirect(site, "/old")
        world.redirect(site, "/soon", draft=True)
        world.grant_user("site", site["id"], self.people[1], None)
        world.grant_team("site", site["id"], team, "read")
        world.rate(world.ask(site, "How do I land?"), 1)
        world.add_topic(site, "landing")
        world.find_gap(site, "Nothing about Mars")
        world.settle_gap(world.find_gap(site, "A broken link"), "done")
        world.add_site(org, f"{org['title']} drafts")["published"] = False
