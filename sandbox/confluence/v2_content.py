"""API v2: content, what hangs on one piece of content, labels and tasks."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sandbox.confluence import rows, site_rows
from sandbox.confluence.answers import MissingError, base, found, listed, number_of
from sandbox.confluence.listing import LISTINGS, in_order
from sandbox.confluence.model import (
    Attachment,
    BlogPost,
    Comment,
    Content,
    CustomContent,
    InlineComment,
    Node,
    Page,
)
from sandbox.confluence.paging import ordered, scope
from sandbox.confluence.query import BODY, IDS, boolean, checked, integer, many, one_of, paging
from sandbox.confluence.query import sort as sort_by
from sandbox.confluence.query import text as any_text
from sandbox.messages import Response
from sandbox.routing import Router

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.confluence.model import Task
    from sandbox.confluence.rows import Row
    from sandbox.confluence.site import Site
    from sandbox.messages import Request

router = Router("/wiki/api/v2")

KINDS: dict[str, type[Content]] = {
    "pages": Page,
    "blogposts": BlogPost,
    "attachments": Attachment,
    "custom-content": CustomContent,
    "footer-comments": Comment,
    "inline-comments": InlineComment,
}
SHAPES: dict[type[Content], Callable[..., Row]] = {
    Page: rows.page,
    BlogPost: rows.blog_post,
    Attachment: rows.attachment,
    CustomContent: rows.custom_content,
    Comment: rows.comment,
    InlineComment: rows.comment,
    Node: rows.node,
}
TREE = ("whiteboards", "databases", "folders", "embeds")
SINGLE = ("collaborators", "labels", "likes", "operations", "properties", "version", "versions")
LABELS = {
    "prefix": many(one_of("my", "team", "global", "system")),
    "sort": sort_by("created-date", "id", "name"),
    **paging(),
}
CHILDREN = {
    "sort": sort_by("created-date", "id", "modified-date", "child-position", "title"),
    **paging(),
}


def _item(site: Site, collection: str, given: str) -> Content:
    """Return the content that a path names."""
    if collection not in TREE:
        return found(site, KINDS[collection], given)
    node = found(site, Node, given)
    if not isinstance(node, Node) or f"{node.type}s" != collection:
        raise MissingError(f"Not found: {collection} {given}")
    return node


def _serve_lists() -> None:
    for collection, listing in LISTINGS.items():
        router.get(f"/{collection}")(listing.answer)
    for collection in ("pages", "blogposts", "attachments"):
        router.get(f"/labels/{{label}}/{collection}")(_labelled(collection))
    for collection in ("pages", "blogposts", "attachments", "custom-content"):
        router.get(f"/{collection}/{{id}}/labels")(_under(collection, labels))
    for collection in (*KINDS, *TREE):
        router.get(f"/{collection}/{{id}}")(_under(collection, single))
        if collection in KINDS:
            router.get(f"/{collection}/{{id}}/versions")(_under(collection, versions))
        if collection not in ("footer-comments", "inline-comments"):
            router.get(f"/{collection}/{{id}}/properties")(_under(collection, properties))
    for collection in ("pages", *TREE):
        router.get(f"/{collection}/{{id}}/direct-children")(_under(collection, direct_children))
        router.get(f"/{collection}/{{id}}/ancestors")(_under(collection, ancestors))
    for collection in ("pages", "blogposts", "footer-comments", "inline-comments"):
        router.get(f"/{collection}/{{id}}/likes/users")(_under(collection, likes))


def _under(
    collection: str, answer: Callable[[Site, Request, Content], Response]
) -> Callable[..., Response]:
    """Return the handler that finds the content first."""

    def handler(site: Site, request: Request, id: str) -> Response:  # noqa: A002
        return answer(site, request, _item(site, collection, id))

    return handler


def _labelled(collection: str) -> Callable[..., Response]:
    def handler(site: Site, request: Request, label: str) -> Response:
        number = number_of(label)
        if number not in site.labels.items:
            raise MissingError(f"Label {label} not found")
        return LISTINGS[collection].answer(site, request, number)

    return handler


def single(site: Site, request: Request, item: Content) -> Response:
    """Answer one piece of content."""
    include = {f"include-{part}": boolean for part in (*SINGLE, "direct-children")}
    asked = checked(request, {"body-format": BODY, "version": integer(), **include})
    form = asked.get("body-format")
    row = SHAPES[type(item)](item, form)
    return Response(200, rows.as_seen_live(row) if site.as_seen_live else row)


def versions(_site: Site, request: Request, item: Content) -> Response:
    """Answer the versions of content, oldest first unless asked otherwise."""
    allowed = {"sort": sort_by("modified-date"), **paging()}
    if not isinstance(item, Attachment):
        allowed["body-format"] = BODY
    asked = checked(request, allowed)
    entries = ordered(item.versions, attrgetter("at"), attrgetter("number"))
    return listed(request, asked, entries, rows.versioned(item, asked.get("body-format")))


def properties(site: Site, request: Request, item: Content) -> Response:
    """Answer the properties of content."""
    asked = checked(request, {"key": any_text, "sort": sort_by("key"), **paging()})
    wanted = [
        each
        for each in site.properties.get(item.number, ())
        if asked.get("key") in (None, each.key)
    ]
    return listed(request, asked, in_order(wanted, asked), site_rows.content_property)


def direct_children(site: Site, request: Request, item: Content) -> Response:
    """Answer the children of content in the page tree, of any kind."""
    asked = checked(request, CHILDREN)
    entries = in_order(site.children(item.number), asked, default="child-position")
    return listed(request, asked, entries, rows.child)


def ancestors(site: Site, request: Request, item: Content) -> Response:
    """Answer what is above content, from the top down: the nearest, if there are too many."""
    limit = checked(request, {"limit": integer(1, 250)}).get("limit", 25)
    nearest = site.ancestors(item)[-limit:]
    results = [{"id": above.id, "type": rows.content_type(above)} for above in nearest]
    return Response(200, {"results": results, "_links": {"base": base(request)}})


def likes(site: Site, request: Request, item: Content) -> Response:
    """Answer who likes content."""
    asked = checked(request, paging(least=0))
    entries = [(account, 0, account) for account in sorted(site.likes.get(item.number, ()))]
    return listed(request, asked, entries, lambda account: {"accountId": account})


def labels(site: Site, request: Request, item: Content) -> Response:
    """Answer the labels of content."""
    asked = checked(request, LABELS)
    prefixes = asked.get("prefix")
    wanted = [each for each in site.labels_of(item) if not prefixes or each.prefix in prefixes]
    return listed(request, asked, in_order(wanted, asked), site_rows.label)


@router.get("/labels")
def all_labels(site: Site, request: Request) -> Response:
    """Answer the labels of the site."""
    asked = checked(request, {**LABELS, "label-id": many(integer()), "prefix": many(any_text)})
    prefixes, numbers = asked.get("prefix"), asked.get("label-id")
    wanted = [
        each
        for each in site.labels.items.values()
        if (not prefixes or each.prefix in prefixes) and (not numbers or each.number in numbers)
    ]
    return listed(request, asked, in_order(wanted, asked), site_rows.label)


@router.get("/tasks")
def tasks(site: Site, request: Request) -> Response:
    """Answer the tasks of the site."""
    moments = [f"{name}-at-{side}" for name in TASK_MOMENTS for side in ("from", "to")]
    asked = checked(
        request,
        {
            "body-format": BODY,
            "include-blank-tasks": boolean,
            "status": one_of("complete", "incomplete"),
            **dict.fromkeys(("task-id", "space-id", "page-id", "blogpost-id"), IDS),
            **dict.fromkeys(("created-by", "assigned-to", "completed-by"), many(any_text, 250)),
            **dict.fromkeys(moments, integer()),
            **paging(),
        },
    )
    wanted = [test for name, value in asked.items() if (test := _task_test(name, value))]
    entries = site.derived(
        scope(request),
        site.tasks.changes,
        lambda: in_order(
            (
                task
                for task in site.tasks.items.values()
                if all(test(task) for test in wanted) and site.is_visible(task.parent)
            ),
            {},
        ),
    )
    form = asked.get("body-format")
    return listed(request, asked, entries, lambda task: rows.task(task, form))


TASK_MOMENTS: dict[str, Callable[[Task], int | None]] = {
    "created": attrgetter("created"),
    "due": attrgetter("due"),
    "completed": attrgetter("completed"),
}
TASK_FIELDS: dict[str, Callable[[Task], Any]] = {
    "task-id": attrgetter("number"),
    "space-id": attrgetter("parent.space.number"),
    "page-id": lambda task: task.parent.number if isinstance(task.parent, Page) else None,
    "blogpost-id": lambda task: task.parent.number if isinstance(task.parent, BlogPost) else None,
    "created-by": attrgetter("creator"),
    "assigned-to": attrgetter("assignee"),
    "completed-by": attrgetter("completer"),
}


def _task_test(name: str, value: Any) -> Callable[[Task], bool] | None:
    """Return the test that a filter of tasks makes."""
    if name == "status":
        return lambda task: task.status == value
    if name in TASK_FIELDS:
        return lambda task: TASK_FIELDS[name](task) in value
    moment, separator, side = name.partition("-at-")
    if not separator:
        return None
    if side == "from":
        return lambda task: (TASK_MOMENTS[moment](task) or -1) >= value
    return lambda task: 0 <= (-1 if (at := TASK_MOMENTS[moment](task)) is None else at) <= value


_serve_lists()
