"""What people say: comments on spaces and on change requests, and the replies to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rest_tap import columns
from tap_gitbook.client import GitBookStream, WaitingStream
from tap_gitbook.schemas import (
    DOCUMENT,
    OBJECT,
    ORGANIZATION_ID,
    REACTIONS,
    SPACE_ID,
    USER,
    permissions,
    strings,
    urls,
)
from tap_gitbook.streams.change_requests import ChangeRequestStream
from tap_gitbook.streams.spaces import SPACE_READ, Spaces

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_tap import Listing, Row

_SAID = (
    ORGANIZATION_ID,
    OBJECT,
    columns.column("posted_by", USER, "Who wrote it."),
    columns.timestamp("posted_at", "When it was written."),
    columns.timestamp("edited_at", "When it was last edited, if ever."),
    columns.column("reactions", REACTIONS, "Emoji that others gave, and who gave them."),
    columns.column("body", DOCUMENT, "What it says, in `page_format`."),
    urls("location"),
    permissions("view", "edit", "reply", "delete"),
)
_COMMENT = (
    *_SAID,
    columns.text("status", "open or resolved."),
    columns.timestamp("resolved_at", "When it was resolved."),
    columns.column("resolved_by", USER, "Who resolved it."),
    columns.number("replies", "How many replies it has."),
    columns.nested_list(
        "repliers",
        "Who replied, how often, and when last.",
        columns.timestamp("updatedAt"),
        columns.integer("count"),
        columns.column("user", USER),
    ),
    columns.nested(
        "target",
        "What it is about.",
        columns.column("node", strings("id")),
        columns.column("tableCell", strings("record", "definition")),
        columns.text("changeRequest"),
        columns.text("review"),
        columns.column("page", strings("id")),
        columns.text("space"),
        columns.text("revision"),
    ),
)


class Comments(WaitingStream):
    """Comments on a space itself, resolved ones too (operationId listCommentsInSpace).

    In between of spaces whose number of open comments is another, or that were changed.
    """

    name = "comments"
    path = "/spaces/{space_id}/comments"
    primary_keys = ("space_id", "id")
    parent_stream_type = Spaces
    marks = ("comments", "updated_at")
    child_keys: ClassVar[Mapping[str, str]] = {"comment_id": "id"}
    needs = SPACE_READ
    schema = columns.table(
        columns.key("space_id", "ID of the space."),
        columns.key("id", "ID of the comment."),
        *_COMMENT,
    )

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for resolved comments as well, in the format of the setting."""
        return {"status": "all", "format": self.config["page_format"]}


class ReplyStream(GitBookStream):
    """Replies to a comment."""

    needs = SPACE_READ

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for the format of the setting."""
        return {"format": self.config["page_format"]}

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Ask for nothing of a comment that has no replies."""
        return self.listing_below(above, row, keys) if row.get("replies") != 0 else None


class CommentReplies(ReplyStream):
    """Replies to a comment on a space (operationId listCommentRepliesInSpace)."""

    name = "comment_replies"
    path = "/spaces/{space_id}/comments/{comment_id}/replies"
    primary_keys = ("space_id", "comment_id", "id")
    parent_stream_type = Comments
    schema = columns.table(
        columns.key("space_id", "ID of the space."),
        columns.key("comment_id", "ID of the comment."),
        columns.key("id", "ID of the reply."),
        *_SAID,
    )


class ChangeRequestComments(ChangeRequestStream):
    """Comments on a change request, resolved ones too (operationId listCommentsInChangeRequest)."""

    name = "change_request_comments"
    path = "/spaces/{space_id}/change-requests/{change_request_id}/comments"
    primary_keys = ("change_request_id", "id")
    child_keys: ClassVar[Mapping[str, str]] = {"comment_id": "id"}
    schema = columns.table(
        columns.key("change_request_id", "ID of the change request."),
        columns.key("id", "ID of the comment."),
        SPACE_ID,
        *_COMMENT,
    )
    query = Comments.query


class ChangeRequestCommentReplies(ReplyStream):
    """Replies to a comment on a change request.

    operationId listCommentRepliesInChangeRequest.
    """

    name = "change_request_comment_replies"
    path = "/spaces/{space_id}/change-requests/{change_request_id}/comments/{comment_id}/replies"
    primary_keys = ("change_request_id", "comment_id", "id")
    parent_stream_type = ChangeRequestComments
    schema = columns.table(
        columns.key("change_request_id", "ID of the change request."),
        columns.key("comment_id", "ID of the comment."),
        columns.key("id", "ID of the reply."),
        SPACE_ID,
        *_SAID,
    )
