"""Edits: sites, what their visitors do, and what content is made from."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.gitbook import site_objects as objects
from sandbox.gitbook import source_objects as sources
from sandbox.gitbook.talk import Talk
from sandbox.gitbook.world import written

if TYPE_CHECKING:
    from random import Random

    from sandbox.gitbook.objects import Row


class Publishing(Talk):
    """What is published, and what comes of it."""

    def add_site(self, org: Row, title: str) -> Row:
        """A site is made."""
        made = self.add("sites", org["id"], objects.site(self.new_id(), title, self.now))
        self.log(org, "site.created", made)
        return made

    def show(self, site: Row, space: Row, section: Row | None = None) -> Row:
        """A site shows a space, in a section or at its top."""
        made = objects.site_space(self.new_id(), space, section["id"] if section else None)
        self.add("site_spaces", site["id"], made)
        if section:
            section["siteSpaces"].append(made)
        site["siteSpaces"] = len(self.tables["site_spaces"][site["id"]])
        return made

    def add_section(self, site: Row, title: str, group: Row | None = None) -> Row:
        """A site gets a section, in a group or at its top."""
        made = objects.section(self.new_id(), title, [], group["id"] if group else None)
        if group:
            group["sections"].append(made)
        return self.add("sections", site["id"], made)

    def add_section_group(self, site: Row, title: str) -> Row:
        """A site gets a group of sections."""
        return self.add(
            "section_groups", site["id"], objects.section_group(self.new_id(), title, [])
        )

    def share(self, site: Row, name: str) -> Row:
        """A link that opens a site is made."""
        return self.add(
            "share_links", site["id"], objects.share_link(self.new_id(), name, self.now)
        )

    def redirect(self, site: Row, source: str, *, draft: bool = False) -> Row:
        """A path of a site is redirected; a draft is not live yet."""
        made = objects.redirect(self.new_id(), source, self.now, draft=draft)
        return self.add("redirects", site["id"], made)

    def launch(self, redirect: Row) -> None:
        """A draft of a redirect goes live."""
        redirect.update(draft=False, updatedAt=self.now)

    # Visitors

    def ask(self, site: Row, text: str) -> Row:
        """A visitor asks, and is answered."""
        url = site["urls"]["location"]
        known = {q["question"]: q for q in self.rows("questions", site["id"])}
        if asked := known.get(text):
            asked.update(askedAt=self.now, stats=objects.stats(int(asked["stats"]["total"]) + 1))
        else:
            asked = objects.question(self.new_id(), text, url, self.now)
            self.add("questions", site["id"], asked)
        return self.add("answers", site["id"], objects.answer(self.new_id(), asked, url, self.now))

    def rate(self, answer: Row, rating: int) -> None:
        """A visitor says what an answer was worth."""
        answer.update(feedback={"rating": rating}, updatedAt=self.now)

    def visit(self, site: Row, kind: str, path: str, page: Row | None, visitor: str) -> None:
        """A visitor does something on a site."""
        self.happen(site, objects.event(self.now, kind, path, page, visitor))

    def happen(self, site: Row, event: Row) -> None:
        """Something happened on a site, maybe earlier."""
        self.add("events", site["id"], event, str(len(self.tables["events"][site["id"]])))

    def visit_often(self, site: Row, random: Random, visits: int, hours: int) -> None:
        """Visitors do many things on a site, spread over the hours until now."""
        places = [
            (
                f"/{place['path']}/{page['path']}",
                {"page": page["id"], "space": place["space"]["id"]},
            )
            for place in self.rows("site_spaces", site["id"])
            for page in self.current(place["space"])["pages"]
            if page["type"] == "document"
        ]
        for _ in range(visits):
            at = self.clock - timedelta(seconds=random.randrange(hours * 3600))
            path, page = random.choice([*places, ("/gone", None)])
            kind = random.choice(["page_view", "page_view", "search_open", "ask_question"])
            visitor = f"visitor-{random.randrange(20)}"
            self.happen(site, objects.event(written(at), kind, path, page, visitor))

    # What GitBook finds, and what content is made from

    def add_topic(self, site: Row, label: str) -> Row:
        """GitBook groups questions under a topic."""
        made = objects.topic(self.new_id(), label, site["urls"]["location"], self.now)
        return self.add("topics", site["id"], made)

    def find_gap(self, site: Row, title: str) -> Row:
        """GitBook finds that something is missing."""
        made = objects.finding(self.new_id(), title, site["urls"]["location"], self.now)
        return self.add("findings", site["id"], made)

    def settle_gap(self, finding: Row, status: str) -> None:
        """A finding goes on to another status."""
        finding.update(status=status, updatedAt=self.now)

    def add_openapi(self, org: Row, slug: str) -> Row:
        """An OpenAPI specification is added, with its first version."""
        made = self.add(
            "openapi_specs", org["id"], sources.openapi_spec(self.new_id(), slug, self.now)
        )
        self.add_openapi_version(made)
        return made

    def add_openapi_version(self, spec: Row) -> Row:
        """A specification has changed."""
        made = sources.openapi_version(self.new_id(), spec["slug"], self.now)
        spec.update(lastVersion=made["id"], lastProcessedAt=self.now, updatedAt=self.now)
        return self.add("openapi_versions", spec["id"], made)

    def translate(self, org: Row, space: Row) -> Row:
        """A translation of a space is ordered."""
        made = sources.translation(self.new_id(), space["id"], self.now)
        return self.add("translations", org["id"], made)

    def define(self, org: Row, term: str) -> Row:
        """A term is put into the glossary."""
        return self.add(
            "glossary", org["id"], sources.glossary_entry(self.new_id(), term, self.now)
        )

    def start_import(self, org: Row, space: Row, creator: Row) -> Row:
        """An import into a space is started."""
        made = sources.import_run(self.new_id(), space["id"], creator["id"], self.now)
        return self.add("imports", org["id"], made)

    def finish_import(self, run: Row) -> None:
        """An import comes to its end."""
        run.update(status="completed", completedAt=self.now, updatedAt=self.now)
