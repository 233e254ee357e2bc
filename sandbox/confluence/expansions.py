"""Content as API v1 shows it, with what a request expands; other names are ignored without a word.

Lists inside of content are cut: its labels, and the users and groups of its restrictions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.confluence.answers import MissingError
from sandbox.confluence.rows import content_type
from sandbox.confluence.v1_rights import operation

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from sandbox.confluence.model import Content, Label, Space
    from sandbox.confluence.rows import Row
    from sandbox.confluence.site import Site
    from sandbox.messages import Request

LABELS_AT_ONCE = 100
OPERATIONS = ("read", "update")


def expanded(site: Site, request: Request, item: Content, names: AbstractSet[str]) -> Row:
    """Return content with what is expanded.

    Raises:
        MissingError: As the live API does, if the restrictions of ancestors are expanded, and one
            of them is in the trash or may not be seen: for the whole page of results.
    """
    row = _bare(item)
    if any(name.startswith("ancestors.restrictions") for name in names):
        _need_ancestors(site, item)
    if "space" in names:
        row["space"] = _space(item.space)
    if "ancestors" in names:
        row["ancestors"] = [_bare(above) for above in site.ancestors(item)]
    if "container" in names:
        at = item.parent if item.kind in ("attachment", "custom_content") else None
        row["container"] = _bare(at) if at else _space(item.space)
    if "metadata.labels" in names:
        row["metadata"] = {"labels": _labels(site, item)}
    if any(name.startswith("restrictions.") for name in names):
        row["restrictions"] = {
            name: _restriction(site, request, item, name, names)
            for name in OPERATIONS
            if any(each.startswith(f"restrictions.{name}") for each in names)
        }
    return row


def _bare(item: Content) -> Row:
    kind = content_type(item)
    return {
        "id": item.id,
        "type": kind,
        "status": item.status,
        "title": item.title,
        "_expandable": {"space": f"/rest/api/space/{item.space.key}"},
        "_links": {"webui": f"/spaces/{item.space.key}/{kind}/{item.number}"},
    }


def _space(item: Space) -> Row:
    return {
        "id": item.number,
        "key": item.key,
        "name": item.name,
        "type": item.type,
        "status": item.status,
        "_expandable": {},
        "_links": {"webui": f"/spaces/{item.key}"},
    }


def _need_ancestors(site: Site, item: Content) -> None:
    for above in site.ancestors(item):
        if above.status not in ("current", "archived") or not site.is_visible(above):
            raise MissingError(f"No content with id <ContentId{{id={above.id}}}>")


def _labels(site: Site, item: Content) -> Row:
    labels = site.labels_of(item)
    path = f"/rest/api/content/{item.id}/label"
    links = {"self": path}
    if len(labels) > LABELS_AT_ONCE:
        links["next"] = f"{path}?limit={LABELS_AT_ONCE}&start={LABELS_AT_ONCE}"
    rows = [_label(label) for label in labels[:LABELS_AT_ONCE]]
    return {
        "results": rows,
        "start": 0,
        "limit": LABELS_AT_ONCE,
        "size": len(rows),
        "_links": links,
    }


def _label(item: Label) -> Row:
    # Label, as a word, is what people type to name it
    prefix = "" if item.prefix == "global" else f"{item.prefix}:"
    return {
        "prefix": item.prefix,
        "name": item.name,
        "id": item.id,
        "label": f"{prefix}{item.name}",
    }


def _restriction(
    site: Site, request: Request, item: Content, name: str, names: AbstractSet[str]
) -> Row:
    row = operation(site, request, item, name)
    for kind in ("user", "group"):
        if f"restrictions.{name}.restrictions.{kind}" not in names:
            del row["restrictions"][kind]
            row["restrictions"]["_expandable"][kind] = ""
    return row
