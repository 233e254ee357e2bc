"""What the tables of a tap must hold: computed from the world, not through the API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.gitbook.insights import grouped
from sandbox.gitbook.talk_objects import body

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.gitbook.objects import Row
    from sandbox.gitbook.vendor import GitBook

WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
STREAM_OF_ORG_TABLE = {
    "members": "org_members",
    "teams": "teams",
    "invites": "invite_links",
    "spaces": "spaces",
    "collections": "collections",
    "sites": "sites",
    "openapi_specs": "openapi_specs",
    "translations": "translations",
    "glossary": "glossary_entries",
    "imports": "import_runs",
    "audit_events": "audit_events",
}
STREAM_OF_SITE_TABLE = {
    "site_spaces": "site_spaces",
    "sections": "site_sections",
    "section_groups": "site_section_groups",
    "share_links": "site_share_links",
    "redirects": "site_redirects",
    "questions": "site_questions",
    "answers": "site_answers",
    "topics": "site_topics",
    "findings": "site_findings",
}
PERMISSIONS = {"users": "user", "teams": "team"}

Rows = dict[str, list[dict[str, Any]]]


def column(name: str) -> str:
    """The column of a field."""
    return WORD.sub("_", name).lower()


def public(value: Any) -> Any:
    """What an answer tells, without what GitBook marks as its own affair, at any depth."""
    if isinstance(value, list):
        return [public(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {k: public(v) for k, v in value.items() if not k.startswith("internal_")}


def columns(row: Row, **added: Any) -> dict[str, Any]:
    """A row of a table: the vendor's fields, and what is added from around them."""
    kept = {column(name): value for name, value in public(row).items()}
    return {**added, **kept}


def truth(vendor: GitBook, *, page_format: str = "markdown", interval: str = "day") -> Rows:
    """Compute the rows of every stream that the token may see."""
    world, found = vendor.world, Rows()

    def put(stream: str, *rows: dict[str, Any]) -> None:
        found.setdefault(stream, []).extend(rows)

    put("users", columns(world.find("users", vendor.access.user)))
    for org in world.every("organizations"):
        org_id = org["id"]
        if org_id not in vendor.access.organizations:
            continue
        put("organizations", columns(org))
        for table, stream in STREAM_OF_ORG_TABLE.items():
            if stream != "audit_events" or org["plan"] == "enterprise_2024":
                put(
                    stream, *(columns(r, organization_id=org_id) for r in world.rows(table, org_id))
                )
        for stream, row in (
            *_teams_and_sources(vendor, org_id),
            *_spaces(vendor, org_id, page_format),
            *_sites(vendor, org_id, interval),
        ):
            put(stream, {"organization_id": org_id, **row})
    return found


def _teams_and_sources(vendor: GitBook, org: str) -> Iterator[tuple[str, dict[str, Any]]]:
    world = vendor.world
    for team in world.rows("teams", org):
        for row in world.rows("team_members", team["id"]):
            yield (
                "team_members",
                columns(row, team_id=team["id"], user_id=row["organization"]["id"]),
            )
    for collection in world.rows("collections", org):
        yield from _permissions(vendor, "collection", collection["id"])
    for row in world.rows("installations", org):
        yield "integrations", columns({**row["installation"], "integration": row["integration"]})
    for spec in world.rows("openapi_specs", org):
        for row in world.rows("openapi_versions", spec["id"]):
            yield "openapi_spec_versions", columns(row, openapi_spec_id=spec["id"])


