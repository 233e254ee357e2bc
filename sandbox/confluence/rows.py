"""The vendor's form of content: one function a kind of row, for API v2."""

from __future__ import annotations

import html
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from sandbox.confluence.model import (
    Attachment,
    BlogPost,
    Comment,
    Content,
    CustomContent,
    InlineComment,
    Node,
    Page,
    iso,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.confluence.model import Task, Version

Row = dict[str, Any]

PARENT_FIELD = {
    "page": "pageId",
    "blogpost": "blogPostId",
    "custom_content": "customContentId",
    "attachment": "attachmentId",
}


def version(item: Version) -> Row:
    """A version, as it stands inside of other rows."""
    return {
        "createdAt": iso(item.at),
        "message": item.message,
        "number": item.number,
        "minorEdit": item.minor,
        "authorId": item.author,
    }


def body(text: str, form: str | None, document: str = "") -> Row:
    """A body in the form that was asked for; empty when none was.

    What was written as a document has no storage format: sites were seen to leave it empty.
    """
    if form is None:
        return {}
    value = "" if document else text
    if form == "atlas_doc_format":
        value = document or _document(text)
    return {form: {"representation": form, "value": value}}


def _document(text: str) -> str:
    """The paragraphs of a storage format as a document."""
    paragraphs = [
        {"type": "paragraph", "content": [{"type": "text", "text": html.unescape(words)}]}
        for words in re.findall(r"<p>(.*?)</p>", text)
    ]
    return msgspec.json.encode({"version": 1, "type": "doc", "content": paragraphs}).decode()


def _parent(item: Content) -> Row:
    """The one parent field that content of a page, blog post or the like has."""
    if item.parent is None:
        return {}
    return {PARENT_FIELD[item.parent.kind]: item.parent.id}


def content_type(item: Content) -> str:
    """The type of content of the page tree, as the tree's endpoints call it."""
    return item.type if isinstance(item, Node) else item.kind


def page(item: Page, form: str | None = None) -> Row:
    """A row of /pages."""
    row: Row = {
        "id": item.id,
        "status": item.status,
        "title": item.title,
        "spaceId": item.space.id,
        "position": item.position,
        "authorId": item.author,
        "ownerId": item.owner,
        "lastOwnerId": item.last_owner,
        "subtype": item.subtype,
        "createdAt": iso(item.created),
        "version": version(item.version),
        "body": body(item.text, form, item.document),
        "_links": _links(item),
    }
    if item.parent is not None:
        row["parentId"] = item.parent.id
        row["parentType"] = content_type(item.parent)
    return row


def _links(item: Content) -> Row:
    place = f"/spaces/{item.space.key}/pages/{item.number}"
    return {"webui": place, "editui": f"/pages/edit/{item.number}", "tinyui": f"/x/{item.number:x}"}


def blog_post(item: BlogPost, form: str | None = None) -> Row:
    """A row of /blogposts."""
    return {
        "id": item.id,
        "status": item.status,
        "title": item.title,
        "spaceId": item.space.id,
        "authorId": item.author,
        "createdAt": iso(item.created),
        "version": version(item.version),
        "body": body(item.text, form, item.document),
        "_links": _links(item),
    }


def attachment(item: Attachment, _form: str | None = None) -> Row:
    """A row of /attachments."""
    place = f"/download/attachments/{item.parent.id if item.parent else ''}/{item.title}"
    return {
        "id": item.id,
        "status": item.status,
        "title": item.title,
        "createdAt": iso(item.created),
        **_parent(item),
        "mediaType": item.media_type,
        "mediaTypeDescription": f"{item.media_type.rpartition('/')[2].upper()} file",
        "comment": item.version.message,
        "fileId": item.file_id,
        "fileSize": item.size,
        "webuiLink": f"/pages/viewpageattachments.action?preview={item.number}",
        "downloadLink": f"{place}?version={item.version.number}",
        "version": version(item.version),
        "_links": {"webui": f"/preview/{item.number}", "download": place},
    }


def custom_content(item: CustomContent, form: str | None = None) -> Row:
    """A row of /custom-content."""
    return {
        "id": item.id,
        "type": item.type,
        "status": item.status,
        "title": item.title,
        "spaceId": item.space.id,
        **_parent(item),
        "authorId": item.author,
        "createdAt": iso(item.created),
        "version": version(item.version),
        "body": body(item.text, form, item.document),
        "_links": {"webui": f"/spaces/{item.space.key}/custom/{item.number}"},
    }


def comment(item: Comment, form: str | None = None) -> Row:
    """A row of /footer-comments or /inline-comments: no author and no date of its own."""
    row: Row = {
        "id": item.id,
        "status": item.status,
        "title": item.title,
        **_parent(item),
        "version": version(item.version),
        "body": body(item.text, form, item.document),
        "_links": {"webui": f"/spaces/{item.space.key}?focusedCommentId={item.number}"},
    }
    if item.reply_to is not None:
        row["parentCommentId"] = item.reply_to.id
    if isinstance(item, InlineComment):
        row["resolutionStatus"] = item.resolution
        row["properties"] = {
            "inlineMarkerRef": f"marker-{item.number}",
            "inlineOriginalSelection": item.selection,
        }
        if item.resolver is not None and item.resolved is not None:
            row["resolutionLastModifierId"] = item.resolver
            row["resolutionLastModifiedAt"] = iso(item.resolved)
    return row


def node(item: Node, _form: str | None = None) -> Row:
    """A whiteboard, database, folder or embed."""
    row: Row = {
        "id": item.id,
        "type": item.type,
        "status": item.status,
        "title": item.title,
        "position": item.position,
        "authorId": item.author,
        "ownerId": item.author,
        "createdAt": iso(item.created),
        "spaceId": item.space.id,
        "version": version(item.version),
        "_links": {"webui": f"/spaces/{item.space.key}/{item.type}/{item.number}"},
    }
    if item.parent is not None:
        row["parentId"] = item.parent.id
        row["parentType"] = content_type(item.parent)
    if item.type == "embed":
        row["embedUrl"] = item.url
    return row


def child(item: Page | Node) -> Row:
    """A row of direct-children."""
    return {
        "id": item.id,
        "status": item.status,
        "title": item.title,
        "type": content_type(item),
        "spaceId": item.space.id,
        "childPosition": item.position,
    }


def versioned(item: Content, form: str | None = None) -> Callable[[Version], Row]:
    """Return the function that gives the rows of an item's versions."""
    field = {"footer_comment": "comment", "inline_comment": "comment", "custom_content": "custom"}
    name = field.get(item.kind, item.kind)
    entity: Row = {"title": item.title, "id": item.id}
    if form:
        entity["body"] = body(item.text, form, item.document)
    return lambda of: {**version(of), name: entity}


def task(item: Task, form: str | None = None) -> Row:
    """A row of /tasks; what is not so is absent."""
    optional = {
        "assignedTo": item.assignee,
        "completedBy": item.completer,
        "dueAt": None if item.due is None else iso(item.due),
        "completedAt": None if item.completed is None else iso(item.completed),
    }
    return {
        "id": item.id,
        "localId": f"local-{item.number}",
        "spaceId": item.parent.space.id,
        PARENT_FIELD[item.parent.kind]: item.parent.id,
        "status": item.status,
        "body": body(item.text, form),
        "createdBy": item.creator,
        "createdAt": iso(item.created),
        "updatedAt": iso(item.updated),
        **{name: value for name, value in optional.items() if value is not None},
    }


def as_seen_live(row: Row) -> Row:
    """Return a row with what live sites send against the contract: nulls, a number for a date."""
    if "position" in row:
        row = {"parentId": None, "parentType": None, **row}
    if "subtype" in row:
        row["sourceTemplateEntityId"] = None if int(row["id"]) % 2 else "2359318"
    if "version" in row:
        if not row.keys() & {"spaceId", "mediaType"}:  # A comment, footer ones included
            row.setdefault("resolutionStatus", "open")
        step = row["version"]["number"]
        row["version"] = {**row["version"], "ncsStepVersion": str(step) if step > 1 else None}
    if "mediaTypeDescription" in row:
        row["mediaTypeDescription"] = None
    if row.get("type") == "folder":
        row["createdAt"] = int(datetime.fromisoformat(row["createdAt"]).timestamp() * 1000)
    return row
