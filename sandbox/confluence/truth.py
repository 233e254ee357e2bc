"""What a complete copy of a site holds: rows by key, straight from the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.confluence import catalog
from sandbox.confluence.model import Comment, Content, InlineComment, Node, Page, iso
from sandbox.confluence.rows import content_type

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.confluence.model import Space, Table
    from sandbox.confluence.site import Site

Key = tuple[Any, ...]
Rows = dict[Key, dict[str, Any]]
"""Key columns' values to selected columns; `version_number` stands for `version.number`."""


def _contents(site: Site, table: Table[Any], statuses: tuple[str, ...]) -> Rows:
    return {(item.id,): _content(item) for item in site.seen(table) if item.status in statuses}


def _content(item: Content) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": item.id,
        "status": item.status,
        "title": item.title,
        "version_number": item.version.number,
        "modified_at": iso(item.modified),
    }
    if isinstance(item, Page):
        row |= {"owner_id": item.owner, "last_owner_id": item.last_owner}
    if isinstance(item, Page | Node):
        row["position"] = item.position
        row["parent_id"] = None if item.parent is None else item.parent.id
    if item.kind in ("page", "blogpost", "content", "custom_content"):
        row["space_id"] = item.space.id
    if isinstance(item, Comment):
        row["parent_comment_id"] = item.reply_to.id if item.reply_to else None
    if item.kind in ("attachment", "custom_content") or isinstance(item, Comment):
        for kind, column in _PARENT_COLUMNS.items():
            here = item.parent is not None and item.parent.kind == kind
            row[column] = item.parent.id if here and item.parent else None
        if item.kind in ("attachment", "inline_comment"):
            del row["attachment_id"]
        if isinstance(item, InlineComment):
            del row["custom_content_id"]
            row["resolution_status"] = item.resolution
    return row


_PARENT_COLUMNS = {
    "page": "page_id",
    "blogpost": "blog_post_id",
    "custom_content": "custom_content_id",
    "attachment": "attachment_id",
}


def _labelled(site: Site, table: Table[Any], statuses: tuple[str, ...]) -> Rows:
    return {
        (table.items[number].id, label.id): {"name": label.name, "prefix": label.prefix}
        for label in site.labels.items.values()
        for number in site.labelled[label.number]
        if number in table.items
        and table.items[number].status in statuses
        and site.is_visible(table.items[number])
    }


def _versions(site: Site, table: Table[Any]) -> Rows:
    return {
        (item.id, version.number): {
            "created_at": iso(version.at),
            "author_id": version.author,
            "message": version.message,
        }
        for item in site.seen(table)
        for version in item.versions
    }


def _properties(site: Site, table: Table[Any]) -> Rows:
    return {
        (item.id, str(each.number)): {"key": each.key, "value": each.value}
        for item in site.seen(table)
        for each in site.properties.get(item.number, ())
    }


def _likes(site: Site, table: Table[Any]) -> Rows:
    return {
        (item.id, account): {}
        for item in site.seen(table)
        for account in site.likes.get(item.number, ())
    }


def _restrictions(site: Site, table: Table[Any]) -> Rows:
    return {
        (item.id, operation): {"users": list(each.users), "groups": list(each.groups)}
        for item in _kept(site, table)
        for operation, each in site.restrictions.get(item.number, {}).items()
        if each.users or each.groups
    }


def _kept(site: Site, table: Table[Any]) -> list[Any]:
    """List what is not in the trash."""
    return [item for item in site.seen(table) if item.status in {"current", "archived"}]


def _ancestors(site: Site) -> Rows:
    return {
        (page.id,): {"ancestor_ids": [above.id for above in site.ancestors(page)]}
        for page in _kept(site, site.pages)
    }


def _subjects(site: Site, items: Iterable[Content]) -> Rows:
    return {
        (item.id, operation, kind, subject): {}
        for item in items
        for operation, each in site.restrictions.get(item.number, {}).items()
        for kind, subjects in (("user", each.users), ("group", each.groups))
        for subject in subjects
    }


def _children(site: Site) -> Rows:
    return {
        (page.id, child.id): {"type": content_type(child), "title": child.title}
        for page in site.seen(site.pages)
        for child in site.children(page.number)
    }


def _nodes(site: Site, kind: str) -> dict[str, Rows]:
    """Return the truth about one kind of what is in the page tree beside pages."""
    nodes = [
        node for node in site.seen(site.nodes) if node.type == kind and node.status == "current"
    ]
    return {
        f"{kind}s": {(node.id,): _content(node) for node in nodes},
        f"{kind}_restriction_subjects": _subjects(site, nodes),
    }


