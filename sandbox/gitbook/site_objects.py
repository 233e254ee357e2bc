"""Objects of the API: sites, and what visitors do and ask there."""

from __future__ import annotations

from typing import Any

from sandbox.gitbook.objects import API, APP, Row, flags, rich_text


def site(site_id: str, title: str, at: str) -> Row:
    """A site without spaces so far."""
    return {
        "object": "site",
        "id": site_id,
        "type": "premium",
        "appliedType": "premium",
        "title": title,
        "icon": None,
        "visibility": "public",
        "defaultLevel": "inherit",
        "permissions": flags(
            "view",
            "access",
            "edit",
            "create",
            "admin",
            "installIntegration",
            "viewAdaptiveSchema",
            "editAdaptiveSchema",
        ),
        "published": True,
        "siteSpaces": 0,
        "createdAt": at,
        "features": [{"id": "sites-ai-search", "plan": "premium", "frozen": False}],
        "urls": {
            "location": f"{API}/sites/{site_id}",
            "app": f"{APP}/sites/{site_id}",
            "preview": f"https://preview.gitbook.example/{site_id}",
        },
    }


def site_space(site_space_id: str, shown: Row, section: str | None) -> Row:
    """A space's place on a site."""
    return {
        "object": "site-space",
        "id": site_space_id,
        "path": shown["title"].lower().replace(" ", "-"),
        **({"section": section} if section else {}),
        "space": shown,
        "title": shown["title"],
        "localizedTitle": {"fr": f"{shown['title']} (fr)"},
        "default": section is None,
        "pageId": None,
        "draft": False,
        "urls": {},
    }


def section(section_id: str, title: str, site_spaces: list[Row], group: str | None) -> Row:
    """A section of a site."""
    return {
        "object": "site-section",
        "id": section_id,
        "title": title,
        "draft": False,
        "path": title.lower().replace(" ", "-"),
        **({"sectionGroup": group} if group else {}),
        "siteSpaces": site_spaces,
        "urls": {},
        "icon": "book",
    }


def section_group(group_id: str, title: str, children: list[Row]) -> Row:
    """A group of sections."""
    return {
        "object": "site-section-group",
        "id": group_id,
        "title": title,
        "sections": children,
        "draft": False,
        "children": children,
    }


def share_link(link_id: str, name: str, at: str) -> Row:
    """A link that opens a site."""
    return {
        "object": "share-link",
        "id": link_id,
        "createdAt": at,
        "name": name,
        "active": True,
        "urls": {},
    }


def redirect(redirect_id: str, source: str, at: str, *, draft: bool) -> Row:
    """A redirect to elsewhere."""
    return {
        "object": "site-redirect",
        "id": redirect_id,
        "source": source,
        "draft": draft,
        "captureWildcard": False,
        "permanent": True,
        "destination": {"kind": "external", "url": "https://acme.example/moved"},
        "createdAt": at,
    }


def stats(total: int) -> Row:
    """How often something was asked, all of it answered and rated well."""
    return {
        "total": total,
        "answers": total,
        "feedback": {"positive": total, "negative": 0, "unrated": 0},
        "answered": {"yes": total, "partially": 0, "no": 0},
        "relevance": {"relevant": total, "spam": 0, "off-topic": 0, "unclear": 0},
        "types": {
            "exploring": 0,
            "how-to": total,
            "troubleshooting": 0,
            "reference": 0,
            "unknown": 0,
        },
        "channelTypes": {"site": total},
        "channels": {},
        "weeklyPulse": [0] * 12 + [total],
    }


def question(question_id: str, text: str, site_url: str, at: str) -> Row:
    """A question that was asked once."""
    return {
        "object": "site-question",
        "id": question_id,
        "question": text,
        "type": "how-to",
        "createdAt": at,
        "askedAt": at,
        "stats": stats(1),
        "urls": {"location": f"{site_url}/questions/{question_id}"},
    }


def answer(answer_id: str, asked: Row, site_url: str, at: str) -> Row:
    """What a visitor was answered."""
    return {
        "object": "site-question-answer",
        "id": answer_id,
        "question": {"id": asked["id"], "type": asked["type"]},
        "topics": [],
        "input": {"text": asked["question"], "raw": asked["question"].lower()},
        "session": {"visitorId": f"v-{answer_id}", "sessionId": f"s-{answer_id}"},
        "responseId": f"r-{answer_id}",
        "language": "en",
        "answered": "yes",
        "helpfulness": "high",
        "relevance": "relevant",
        "channel": {"type": "site"},
        "createdAt": at,
        "urls": {"location": f"{site_url}/answers/{answer_id}"},
    }


def topic(topic_id: str, label: str, site_url: str, at: str) -> Row:
    """A topic."""
    return {
        "object": "context-topic",
        "id": topic_id,
        "label": label,
        "createdAt": at,
        "updatedAt": at,
        "icon": "tag",
        "summary": rich_text(f"All about {label}."),
        "usageSettings": {"changeRequests": True},
        "pages": 3,
        "records": 0,
        "findings": {"open": 1, "total": 1},
        "questions": stats(2),
        "urls": {"location": f"{site_url}/topics/{topic_id}"},
    }


def finding(finding_id: str, title: str, site_url: str, at: str) -> Row:
    """A gap in the content that was found."""
    return {
        "object": "site-finding",
        "id": finding_id,
        "scan": "scan-1",
        "topic": None,
        "title": title,
        "changeRequests": 0,
        "pages": 1,
        "records": 0,
        "questions": 1,
        "status": "candidate",
        "type": "content-gap",
        "severity": "medium",
        "description": rich_text("Nothing is said about it."),
        "autoFixable": False,
        "createdAt": at,
        "updatedAt": at,
        "urls": {"location": f"{site_url}/findings/{finding_id}"},
    }


def event(at: str, kind: str, path: str, page: Row | None, visitor: str) -> dict[str, Any]:
    """Something that a visitor did on a site."""
    return {"at": at, "eventType": kind, "urlPath": path, "page": page, "visitor": visitor}
