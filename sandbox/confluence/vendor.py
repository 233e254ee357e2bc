"""Confluence Cloud behind one address: site, gateway and log-in, told apart by path."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from sandbox.confluence import answers, v1, v1_rights, v1_search, v2_content, v2_site
from sandbox.confluence.auth import Authority, Credentials
from sandbox.confluence.query import InvalidError
from sandbox.confluence.visitors import seen_by_visitors
from sandbox.messages import Response

if TYPE_CHECKING:
    from sandbox.confluence.site import Site
    from sandbox.messages import Request

GATEWAY = re.compile(r"/ex/confluence/([^/]+)(/wiki/.*)")
CURSOR = re.compile(r"(?<=[?&]cursor=)[^&]+")
NEXT = re.compile(r'<[^>]*>(?=; rel="next")')
ROUTERS = (v2_content.router, v2_site.router, v1.router, v1_rights.router, v1_search.router)


class Confluence:
    """A site with its gateway.

    `denied` maps ids, or paths such as `/wiki/rest/api/audit`, to the status (403, 404, 410) that
    is answered for them and for what is below them; `status=trashed` stands for all lists that are
    asked for what is so.
    """

    def __init__(self, site: Site, credentials: Credentials | None = None) -> None:
        self.site = site
        self.credentials = credentials or Credentials()
        self.authority = Authority(self.credentials)
        self.denied: dict[str, int] = {}
        self.anonymous_access = False
        """Answer wrong credentials at the site as a visitor's, who sees what everybody may see."""
        self.remember_answers = False
        """Keep answers of API v2, encoded, until the next edit: for measurements, where the
        vendor must not be what is measured. Costs the memory of all answers."""
        self._remembered: dict[str, Response] = {}
        self._remembered_edits = 0

    def handle(self, request: Request) -> Response:
        """Answer a request to any of the hosts."""
        with self.site.lock:
            answer = self._open(request) or self._guarded(request)
            # The clock of the vendor is the site's, not the machine's.
            answer.headers.setdefault("Date", format_datetime(self.site.now, usegmt=True))
        return answer

    def too_many(self, retry_after: int) -> Response:
        """Answer a request above the limit."""
        reset = datetime.now(UTC) + timedelta(seconds=retry_after)
        headers = {
            "Retry-After": str(retry_after),
            "X-RateLimit-Limit": "100",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": f"{reset:%Y-%m-%dT%H:%M}Z",
            "RateLimit-Reason": "confluence-burst-based",
        }
        return Response(429, {"message": "Rate limit exceeded"}, headers)

    def _open(self, request: Request) -> Response | None:
        """Answer what needs no credentials, or brings its own."""
        if request.path == "/_edge/tenant_info":
            return Response(200, {"cloudId": self.site.cloud_id, "cloudName": "sandbox"})
        if (request.method, request.path) == ("POST", "/oauth/token"):
            return self.authority.token(request)
        if _looks_forged(request):
            return Response(403, b"XSRF check failed", {"Content-Type": "text/plain"})
        return None

    def _guarded(self, request: Request) -> Response:
        gateway = GATEWAY.fullmatch(request.raw_path)
        through_gateway = gateway is not None or request.path.startswith("/oauth/")
        if not self.authority.allows(request.headers, gateway=through_gateway):
            if self.anonymous_access and not through_gateway:
                return self._as_visitor(request)
            return Response(401, {"code": 401, "message": "Unauthorized"})
        if request.path == "/oauth/token/accessible-resources":
            url = answers.base(request).removesuffix("/wiki")
            resource = {"id": self.site.cloud_id, "url": url, "name": "sandbox", "scopes": []}
            return Response(200, [resource])
        if gateway is not None:
            if gateway[1] != self.site.cloud_id:
                return Response(404, {"code": 404, "message": "No such site"})
            request = replace(request, raw_path=gateway[2])
        if self.remember_answers and request.raw_path.startswith("/wiki/api/"):
            return self._from_memory(request)
        return self._answered(request)

    def _from_memory(self, request: Request) -> Response:
        if self._remembered_edits != self.site.edits:
            self._remembered.clear()
            self._remembered_edits = self.site.edits
        key = f"{request.method} {request.target} {request.content!r}"
        known = self._remembered.get(key)
        if known is None:
            answer = self._answered(request)
            known = self._remembered[key] = replace(answer, body=answer.encoded())
        return replace(known, headers=dict(known.headers))

    def _as_visitor(self, request: Request) -> Response:
        answer = self._answered(request, seen_by_visitors(self.site))
        if "Authorization" in request.headers:
            answer.headers["X-Seraph-LoginReason"] = "AUTHENTICATED_FAILED"
        return answer

    def _answered(self, request: Request, site: Site | None = None) -> Response:
        """Answer a request to the API; its path is that of the site."""
        error = v1.error if request.raw_path.startswith("/wiki/rest/") else answers.error
        for router in ROUTERS:
            if found := router.find(request.method, request.raw_path):
                handler, captures = found
                try:
                    if status := self._denial(request, captures):
                        return error(status, "You are not permitted to see this")
                    answer: Response = handler(site or self.site, request, **captures)
                    if self.site.as_seen_live:
                        _write_cursor_raw(answer)
                except InvalidError as refusal:
                    return error(400, str(refusal))
                except answers.MissingError as missing:
                    return error(404, str(missing))
                return answer
        return error(404, f"Nothing is at {request.path}")

    def _denial(self, request: Request, captures: dict[str, str]) -> int | None:
        path = request.path
        asked = {f"status={each}" for each in (request.first("status") or "").split(",")}
        for key, status in self.denied.items():
            is_path = path == key or path.startswith(f"{key}/")
            if is_path or key in asked or key in captures.values():
                return status
        return None


def _looks_forged(request: Request) -> bool:
    """Tell whether a page of a browser could have sent a POST."""
    is_browser = "Mozilla/" in request.headers.get("User-Agent", "")
    is_excepted = request.headers.get("X-Atlassian-Token") == "no-check"
    return request.method == "POST" and is_browser and not is_excepted


def _write_cursor_raw(answer: Response) -> None:
    """Let the cursor stand in the next link as live sites write it: "=" and "+" as they are."""
    body = answer.body
    links = body.get("_links", {}) if isinstance(body, dict) else {}
    if "cursor=" in links.get("next", ""):
        raw = links["next"] = CURSOR.sub(lambda found: unquote(found[0]), links["next"])
        answer.headers["Link"] = NEXT.sub(f"<{raw}>", answer.headers.get("Link", ""))
