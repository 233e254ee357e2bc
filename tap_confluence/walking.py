"""How labels and restrictions are read by way of what they are on (see streams/ancestors.py)."""

from __future__ import annotations

from enum import Enum, auto
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from rest_tap import Bookmarks
from tap_confluence.client import ConfluenceStream

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rest_tap import Listing

MOST_EACH_RUN = 50  # Requests for all of it, in each run; what takes more is read when it is due


class Way(Enum):
    """How a list leads to labels and restrictions."""

    SEARCH = auto()
    """Its rows are contents of API v1, with both in them."""
    ALONE = auto()
    """Its rows are contents of API v2, to be asked for both."""
    CHANGED = auto()
    """Its rows are contents of API v2, to be asked for restrictions."""
    LABELS = auto()
    """Its rows are labels, to be asked for what they are on."""


class Kind(NamedTuple):
    """A kind of content."""

    name: str
    """What search calls it."""
    key: str
    """Where its children have its id."""
    path: str
    """Its list in API v2."""
    statuses: tuple[str, ...] = ("current", "archived")
    """Those outside of the trash."""
    id_prefix: str = ""
    takes_ids: bool = True
    """The list can be asked by id."""


PAGE = Kind("page", "page_id", "/pages")
BLOG_POST = Kind("blogpost", "blog_post_id", "/blogposts", ("current",))
ATTACHMENT = Kind("attachment", "attachment_id", "/attachments", id_prefix="att", takes_ids=False)
KINDS = {kind.name: kind for kind in (PAGE, BLOG_POST, ATTACHMENT)}


class WalkBookmarks(Bookmarks):
    """Remember a run that missed nothing before it began."""

    def complete(self, keys: Mapping[str, Any], newest: datetime | None) -> None:  # noqa: ARG002
        """Let `last_run` be the beginning of this run."""
        super().complete(keys, self._run.began)


class WalkedStream(ConfluenceStream):
    """What is read by way of what it is on: whole, or else of what changed since the last run."""

    keeps_last_run = True
    is_read_when_due = True

    @cached_property
    def bookmarks(self) -> Bookmarks:
        """Those of what is read whole."""
        return WalkBookmarks(self, self.run)


class OnContentStream(WalkedStream):
    """What is on content of one kind."""

    kind: ClassVar[Kind]
    expand: ClassVar[tuple[str, ...]]
    """What of a content is expanded for it."""
    needs_each_content: ClassVar[bool] = False
    """It can be read whole by way of each content only."""

    def is_below(self, listing: Listing) -> bool:
        """Tell whether this stream's rows are found by way of a list."""
        return self.kind.name in listing.keys["kinds"].split(",")
