"""Edits: change requests with their reviews, comments and replies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.gitbook import talk_objects
from sandbox.gitbook.content import Content
from sandbox.gitbook.objects import nodes

if TYPE_CHECKING:
    from sandbox.gitbook.objects import Row


class Talk(Content):
    """What people say, and what they want changed."""

    # Change requests

    def request_change(self, space: Row, author: Row, *, triage: bool = False) -> Row:
        """Somebody drafts a change request; GitBook's own triage makes some, too."""
        number = len(self.tables["change_requests"][space["id"]]) + 1
        made = talk_objects.change_request(self.new_id(), space, number, author, self.now)
        if triage:
            made["siteTopic"] = {"site": "some-site", "topic": "some-topic", "finding": "f"}
        self.add("change_requests", space["id"], made)
        self._contribute(made)
        self._count_requests(space["id"])
        return made

    def _contribute(self, request: Row) -> None:
        edits = 1 + len(self.rows("planned", request["id"]))
        author = talk_objects.contributor(request["createdBy"], edits, self.now)
        self.add("contributors", request["id"], author, "author")

    def plan_edit(self, request: Row, page_id: str) -> None:
        """A page is edited in a change request; the space sees it, and when, after the merge."""
        edit = {"id": self.new_id(), "page": page_id, "at": self.now}
        edit["document"] = self.new_body()
        self.add("planned", request["id"], edit)
        self._contribute(request)
        self._touch(request)
        request["revision"] = self.new_id()

    def mark_ready(self, request: Row) -> None:
        """A draft is opened for review, or an archived request again."""
        request["status"] = "open"
        self._touch(request)

    def archive(self, request: Row) -> None:
        """A change request is given up."""
        request["status"] = "archived"
        self._touch(request)

    def merge(self, request: Row, by: Row) -> None:
        """A change request becomes part of the space."""
        space = self.find("spaces", request["space"])
        edits = {edit["page"]: edit for edit in self.rows("planned", request["id"])}

        def apply(made: Row) -> None:
            for node in nodes(made["pages"]):
                if edit := edits.get(node["id"]):
                    node.update(updatedAt=edit["at"], documentId=edit["document"])
            made["mergedFrom"] = dict(request)

        made = self.publish(space, apply, "merge")
        request.update(status="merged", mergedBy=by, mergedAt=self.now, revisionMerged=made["id"])
        self._touch(request)

    def _touch(self, request: Row) -> None:
        request["updatedAt"] = self.now
        self._count_requests(request["space"])

    def _count_requests(self, space_id: str) -> None:
        space, requests = self.find("spaces", space_id), self.rows("change_requests", space_id)
        space["changeRequests"] = len(requests)
        space["changeRequestsOpen"] = sum(r["status"] == "open" for r in requests)
        space["changeRequestsDraft"] = sum(r["status"] == "draft" for r in requests)

    def ask_for_review(self, request: Row, kind: str, who: Row, asker: Row) -> None:
        """A user or a team is asked to review."""
        asked = talk_objects.requested_reviewer(kind, who, request, asker, self.now)
        self.add("reviewers", request["id"], asked, f"{kind} {who['id']}")

    def review(self, request: Row, reviewer: Row, status: str) -> Row:
        """Somebody reviews; they are asked no more, and their earlier reviews are outdated.

        Nothing says that this moves the request's `updatedAt`, so here it does not.
        """
        for review in self.rows("reviews", request["id"]):
            if review["reviewer"] is reviewer:
                review.update(outdated=True, updatedAt=self.now)
        self.tables["reviewers"][request["id"]].pop(f"user {reviewer['id']}", None)
        made = talk_objects.review(self.new_id(), request, reviewer, status, self.now)
        return self.add("reviews", request["id"], made)

    # Comments: `about` is a space or a change request

    def comment(self, about: Row, author: Row, text: str) -> Row:
        """Somebody comments. Nothing says that it moves `updatedAt`, so here it does not."""
        if about["object"] == "space":
            table, target = "comments", {"space": about["id"], "revision": about["revision"]}
        else:
            table = "request_comments"
            target = {
                "space": about["space"],
                "changeRequest": about["id"],
                "revision": about["revision"],
            }
        made = talk_objects.comment(self.new_id(), author, text, target, self.now)
        self.add(table, about["id"], made)
        self._count_comments(made)
        return made

    def edit_comment(self, comment: Row, text: str) -> None:
        """A comment is put differently."""
        comment.update(body=text, editedAt=self.now)

    def resolve(self, comment: Row, by: Row) -> None:
        """A comment is settled: the counters, which count open ones, forget it."""
        comment.update(status="resolved", resolvedAt=self.now, resolvedBy=by)
        self._count_comments(comment)

    def reply(self, comment: Row, author: Row, text: str) -> Row:
        """Somebody replies to a comment."""
        made = talk_objects.reply(
            self.new_id(), author, text, comment["urls"]["location"], self.now
        )
        self.add("replies", comment["id"], made)
        comment["replies"] = len(self.rows("replies", comment["id"]))
        comment["repliers"] = [{"updatedAt": self.now, "count": 1, "user": author}]
        return made

    def delete_comment(self, comment: Row) -> None:
        """A comment vanishes, with its replies."""
        table = "request_comments" if "changeRequest" in comment["target"] else "comments"
        self.remove(table, comment["id"])
        self.tables["replies"].pop(comment["id"], None)
        self._count_comments(comment)

    def _count_comments(self, comment: Row) -> None:
        target = comment["target"]
        if "changeRequest" in target:
            about, table = self.find("change_requests", target["changeRequest"]), "request_comments"
        else:
            about, table = self.find("spaces", target["space"]), "comments"
        about["comments"] = sum(c["status"] == "open" for c in self.rows(table, about["id"]))
