"""The bodies of pages."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from rest_tap import StreamError, columns, snake_case
from tap_gitbook.client import GitBookStream
from tap_gitbook.schemas import ORGANIZATION_ID
from tap_gitbook.streams.pages import Pages, flatten
from tap_gitbook.streams.spaces import SPACE_READ

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_tap import Listing, Row

MARKS = ("type", "updated_at", "document_id", "computed", "title", "description")
"""What a body is made from; a title that is changed does not move `updatedAt`."""


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
    schema = columns.table(
        columns.key("space_id", "ID of the space."),
        columns.key("page_id", "ID of the page in its space."),
        ORGANIZATION_ID,
        columns.text(
            "revision_id", "The space's revision that was current when the body was read."
        ),
        columns.timestamp("updated_at", "When the page was last edited."),
        columns.text("document_id", "ID of the document that the body is."),
        columns.text(
            "markdown", "The body as Markdown; references in it do not depend on other pages."
        ),
        columns.free_form("document", "The body as GitBook's document nodes."),
    )

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for a body that changes only with its own page: relative links would not."""
        if self.config["page_format"] == "document":
            return {"format": "document"}
        return {"format": "markdown", "format.markdown.refs": "stable"}

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Ask for documents that are new, or whose marks are not what they were."""
        if row.get("type") != "document":
            return None
        before = self._marks_before(keys["space_id"])
        if before.get(row.get("id")) == _marks(row):
            return None
        return self.listing_below(above, row, keys)

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Keep the body, and what tells which page it is: the rest is in `pages`.

        A page may be edited after its tree was read, and rolled back before the next run: then
        nothing but the time of this body tells that the next run must read it again.
        """
        expected, columns = (listing.parent or {}).get("updated_at"), self.schema["properties"]
        for row in rows:
            if expected is not None and row.get("updated_at") not in {None, expected}:
                self.run.revisions.note_moved_on(listing.keys["space_id"])
        return [{name: row[name] for name in row if name in columns} for row in rows]

    @cached_property
    def _marks_before(self) -> Any:
        return lru_cache(maxsize=64)(self._read_marks)

    def _read_marks(self, space_id: str) -> dict[str, list[Any]]:
        """Read the marks of the revision that was read the last time; none if it cannot be had."""
        revision = self.run.revisions.known_of(space_id)
        if revision is None:
            return {}
        path = f"/spaces/{space_id}/revisions/{revision}/pages"
        try:
            tree = self.get_json(path, {"metadata": "false"})["pages"]
        except (StreamError, LookupError, TypeError):
            return {}
        rows = (
            {snake_case(name): value for name, value in node.items()} for node, _ in flatten(tree)
        )
        return {row["id"]: _marks(row) for row in rows if "id" in row}


def _marks(page: Row) -> list[Any]:
    """Tell one version of a page's body from another."""
    return [page.get(name) for name in MARKS]