def _permissions(vendor: GitBook, kind: str, owner: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for table, who in PERMISSIONS.items():
        for row in vendor.world.rows(f"{kind}_{table}", owner):
            keys = {f"{kind}_id": owner, f"{who}_id": row[who]["id"]}
            yield f"{kind}_{who}_permissions", columns(row, **keys)


def _spaces(vendor: GitBook, org: str, style: str) -> Iterator[tuple[str, dict[str, Any]]]:
    world = vendor.world
    for space in world.rows("spaces", org):
        keys = {"space_id": space["id"]}
        yield from _permissions(vendor, "space", space["id"])
        if "gitSync" in space:
            yield "git_info", columns(space["gitSync"], **keys)
        for row in world.rows("space_integrations", space["id"]):
            told = columns(row, **keys)
            told["integration_version"] = told.pop("version")
            yield "space_integrations", told
        yield from _content(vendor, space, style)
        for row in world.rows("comments", space["id"]):
            yield from _comment(vendor, row, ("comments", "comment_replies"), keys, style)
        for request in world.rows("change_requests", space["id"]):
            of = {**keys, "change_request_id": request["id"]}
            yield "change_requests", columns(request, **keys)
            for row in world.rows("reviews", request["id"]):
                yield "change_request_reviews", columns(row, **of)
            for row in world.rows("reviewers", request["id"]):
                yield "requested_reviewers", columns(row, **of, reviewer_id=row[row["kind"]]["id"])
            for row in world.rows("contributors", request["id"]):
                yield "change_request_contributors", columns(row, **of, user_id=row["user"]["id"])
            for row in world.rows("request_comments", request["id"]):
                names = "change_request_comments", "change_request_comment_replies"
                yield from _comment(vendor, row, names, of, style)


def _comment(
    vendor: GitBook, comment: Row, names: tuple[str, str], keys: Row, style: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    stream, replies = names
    yield stream, columns({**comment, "body": body(comment["body"], style)}, **keys)
    for row in vendor.world.rows("replies", comment["id"]):
        said = {**row, "body": body(row["body"], style)}
        yield replies, columns(said, **keys, comment_id=comment["id"])


def _content(vendor: GitBook, space: Row, style: str) -> Iterator[tuple[str, dict[str, Any]]]:
    revision = vendor.world.current(space)
    keys = {"space_id": space["id"], "revision_id": space["revision"]}
    known = {name: value for name, value in revision.items() if name not in ("pages", "files")}
    yield "content", columns(known, **keys)
    for row in revision["files"]:
        yield "files", columns(row, **keys)

    def below(pages: list[Row], parent: str | None, depth: int) -> Iterator[dict[str, Any]]:
        for position, page in enumerate(pages):
            place = {"parent_page_id": parent, "position": position, "depth": depth}
            yield columns({k: v for k, v in page.items() if k != "pages"}, **keys, **place)
            yield from below(page.get("pages", []), page["id"], depth + 1)

    for row in below(revision["pages"], None, 0):
        yield "pages", row
        if row["type"] == "document":
            shown = {"documentId": row.get("document_id"), **row}
            text = vendor.world.body_of(shown, revision)
            kept = ("updated_at", "document_id")
            yield (
                "page_documents",
                {
                    "space_id": space["id"],
                    "page_id": row["id"],
                    **{name: row.get(name) for name in kept},
                    **body(text, style),
                },
            )


def _sites(vendor: GitBook, org: str, interval: str) -> Iterator[tuple[str, dict[str, Any]]]:
    world = vendor.world
    for site in world.rows("sites", org):
        keys = {"site_id": site["id"]}
        yield from _permissions(vendor, "site", site["id"])
        for table, stream in STREAM_OF_SITE_TABLE.items():
            for row in world.rows(table, site["id"]):
                lifted = {"space_id": row["space"]["id"]} if stream == "site_spaces" else {}
                yield stream, columns(row, **keys, **lifted)
        names = [("datetime", interval), ("eventType", ""), ("urlPath", ""), ("page", "")]
        for (at, kind, path, page), counts in grouped(
            world.rows("events", site["id"]), names
        ).items():
            place = dict(page or ())
            yield (
                "site_insights",
                {
                    **keys,
                    "interval": interval,
                    "datetime": at,
                    "event_type": kind,
                    "url_path": path,
                    "space_id": place.get("space", "-"),
                    "page_id": place.get("page", "-"),
                    **columns(counts),
                },
            )
