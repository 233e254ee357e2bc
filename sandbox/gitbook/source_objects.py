"""Objects of the API: what content is made from, and what is installed and logged."""

from __future__ import annotations

from sandbox.gitbook.objects import API, APP, Row, flags, rich_text


def integration(name: str, owner: Row) -> Row:
    """An integration of the marketplace."""
    return {
        "object": "integration",
        "name": name,
        "version": 3,
        "title": name.title(),
        "description": f"Brings {name} to your pages",
        "previewImages": [],
        "target": "all",
        "verified": True,
        "visibility": "public",
        "scopes": ["space:content:read"],
        "categories": ["content"],
        "externalLinks": [{"url": "https://acme.example/help", "label": "Help"}],
        "owner": owner,
        "urls": {
            "location": f"{API}/integrations/{name}",
            "app": f"{APP}/integrations/{name}",
            "assets": "https://assets.gitbook.example/",
            "publicEndpoint": "https://integrations.gitbook.example/",
            "publicContentEndpoint": "https://content.gitbook.example/",
        },
        "permissions": {"admin": False},
    }


def installation(installation_id: str, name: str, owner: Row, at: str) -> Row:
    """An integration and its installation in an organization."""
    installed = {
        "id": installation_id,
        "status": "active",
        "space_selection": "all",
        "site_selection": "selected",
        "spaces": 2,
        "configuration": {"channel": "docs"},
        "createdAt": at,
        "updatedAt": at,
        "urls": {
            "location": f"{API}/integrations/{name}/installations/{installation_id}",
            "app": f"{APP}/integrations/{name}/{installation_id}",
            "publicEndpoint": "https://integrations.gitbook.example/",
            "publicContentEndpoint": "https://content.gitbook.example/",
        },
        "externalIds": [],
        "target": {"organization": owner["id"]},
    }
    return {"installation": installed, "integration": integration(name, owner)}


def openapi_spec(spec_id: str, slug: str, at: str) -> Row:
    """An OpenAPI specification."""
    return {
        "object": "openapi-spec",
        "id": spec_id,
        "createdAt": at,
        "updatedAt": at,
        "slug": slug,
        "sourceURL": f"https://acme.example/{slug}.yaml",
        "processingState": "complete",
        "visibility": "private",
        "lastProcessedErrors": [],
        "lastProcessedErrorCount": 0,
        "permissions": flags("view", "edit"),
        "urls": {"location": f"{API}/openapi/{slug}", "app": f"{APP}/openapi/{slug}"},
    }


def openapi_version(version_id: str, slug: str, at: str) -> Row:
    """One version of a specification."""
    return {
        "object": "openapi-spec-version",
        "id": version_id,
        "createdAt": at,
        "url": f"https://files.gitbook.example/{version_id}.yaml",
        "urls": {"location": f"{API}/openapi/{slug}/versions/{version_id}"},
    }


def translation(translation_id: str, source_space: str, at: str) -> Row:
    """A translation that has not run yet."""
    counts = ("runs", "totalWords", "totalPages", "totalDuration", "latestRunDuration")
    return {
        "object": "translation",
        "id": translation_id,
        "status": "pending",
        "source": {"space": source_space, "language": "en"},
        "language": "fr",
        "instructions": rich_text("Say tu."),
        "createdAt": at,
        "updatedAt": at,
        "stats": dict.fromkeys((*counts, "latestPages", "latestWords"), 0),
        "permissions": flags("view", "edit"),
        "urls": {"location": f"{API}/translations/{translation_id}"},
    }


def glossary_entry(entry_id: str, term: str, at: str) -> Row:
    """A term in two languages."""
    return {
        "object": "glossary-entry",
        "id": entry_id,
        "translations": {"en": term, "fr": f"le {term}"},
        "createdAt": at,
        "updatedAt": at,
        "urls": {"location": f"{API}/translations-glossary/{entry_id}"},
    }


def import_run(run_id: str, space_id: str, creator: str, at: str) -> Row:
    """An import that is under way."""
    return {
        "object": "import-run",
        "id": run_id,
        "startedAt": at,
        "createdAt": at,
        "updatedAt": at,
        "status": "in-progress",
        "source": {"type": "website", "url": "https://acme.example/old-docs"},
        "target": {"space": space_id},
        "createdBy": creator,
        "urls": {"location": f"{API}/imports/{run_id}"},
        "pages": [{"id": "p1", "type": "page", "status": "pending"}],
    }


def audit_event(event_id: str, action: str, actor: Row, target: Row, at: str) -> Row:
    """What the log keeps of one change."""
    return {
        "object": "audit-event",
        "id": event_id,
        "occurredAt": at,
        "action": action,
        "actor": {"type": "user", "id": actor["id"], "label": actor["displayName"]},
        "source": "ui",
        "target": {"type": target["object"], "id": target["id"]},
        "urls": {"location": f"{API}/audit-events/{event_id}"},
    }
