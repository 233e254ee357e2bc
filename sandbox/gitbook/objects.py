"""The objects of GitBook's API, made from the little that tells one from another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Row = dict[str, Any]

API = "https://api.gitbook.com/v1"
APP = "https://app.gitbook.com"


def flags(*names: str) -> dict[str, bool]:
    """Permissions of someone who may do everything."""
    return dict.fromkeys(names, True)


def user(user_id: str, name: str, *, email: bool = True) -> Row:
    """A user; not everybody shows an e-mail address."""
    address = {"email": f"{name.lower().replace(' ', '.')}@acme.example"} if email else {}
    return {
        "object": "user",
        "id": user_id,
        "displayName": name,
        **address,
        "photoURL": f"{APP}/pictures/{user_id}",
        "urls": {"location": f"{API}/users/{user_id}"},
    }


def organization(org_id: str, title: str, plan: str, at: str) -> Row:
    """An organization."""
    return {
        "object": "organization",
        "id": org_id,
        "title": title,
        "createdAt": at,
        "emailDomains": ["acme.example"],
        "hostname": title.lower().replace(" ", "-"),
        "type": "business",
        "useCase": "productDocs",
        "defaultRole": "read",
        "sso": False,
        "inviteLinks": True,
        "auditLogs": plan == "enterprise_2024",
        "plan": plan,
        "mergeRules": {"type": "rules", "rules": [{"rule": "require_at_least_one_review"}]},
        "urls": {"location": f"{API}/orgs/{org_id}", "app": f"{APP}/o/{org_id}"},
        "trial": {"status": "ended", "count": 1, "endDate": at},
        "internal_billingMigration": {"discountPercent": 10},
        "permissions": flags(
            "view",
            "access",
            "admin",
            "ownTeam",
            "createContent",
            "createOpenAPISpec",
            "viewBilling",
            "listMembers",
            "listTeams",
            "listIntegrations",
            "listInstallations",
            "installIntegration",
        ),
    }


def member(who: Row, role: str | None, at: str) -> Row:
    """A user's place in an organization; a guest has no role."""
    return {
        "object": "member",
        "id": who["id"],
        "role": role,
        "user": who,
        "disabled": False,
        "joinedAt": at,
        "lastSeenAt": at,
        "sso": False,
        "spaces": 2,
        "teams": 0,
        "sites": 1,
    }


def team(team_id: str, title: str, at: str) -> Row:
    """A team without members so far."""
    return {
        "object": "team",
        "id": team_id,
        "title": title,
        "members": 0,
        "spaces": 1,
        "createdAt": at,
        "permissions": flags("admin", "view"),
    }


def space(space_id: str, org_id: str, title: str, parent: str | None, at: str) -> Row:
    """A space without content so far."""
    return {
        "object": "space",
        "id": space_id,
        "title": title,
        "emoji": "1f4d8",
        "visibility": "public",
        "createdAt": at,
        "updatedAt": at,
        "editMode": "live",
        "mergeRules": {"type": "inherit"},
        "urls": {"location": f"{API}/spaces/{space_id}", "app": f"{APP}/s/{space_id}"},
        "organization": org_id,
        **({"parent": parent} if parent else {}),
        "revision": "",
        "defaultLevel": "inherit",
        "comments": 0,
        "changeRequests": 0,
        "changeRequestsOpen": 0,
        "changeRequestsDraft": 0,
        "internal_poweredByV2": True,
        "permissions": flags(
            "view",
            "access",
            "admin",
            "viewInviteLinks",
            "edit",
            "triggerGitSync",
            "comment",
            "merge",
            "review",
            "installIntegration",
        ),
    }


def git_sync(name: str, at: str) -> Row:
    """A repository that a space is synchronized with."""
    return {
        "repoName": name,
        "installationStatus": "active",
        "installationProvider": "github",
        "integration": "github-sync",
        "installationId": f"installation-{name}",
        "url": f"https://git.example/acme/{name}",
        "operation": {
            "state": "success",
            "direction": "import",
            "startedAt": at,
            "endedAt": at,
        },
        "operationTimeout": 600000,
        "updatedAt": at,
    }


