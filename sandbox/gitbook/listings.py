"""The lists of GitBook's API: where they are, what they take, and what a token needs."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.gitbook.objects import Row


@dataclass(frozen=True)
class Listing:
    """A list of the API.

    Args:
        path: Its path; captures are named by what they hold the ID of.
        table: Where its rows are.
        scope: What an OAuth token needs; None where the contract lets no such token in.
        parameters: What may be asked beside `page` and `limit`.
        most: The largest limit; None where neither `page` nor `limit` is taken.
    """

    path: str
    table: str
    scope: str | None
    parameters: frozenset[str] = frozenset()
    most: int | None = 1000

    @property
    def owner(self) -> str | None:
        """The last capture: what the rows belong to."""
        captures = [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
        return captures[-1] if captures else None


MEMBERS, READ, SITE = "organization:members:read", "space:read", "site:read"
SPACE_ACCESS, SITE_ACCESS, ASKED = (
    "space:permissions:read",
    "site:permissions:read",
    "site:insights:read",
)
ORG, ONE_SITE = "/orgs/{org}", "/orgs/{org}/sites/{site}"
REQUEST = "/spaces/{space}/change-requests/{change}"
BY_TIME = frozenset({"from", "to"})
SEVERITIES = ("low", "medium", "high")
ORDERS: dict[str, dict[str, Callable[[Row], Any]]] = {
    "org_change_requests": {
        "updatedAt": itemgetter("updatedAt"),
        "createdAt": itemgetter("createdAt"),
    },
    "findings": {
        "updatedAt": itemgetter("updatedAt"),
        "severity": lambda row: SEVERITIES.index(row["severity"]),
        "sources": lambda row: row["questions"] + row["records"],
    },
}
"""What `orderBy` may ask of a table, always from the most on; the first is the default."""

LISTINGS = (
    Listing("/orgs", "organizations", "organization:read"),
    Listing(f"{ORG}/members", "members", MEMBERS, frozenset({"order", "role", "search", "sort"})),
    Listing(f"{ORG}/teams", "teams", MEMBERS, frozenset({"owner", "title"})),
    Listing(f"{ORG}/teams/{{team}}/members", "team_members", MEMBERS),
    Listing(f"{ORG}/link-invites", "invites", MEMBERS),
    Listing(
        f"{ORG}/audit-events", "audit_events", None, BY_TIME | {"action", "actor", "target"}, 100
    ),
    Listing(f"{ORG}/spaces", "spaces", READ),
    Listing(f"{ORG}/collections", "collections", READ, frozenset({"nested"})),
    Listing(
        f"{ORG}/change-requests",
        "org_change_requests",
        READ,
        frozenset({"status", "creator", "contributor", "space", "finding", "orderBy"}),
    ),
    Listing(f"{ORG}/installations", "installations", None, frozenset({"search"})),
    Listing(f"{ORG}/openapi", "openapi_specs", "openapi:read"),
    Listing(f"{ORG}/openapi/{{spec}}/versions", "openapi_versions", "openapi:read"),
    Listing(f"{ORG}/translations", "translations", None),
    Listing(f"{ORG}/translations-glossary", "glossary", None, frozenset({"orderBy"})),
    Listing("/org/{org}/imports", "imports", READ, frozenset({"space", "site", "status"})),
    Listing(f"{ORG}/sites", "sites", SITE, frozenset({"space", "title", "published", "type"})),
    Listing(f"{ONE_SITE}/site-spaces", "site_spaces", SITE, frozenset({"default", "shareKey"})),
    Listing(f"{ONE_SITE}/sections", "sections", SITE, frozenset({"shareKey"})),
    Listing(f"{ONE_SITE}/section-groups", "section_groups", SITE),
    Listing(f"{ONE_SITE}/share-links", "share_links", "site:auth:read", frozenset({"search"})),
    Listing(f"{ONE_SITE}/redirects", "redirects", SITE, frozenset({"search", "draft", "orderBy"})),
    Listing(f"{ONE_SITE}/permissions/users", "site_users", SITE_ACCESS),
    Listing(f"{ONE_SITE}/permissions/teams", "site_teams", SITE_ACCESS),
    Listing(f"{ONE_SITE}/questions", "questions", ASKED, BY_TIME | {"type", "order", "sort"}),
    Listing(f"{ONE_SITE}/answers", "answers", ASKED, BY_TIME | {"question", "language"}),
    Listing(f"{ONE_SITE}/topics", "topics", SITE, BY_TIME, None),
    Listing(
        f"{ONE_SITE}/findings", "findings", SITE, frozenset({"status", "updatedAfter", "orderBy"})
    ),
    Listing("/spaces/{space}/permissions/users", "space_users", SPACE_ACCESS),
    Listing("/spaces/{space}/permissions/teams", "space_teams", SPACE_ACCESS),
    Listing(
        "/spaces/{space}/integrations", "space_integrations", READ, frozenset({"search"}), None
    ),
    Listing("/collections/{collection}/permissions/users", "collection_users", SPACE_ACCESS),
    Listing("/collections/{collection}/permissions/teams", "collection_teams", SPACE_ACCESS),
    Listing(
        "/spaces/{space}/comments",
        "comments",
        READ,
        frozenset({"order", "status", "format", "targetPage", "authors"}),
    ),
    Listing("/spaces/{space}/comments/{comment}/replies", "replies", READ, frozenset({"format"})),
    Listing(f"{REQUEST}/reviews", "reviews", READ, frozenset({"format", "outdated"})),
    Listing(f"{REQUEST}/requested-reviewers", "reviewers", READ),
    Listing(f"{REQUEST}/contributors", "contributors", READ, most=None),
    Listing(
        f"{REQUEST}/comments",
        "request_comments",
        READ,
        frozenset({"order", "status", "format", "targetPage", "authors"}),
    ),
    Listing(f"{REQUEST}/comments/{{comment}}/replies", "replies", READ, frozenset({"format"})),
)
