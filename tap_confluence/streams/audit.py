"""The audit log."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import to_rfc3339
from tap_confluence import schemas
from tap_confluence.client import ConfluenceV1Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from rest_tap import Listing, Row


_OBJECT = th.ObjectType(
    th.Property("name", th.StringType, description="Its name."),
    th.Property("objectType", th.StringType, description="What it is."),
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
    selected_by_default = False
    limit = 1000
    bookmark_depends_on = ()
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("author.accountId",)}
    needs = "the scope read:audit-log:confluence, and a Confluence administrator"
    schema = th.PropertiesList(
        th.Property(
            "creation_date",
            th.IntegerType,
            required=True,
            description="When it happened, in milliseconds since 1970.",
        ),
        schemas.identifier("fingerprint", "Made of all that the event says."),
        th.Property(
            "ordinal",
            th.IntegerType,
            required=True,
            description="0, or more where the same happened more than once in one millisecond.",
        ),
        th.Property("created_at", th.DateTimeType, description="When it happened: the bookmark."),
        th.Property(
            "author",
            th.ObjectType(
                th.Property("type", th.StringType, description="user."),
                th.Property("displayName", th.StringType, description="Name as they show it."),
                th.Property(
                    "operations",
                    th.ArrayType(
                        th.ObjectType(
                            th.Property(
                                "operation", th.StringType, description="What they may do."
                            ),
                            th.Property("targetType", th.StringType, description="To what."),
                        )
                    ),
                    description="What they may do, where the API sends it along.",
                ),
                th.Property("username", th.StringType, description="No longer filled."),
                th.Property("userKey", th.StringType, description="No longer filled."),
                th.Property("accountId", th.StringType, description="Account ID."),
                th.Property("accountType", th.StringType, description="atlassian or app."),
                th.Property("externalCollaborator", th.BooleanType, description="Old isGuest."),
                th.Property("isExternalCollaborator", th.BooleanType, description="Old isGuest."),
                th.Property("isGuest", th.BooleanType, description="Whether they are a guest."),
                th.Property("publicName", th.StringType, description="Name that all may see."),
            ),
            description="Who did it.",
        ),
        th.Property("remote_address", th.StringType, description="IP address it was done from."),
        th.Property("summary", th.StringType, description="What was done, in short."),
        th.Property("description", th.StringType, description="What was done, at length."),
        th.Property("category", th.StringType, description="Kind of the event."),
        th.Property("sys_admin", th.BooleanType, description="Done by a system administrator."),
        th.Property("super_admin", th.BooleanType, description="Done by a super administrator."),
        th.Property("affected_object", _OBJECT, description="What it was done to."),
        th.Property(
            "changed_values",
            th.ArrayType(
                th.ObjectType(
                    *(
                        th.Property(name, th.StringType, description=text)
                        for name, text in (
                            ("name", "What changed."),
                            ("oldValue", "Its value before."),
                            ("hiddenOldValue", "The same, where it is hidden from people."),
                            ("newValue", "Its value after."),
                            ("hiddenNewValue", "The same, where it is hidden from people."),
                        )
                    )
                )
            ),
            description="What changed.",
        ),
        th.Property(
            "associated_objects", th.ArrayType(_OBJECT), description="What else it is about."
        ),
    ).to_dict()

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
            "endDate": _milliseconds(self._tap.began),
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
