"""Tasks in pages and blog posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rest_tap import columns
from tap_confluence import schemas
from tap_confluence.client import ConfluenceStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rest_tap import Listing, Row


class Tasks(ConfluenceStream):
    """Tasks, open and done (getTasks).

    The list cannot be sorted, and filters by creation, due date and completion only. So a later
    run reads what is open, for anything may have changed there, and what was completed since.
    """

    name = "tasks"
    path = "/tasks"
    primary_keys = ("id",)
    replication_key = "updated_at"
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "users": ("created_by", "assigned_to", "completed_by")
    }
    needs = "the scope read:task:confluence"
    schema = columns.table(
        columns.key("id", "ID of the task."),
        columns.text("local_id", "Its ID inside its page."),
        schemas.SPACE_ID,
        schemas.PAGE_ID,
        schemas.BLOG_POST_ID,
        columns.text("status", "complete or incomplete."),
        columns.column(
            "body",
            schemas.body_in("storage", "atlas_doc_format"),
            "Its text, in the format that the setting body_format names.",
        ),
        columns.text("created_by", "Account ID of who created it."),
        columns.text("assigned_to", "Account ID of whose task it is."),
        columns.text("completed_by", "Account ID of who completed it."),
        schemas.CREATED_AT,
        columns.timestamp("updated_at", "When it was changed last."),
        columns.timestamp("due_at", "When it is due."),
        columns.timestamp("completed_at", "When it was completed."),
    )

    def rounds(self) -> Iterator[Iterable[Listing]]:
        """Read everything at first; later the open tasks, and those completed since."""
        chosen: list[dict[str, str]] = [{}]
        if since := self.bookmarks.start():
            from_date = str(int(since.timestamp() * 1000))
            chosen = [
                {"status": "incomplete"},
                {"status": "complete", "completed-at-from": from_date},
            ]
        lists = [{**part, **some} for some in chosen for part in self.space_filter.parts(self)]
        yield [self.listing(keys=keys) for keys in lists]

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Ask for some of the tasks, with their text."""
        return {**listing.keys, "body-format": self.body_format}

    def rows_to_write(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Leave out open tasks that nobody touched since the last run."""
        return self.bookmarks.not_older(rows, listing.keys)
