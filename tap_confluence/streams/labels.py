"""Labels, and what carries them: found by way of contents, or of labels (see ancestors.py)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from rest_tap import columns
from tap_confluence import schemas
from tap_confluence.client import ConfluenceStream, places_after
from tap_confluence.streams.ancestors import PageAncestors
from tap_confluence.walking import ATTACHMENT, BLOG_POST, PAGE, OnContentStream, Way

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rest_tap import Listing, Row


class Labels(ConfluenceStream):
    """All labels of the site that the user can see (getLabels)."""

    name = "labels"
    path = "/labels"
    primary_keys = ("id",)
    needs = "the scope read:label:confluence"
    schema = columns.table(
        columns.key("id", "ID of the label."),
        columns.text("name", "Its name."),
        columns.text("prefix", "Its kind: global, my, team or system."),
    )

    def rounds(self) -> Iterator[Iterable[Listing]]:
        """Note the labels for the streams of what carries them."""
        known = self.run.known_labels
        yield [self.listing(new_pass=known.new_pass, done=known.done)]


def _schema(of: str, *more: columns.Column) -> dict[str, Any]:
    """Describe rows that pair one thing with one label."""
    return columns.table(
        columns.key(f"{of}_id", f"ID of the {of.replace('_', ' ')}."),
        columns.key("label_id", "ID of the label."),
        columns.text("name", "Name of the label."),
        columns.text("prefix", "Kind of the label: global, my, ..."),
        *more,
    )


class _LabelledStream(OnContentStream):
    """Labels of one kind of content."""

    parent_stream_type = PageAncestors
    expand = ("metadata.labels", "container")

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Take the labels out of a content, ask for them, or ask what a label is on."""
        if not self.is_below(above):
            return None
        if above.purpose is Way.LABELS:
            shape = partial(self._of_label, label=keys)
            params = self._filter
            return self.listing_below(above, row, keys, params=params, new_pass=lambda: shape)
        if above.purpose is Way.CHANGED:
            return None
        shape = partial(self._of_content, row)
        known = _labels_in(row) if above.purpose is Way.SEARCH else None
        if known == []:
            return None  # As most contents have none
        path = f"{self.kind.path}/{row['id']}/labels"
        return self.listing_below(above, row, keys, path=path, known=known, new_pass=lambda: shape)

    @property
    def _filter(self) -> Mapping[str, Any]:
        """The wanted spaces, as far as one request can name them."""
        parts = self.space_filter.parts(self) if self.kind.takes_ids else ()
        return parts[0] if len(parts) == 1 else {}

    def _of_label(self, rows: list[Row], label: Mapping[str, Any]) -> list[Row]:
        spaces = self.space_filter
        if self.kind.takes_ids:
            kept = [row for row in rows if spaces.has(self, row.get("space_id"))]
        else:
            kept = spaces.kept(self, rows)
        return [{**self._place(row), **label} for row in kept]

    def _of_content(self, content: Row, rows: list[Row]) -> list[Row]:
        place = self._place(content)
        return [
            {**place, "label_id": row["id"], "name": row["name"], "prefix": row.get("prefix")}
            for row in rows
        ]

    def _place(self, content: Row) -> Row:
        """Tell what carries a label, and where it is."""
        return {self.kind.key: content["id"], "space_id": content.get("space_id")}


def _labels_in(content: Row) -> list[Row] | None:
    """Find the labels of a content of API v1; None if they are not all there."""
    labels = (content.get("metadata") or {}).get("labels")
    if isinstance(labels, list):
        return labels
    if not isinstance(labels, dict) or places_after(labels):
        return None
    found: list[Row] = labels.get("results") or []
    return found


class PageLabels(_LabelledStream):
    """Labels of pages (getLabelPages)."""

    name = "page_labels"
    path = "/labels/{label_id}/pages"
    kind = PAGE
    primary_keys = ("page_id", "label_id")
    needs = "the scope read:page:confluence"
    schema = _schema("page", schemas.SPACE_ID)


class BlogPostLabels(_LabelledStream):
    """Labels of blog posts (getLabelBlogPosts)."""

    name = "blog_post_labels"
    path = "/labels/{label_id}/blogposts"
    kind = BLOG_POST
    primary_keys = ("blog_post_id", "label_id")
    needs = "the scope read:page:confluence"
    schema = _schema("blog_post", schemas.SPACE_ID)


class AttachmentLabels(_LabelledStream):
    """Labels of attachments (getLabelAttachments)."""

    name = "attachment_labels"
    path = "/labels/{label_id}/attachments"
    kind = ATTACHMENT
    primary_keys = ("attachment_id", "label_id")
    needs = "the scope read:attachment:confluence"
    schema = _schema("attachment", schemas.PAGE_ID, schemas.BLOG_POST_ID, schemas.CUSTOM_CONTENT_ID)

    def _place(self, content: Row) -> Row:
        """Tell what the file is attached to: what contains it, in API v1."""
        container = content.get("container") or {}
        of = next(
            (kind.key for kind in (PAGE, BLOG_POST) if kind.name == container.get("type")), ""
        )
        kept = ("page_id", "blog_post_id", "custom_content_id")
        told = {name: content.get(name) for name in kept}
        return {"attachment_id": content["id"], **told, **({of: container["id"]} if of else {})}
