"""Edits: spaces, and what is published in them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from sandbox.gitbook import objects
from sandbox.gitbook.people import People

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.gitbook.objects import Row


ROLLED_BACK = ("pages", "files", "reusableContents")


class Content(People):
    """What is written. Every change of a space's content makes a new revision of it."""

    def add_collection(self, org: Row, title: str, parent: Row | None = None) -> Row:
        """A collection is made."""
        parent_id = parent["id"] if parent else None
        made = objects.collection(self.new_id(), org["id"], title, parent_id)
        return self.add("collections", org["id"], made)

    def add_space(self, org: Row, title: str, parent: Row | None = None) -> Row:
        """An empty space is made."""
        parent_id = parent["id"] if parent else None
        made = objects.space(self.new_id(), org["id"], title, parent_id, self.now)
        self.add("spaces", org["id"], made)
        self.log(org, "space.created", made)
        first = objects.revision(self.new_id(), [], "edits", self.now, pages=[], files=[])
        self._make_current(made, first)
        return made

    def rename_space(self, space: Row, title: str) -> None:
        """A space gets another name; its content stays as it is."""
        space["title"] = title
        space["updatedAt"] = self.now

    def delete_space(self, space: Row) -> None:
        """A space vanishes, with all that is in it."""
        self.remove("spaces", space["id"])
        for table in ("comments", "space_users", "space_teams", "space_integrations"):
            for comment_id in self.tables[table].pop(space["id"], {}):
                self.tables["replies"].pop(comment_id, None)
        for request in self.rows("change_requests", space["id"]):
            for table in ("reviews", "reviewers", "contributors", "request_comments"):
                self.tables[table].pop(request["id"], None)
        self.tables["change_requests"].pop(space["id"], None)
        for site_id in self.tables["site_spaces"]:
            self.take_off_sites(site_id, space)

    def take_off_sites(self, site_id: str, space: Row) -> None:
        """A site shows a space no more."""
        places = self.tables["site_spaces"][site_id]
        for place_id in [key for key, place in places.items() if place["space"] is space]:
            del places[place_id]
        self.find("sites", site_id)["siteSpaces"] = len(places)

    # Revisions

    def current(self, space: Row) -> Row:
        """The current revision of a space."""
        return self.tables["revisions"][space["id"]][space["revision"]]

    def publish(self, space: Row, change: Callable[[Row], None], kind: str = "edits") -> Row:
        """A changed copy of a space's revision takes its place; `change` makes the change."""
        made = copy.deepcopy(self.current(space))
        made.pop("mergedFrom", None)
        change(made)
        made.update(id=self.new_id(), type=kind, parents=[space["revision"]], createdAt=self.now)
        _set_paths(made["pages"], "")
        self._make_current(space, made)
        return made

    def roll_back(self, space: Row, revision_id: str) -> None:
        """A space goes back to what it was; its pages are as old as they were then."""
        old = self.tables["revisions"][space["id"]][revision_id]
        self.publish(
            space,
            lambda made: made.update(copy.deepcopy({name: old[name] for name in ROLLED_BACK})),
            "rollback",
        )

    def _make_current(self, space: Row, made: Row) -> None:
        self.add("revisions", space["id"], made)
        space["revision"] = made["id"]
        space["updatedAt"] = self.now

    # Pages and files of a revision that is being made

    def insert(self, made: Row, node: Row, parent_id: str | None = None, at: int = 0) -> Row:
        """Put a node of any kind into the tree."""
        siblings = made["pages"] if parent_id is None else _node(made, parent_id)["pages"]
        siblings.insert(at, node)
        return node

    def new_page(self, title: str, *, empty: bool = False) -> Row:
        """Make a page, with a body unless nobody has written one."""
        if empty:
            return objects.document_page(self.new_id(), title, None, None)
        return objects.document_page(self.new_id(), title, self.new_body(), self.now)

    def new_body(self, *reusable: str) -> str:
        """Write a body that shows reusable contents; return the ID of its document."""
        body_id = self.new_id()
        row = {"id": body_id, "text": f"As of {self.now}.", "shows": [*reusable]}
        self.add("bodies", "all", row)
        return body_id

    def body_of(self, page: Row, revision: Row) -> str:
        """Read the body of a page as it is shown in a revision; that of an empty page is empty."""
        bodies = self.tables["bodies"]["all"]
        body_id = page.get("documentId")
        if not body_id:
            return ""
        shown = [part for part in (f"# {page['title']}", page.get("description")) if part]
        contents = {each["id"]: each["document"] for each in revision["reusableContents"]}
        below = [contents[each] for each in bodies[body_id]["shows"] if each in contents]
        shown += [bodies[each]["text"] for each in (body_id, *below)]
        return "\n\n".join(shown)

    def edit(self, made: Row, page_id: str, *reusable: str) -> None:
        """A page gets another body, which may show reusable contents."""
        page = _node(made, page_id)
        page["documentId"] = self.new_body(*reusable)
        page["updatedAt"] = self.now
        page.setdefault("createdAt", self.now)

    def retitle(self, made: Row, page_id: str, title: str) -> None:
        """A page gets another title and path; so do the paths of the pages below it."""
        page = _node(made, page_id)
        page["title"] = title
        page["updatedAt"] = self.now
        if "slug" in page:
            page["slug"] = title.lower().replace(" ", "-")

    def describe(self, made: Row, page_id: str, title: str, description: str) -> None:
        """A page gets another title and description, and is not marked as edited."""
        _node(made, page_id).update(title=title, description=description)

    def reuse(self, made: Row, title: str) -> Row:
        """A reusable content is made."""
        content = {"id": self.new_id(), "title": title, "document": self.new_body()}
        made["reusableContents"].append(content)
        return content

    def edit_reusable(self, made: Row, content_id: str) -> None:
        """A reusable content is edited; the pages that show it are not marked as edited."""
        contents = made["reusableContents"]
        next(c for c in contents if c["id"] == content_id)["document"] = self.new_body()

    def move(self, made: Row, page_id: str, parent_id: str | None, at: int = 0) -> None:
        """A page goes elsewhere, with the pages below it; nothing about it is edited."""
        page = _node(made, page_id)
        if parent_id and any(node["id"] == parent_id for node in objects.nodes([page])):
            return
        self.drop(made, page_id)
        self.insert(made, page, parent_id, at)

    def drop(self, made: Row, page_id: str) -> None:
        """A page vanishes, with the pages below it."""
        for siblings in (
            made["pages"],
            *(n.get("pages", []) for n in objects.nodes(made["pages"])),
        ):
            siblings[:] = [page for page in siblings if page["id"] != page_id]

    def upload(self, made: Row, name: str, size: int) -> None:
        """A file is added."""
        made["files"].append(objects.file(self.new_id(), name, size))


def _node(made: Row, page_id: str) -> Row:
    return next(node for node in objects.nodes(made["pages"]) if node["id"] == page_id)


def _set_paths(pages: list[Row], above: str) -> None:
    for page in pages:
        if "slug" in page:
            page["path"] = f"{above}{page['slug']}"
            _set_paths(page["pages"], f"{page['path']}/")
