"""API v2: lists of content of one kind, site-wide or of a label."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sandbox.confluence import rows
from sandbox.confluence.answers import listed
from sandbox.confluence.paging import Entry, ordered, scope
from sandbox.confluence.query import (
    BODY,
    DATES,
    ID_DATES,
    ID_DATES_TITLE,
    IDS,
    RAW_BODY,
    SPACE_IDS,
    Check,
    InvalidError,
    checked,
    many,
    one_of,
    paging,
    text,
)

if TYPE_CHECKING:
    from sandbox.confluence.model import Table
    from sandbox.confluence.rows import Row
    from sandbox.confluence.site import Site
    from sandbox.messages import Request, Response

Attribute = Callable[[Any], Any]

SORTS: dict[str, Attribute] = {
    "id": attrgetter("number"),
    "created-date": attrgetter("created"),
    "modified-date": attrgetter("modified"),
    "title": attrgetter("title"),
    "name": attrgetter("name"),
    "key": attrgetter("key"),
    "child-position": attrgetter("position"),
}
FILTERS: dict[str, Attribute] = {
    "id": attrgetter("number"),
    "space-id": attrgetter("space.number"),
    "status": attrgetter("status"),
    "title": attrgetter("title"),
    "filename": attrgetter("title"),
    "mediaType": attrgetter("media_type"),
    "subtype": attrgetter("subtype"),
    "type": attrgetter("type"),
}


def in_order(items: Iterable[Any], asked: Mapping[str, Any], default: str = "id") -> list[Entry]:
    """Return items in ascending order of the field that is sorted by."""
    field = asked.get("sort", default).removeprefix("-")
    return ordered(items, SORTS[field], attrgetter("number"))


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of one kind of content: its parameters, and what holds where they are absent."""

    table: Callable[[Site], Table[Any]]
    row: Callable[..., Row]
    allowed: Mapping[str, Check]
    statuses: frozenset[str] = frozenset(("current",))
    limit: int = 25
    required: str | None = None

    def answer(self, site: Site, request: Request, label: int | None = None) -> Response:
        """Answer one page of all content of this kind, or of what has a label."""
        # A label's lists know the same parameters, except for those that pick single rows.
        allowed = {
            name: check
            for name, check in self.allowed.items()
            if label is None or name in ("space-id", "body-format", "sort", "cursor", "limit")
        }
        asked = checked(request, allowed)
        if self.required is not None and self.required not in asked:
            raise InvalidError(f"Parameter '{self.required}' is required")
        table = self.table(site)
        among: Iterable[int] = table.items if label is None else site.labelled[label]
        entries = site.derived(
            scope(request),
            (table.changes, site.labels.changes if label else 0),
            lambda: in_order(self._wanted(site, asked.get("id", among), asked), asked),
        )
        form = asked.get("body-format")

        def row(item: Any) -> Row:
            sent = self.row(item, form)
            return rows.as_seen_live(sent) if site.as_seen_live else sent

        return listed(request, asked, entries, row, limit=self.limit)

    def _wanted(self, site: Site, numbers: Iterable[int], asked: Mapping[str, Any]) -> list[Any]:
        table = self.table(site)
        wanted: list[tuple[Attribute, Any]] = [
            (FILTERS[name], value if isinstance(value, frozenset) else {value})
            for name, value in {"status": self.statuses, **asked}.items()
            if name in FILTERS
        ]
        items = (table.items[number] for number in numbers if number in table.items)
        return [
            item
            for item in items
            if all(of(item) in values for of, values in wanted) and site.is_visible(item)
        ]


_COMMENTS = {"body-format": BODY, "sort": DATES, **paging()}

LISTINGS: Mapping[str, Listing] = {
    "pages": Listing(
        lambda site: site.pages,
        rows.page,
        {
            "id": IDS,
            "space-id": SPACE_IDS,
            "sort": ID_DATES_TITLE,
            "status": many(one_of("current", "archived", "deleted", "trashed")),
            "title": text,
            "body-format": BODY,
            "subtype": one_of("live", "page"),
            **paging(),
        },
        frozenset(("current", "archived")),
    ),
    "blogposts": Listing(
        lambda site: site.blog_posts,
        rows.blog_post,
        {
            "id": IDS,
            "space-id": SPACE_IDS,
            "sort": ID_DATES,
            "status": many(one_of("current", "deleted", "trashed")),
            "title": text,
            "body-format": BODY,
            **paging(),
        },
    ),
    "attachments": Listing(
        lambda site: site.attachments,
        rows.attachment,
        {
            "sort": DATES,
            "status": many(one_of("current", "archived", "trashed")),
            "mediaType": text,
            "filename": text,
            **paging(),
        },
        frozenset(("current", "archived")),
        limit=50,
    ),
    "custom-content": Listing(
        lambda site: site.custom_contents,
        rows.custom_content,
        {
            "type": text,
            "id": IDS,
            "space-id": SPACE_IDS,
            "sort": ID_DATES_TITLE,
            "body-format": RAW_BODY,
            **paging(),
        },
        required="type",
    ),
    "footer-comments": Listing(lambda site: site.footer_comments, rows.comment, _COMMENTS),
    "inline-comments": Listing(lambda site: site.inline_comments, rows.comment, _COMMENTS),
}
