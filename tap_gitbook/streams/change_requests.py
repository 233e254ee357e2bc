"""Change requests of an organization, who should review them, and who did."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import columns
from tap_gitbook.client import GitBookStream, WaitingStream
from tap_gitbook.schemas import (
    CREATED_AT,
    IMPORT_RUN,
    JSON_DOCUMENT,
    OBJECT,
    ORGANIZATION_ID,
    SPACE_ID,
    UPDATED_AT,
    USER,
    strings,
    urls,
)
from tap_gitbook.streams.organizations import Organizations
from tap_gitbook.streams.spaces import SPACE_READ

if TYPE_CHECKING:
    from collections.abc import Mapping

    from singer_sdk.helpers.types import Context, Record

    from rest_tap import Listing, Row

STATUSES = ("draft", "open", "archived", "merged")


class ChangeRequests(GitBookStream):
    """Change requests of all spaces, whatever their status.

    operationId listChangeRequestsForOrganization.
    """

    name = "change_requests"
    path = "/orgs/{organization_id}/change-requests"
    primary_keys = ("id",)
    parent_stream_type = Organizations
    child_keys: ClassVar[Mapping[str, str]] = {"space_id": "space", "change_request_id": "id"}
    needs = SPACE_READ
    schema = columns.table(
        columns.key("id", "ID of the change request."),
        ORGANIZATION_ID,
        SPACE_ID,
        OBJECT,
        columns.number("number", "Number within its space."),
        columns.text("status", "draft, open, archived or merged."),
        columns.text("subject", "What it is about."),
        columns.column("description", JSON_DOCUMENT, "What it is about, at length."),
        columns.column("created_by", USER, "Who made it."),
        CREATED_AT,
        UPDATED_AT,
        columns.column("merged_by", USER, "Who merged it."),
        columns.timestamp("merged_at", "When it was merged."),
        columns.text("space", "ID of the space that it changes."),
        columns.text("revision", "ID of its own current revision."),
        columns.text("revision_initial", "ID of the space's revision that it began with."),
        columns.text(
            "revision_merged_ancestor", "ID of the space's revision that it was updated from."
        ),
        columns.text("revision_merged", "ID of the space's revision that its merging made."),
        columns.number("comments", "Open comments."),
        columns.column(
            "site_topic", strings("site", "topic", "finding"), "Topic that gave rise to it."
        ),
        columns.nested(
            "styleguide",
            "Check of the writing style that opened it.",
            columns.text("site"),
            columns.text("run"),
            columns.number("changedPages"),
            columns.timestamp("checkedAt"),
        ),
        columns.boolean("outdated", "The space has moved on since it was last updated."),
        columns.column("imports", th.ArrayType(IMPORT_RUN), "Import runs into it, recent ones."),
        columns.free_forms("links", "Links to things elsewhere, such as tickets."),
        urls("app", "location"),
    )

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for every status, and for those that GitBook's own triage made.

        In the default order one that is edited while pages are read would move to one that was.
        """
        return {"status": STATUSES, "finding": "all", "orderBy": "createdAt"}

    def post_process(self, row: Record, context: Context | None = None) -> Record | None:  # noqa: ARG002
        """Keep those of the chosen spaces."""
        row["space_id"] = row.get("space")
        return row if self.run.chooses("spaces", row["space_id"]) else None


class ChangeRequestStream(WaitingStream):
    """A list of each change request in a status that `change_request_details` names.

    Nothing in a change request's row proves that its lists are as they were: `comments` counts
    open ones only, and what moves `updatedAt` is not documented.
    """

    parent_stream_type = ChangeRequests
    parent_cursor = "updated_at"
    needs = SPACE_READ

    @cached_property
    def reads_all(self) -> bool:
        """Whether no change request is left out, so that what is not met has vanished."""
        return {*STATUSES} <= {*self.config["change_request_details"]}

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Ask for change requests in the named statuses."""
        is_named = row.get("status") in self.config["change_request_details"]
        return super().listing_for(row, keys, above) if self.reads_all or is_named else None


class ChangeRequestReviews(ChangeRequestStream):
    """Reviews of a change request, outdated ones too (operationId getReviewsByChangeRequestId)."""

    name = "change_request_reviews"
    path = "/spaces/{space_id}/change-requests/{change_request_id}/reviews"
    primary_keys = ("change_request_id", "id")
    schema = columns.table(
        columns.key("change_request_id", "ID of the change request."),
        columns.key("id", "ID of the review."),
        ORGANIZATION_ID,
        SPACE_ID,
        OBJECT,
        columns.text("revision", "ID of the revision that was reviewed."),
        columns.column("reviewer", USER, "Who reviewed."),
        columns.column("requested_by", USER, "Who had asked for it, if anyone."),
        columns.text("status", "approved or changes-requested."),
        columns.boolean("outdated", "A later request or review has taken its place."),
        columns.free_form("comment", "What was said; its columns are those of comments."),
        CREATED_AT,
        UPDATED_AT,
        urls("location"),
    )

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask for what was said in the format of the setting."""
        return {"format": self.config["page_format"]}


class RequestedReviewers(ChangeRequestStream):
    """Users and teams who are asked to review a change request.

    operationId getRequestedReviewersByChangeRequestId.
    """

    name = "requested_reviewers"
    path = "/spaces/{space_id}/change-requests/{change_request_id}/requested-reviewers"
    primary_keys = ("change_request_id", "revision", "kind", "reviewer_id")
    schema = columns.table(
        columns.key("change_request_id", "ID of the change request."),
        columns.key("revision", "ID of the revision for which a review was asked."),
        columns.key("kind", "Who is asked: user or team."),
        columns.key("reviewer_id", "ID of that user or team."),
        ORGANIZATION_ID,
        SPACE_ID,
        OBJECT,
        columns.column("user", USER, "The user, if one is asked."),
        columns.column("team", strings("object", "id"), "The team, if one is asked."),
        columns.column("requested_by", USER, "Who asked."),
        CREATED_AT,
    )

    def post_process(self, row: Record, context: Context | None = None) -> Record:  # noqa: ARG002
        """Lift the ID of whoever is asked into a column."""
        reviewer = row.get(str(row.get("kind")))
        row["reviewer_id"] = reviewer.get("id") if isinstance(reviewer, dict) else None
        return row


class ChangeRequestContributors(ChangeRequestStream):
    """Users who edited a change request or commented on it.

    operationId getContributorsByChangeRequestId.
    """

    name = "change_request_contributors"
    path = "/spaces/{space_id}/change-requests/{change_request_id}/contributors"
    page_size = None
    primary_keys = ("change_request_id", "user_id", "action_type")
    lifts: ClassVar[Mapping[str, str]] = {"user_id": "user.id"}
    selected_by_default = False  # A request a change request
    schema = columns.table(
        columns.key("change_request_id", "ID of the change request."),
        columns.key("user_id", "ID of the user."),
        columns.key("action_type", "What the user did: edit or comment."),
        ORGANIZATION_ID,
        SPACE_ID,
        columns.column("user", USER, "Who it is."),
        columns.integer("count", "How often."),
        UPDATED_AT,
    )
