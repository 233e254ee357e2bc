"""What a space holds: its current revision, with all pages and files, and the pages' bodies.

One request reads the revision with its whole tree and its files. Whether it is needed is told by
`revision` of the space's row: the revision that was read last is the bookmark of each space.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, cast

from singer_sdk import typing as th

from rest_tap import StreamError, snake_case
from tap_gitbook.client import GitBookStream
from tap_gitbook.schemas import (
    CONTENT_REF,
    GIT_BLOB,
    OBJECT,
    OPEN,
    ORGANIZATION_ID,
    TEXTS,
    flag,
    key,
    moment,
    number,
    numbers,
    part,
    strings,
    text,
    urls,
    whole,
)
from tap_gitbook.streams.spaces import SPACE_READ, Spaces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from singer_sdk.helpers.types import Context, Record

    from rest_tap import Row

REVISION_ID = text(
    "revision_id",
    "The space's revision that this row was read from: what is still there has the same "
    "as `revision` of its space.",
)
OF_THE_REVISION = ("content", "pages", "files", "page_documents")


def flatten(
    nodes: list[Row], parent: str | None = None, depth: int = 0
) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Yield all nodes of a page tree, each before those below it, with its place in the tree."""
    for position, node in enumerate(nodes):
        yield node, {"parent_page_id": parent, "position": position, "depth": depth}
        yield from flatten(node.get("pages") or [], node["id"], depth + 1)


class Content(GitBookStream):
    """The current revision of a space (operationId getCurrentRevision)."""

    name = "content"
    path = "/spaces/{space_id}/content"
    records_key = None
    page_size = None
    primary_keys = ("space_id",)
    parent_stream_type = Spaces
    hidden: ClassVar[frozenset[str]] = frozenset({"pages", "files"})
    needs = SPACE_READ
    schema = th.PropertiesList(
        key("space_id", "ID of the space."),
        ORGANIZATION_ID,
        REVISION_ID,
        text("id", "ID of the revision; another than `revision_id` where it is computed."),
        OBJECT,
        text("type", "How it came about: edits, merge, rollback, update or computed."),
        part("parents", TEXTS, "IDs of the revisions before it."),
        moment("created_at", "When it was made."),
        part("reusable_contents", th.ArrayType(OPEN), "Pieces that several pages show."),
        part("tags", th.ArrayType(strings("slug", "label", "color", "emoji", "icon")), "Tags."),
        part("variables", OPEN, "Variables of the space and their values."),
        part(
            "git",
            th.ObjectType(
                th.Property("oid", th.StringType),
                th.Property("message", th.StringType),
                th.Property("createdByGitBook", th.BooleanType),
                th.Property("url", th.StringType),
                th.Property("ref", th.StringType),
            ),
            "The Git commit that it came from or went to.",
        ),
        urls("app", "published", "public"),
        part("merged_from", OPEN, "The change request that was merged."),
        text("source_revision", "ID of the revision that a computed one was computed from."),
    ).to_dict()

    @cached_property
    def reads_all(self) -> bool:
        """Tell that spaces without a new revision are left out."""
        return False

    @cached_property
    def readers(self) -> list[str]:
        """Who reads revisions in this run; bodies in another format are another reading."""
        selected = [name for name in OF_THE_REVISION if self._tap.streams[name].selected]
        style = self.config["page_format"]
        return [f"{name}:{style}" if name == "page_documents" else name for name in selected]

    @cached_property
    def known(self) -> Mapping[str, str]:
        """The revision of each space that all of today's readers have read before."""
        past = self.initial_state
        return past.get("revisions", {}) if {*self.readers} <= {*past.get("readers", ())} else {}

    def wanted(self, parent: Row, context: Mapping[str, Any]) -> bool:
        """Ask for a space only if it has another revision than the last time."""
        return bool(self.known.get(context["space_id"]) != parent["revision"])

    def post_process(self, row: Record, context: Context | None = None) -> Record:  # noqa: ARG002
        """Refuse a revision without its lists: it would make all pages look vanished.

        Raises:
            StreamError: If `pages` or `files` is missing.
        """
        for name in self.hidden:
            if not isinstance(row.get(name), list):
                raise StreamError(f"revision {row.get('id')} came without the list {name!r}")
        return row

    def walk_done(self, context: Mapping[str, Any], parent: Row | None) -> None:  # noqa: ARG002
        """Remember the revision that was read, and by whom."""
        state = self.stream_state
        if state.get("readers") != self.readers:
            state.update(revisions=dict(self.known), readers=self.readers)
        state["revisions"][context["space_id"]] = context["revision_id"]


class RevisionStream(GitBookStream):
    """Rows that come with the revision of a space, without a request of their own."""

    path = Content.path
    page_size = None
    primary_keys = ("space_id", "id")
    parent_stream_type = Content
    needs = SPACE_READ


