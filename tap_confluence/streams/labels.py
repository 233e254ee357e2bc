"""Labels, and what carries them: read from the labels' side, so pages cost nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from tap_confluence import schemas
from tap_confluence.client import ConfluenceStream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from singer_sdk.helpers.types import Context

    from rest_tap import Listing, Row


class Labels(ConfluenceStream):
    """All labels of the site that the user can see (getLabels)."""

    name = "labels"
    path = "/labels"
    primary_keys = ("id",)
    child_keys: ClassVar[Mapping[str, str]] = {"label_id": "id", "name": "name", "prefix": "prefix"}
    needs = "the scope read:label:confluence"
    schema = th.PropertiesList(
        schemas.identifier("id", "ID of the label."),
        th.Property("name", th.StringType, description="Its name."),
        th.Property("prefix", th.StringType, description="Its kind: global, my, team or system."),
    ).to_dict()


def _schema(of: str, *more: th.Property[Any]) -> dict[str, Any]:
    """Describe rows that pair one thing with one label."""
    return th.PropertiesList(
        schemas.identifier(f"{of}_id", f"ID of the {of.replace('_', ' ')}."),
        schemas.identifier("label_id", "ID of the label."),
        th.Property("name", th.StringType, description="Name of the label."),
        th.Property("prefix", th.StringType, description="Kind of the label: global, my, ..."),
        *more,
    ).to_dict()


class _LabelledStream(ConfluenceStream):
    """What carries a label."""

    parent_stream_type = Labels
    selected_by_default = False  # Each of these asks once for each label

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask only for the wanted spaces, as far as one request can name them."""
        parts = self.space_filter.parts(self)
        return parts[0] if len(parts) == 1 else {}

    def post_process(self, row: Row, context: Context | None = None) -> Row | None:
        """Keep of the labelled thing its ID and space; the label comes from the context."""
        if not self.space_filter.has(self, row.get("space_id")):
            return None
        return {
            self.primary_keys[0]: row["id"],
            "space_id": row.get("space_id"),
            **{key: (context or {}).get(key) for key in ("label_id", "name", "prefix")},
        }


class PageLabels(_LabelledStream):
    """Labels of pages (getLabelPages)."""

    name = "page_labels"
    path = "/labels/{label_id}/pages"
    primary_keys = ("page_id", "label_id")
    selected_by_default = True
    needs = "the scope read:page:confluence"
    schema = _schema("page", schemas.SPACE_ID)


class BlogPostLabels(_LabelledStream):
    """Labels of blog posts (getLabelBlogPosts)."""

    name = "blog_post_labels"
    path = "/labels/{label_id}/blogposts"
    primary_keys = ("blog_post_id", "label_id")
    needs = "the scope read:page:confluence"
    schema = _schema("blog_post", schemas.SPACE_ID)


class AttachmentLabels(_LabelledStream):
    """Labels of attachments (getLabelAttachments)."""

    name = "attachment_labels"
    path = "/labels/{label_id}/attachments"
    primary_keys = ("attachment_id", "label_id")
    needs = "the scope read:attachment:confluence"
    schema = _schema("attachment", schemas.PAGE_ID, schemas.BLOG_POST_ID, schemas.CUSTOM_CONTENT_ID)

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """This endpoint knows no spaces."""
        return listing.params

    def post_process_page(self, rows: list[Row], listing: Listing) -> list[Row]:  # noqa: ARG002
        """Keep the attachments whose parents are in the wanted spaces."""
        return self.space_filter.kept(self, rows)

    def post_process(self, row: Row, context: Context | None = None) -> Row | None:
        """Keep of the attachment its ID and parent."""
        kept = ("page_id", "blog_post_id", "custom_content_id")
        return {
            "attachment_id": row["id"],
            **{key: row.get(key) for key in kept},
            **{key: (context or {}).get(key) for key in ("label_id", "name", "prefix")},
        }
