"""What a site's visitors ask, what they are answered, and what GitBook finds wanting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from rest_tap import columns
from tap_gitbook.client import GitBookStream
from tap_gitbook.schemas import (
    CREATED_AT,
    JSON_DOCUMENT,
    OBJECT,
    ORGANIZATION_ID,
    UPDATED_AT,
    booleans,
    numbers,
    strings,
    urls,
)
from tap_gitbook.streams.sites import SITE_ID, SITE_READ, Sites

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_tap import Listing

INSIGHTS_READ = "the OAuth scope site:insights:read"
STATS = th.ObjectType(
    columns.number("total"),
    columns.number("answers"),
    columns.column("feedback", numbers("positive", "negative", "unrated")),
    columns.column("answered", numbers("yes", "partially", "no")),
    columns.column("relevance", numbers("relevant", "spam", "off-topic", "unclear")),
    columns.column(
        "types", numbers("exploring", "how-to", "troubleshooting", "reference", "unknown")
    ),
    columns.free_form("channelTypes"),
    columns.free_form("channels"),
    columns.column("weeklyPulse", th.ArrayType(th.NumberType)),
)


class SiteStream(GitBookStream):
    """What happens on a site, in each run."""

    parent_stream_type = Sites
    needs = SITE_READ


class SiteQuestions(SiteStream):
    """Questions that visitors ask, each once however it is put (operationId listSiteQuestions)."""

    name = "site_questions"
    path = "/orgs/{organization_id}/sites/{site_id}/questions"
    primary_keys = ("site_id", "id")
    needs = INSIGHTS_READ
    schema = columns.table(
        SITE_ID,
        columns.key("id", "ID of the question."),
        ORGANIZATION_ID,
        OBJECT,
        columns.text("question", "The question."),
        columns.text("type", "exploring, how-to, troubleshooting, reference or unknown."),
        CREATED_AT,
        columns.timestamp("asked_at", "When it was last asked."),
        columns.column("stats", STATS, "How often it was asked, and how well it was answered."),
        urls("location"),
    )


class SiteAnswers(SiteStream):
    """Answers that visitors were given (operationId listSiteQuestionAnswers)."""

    name = "site_answers"
    path = "/orgs/{organization_id}/sites/{site_id}/answers"
    primary_keys = ("site_id", "id")
    needs = INSIGHTS_READ
    schema = columns.table(
        SITE_ID,
        columns.key("id", "ID of the answer."),
        ORGANIZATION_ID,
        OBJECT,
        columns.column("question", strings("id", "type"), "The question that it belongs to."),
        columns.texts("topics", "IDs of its topics."),
        columns.column(
            "input", strings("text", "raw"), "What was asked, word for word and tidied."
        ),
        columns.column("thread", strings("id", "previous"), "Conversation that it is part of."),
        columns.column("session", strings("visitorId", "sessionId"), "Whose visit it was part of."),
        columns.nested(
            "feedback", "What the visitor thought of it: 1 or -1.", columns.integer("rating")
        ),
        columns.text("response_id", "ID of the response."),
        columns.text("language", "Language code of the question."),
        columns.text("answered", "Whether it answered the question: yes, partially or no."),
        columns.text("helpfulness", "How much it helped: low, medium or high."),
        columns.text("relevance", "Whether the question belonged there."),
        columns.column("channel", strings("type", "id"), "Where it was asked."),
        CREATED_AT,
        UPDATED_AT,
        urls("location"),
    )


class SiteTopics(SiteStream):
    """Topics that questions, pages and records are about (operationId listSiteTopics)."""

    name = "site_topics"
    path = "/orgs/{organization_id}/sites/{site_id}/topics"
    page_size = None
    primary_keys = ("site_id", "id")
    schema = columns.table(
        SITE_ID,
        columns.key("id", "ID of the topic."),
        ORGANIZATION_ID,
        OBJECT,
        columns.text("label", "Name."),
        columns.column("parent", strings("id", "label"), "Topic that it is part of."),
        CREATED_AT,
        UPDATED_AT,
        columns.text("icon", "Icon before the name."),
        columns.column("summary", JSON_DOCUMENT, "What it is about."),
        columns.column(
            "usage_settings", booleans("changeRequests"), "What GitBook may use it for."
        ),
        columns.number("pages", "Pages about it."),
        columns.number("records", "Records about it."),
        columns.column("findings", numbers("open", "total"), "Findings about it."),
        columns.column(
            "questions", STATS, "How often it was asked about, and how well that was answered."
        ),
        urls("location"),
    )


class SiteFindings(SiteStream):
    """Faults and gaps that GitBook found in a site's content, whatever their status.

    operationId listSiteFindings.
    """

    name = "site_findings"
    path = "/orgs/{organization_id}/sites/{site_id}/findings"
    primary_keys = ("site_id", "id")
    schema = columns.table(
        SITE_ID,
        columns.key("id", "ID of the finding."),
        ORGANIZATION_ID,
        OBJECT,
        columns.text("scan", "ID of the scan that found it."),
        columns.text("topic", "ID of its topic; null if it has none now."),
        columns.text("title", "What it is, in a line."),
        columns.number("change_requests", "Change requests about it."),
        columns.number("pages", "Pages that it concerns."),
        columns.number("records", "Records that show it."),
        columns.number("questions", "Questions that show it."),
        columns.text("status", "candidate, open, done or canceled."),
        columns.text("type", "content-gap, broken-link, ..."),
        columns.text("severity", "low, medium or high."),
        columns.column("description", JSON_DOCUMENT, "What it is, at length."),
        columns.boolean("auto_fixable", "An AI agent should be able to mend it."),
        columns.nested(
            "broken_link_action",
            "Redirect that would mend a broken link.",
            columns.text("source"),
            columns.boolean("captureWildcard"),
            columns.column("destination", strings("kind", "spaceId", "path")),
        ),
        columns.nested(
            "outbound_link",
            "The link to elsewhere that fails, and how.",
            columns.text("url"),
            columns.text("status"),
            columns.text("failureKind"),
            columns.number("httpStatus"),
            columns.timestamp("checkedAt"),
        ),
        CREATED_AT,
        UPDATED_AT,
        urls("location"),
    )

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask in the order that moves least: as for change requests, and none is by creation."""
        return {"orderBy": "severity"}