class Pages(RevisionStream):
    """All documents, groups, links and computed nodes of a space's tree, at any depth."""

    name = "pages"
    hands_down: ClassVar[Mapping[str, str]] = {"page_id": "id"}
    schema = th.PropertiesList(
        key("space_id", "ID of the space."),
        key("id", "ID of the page in its space."),
        ORGANIZATION_ID,
        REVISION_ID,
        text("parent_page_id", "ID of the page or group that it lies in; null at the top."),
        whole("position", "Place among its siblings, from 0."),
        whole("depth", "How deep it lies, 0 at the top."),
        text("type", "document, group, link or computed."),
        text("kind", "The same, as older clients know it."),
        text("title", "Title."),
        text("link_title", "Title in tables of contents, if another."),
        text("emoji", "Emoji before the title."),
        text("icon", "Icon before the title."),
        moment("created_at", "When it was first edited; null if never."),
        moment("updated_at", "When it was last edited; null if never."),
        text("condition", "Condition under which visitors see it."),
        text("slug", "Last part of its path; documents and groups have one."),
        text("path", "Path in the space; documents and groups have one."),
        text("description", "What it is about, in a line."),
        flag("hidden", "Not shown in the navigation."),
        flag("no_index", "Left out of search and answers."),
        flag("no_robots_index", "Left out by search engines."),
        text("document_id", "ID of the document with its body; null if it is empty."),
        part("computed", OPEN, "What a computed page or node is made from."),
        text("computed_seed", "Seed for the IDs in a computed body."),
        part("layout", OPEN, "Which parts of the page are shown, and how."),
        part("cover", OPEN, "Its cover image."),
        part("variables", OPEN, "Variables of the page and their values."),
        part("meta_links", OPEN, "Canonical and alternate addresses."),
        part("tags", th.ArrayType(OPEN), "Tags of the page."),
        part("git", GIT_BLOB, "The file in Git that it came from or went to."),
        urls("app"),
        part("target", CONTENT_REF, "Where a link leads."),
        text("href", "Address that a link leads to."),
    ).to_dict()

    def derived(self, parent: Row, context: Mapping[str, Any]) -> list[Row]:  # noqa: ARG002
        """Flatten the tree that came with the revision."""
        return [
            {snake_case(name): value for name, value in node.items() if name != "pages"} | place
            for node, place in flatten(parent["pages"])
        ]


class Files(RevisionStream):
    """Images and other files of a space."""

    name = "files"
    schema = th.PropertiesList(
        key("space_id", "ID of the space."),
        key("id", "ID of the file in its space."),
        ORGANIZATION_ID,
        REVISION_ID,
        text("name", "File name."),
        text("content_type", "Media type."),
        text("download_url", "Where it can be downloaded."),
        number("size", "Size in bytes."),
        part("dimensions", numbers("width", "height"), "Size of an image in pixels."),
        part("git", GIT_BLOB, "The file in Git that it came from or went to."),
    ).to_dict()

    def derived(self, parent: Row, context: Mapping[str, Any]) -> list[Row]:  # noqa: ARG002
        """Take the files that came with the revision."""
        return [
            {snake_case(name): value for name, value in file.items()} for file in parent["files"]
        ]


class PageDocuments(GitBookStream):
    """Bodies of pages, in `page_format`: a request for each that moved (operationId getPageById).

    What moved is told by the tree of the revision that was read the last time, one request a
    changed space. The time of the last run would not tell: a merged change request brings pages
    that were edited long before, and a rollback older ones still.
    """

    name = "page_documents"
    path = "/spaces/{space_id}/content/page/{page_id}"
    records_key = None
    page_size = None
    primary_keys = ("space_id", "page_id")
    parent_stream_type = Pages
    selected_by_default = False
    needs = SPACE_READ
    schema = th.PropertiesList(
        key("space_id", "ID of the space."),
        key("page_id", "ID of the page in its space."),
        ORGANIZATION_ID,
        text("revision_id", "The space's revision that was current when the body was read."),
        moment("updated_at", "When the page was last edited."),
        text("document_id", "ID of the document that the body is."),
        text("markdown", "The body as Markdown; references in it do not depend on other pages."),
        part("document", OPEN, "The body as GitBook's document nodes."),
    ).to_dict()

    def query(self, context: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Ask for a body that changes only with its own page: relative links would not."""
        if self.config["page_format"] == "document":
            return {"format": "document"}
        return {"format": "markdown", "format.markdown.refs": "stable"}

    def wanted(self, parent: Row, context: Mapping[str, Any]) -> bool:
        """Ask for documents that are new, or whose marks are not what they were."""
        if parent["type"] != "document":
            return False
        before = self._marks_before(context["space_id"])
        return bool(before.get(parent["id"]) != _marks(parent))

    def post_process(self, row: Record, context: Context | None = None) -> Record:  # noqa: ARG002
        """Keep the body, and what tells which page it is: the rest is in `pages`."""
        columns = self.schema["properties"]
        return {name: value for name, value in row.items() if name in columns}

    @cached_property
    def _marks_before(self) -> Any:
        return lru_cache(maxsize=64)(self._read_marks)

    def _read_marks(self, space_id: str) -> dict[str, list[Any]]:
        """Read the marks of the revision that was read the last time; none if it cannot be had."""
        revision = cast("Content", self._tap.streams["content"]).known.get(space_id)
        if revision is None:
            return {}
        path = f"/spaces/{space_id}/revisions/{revision}/pages"
        try:
            tree = self.get_json(path, {"metadata": "false"})
        except StreamError:
            return {}
        rows = (
            {snake_case(name): value for name, value in n.items()}
            for n, _ in flatten(tree["pages"])
        )
        return {row["id"]: _marks(row) for row in rows}


def _marks(page: Row) -> list[Any]:
    """Tell one version of a page's body from another."""
    return [page.get(name) for name in ("type", "updated_at", "document_id", "computed")]
