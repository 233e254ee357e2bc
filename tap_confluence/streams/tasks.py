"""Tasks in pages and blog posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rest_tap import columns, parse_timestamp
from tap_confluence import schemas
from tap_confluence.sweep import NO_CHANGES
from tap_confluence.swept import SweptStream, batches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rest_tap import Listing, Row


class Tasks(SweptStream):
    """Tasks, open and done (getTasks).

    The list cannot be sorted, and filters by creation, due date and completion only. So a later
    run reads what is open, for anything may have changed there, and what was completed since; and
    all, when that is due.
    """

    name = "tasks"
    path = "/tasks"
    replication_key = "updated_at"
    differs_by = ("space_id", "page_id", "blog_post_id")
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
        """Read everything at first, and when it is due; else open tasks, and those just done."""
        since = self.bookmarks.start()
        is_all = since is None or self.is_swept
        chosen: list[dict[str, str]] = [{}]
        if since and not is_all:
            from_date = str(int(since.timestamp() * 1000))
            chosen = [
                {"status": "incomplete"},
                {"status": "complete", "completed-at-from": from_date},
            ]
        lists = self._lists(chosen)
        for listing in lists if is_all else ():
            listing.new_pass = self.sweep.counting(lambda: _unchanged)
        yield lists
        self.sweep.is_complete = is_all
        if since:
            yield from self.differing(NO_CHANGES)

    def _lists(self, chosen: Sequence[dict[str, str]]) -> list[Listing]:
        parts = self.space_filter.parts(self)
        return [self.listing(keys={**part, **some}) for some in chosen for part in parts]

    def all_again(self) -> list[Listing]:
        """Read all tasks."""
        return self._lists([{}])

    def by_id(self, ids: Sequence[str]) -> list[Listing]:
        """Ask for tasks by id."""
        return [
            self.listing(
                keys={"task-id": batch}, all_children=True, new_pass=lambda: self.not_missing
            )
            for batch in batches(ids)
        ]

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Ask for some of the tasks, with their text."""
        return {**listing.keys, "body-format": self.body_format}

    def rows_to_write(self, rows: list[Row], listing: Listing) -> list[Row]:
        """Leave out tasks that nobody touched since they were told."""
        is_asked_for = self.is_read_again or listing.all_children
        return super().rows_to_write(rows if is_asked_for else self._changed(rows), listing)

    def _changed(self, rows: list[Row]) -> list[Row]:
        """Pick what changed since all was read: that of completed tasks was not seen since."""
        since = parse_timestamp(self.bookmarks.held().get("reconciled"))
        if since is None or not self.is_swept:
            return self.bookmarks.not_older(rows)
        changes = ((row, parse_timestamp(row.get("updated_at"))) for row in rows)
        return [row for row, at in changes if at is None or at >= since - self.lookback]


def _unchanged(rows: list[Row]) -> list[Row]:
    return rows
