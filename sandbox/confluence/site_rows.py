"""The vendor's form of what is not content: labels, properties, spaces and users, for API v2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.confluence.model import iso
from sandbox.confluence.rows import version

if TYPE_CHECKING:
    from sandbox.confluence.model import Label, Property, Space, User
    from sandbox.confluence.rows import Row


def label(item: Label) -> Row:
    """A row of /labels."""
    return {"id": item.id, "name": item.name, "prefix": item.prefix}


def content_property(item: Property) -> Row:
    """A row of a content's properties."""
    newest = version(item.versions[-1])
    return {"id": str(item.number), "key": item.key, "value": item.value, "version": newest}


def space_property(item: Property) -> Row:
    """A row of a space's properties; versions differ from those of content."""
    first, newest = item.versions[0], item.versions[-1]
    return {
        "id": str(item.number),
        "key": item.key,
        "value": item.value,
        "createdAt": iso(first.at),
        "createdBy": first.author,
        "version": {
            "createdAt": iso(newest.at),
            "createdBy": newest.author,
            "message": newest.message,
            "number": newest.number,
        },
    }


def space(item: Space, description: str | None, *, icon: bool) -> Row:
    """A row of /spaces."""
    row: Row = {
        "id": item.id,
        "key": item.key,
        "name": item.name,
        "type": item.type,
        "status": item.status,
        "authorId": item.author,
        "spaceOwnerId": item.author,
        "currentActiveAlias": item.alias or item.key,
        "createdAt": iso(item.created),
        "homepageId": str(item.homepage),
        "_links": {"webui": f"/spaces/{item.key}"},
    }
    if description:
        value = {"representation": description, "value": f"All about {item.name}."}
        row["description"] = {description: value}
    if icon:
        path = f"/images/{item.key}.png"
        row["icon"] = {"path": path, "apiDownloadLink": f"/wiki{path}"}
    return row


def user(item: User) -> Row:
    """A row of /users-bulk."""
    return {
        "accountId": item.account_id,
        "accountType": "app" if item.app else "atlassian",
        "accountStatus": "active" if item.active else "inactive",
        "displayName": item.name,
        "publicName": item.name,
        "email": f"{item.name.lower().replace(' ', '.')}@example.com" if item.active else "",
        "timeZone": "Europe/London",
        "isExternalCollaborator": False,
        "profilePicture": {"path": f"/avatars/{item.account_id}.png", "isDefault": True},
    }
