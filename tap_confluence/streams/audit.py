"""The audit log."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import columns, to_rfc3339
from tap_confluence.client import ConfluenceV1Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from rest_tap import Listing, Row


_OBJECT = th.ObjectType(
    columns.text("name", "Its name."),
    columns.text("objectType", "What it is."),
)


class Audit(ConfluenceV1Stream):
    """Events of the audit log (getAuditRecords).

    The API gives an event no id. It is known by its millisecond, by what it says, and, where two
    say the same in the same millisecond, by a number.
    """

    name = "audit"
    path = "/audit"
    primary_keys = ("creation_date", "fingerprint", "ordinal")
    derived_columns = ("fingerprint", "ordinal", "created_at")
    replication_key = "created_at"
    rows_stay_true = True
    selected_by_default = False
    limit = 1000
    bookmark_depends_on = ()
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("author.accountId",)}
    needs = "the scope read:audit-log:confluence, and a Confluence administrator"
    schema = columns.table(
        columns.key(
            "creation_date", "When it happened, in milliseconds since 1970.", th.IntegerType
        ),
        columns.key("fingerprint", "Made of all that the event says."),
        columns.key(
            "ordinal",
            "0, or more where the same happened more than once in one millisecond.",
            th.IntegerType,
        ),
        columns.timestamp("created_at", "When it happened: the bookmark."),
        columns.nested(
            "author",
            "Who did it.",
            columns.text("type", "user."),
            columns.text("displayName", "Name as they show it."),
            columns.nested_list(
                "operations",
                "What they may do, where the API sends it along.",
                columns.text("operation", "What they may do."),
                columns.text("targetType", "To what."),
            ),
            columns.text("username", "No longer filled."),
            columns.text("userKey", "No longer filled."),
            columns.text("accountId", "Account ID."),
            columns.text("accountType", "atlassian or app."),
            columns.boolean("externalCollaborator", "Old isGuest."),
            columns.boolean("isExternalCollaborator", "Old isGuest."),
            columns.boolean("isGuest", "Whether they are a guest."),
            columns.text("publicName", "Name that all may see."),
        ),
        columns.text("remote_address", "IP address it was done from."),
        columns.text("summary", "What was done, in short."),
        columns.text("description", "What was done, at length."),
        columns.text("category", "Kind of the event."),
        columns.boolean("sys_admin", "Done by a system administrator."),
        columns.boolean("super_admin", "Done by a super administrator."),
        columns.column("affected_object", _OBJECT, "What it was done to."),
        columns.nested_list(
            "changed_values",
            "What changed.",
            *(
                columns.text(name, text)
                for name, text in (
                    ("name", "What changed."),
                    ("oldValue", "Its value before."),
                    ("hiddenOldValue", "The same, where it is hidden from people."),
                    ("newValue", "Its value after."),
                    ("hiddenNewValue", "The same, where it is hidden from people."),
                )
            ),
        ),
        columns.column("associated_objects", th.ArrayType(_OBJECT), "What else it is about."),
    )

    def rounds(self) -> Iterator[Iterable[Listing]]:
        """Read one list, and tell its events apart."""
        yield [self.listing(new_pass=Events)]

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Ask for the time from the bookmark to the run's beginning.

        With an end, what happens meanwhile does not move the pages that are still to be read.
        """
        start = listing.start()
        return {
            "startDate": _milliseconds(start) if start else None,
            "endDate": _milliseconds(self.run.began),
        }


class Events:
    """Gives the events of a list what tells them apart, page after page."""

    def __init__(self) -> None:
        self._moment: int | None = None
        self._count: Counter[str] = Counter()

    def __call__(self, rows: list[Row]) -> list[Row]:
        """Add the columns of the key, and that of the bookmark."""
        for row in rows:
            at = row.get("creation_date")
            if at != self._moment:
                self._moment = at
                self._count.clear()
            # The names of people change, the event does not
            said = json.dumps(
                row | {"author": (row.get("author") or {}).get("accountId")}, sort_keys=True
            ).encode()
            row["fingerprint"] = fingerprint = hashlib.sha256(said).hexdigest()[:16]
            row["ordinal"] = self._count[fingerprint]
            self._count[fingerprint] += 1
            row["created_at"] = to_rfc3339(at)
        return rows


def _milliseconds(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))
