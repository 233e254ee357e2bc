"""The bodies of pages."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from rest_tap import columns
from rest_tap.reconciling import EVERY_DAY, Reconciliation
from tap_gitbook.client import GitBookStream
from tap_gitbook.schemas import ORGANIZATION_ID
from tap_gitbook.streams.pages import Pages
from tap_gitbook.streams.spaces import SPACE_READ

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rest_tap import Listing, Row


class BodiesAreDue(Reconciliation):
    """Each run reads all bodies, or none that has not moved."""

    @property
    def due_at(self) -> datetime:
        """When all are to be read."""
        return self._run.began if self.is_always else self._run.began + EVERY_DAY


class PageDocuments(GitBookStream):
    """Bodies of pages, in `page_format`: a request for each that moved (operationId getPageById).

    What moved is told by comparing revisions (`Tree`). The time of the last run would not tell: a
    merged change request brings pages that were edited long before, a rollback older ones still.
    """

    name = "page_documents"
    path = "/spaces/{space_id}/content/page/{page_id}"
    records_key = None
    page_size = None
    primary_keys = ("space_id", "page_id")
    parent_stream_type = Pages
    selected_by_default = False
    tells_vanished = True
    goes_with_parent = True
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

    @cached_property
    def reconciliation(self) -> Reconciliation:
        """When all bodies are read: never, unless a setting names them."""
        return BodiesAreDue(self, self.run)

    @cached_property
    def waits(self) -> bool:
        """Tell that bodies are not read whole when pages are: what moved is told by trees."""
        return False

    @cached_property
    def reads_all(self) -> bool:
        """Whether each run reads all bodies."""
        return self.reconciliation.is_always

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Ask for documents that are new or moved; tell of those that are gone."""
        changes = (above.parent or {})["changes"]
        if changes.lost_body(row.get("id")):
            gone = self.last_row(space_id=keys["space_id"], page_id=row["id"])
            return self.listing(keys=keys, known=[gone])
        if row.get("type") != "document":
            return None
        has_moved = row.get("id") in changes.moved_bodies
        return self.listing_below(above, row, keys) if self.reads_all or has_moved else None

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