def _spaces(spaces: Iterable[Space]) -> dict[str, Rows]:
    """Return the truth about spaces and what belongs to one."""
    known = list(spaces)
    return {
        "spaces": {
            (space.id,): {"key": space.key, "name": space.name, "status": space.status}
            for space in known
        },
        "space_permissions": {
            (space.id, each.id): {"operation": each.operation, "principal": each.principal}
            for space in known
            for each in space.permissions
        },
        "space_properties": {
            (space.id, str(each.number)): {"key": each.key, "value": each.value}
            for space in known
            for each in space.properties
        },
        "space_role_assignments": {
            (space.id, each.role, each.principal_type, each.principal): {}
            for space in known
            for each in space.assignments
        },
    }


def truth(site: Site) -> dict[str, Rows]:
    """Return the rows of every stream of a complete copy.

    Pages and attachments in every status that can be listed; labels of what is not in the trash;
    audit events by number from the oldest, as they have no key of their own.
    """
    with site.lock:
        labelled = ("current", "archived")
        every = (*labelled, "trashed")
        current = ("current",)
        seen = [space for space in site.spaces.items.values() if space.number not in site.hidden]
        return {
            "pages": _contents(site, site.pages, every),
            "blog_posts": _contents(site, site.blog_posts, every),
            "attachments": _contents(site, site.attachments, every),
            "custom_content": _contents(site, site.custom_contents, current),
            "footer_comments": _contents(site, site.footer_comments, current),
            "inline_comments": _contents(site, site.inline_comments, current),
            **_nodes(site, "whiteboard"),
            **_nodes(site, "database"),
            **_nodes(site, "folder"),
            **_nodes(site, "embed"),
            **_spaces(seen),
            **_things(site),
            "page_labels": _labelled(site, site.pages, labelled),
            "blog_post_labels": _labelled(site, site.blog_posts, current),
            "attachment_labels": _labelled(site, site.attachments, labelled),
            "page_versions": _versions(site, site.pages),
            "blog_post_versions": _versions(site, site.blog_posts),
            "attachment_versions": _versions(site, site.attachments),
            "page_content_properties": _properties(site, site.pages),
            "blog_post_content_properties": _properties(site, site.blog_posts),
            "attachment_content_properties": _properties(site, site.attachments),
            "child_pages": _children(site),
            "page_likes": _likes(site, site.pages),
            "blog_post_likes": _likes(site, site.blog_posts),
            "page_restrictions": _restrictions(site, site.pages),
            "blog_post_restrictions": _restrictions(site, site.blog_posts),
            "page_ancestors": _ancestors(site),
            "page_restriction_subjects": _subjects(site, _kept(site, site.pages)),
            "blog_post_restriction_subjects": _subjects(site, _kept(site, site.blog_posts)),
            "page_views": {
                (page.id,): {"count": site.views.get(page.number, 0)}
                for page in site.seen(site.pages)
            },
        }


def _things(site: Site) -> dict[str, Rows]:
    """Return the truth about what is neither content nor a space."""
    return {
        "labels": {
            (label.id,): {"name": label.name, "prefix": label.prefix}
            for label in site.labels.items.values()
        },
        "space_labels": {
            (space.id, site.labels.items[number].id): {"name": site.labels.items[number].name}
            for space in site.spaces.items.values()
            if space.number not in site.hidden
            for number in space.labels
        },
        "tasks": {
            (task.id,): {"status": task.status, "updated_at": iso(task.updated)}
            for task in site.tasks.items.values()
            if site.is_visible(task.parent)
        },
        "space_roles": {(each["id"],): {"name": each["name"]} for each in catalog.SPACE_ROLES},
        "classification_levels": {
            (each["id"],): {"name": each["name"]} for each in catalog.CLASSIFICATION_LEVELS
        },
        "users": {(user.account_id,): {"display_name": user.name} for user in site.users.values()},
        "groups": {
            (group.id,): {"name": group.name, "access_types": list(group.access)}
            for group in site.groups.values()
        },
        "group_members": {
            (group.id, member): {} for group in site.groups.values() for member in group.members
        },
        "themes": {(each["themeKey"],): {"name": each["name"]} for each in catalog.THEMES},
        "templates": {
            (each["templateId"],): {"name": each["name"]}
            for each in (*catalog.PAGE_TEMPLATES, *catalog.BLUEPRINTS)
        },
        "audit": {
            (number,): {"creation_date": event.at, "summary": event.summary}
            for number, event in enumerate(site.audit)
        },
    }
