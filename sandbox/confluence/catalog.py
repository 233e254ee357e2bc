"""What is the same on every site played here: roles, levels, themes and templates."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


def _permission(verb: str, target: str, *requires: str) -> Row:
    return {
        "id": f"{verb}/{target}",
        "displayName": f"{verb.capitalize()} {target}",
        "description": f"Lets its holder {verb} each {target} of the space.",
        "requiredPermissionIds": list(requires),
    }


TARGETS = ("page", "blogpost", "comment", "attachment", "whiteboard", "database", "folder")
SPACE_PERMISSIONS: list[Row] = [
    _permission("read", "space"),
    _permission("administer", "space", "read/space"),
    *(_permission("create", target, "read/space") for target in TARGETS),
    *(_permission("delete", target, "read/space", f"create/{target}") for target in TARGETS),
]

SPACE_ROLES: list[Row] = [
    {
        "id": f"role-{name.lower()}",
        "type": kind,
        "name": name,
        "description": f"What a {name.lower()} of a space may do.",
        "spacePermissions": [item["id"] for item in SPACE_PERMISSIONS[:upto]],
    }
    for name, kind, upto in (
        ("Admin", "SYSTEM", len(SPACE_PERMISSIONS)),
        ("Collaborator", "SYSTEM", 9),
        ("Viewer", "SYSTEM", 1),
        ("Translator", "CUSTOM", 3),
    )
]

CLASSIFICATION_LEVELS: list[Row] = [
    {
        "id": f"level-{order}",
        "status": status,
        "order": order,
        "name": name,
        "description": f"{name} information.",
        "guideline": f"Treat it as {name.lower()}.",
        "color": color,
    }
    for order, (name, color, status) in enumerate(
        (
            ("Public", "GREEN", "PUBLISHED"),
            ("Internal", "BLUE", "PUBLISHED"),
            ("Confidential", "ORANGE", "PUBLISHED"),
            ("Secret", "RED_BOLD", "DRAFT"),
        ),
        start=1,
    )
]

THEMES: list[Row] = [
    {
        "themeKey": f"com.example.themes:{name}",
        "name": f"{name.capitalize()} theme",
        "description": f"A {name} look.",
        "icon": {"path": f"/themes/{name}.png", "width": 110, "height": 73, "isDefault": False},
    }
    for name in ("plain", "dark", "wide")
]

GLOBAL_LABEL: Row = {"prefix": "global", "name": "template", "id": "1", "label": "template"}

PAGE_TEMPLATES: list[Row] = [
    {
        "templateId": str(5000 + number),
        "name": f"{name} template",
        "description": f"Start a page about a {name.lower()}.",
        "labels": [GLOBAL_LABEL] if number % 2 else [],
        "templateType": "page",
        "editorVersion": "v2",
        "body": {},
        "_expandable": {"body": ""},
        "_links": {"self": f"/rest/api/template/{5000 + number}"},
    }
    for number, name in enumerate(("Decision", "Incident", "Meeting", "Release", "Team"))
]

BLUEPRINTS: list[Row] = [
    {
        "templateId": f"blueprint-{name}",
        "originalTemplate": {"pluginKey": "com.example.blueprints", "moduleKey": name},
        "referencingBlueprint": f"com.example.blueprints:{name}",
        "name": f"{name.capitalize()} blueprint",
        "description": "",
        "labels": [],
        "templateType": "page",
        "editorVersion": "v2",
        "_expandable": {"body": ""},
        "_links": {"self": f"/rest/api/template/blueprint-{name}"},
    }
    for name in ("retrospective", "roadmap", "howto")
]