def collection(collection_id: str, org_id: str, title: str, parent: str | None) -> Row:
    """A collection, maybe in another one."""
    return {
        "object": "collection",
        "id": collection_id,
        "title": title,
        "description": f"All about {title.lower()}",
        "organization": org_id,
        **({"parent": parent} if parent else {}),
        "defaultLevel": None,
        "urls": {"location": f"{API}/collections/{collection_id}", "app": f"{APP}/c/x"},
        "permissions": flags("view", "admin", "viewInviteLinks", "create"),
    }


def document_page(page_id: str, title: str, body_id: str | None, at: str | None) -> Row:
    """A page; one that was never edited has neither a body nor times."""
    slug = title.lower().replace(" ", "-")
    layout = dict.fromkeys(
        (
            "cover",
            "title",
            "description",
            "tableOfContents",
            "outline",
            "pagination",
            "metadata",
            "tags",
            "actions",
            "anchors",
        ),
        True,
    )
    return {
        "id": page_id,
        "title": title,
        **({"createdAt": at, "updatedAt": at, "documentId": body_id} if at else {}),
        "kind": "sheet",
        "type": "document",
        "urls": {"app": f"{APP}/p/{page_id}"},
        "slug": slug,
        "path": slug,
        "pages": [],
        "layout": {"width": "default", "coverSize": "hero", "coverMask": "none", **layout},
        "hidden": False,
        "tags": [],
    }


def group_page(page_id: str, title: str, at: str) -> Row:
    """A group, which holds pages and has no body."""
    slug = title.lower().replace(" ", "-")
    return {
        "id": page_id,
        "title": title,
        "createdAt": at,
        "kind": "group",
        "type": "group",
        "slug": slug,
        "path": slug,
        "pages": [],
    }


def link_page(page_id: str, title: str) -> Row:
    """A link in the table of contents."""
    url = f"https://acme.example/{page_id}"
    return {
        "id": page_id,
        "title": title,
        "kind": "link",
        "type": "link",
        "target": {"kind": "url", "url": url},
        "href": url,
    }


def computed_page(page_id: str, title: str, spec: str) -> Row:
    """A node that becomes pages when it is computed."""
    source = {
        "type": "builtin:openapi",
        "props": {"models": True},
        "dependencies": {"spec": {"ref": {"kind": "openapi", "spec": spec}}},
    }
    return {"id": page_id, "title": title, "type": "computed", "computed": source}


def file(file_id: str, name: str, size: int) -> Row:
    """An image in a space."""
    return {
        "id": file_id,
        "name": name,
        "contentType": "image/png",
        "downloadURL": f"https://files.gitbook.example/{file_id}",
        "size": size,
        "dimensions": {"width": 640, "height": 480},
    }


def revision(revision_id: str, parents: list[str], kind: str, at: str, **content: Any) -> Row:
    """A revision of a space's content; `content` holds its pages, files and what else it has."""
    return {
        "object": "revision",
        "id": revision_id,
        "type": kind,
        "parents": parents,
        "reusableContents": [],
        "tags": [{"slug": "beta", "label": "Beta", "color": "blue", "icon": "flask"}],
        "variables": {"product": "Rocket"},
        "createdAt": at,
        "urls": {"app": f"{APP}/r/{revision_id}"},
        **content,
    }


def rich_text(text: str) -> Row:
    """GitBook's tree of nodes for one paragraph."""
    leaf = {"object": "text", "leaves": [{"object": "leaf", "text": text, "marks": []}]}
    paragraph = {"object": "block", "type": "paragraph", "isVoid": False, "nodes": [leaf]}
    return {"object": "document", "data": {}, "nodes": [paragraph]}


def nodes(pages: Iterable[Row]) -> Iterator[Row]:
    """All nodes of a page tree, each before those below it."""
    for page in pages:
        yield page
        yield from nodes(page.get("pages", ()))
