"""Pages, blog posts, attachments and custom content, each read in one walk over the site."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from rest_tap import Cost, columns
from tap_confluence import schemas
from tap_confluence.feeds import FeedStream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_tap import DeniedError, Listing

_PAGE_LINKS = schemas.links("webui", "editui", "tinyui")
PARENTS = ("page_id", "blog_post_id", "custom_content_id")
_BODY = columns.column(
    "body",
    schemas.body_in("storage", "atlas_doc_format"),
    "Its text, in the format that the setting body_format names.",
)


class Pages(FeedStream):
    """Pages of every wanted status (getPages)."""

    name = "pages"
    path = "/pages"
    differs_by = (
        *("status", "parent_id", "parent_type", "position", "space_id"),
        *("owner_id", "last_owner_id", "subtype"),
    )
    sketch_rows, small_sketch_rows = (16, 28, 28, 28), (16, 6, 6, 6)
    has_labels = True
    child_keys: ClassVar[Mapping[str, str]] = {"page_id": "id"}
    statuses = ("current", "archived", "deleted", "trashed")
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "users": ("author_id", "owner_id", "last_owner_id", "version.authorId")
    }
    needs = "the scope read:page:confluence"
    schema = columns.table(
        columns.key("id", "ID of the page."),
        schemas.STATUS,
        schemas.TITLE,
        schemas.SPACE_ID,
        schemas.PARENT_ID,
        schemas.PARENT_TYPE,
        schemas.POSITION,
        schemas.AUTHOR_ID,
        schemas.OWNER_ID,
        columns.text("last_owner_id", "Account ID of the owner before."),
        columns.text("subtype", "live for a live doc, else page."),
        columns.text(
            "source_template_entity_id", "ID of the template that it was made from, if any."
        ),
        schemas.CREATED_AT,
        schemas.VERSION_COLUMN,
        schemas.MODIFIED_AT,
        _BODY,
        schemas.BODY_MARKDOWN,
        _PAGE_LINKS,
    )


class BlogPosts(FeedStream):
    """Blog posts of every wanted status (getBlogPosts)."""

    name = "blog_posts"
    path = "/blogposts"
    differs_by = ("status", "space_id", "author_id")
    has_labels = True
    child_keys: ClassVar[Mapping[str, str]] = {"blog_post_id": "id"}
    statuses = ("current", "deleted", "trashed")
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("author_id", "version.authorId")}
    needs = "the scope read:page:confluence, which covers blog posts too"
    schema = columns.table(
        columns.key("id", "ID of the blog post."),
        schemas.STATUS,
        schemas.TITLE,
        schemas.SPACE_ID,
        schemas.AUTHOR_ID,
        schemas.CREATED_AT,
        schemas.VERSION_COLUMN,
        schemas.MODIFIED_AT,
        _BODY,
        schemas.BODY_MARKDOWN,
        _PAGE_LINKS,
    )


class Attachments(FeedStream):
    """Attachments of pages, blog posts and custom content: what they are, not the files.

    The operationId is getAttachments.
    """

    name = "attachments"
    path = "/attachments"
    differs_by = ("status", *PARENTS)
    sketch_rows = (14, 14, 14, 14)
    has_labels = True
    child_keys: ClassVar[Mapping[str, str]] = {"attachment_id": "id"}
    statuses = ("current", "archived", "trashed")
    takes_spaces = False
    has_body = False
    takes_ids = False
    id_prefix = "att"
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("version.authorId",)}
    needs = "the scope read:attachment:confluence"
    schema = columns.table(
        columns.key("id", "ID of the attachment; it begins with att."),
        schemas.STATUS,
        schemas.TITLE,
        schemas.CREATED_AT,
        schemas.PAGE_ID,
        schemas.BLOG_POST_ID,
        schemas.CUSTOM_CONTENT_ID,
        columns.text("media_type", "MIME type of the file."),
        columns.text("media_type_description", "The same in words."),
        columns.text("comment", "What was noted at the upload."),
        columns.text("file_id", "ID of the file inside page bodies."),
        columns.integer("file_size", "Size of the file in bytes."),
        columns.text("webui_link", "Path of its page for people."),
        columns.text("download_link", "Path of the file itself."),
        schemas.VERSION_COLUMN,
        schemas.MODIFIED_AT,
        schemas.links("webui", "download"),
    )


class CustomContent(FeedStream):
    """Content that apps define, of the types in the setting (getCustomContentByType)."""

    name = "custom_content"
    path = "/custom-content"
    differs_by = ("status", "space_id", *PARENTS)
    bookmark_depends_on = ("spaces", "custom_content_types")
    mentions: ClassVar[Mapping[str, tuple[str, ...]]] = {"users": ("author_id", "version.authorId")}
    needs = "the scope read:custom-content:confluence"
    schema = columns.table(
        columns.key("id", "ID of the custom content."),
        columns.text("type", "Its type, as the app named it."),
        schemas.STATUS,
        schemas.TITLE,
        schemas.SPACE_ID,
        schemas.PAGE_ID,
        schemas.BLOG_POST_ID,
        schemas.CUSTOM_CONTENT_ID,
        schemas.AUTHOR_ID,
        schemas.CREATED_AT,
        schemas.VERSION_COLUMN,
        schemas.MODIFIED_AT,
        columns.column(
            "body",
            schemas.body_in("raw", "storage", "atlas_doc_format"),
            "Its text, in the format that the setting body_format names.",
        ),
        schemas.BODY_MARKDOWN,
        schemas.links("webui"),
    )

    @cached_property
    def parts(self) -> list[dict[str, str]]:
        """The endpoint lists one type at a time; without types there is nothing to read."""
        kinds = self.config.get("custom_content_types") or []
        return [{"type": kind, **part} for kind in kinds for part in self.space_filter.parts(self)]

    @cached_property
    def id_parts(self) -> list[dict[str, str]]:
        """A list by ids is of one type, too."""
        return [{"type": kind} for kind in self.config.get("custom_content_types") or []]

    def denied(self, listing: Listing, error: DeniedError) -> Cost:
        """Name a type that is not there, such as that of an app which is gone; read the others."""
        if error.is_forbidden:
            return super().denied(listing, error)
        hint = "no app of the site has this type, or these credentials may not see it"
        self.run.report_missing("custom_content_types", [listing.keys["type"]], hint)
        return Cost.NOTHING
