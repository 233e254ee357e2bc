"""Objects of the API: what people say, and what they want changed."""

from __future__ import annotations

from typing import Any

from sandbox.gitbook.objects import API, APP, Row, flags, rich_text


def change_request(request_id: str, space: Row, number: int, author: Row, at: str) -> Row:
    """A draft of a change request."""
    return {
        "object": "change-request",
        "id": request_id,
        "number": number,
        "status": "draft",
        "subject": f"Change {number}",
        "description": rich_text("Why it should change."),
        "createdBy": author,
        "createdAt": at,
        "updatedAt": at,
        "space": space["id"],
        "revision": f"{request_id}-1",
        "revisionInitial": space["revision"],
        "comments": 0,
        "outdated": False,
        "urls": {
            "app": f"{APP}/s/{space['id']}/~/changes/{number}",
            "location": f"{API}/spaces/{space['id']}/change-requests/{request_id}",
        },
    }


def review(review_id: str, request: Row, reviewer: Row, status: str, at: str) -> Row:
    """What a reviewer decided."""
    return {
        "object": "change-request-review",
        "id": review_id,
        "revision": request["revision"],
        "reviewer": reviewer,
        "status": status,
        "outdated": False,
        "createdAt": at,
        "updatedAt": at,
        "urls": {"location": f"{request['urls']['location']}/reviews/{review_id}"},
    }


def requested_reviewer(kind: str, who: Row, request: Row, asker: Row, at: str) -> Row:
    """A user or a team who is asked to review."""
    asked = who if kind == "user" else {"object": "team", "id": who["id"]}
    return {
        "object": "change-request-requested-reviewer",
        "kind": kind,
        kind: asked,
        "revision": request["revision"],
        "requestedBy": asker,
        "createdAt": at,
    }


def contributor(who: Row, count: int, at: str) -> Row:
    """A user who edited a change request."""
    return {"user": who, "count": count, "updatedAt": at, "actionType": "edit"}


def comment(comment_id: str, author: Row, text: str, target: Row, at: str) -> Row:
    """An open comment. Its body is kept as text and served in the format that is asked for."""
    return {
        "object": "comment",
        "id": comment_id,
        "postedBy": author,
        "postedAt": at,
        "reactions": [],
        "replies": 0,
        "repliers": [],
        "body": text,
        "target": target,
        "status": "open",
        "urls": {"location": f"{API}/spaces/{target['space']}/comments/{comment_id}"},
        "permissions": flags("view", "edit", "reply", "delete"),
    }


def reply(reply_id: str, author: Row, text: str, comment_url: str, at: str) -> Row:
    """A reply to a comment."""
    return {
        "object": "comment-reply",
        "id": reply_id,
        "postedBy": author,
        "postedAt": at,
        "reactions": [],
        "body": text,
        "urls": {"location": f"{comment_url}/replies/{reply_id}"},
        "permissions": flags("view", "edit", "reply", "delete"),
    }


def body(text: str, style: str) -> dict[str, Any]:
    """A text in one of the two formats."""
    return {"markdown": text} if style == "markdown" else {"document": rich_text(text)}
