"""GitBook's API as its contract says, strict about tokens, scopes, parameters and limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from typing import TYPE_CHECKING, Literal, cast

from sandbox.gitbook.insights import BadQuestionError, aggregate
from sandbox.gitbook.listings import LISTINGS, ONE_SITE, ORDERS, Listing
from sandbox.gitbook.objects import nodes, rich_text
from sandbox.gitbook.people import NOBODY
from sandbox.gitbook.refusals import RefusalError, moment_in, refused, start_of, token_of
from sandbox.gitbook.talk_objects import body
from sandbox.messages import Request, Response
from sandbox.oauth import TokenServer
from sandbox.routing import Router

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.gitbook.objects import Row
    from sandbox.gitbook.publishing import Publishing

PREFIX = "/v1"
USUAL_LIMIT = 25  # Of a list that is not asked for more; the contract tells no number


@dataclass
class Access:
    """What the one token that the vendor knows may do.

    Args:
        token: The token.
        user: ID of its user.
        organizations: IDs of the user's organizations.
        scopes: Of an OAuth token; None for a personal one, which may do what its user may.
        denied: Tables, and IDs of what rows belong to, that are answered with 403.
    """

    token: str = "gb_api_sandbox"  # noqa: S105 -- opens the sandbox only
    user: str = ""
    organizations: set[str] = field(default_factory=set)
    scopes: set[str] | None = None
    denied: set[str] = field(default_factory=set)


class GitBook:
    """The vendor: answers requests from a world that a test may change meanwhile."""

    def __init__(self, world: Publishing, access: Access) -> None:
        self.world = world
        self.access = access
        self.log_in = TokenServer("gb-app", "gb-secret-2c7d")
        """oauth.gitbook.com, at /token beside the API."""
        self.next_style: Literal["absent", "null", "empty"] = "absent"
        self.most_rows: int | None = None
        """A smaller cap on pages than the contract's, so that few rows make many pages."""
        self.traffic_status = 404
        """What the old traffic insights answer; 200 makes them work."""
        self._router = Router(PREFIX)
        for listing in LISTINGS:
            self._router.get(listing.path)(partial(self._list, listing))
        get = self._router.get
        get("/user")(self._user)
        get("/spaces/{space}/content")(self._content)
        get("/spaces/{space}/content/page/{page}")(self._page)
        get("/spaces/{space}/revisions/{revision}")(self._revision)
        get("/spaces/{space}/git/info")(self._git_info)
        get("/spaces/{space}/insights/traffic")(self._traffic)
        self._router.post(f"{ONE_SITE}/insights/events/aggregate")(self._aggregate)

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        with self.world.lock:
            try:
                answer = self._answered(request)
            except RefusalError as refusal:
                answer = refused(refusal.status, str(refusal))
            answer.headers["Date"] = format_datetime(self.world.clock, usegmt=True)
            return answer

    def too_many(self, retry_after: int) -> Response:
        """Tell that there were too many requests: until when, as a point of time."""
        reset = int(self.world.clock.timestamp()) + retry_after
        answer = refused(429, f"API rate limit exceeded. Please try again in {retry_after} seconds")
        answer.headers.update(
            {
                "Date": format_datetime(self.world.clock, usegmt=True),
                "X-RateLimit-Limit": "60",
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": str(reset),
            }
        )
        return answer

    def _answered(self, request: Request) -> Response:
        if (request.method, request.path) == ("POST", "/token"):
            return self.log_in.token(request)
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or not (token == self.access.token or self.log_in.knows(token)):
            raise RefusalError(401, "Invalid or expired access token")
        found = self._router.find(request.method, request.raw_path)
        if found is None:
            raise RefusalError(404, "Not found")
        handler, captures = found
        self._check_places(captures)
        return cast("Callable[..., Response]", handler)(request, **captures)

    # Lists

    def _list(self, listing: Listing, request: Request, **captures: str) -> Response:
        self._check_access(listing.scope, listing.table, *captures.values())
        self._check_parameters(
            request, {*listing.parameters, *({"page", "limit"} if listing.most else ())}
        )
        rows = self._ordered(listing.table, request, self._rows(listing, request, captures))
        start, size = self._place(listing, request)
        page: Row = {"items": rows[start : start + size], "count": len(rows)}
        if start + size < len(rows):
            page["next"] = {"page": token_of(request.path, start + size)}
        elif self.next_style == "null":
            page["next"] = None
        elif self.next_style == "empty":
            page["next"] = {"page": ""}
        return Response(body=page)

    def _place(self, listing: Listing, request: Request) -> tuple[int, int]:
        if listing.most is None:
            return 0, 1_000_000
        limit = request.first("limit")
        if limit is not None and not (limit.isdigit() and int(limit) <= listing.most):
            raise RefusalError(400, f"limit must be a number up to {listing.most}")
        size = USUAL_LIMIT if limit is None else int(limit)
        if self.most_rows is not None:
            size = min(size, self.most_rows)
        token = request.first("page")
        return (0 if token is None else start_of(request.path, token)), size

    def _rows(self, listing: Listing, request: Request, captures: dict[str, str]) -> list[Row]:
        world, table = self.world, listing.table
        owner = captures[listing.owner] if listing.owner else NOBODY
        if table == "organizations":
            return [
                row for row in world.rows(table, owner) if row["id"] in self.access.organizations
            ]
        if table == "openapi_versions":
            specs = world.rows("openapi_specs", captures["org"])
            owner = next((spec["id"] for spec in specs if spec["slug"] == owner), "")
            if not owner:
                raise RefusalError(404, "OpenAPI specification not found")
        if table == "org_change_requests":
            return self._change_requests(request, owner)
        if table == "audit_events":
            return self._audit_events(request, owner)
        rows = world.rows(table, owner)
        if table == "redirects":
            draft = request.first("draft") == "true"
            rows = [row for row in rows if row["draft"] == draft]
        if (
            table in ("comments", "request_comments")
            and (status := request.first("status")) != "all"
        ):
            rows = [row for row in rows if status is None or row["status"] == status]
        if "format" in listing.parameters:
            style = request.first("format") or "document"
            rows = [
                {**row, "body": body(row["body"], style)} if "body" in row else row for row in rows
            ]
        return rows

    @staticmethod
    def _ordered(table: str, request: Request, rows: list[Row]) -> list[Row]:
        orders = ORDERS.get(table)
        if orders is None:
            return rows
        order = request.first("orderBy") or next(iter(orders))
        if order not in orders:
            raise RefusalError(400, "orderBy: there is no such order")
        return sorted(rows, key=orders[order], reverse=True)

    def _change_requests(self, request: Request, org: str) -> list[Row]:
        """Open ones, and none of GitBook's own triage, unless more is asked for."""
        statuses = request.query.get("status") or ["open"]
        if {*statuses} - {"draft", "open", "archived", "merged"}:
            raise RefusalError(400, "status: there is no such status")
        return [
            row
            for space in self.world.rows("spaces", org)
            for row in self.world.rows("change_requests", space["id"])
            if row["status"] in statuses
            and (request.first("finding") == "all" or "siteTopic" not in row)
        ]

    def _audit_events(self, request: Request, org: str) -> list[Row]:
        if self.world.find("organizations", org)["plan"] != "enterprise_2024":
            raise RefusalError(403, "Audit logs need an active Enterprise plan")
        after = moment_in(request, "from")
        rows = self.world.rows("audit_events", org)
        kept = [
            row for row in rows if not after or datetime.fromisoformat(row["occurredAt"]) >= after
        ]
        return sorted(kept, key=lambda row: str(row["occurredAt"]), reverse=True)

    # What is not a list

    def _user(self, request: Request) -> Response:
        self._check_access("user:read", "users")
        self._check_parameters(request, set())
        return Response(body=self.world.find("users", self.access.user))

    def _content(self, request: Request, space: str) -> Response:
        self._check_access("space:read", "content", space)
        self._check_parameters(request, {"metadata", "computed"})
        return Response(body=self.world.current(self.world.find("spaces", space)))

    def _revision(self, request: Request, space: str, revision: str) -> Response:
        self._check_access("space:read", "revisions", space)
        self._check_parameters(request, {"metadata", "computed"})
        found = self.world.tables["revisions"][space].get(revision)
        if found is None:
            raise RefusalError(404, "Revision not found")
        return Response(body=found)

    def _page(self, request: Request, space: str, page: str) -> Response:
        self._check_access("space:read", "page_documents", space)
        self._check_parameters(request, {"format", "format.markdown.refs", "metadata", "computed"})
        revision = self.world.current(self.world.find("spaces", space))
        found = next((node for node in nodes(revision["pages"]) if node["id"] == page), None)
        if found is None:
            raise RefusalError(404, "Page not found")
        text = self.world.body_of(found, revision)
        if request.first("format") == "markdown":
            return Response(body={**found, "markdown": text})
        return Response(body={**found, "document": rich_text(text)})

    def _git_info(self, request: Request, space: str) -> Response:
        self._check_access("space:read", "git_info", space)
        self._check_parameters(request, set())
        told = self.world.find("spaces", space).get("gitSync")
        if told is None:
            raise RefusalError(404, "No Git provider is connected")
        return Response(body=told)

    def _traffic(self, request: Request, space: str) -> Response:
        if self.traffic_status != 200:
            raise RefusalError(self.traffic_status, "Not found")
        self._check_parameters(request, {"interval"})
        views = self.world.rows("traffic", space)
        return Response(body={"count": sum(view["count"] for view in views), "views": views})

    def _aggregate(self, request: Request, org: str, site: str) -> Response:
        self._check_access("site:insights:read", "events", org, site)
        self._check_parameters(request, set())
        try:
            return Response(body=aggregate(self.world.rows("events", site), request.body))
        except BadQuestionError as error:
            raise RefusalError(400, str(error)) from None

    # What is refused

    def _check_access(self, scope: str | None, table: str, *owners: str) -> None:
        scopes = self.access.scopes
        if scopes is not None and scope not in scopes:
            raise RefusalError(403, "The access token has not the scope that this takes")
        if self.access.denied & {table, *owners}:
            raise RefusalError(403, "You do not have the permission to do this")

    def _check_places(self, captures: dict[str, str]) -> None:
        """Answer 404 to what does not exist, or lies in an organization of others."""
        tables = {
            "site": "sites",
            "space": "spaces",
            "team": "teams",
            "collection": "collections",
        }
        orgs = {captures["org"]} if "org" in captures else set()
        for name, table in tables.items():
            if name in captures:
                owners = self.world.tables[table].items()
                orgs |= {org for org, rows in owners if captures[name] in rows} or {"none"}
        if len(orgs) > 1 or not orgs <= self.access.organizations:
            raise RefusalError(404, "Not found")
        requests = self.world.tables["change_requests"][captures.get("space", "")]
        if "change" in captures and captures["change"] not in requests:
            raise RefusalError(404, "Change request not found")

    @staticmethod
    def _check_parameters(request: Request, known: set[str]) -> None:
        if unknown := request.query.keys() - known:
            raise RefusalError(400, f"unknown parameter {', '.join(sorted(unknown))}")
