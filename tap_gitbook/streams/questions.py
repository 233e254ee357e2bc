"""What a site's visitors ask, what they are answered, and what GitBook finds wanting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_gitbook.schemas import (
    CREATED_AT,
    JSON_DOCUMENT,
    OBJECT,
    OPEN,
    ORGANIZATION_ID,
    TEXTS,
    UPDATED_AT,
    booleans,
    flag,
    key,
    moment,
    number,
    numbers,
    part,
    strings,
    text,
    urls,
)
from tap_gitbook.streams.sites import SITE_ID, SiteStream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_tap import Listing

INSIGHTS_READ = "the OAuth scope site:insights:read"
STATS = th.ObjectType(
    th.Property("total", th.NumberType),
    th.Property("answers", th.NumberType),
    th.Property("feedback", numbers("positive", "negative", "unrated")),
    th.Property("answered", numbers("yes", "partially", "no")),
    th.Property("relevance", numbers("relevant", "spam", "off-topic", "unclear")),
    th.Property("types", numbers("exploring", "how-to", "troubleshooting", "reference", "unknown")),
    th.Property("channelTypes", OPEN),
    th.Property("channels", OPEN),
    th.Property("weeklyPulse", th.ArrayType(th.NumberType)),
)


class SiteQuestions(SiteStream):
    """Questions that visitors ask, each once however it is put (operationId listSiteQuestions)."""

    name = "site_questions"
    path = "/orgs/{organization_id}/sites/{site_id}/questions"
    primary_keys = ("site_id", "id")
    needs = INSIGHTS_READ
    schema = th.PropertiesList(
        SITE_ID,
        key("id", "ID of the question."),
        ORGANIZATION_ID,
        OBJECT,
        text("question", "The question."),
        text("type", "exploring, how-to, troubleshooting, reference or unknown."),
        CREATED_AT,
        moment("asked_at", "When it was last asked."),
        part("stats", STATS, "How often it was asked, and how well it was answered."),
        urls("location"),
    ).to_dict()


class SiteAnswers(SiteStream):
    """Answers that visitors were given (operationId listSiteQuestionAnswers)."""

    name = "site_answers"
    path = "/orgs/{organization_id}/sites/{site_id}/answers"
    primary_keys = ("site_id", "id")
    needs = INSIGHTS_READ
    schema = th.PropertiesList(
        SITE_ID,
        key("id", "ID of the answer."),
        ORGANIZATION_ID,
        OBJECT,
        part("question", strings("id", "type"), "The question that it belongs to."),
        part("topics", TEXTS, "IDs of its topics."),
        part("input", strings("text", "raw"), "What was asked, word for word and tidied."),
        part("thread", strings("id", "previous"), "Conversation that it is part of."),
        part("session", strings("visitorId", "sessionId"), "Whose visit it was part of."),
        part(
            "feedback",
            th.ObjectType(th.Property("rating", th.IntegerType)),
            "What the visitor thought of it: 1 or -1.",
        ),
        text("response_id", "ID of the response."),
        text("language", "Language code of the question."),
        text("answered", "Whether it answered the question: yes, partially or no."),
        text("helpfulness", "How much it helped: low, medium or high."),
        text("relevance", "Whether the question belonged there."),
        part("channel", strings("type", "id"), "Where it was asked."),
        CREATED_AT,
        UPDATED_AT,
        urls("location"),
    ).to_dict()


class SiteTopics(SiteStream):
    """Topics that questions, pages and records are about (operationId listSiteTopics)."""

    name = "site_topics"
    path = "/orgs/{organization_id}/sites/{site_id}/topics"
    page_size = None
    primary_keys = ("site_id", "id")
    schema = th.PropertiesList(
        SITE_ID,
        key("id", "ID of the topic."),
        ORGANIZATION_ID,
        OBJECT,
        text("label", "Name."),
        part("parent", strings("id", "label"), "Topic that it is part of."),
        CREATED_AT,
        UPDATED_AT,
        text("icon", "Icon before the name."),
        part("summary", JSON_DOCUMENT, "What it is about."),
        part("usage_settings", booleans("changeRequests"), "What GitBook may use it for."),
        number("pages", "Pages about it."),
        number("records", "Records about it."),
        part("findings", numbers("open", "total"), "Findings about it."),
        part("questions", STATS, "How often it was asked about, and how well that was answered."),
        urls("location"),
    ).to_dict()


class SiteFindings(SiteStream):
    """Faults and gaps that GitBook found in a site's content, whatever their status.

    operationId listSiteFindings.
    """

    name = "site_findings"
    path = "/orgs/{organization_id}/sites/{site_id}/findings"
    primary_keys = ("site_id", "id")
    schema = th.PropertiesList(
        SITE_ID,
        key("id", "ID of the finding."),
        ORGANIZATION_ID,
        OBJECT,
        text("scan", "ID of the scan that found it."),
        text("topic", "ID of its topic; null if it has none now."),
        text("title", "What it is, in a line."),
        number("change_requests", "Change requests about it."),
        number("pages", "Pages that it concerns."),
        number("records", "Records that show it."),
        number("questions", "Questions that show it."),
        text("status", "candidate, open, done or canceled."),
        text("type", "content-gap, broken-link, ..."),
        text("severity", "low, medium or high."),
        part("description", JSON_DOCUMENT, "What it is, at length."),
        flag("auto_fixable", "An AI agent should be able to mend it."),
        part(
            "broken_link_action",
            th.ObjectType(
                th.Property("source", th.StringType),
                th.Property("captureWildcard", th.BooleanType),
                th.Property("destination", strings("kind", "spaceId", "path")),
            ),
            "Redirect that would mend a broken link.",
        ),
        part(
            "outbound_link",
            th.ObjectType(
                th.Property("url", th.StringType),
                th.Property("status", th.StringType),
                th.Property("failureKind", th.StringType),
                th.Property("httpStatus", th.NumberType),
                th.Property("checkedAt", th.DateTimeType),
            ),
            "The link to elsewhere that fails, and how.",
        ),
        CREATED_AT,
        UPDATED_AT,
        urls("location"),
    ).to_dict()

    def query(self, listing: Listing) -> Mapping[str, Any]:  # noqa: ARG002
        """Ask in the order that moves least: as for change requests, and none is by creation."""
        return {"orderBy": "severity"}
