"""What a space holds: its current revision, with all pages and files.

One request reads the revision with its whole tree and its files. Whether it is needed is told by
`revision` of the space's row: the revision that was read last is the bookmark of each space.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

from singer_sdk import typing as th

from rest_tap import StreamError, columns, format_timestamp, snake_case
from rest_tap.reconciling import EVERY_DAY, Reconciliation
from rest_tap.state import TEXT_LIST, TEXT_MAP
from tap_gitbook.client import GitBookStream
from tap_gitbook.marks import mark_of
from tap_gitbook.origins import Origins, references
from tap_gitbook.revisions import Revisions
from tap_gitbook.schemas import (
    CONTENT_REF,
    GIT_BLOB,
    OBJECT,
    ORGANIZATION_ID,
    numbers,
    strings,
    urls,
)
from tap_gitbook.streams.spaces import SPACE_READ, Spaces
from tap_gitbook.trees import NOTHING, Changes, Tree, flatten

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rest_tap import Listing, Row
    from rest_tap.state import Kind
    from tap_gitbook.streams.sources import SharedStream

REVISION_ID = columns.text(
    "revision_id",
    "The space's revision that this row was read from: what is still there has the same "
    "as `revision` of its space.",
)
LONG_AGO = "1970-01-01T00:00:00+00:00"
ORIGINS = {
    "spec": ("openapi_specs", "slug", ("lastVersion", "updatedAt")),
    "translation": ("translations", "id", ("result", "updatedAt")),
}
"""Which stream lists what pages are computed from, by which field, and what tells its changes."""
OF_THE_REVISION = ("content", "pages", "files", "page_documents")


class RevisionsAreDue(Reconciliation):
    """All spaces are read once a day, besides those with another revision.

    That tells what was in spaces that are no more, and what computed pages were made into.
    """

    names = ("content", "pages", "files")

    @property
    def due_at(self) -> datetime:
        """When all spaces are to be read; a day after a state of version 0.1.0 went on."""
        if self.is_always or not cast("Content", self._stream).revisions.known:
            return self._run.began
        is_old = "reconciled" not in self._stream.bookmarks.held()
        return self._run.began + EVERY_DAY if is_old else super().due_at


class Content(GitBookStream):
    """The current revision of a space (operationId getCurrentRevision)."""

    name = "content"
    path = "/spaces/{space_id}/content"
    records_key = None
    page_size = None
    primary_keys = ("space_id",)
    parent_stream_type = Spaces
    child_keys: ClassVar[Mapping[str, str]] = {"revision_id": "revision_id"}
    internal_columns: ClassVar[frozenset[str]] = frozenset({"pages", "files", "changes"})
    is_read_when_due = True
    state_keys: ClassVar[Mapping[str, Kind]] = {
        "revisions": TEXT_MAP.spare(),
        "readers": TEXT_LIST.spare(),
        "origins": TEXT_MAP.spare(),
    }
    needs = SPACE_READ
    schema = columns.table(
        columns.key("space_id", "ID of the space."),
        ORGANIZATION_ID,
        REVISION_ID,
        columns.text("id", "ID of the revision; another than `revision_id` where it is computed."),
        OBJECT,
        columns.text("type", "How it came about: edits, merge, rollback, update or computed."),
        columns.texts("parents", "IDs of the revisions before it."),
        columns.timestamp("created_at", "When it was made."),
        columns.free_forms("reusable_contents", "Pieces that several pages show."),
        columns.column(
            "tags", th.ArrayType(strings("slug", "label", "color", "emoji", "icon")), "Tags."
        ),
        columns.free_form("variables", "Variables of the space and their values."),
        columns.nested(
            "git",
            "The Git commit that it came from or went to.",
            columns.text("oid"),
            columns.text("message"),
            columns.boolean("createdByGitBook"),
            columns.text("url"),
            columns.text("ref"),
        ),
        urls("app", "published", "public"),
        columns.free_form("merged_from", "The change request that was merged."),
        columns.text(
            "source_revision", "ID of the revision that a computed one was computed from."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.revisions = Revisions(self.bookmarks, self._readers)
        self._origins_read: dict[str, dict[str, str]] = {}
        self.is_gap_left = False
        """An earlier revision could not be read: what has vanished since cannot be named."""

    def _readers(self) -> list[str]:
        """List who reads revisions in this run; bodies in another format are another reading."""
        selected = [name for name in OF_THE_REVISION if self.run.streams[name].selected]
        style = self.config["page_format"]
        return [f"{name}:{style}" if name == "page_documents" else name for name in selected]

    @cached_property
    def reconciliation(self) -> Reconciliation:
        """When all spaces are read, of pages and files as well."""
        return RevisionsAreDue(self, self.run)

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Ask for a space if it has another revision than the last time, or tells none."""
        space_id = keys["space_id"]
        is_new = self.revisions.is_new(space_id, row.get("revision"))
        if not (is_new or self.is_whole or self._moved_origins(keys)):
            return None
        return self.listing_below(above, row, keys, done=lambda: self._remember(space_id))

    @cached_property
    def _origins_before(self) -> Origins:
        return Origins(self.bookmarks.initial.get("origins") or {})

    @cached_property
    def _origins(self) -> Origins:
        return Origins(self.bookmarks.initial.get("origins") or {})

    def _moved_origins(self, keys: Mapping[str, Any]) -> set[str]:
        """Find what a space was computed from that is another by now."""
        before = self._origins_before.of(keys["space_id"])
        now = {each: self._mark_of(each, keys) for each in before}
        return {each for each, mark in now.items() if mark and mark != before[each]}

    def _mark_of(self, reference: str, keys: Mapping[str, Any]) -> str | None:
        """Tell one state of an origin from another; None where nothing tells."""
        kind, _, name = reference.partition(" ")
        if kind == "space":
            revision = self.revisions.listed.get(name)
            return mark_of(revision) if revision else None
        stream, column, names = ORIGINS[kind]
        found = cast("SharedStream", self.run.streams[stream]).find(
            keys["organization_id"], column, name
        )
        return mark_of([found.get(each) for each in names]) if found else None

    def _remember(self, space_id: str) -> None:
        self.revisions.remember(space_id)
        self._origins.keep(space_id, self._origins_read.pop(space_id, {}))
        if origins := self._origins.as_state():
            self.bookmarks.state()["origins"] = origins
        if self.revisions.known:
            self.bookmarks.state().setdefault("reconciled", format_timestamp(self.run.began))

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Note which revision came: the space may have moved on since it was listed.

        Raises:
            StreamError: If `pages` or `files` is missing, for all pages would look vanished.
        """
        space_id, row = listing.keys["space_id"], (rows[0] if rows else {})
        for name in ("pages", "files"):
            if not isinstance(row.get(name), list):
                raise StreamError(
                    f"the revision of space {space_id} came without the list {name!r}"
                )
        # The contract does not say which of the two a space tells where its revision is computed
        came = [row[name] for name in ("source_revision", "id") if row.get(name)]
        if came and listing.keys["revision_id"] not in came:
            row["revision_id"] = came[0]
        self.revisions.note_came(space_id, row["revision_id"])
        if self.active_children:
            moved = self._moved_origins(listing.keys)
            recomputed = frozenset(
                node["id"]
                for node, _ in flatten(row["pages"])
                if moved and "id" in node and references(node.get("computed")) & moved
            )
            row["changes"] = Changes(*self._compared(space_id, row), recomputed)
        found = references([row["pages"], row.get("reusable_contents")]) - {f"space {space_id}"}
        marks = {each: self._mark_of(each, listing.keys) for each in sorted(found)}
        self._origins_read[space_id] = {each: mark for each, mark in marks.items() if mark}
        return rows

    def _compared(self, space_id: str, row: Row) -> tuple[Tree, Tree]:
        """Read the revision that was read the last time, where it is another."""
        now = Tree.of(row, reusable="reusable_contents")
        known = self.revisions.known_of(space_id)
        if known is None:
            return NOTHING, now
        if known == row["revision_id"]:
            return now, now
        path = f"/spaces/{space_id}/revisions/{known}"
        try:
            return Tree.of(self.get_json(path, {"metadata": "false"})), now
        except (StreamError, LookupError, TypeError, AttributeError):
            self.is_gap_left = not self.is_whole
            return NOTHING, now

    def write_activate_version(self) -> None:
        """Forget spaces that are no more, after a complete run that no setting narrows.

        What was in them cannot be named, so that the next run reads all spaces.
        """
        super().write_activate_version()
        is_narrow = self.config.get("organizations") or self.config.get("spaces")
        is_gone = not is_narrow and self.revisions.forget_missing()
        if is_gone:
            self._origins.retain(self.revisions.listed)
            self.bookmarks.state()["origins"] = self._origins.as_state()
        if not self.is_whole and (is_gone or self.is_gap_left):
            self.bookmarks.state()["reconciled"] = LONG_AGO


class RevisionStream(GitBookStream):
    """Rows that come with the revision of a space, without a request of their own."""

    tells_vanished = True

    path = Content.path
    page_size = None
    primary_keys = ("space_id", "id")
    parent_stream_type = Content
    needs = SPACE_READ

    @cached_property
    def reconciliation(self) -> Reconciliation:
        """That of the revisions which the rows come with."""
        return cast("Content", self.parent).reconciliation

    def last_rows_of(self, ids: list[str], space_id: str) -> list[Row]:
        """Tell of what left the tree of a space."""
        return [self.last_row(space_id=space_id, id=each) for each in ids]


class Pages(RevisionStream):
    """All documents, groups, links and computed nodes of a space's tree, at any depth."""

    name = "pages"
    child_keys: ClassVar[Mapping[str, str]] = {"page_id": "id"}
    schema = columns.table(
        columns.key("space_id", "ID of the space."),
        columns.key("id", "ID of the page in its space."),
        ORGANIZATION_ID,
        REVISION_ID,
        columns.text("parent_page_id", "ID of the page or group that it lies in; null at the top."),
        columns.integer("position", "Place among its siblings, from 0."),
        columns.integer("depth", "How deep it lies, 0 at the top."),
        columns.text("type", "document, group, link or computed."),
        columns.text("kind", "The same, as older clients know it."),
        columns.text("title", "Title."),
        columns.text("link_title", "Title in tables of contents, if another."),
        columns.text("emoji", "Emoji before the title."),
        columns.text("icon", "Icon before the title."),
        columns.timestamp("created_at", "When it was first edited; null if never."),
        columns.timestamp("updated_at", "When it was last edited; null if never."),
        columns.text("condition", "Condition under which visitors see it."),
        columns.text("slug", "Last part of its path; documents and groups have one."),
        columns.text("path", "Path in the space; documents and groups have one."),
        columns.text("description", "What it is about, in a line."),
        columns.boolean("hidden", "Not shown in the navigation."),
        columns.boolean("no_index", "Left out of search and answers."),
        columns.boolean("no_robots_index", "Left out by search engines."),
        columns.text("document_id", "ID of the document with its body; null if it is empty."),
        columns.free_form("computed", "What a computed page or node is made from."),
        columns.text("computed_seed", "Seed for the IDs in a computed body."),
        columns.free_form("layout", "Which parts of the page are shown, and how."),
        columns.free_form("cover", "Its cover image."),
        columns.free_form("variables", "Variables of the page and their values."),
        columns.free_form("meta_links", "Canonical and alternate addresses."),
        columns.free_forms("tags", "Tags of the page."),
        columns.column("git", GIT_BLOB, "The file in Git that it came from or went to."),
        urls("app"),
        columns.column("target", CONTENT_REF, "Where a link leads."),
        columns.text("href", "Address that a link leads to."),
    )

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing:
        """Flatten the tree that came with the revision."""
        known = [
            {snake_case(name): value for name, value in node.items() if name != "pages"} | place
            for node, place in flatten(row["pages"])
        ]
        known += self.last_rows_of(row["changes"].pages_gone, keys["space_id"])
        return self.listing_below(above, row, keys, known=known)


class Files(RevisionStream):
    """Images and other files of a space."""

    name = "files"
    schema = columns.table(
        columns.key("space_id", "ID of the space."),
        columns.key("id", "ID of the file in its space."),
        ORGANIZATION_ID,
        REVISION_ID,
        columns.text("name", "File name."),
        columns.text("content_type", "Media type."),
        columns.text("download_url", "Where it can be downloaded."),
        columns.number("size", "Size in bytes."),
        columns.column("dimensions", numbers("width", "height"), "Size of an image in pixels."),
        columns.column("git", GIT_BLOB, "The file in Git that it came from or went to."),
    )

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing:
        """Take the files that came with the revision."""
        known = [{snake_case(name): file[name] for name in file} for file in row["files"]]
        known += self.last_rows_of(row["changes"].files_gone, keys["space_id"])
        return self.listing_below(above, row, keys, known=known)
