"""What is read: one list of the API, described before it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

Row = dict[str, Any]


class Order(Enum):
    """In which order of the replication key the rows of a list come."""

    UNKNOWN = auto()
    OLDEST_FIRST = auto()
    """The bookmark moves while the list is read."""
    NEWEST_FIRST = auto()
    """Reading stops where rows are older than the list's start."""


class Cost(Enum):
    """What it costs that the API denies or lacks a list (403, 404, 410)."""

    STREAM = auto()
    """The stream fails; the others go on; the exit status is 1."""
    NAMED_LIST = auto()
    """Only this list, which the summary names; the exit status is 1."""
    LIST = auto()
    """Only this list, which the summary counts; the stream, if it is so for all of its lists."""
    NOTHING = auto()
    """The list has no rows."""


@dataclass(slots=True, kw_only=True, eq=False)
class Listing:
    """One list of the API, page after page; `RestStream.listing` fills in what a stream declares.

    Functions in here may be called on any thread, but `done` on the main one.
    """

    keys: Mapping[str, Any] = field(default_factory=dict)
    """What fills the path, the columns of the same names, and names the partition of the state."""

    path: str | None = None
    """Another path than the stream's, with nothing left to fill in."""

    params: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of the request, beside those of paging."""

    order: Order = Order.UNKNOWN

    start: Callable[[], datetime | None] = lambda: None
    """From when on rows are wanted; asked after the first answer, which tells the API's clock."""

    if_forbidden: Cost = Cost.STREAM
    if_missing: Cost = Cost.STREAM

    parent: Row | None = None
    """The parent stream's row that the list belongs to."""

    known: list[Row] | None = None
    """Rows that need no request, under the names of their columns."""

    pages: Callable[[], Iterator[list[Row]]] | None = None
    """Reads the list where it is not one answer after another; called anew at each beginning."""

    is_one_row: bool = False
    """The answer is the row itself, without the list around it."""

    for_children_only: bool = False
    """The rows are not written."""

    all_children: bool = False
    """Children are read for each row, whatever its dates say of changes."""

    purpose: Enum | None = None
    """Why the list is read, in the tap's own terms; handed down to the lists below it."""

    new_pass: Callable[[], Callable[[list[Row]], list[Row]]] | None = None
    """Makes what each page's rows go through, in their order; anew at each beginning."""

    done: Callable[[], None] | None = None
    """Called when all rows, and all that is below them, were read and written."""
