"""A site filled with data from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from sandbox.confluence import catalog
from sandbox.confluence.model import (
    Assignment,
    Attachment,
    AuditEvent,
    BlogPost,
    Comment,
    Content,
    CustomContent,
    Group,
    InlineComment,
    Label,
    Node,
    Page,
    Permission,
    Property,
    Restriction,
    Space,
    Task,
    User,
    Version,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.confluence.site import Site

DAY = 86_400_000
CUSTOM_TYPES = ("ac:com.example.diagrams:diagram", "ac:com.example.polls:poll")
NODE_TYPES = ("folder", "whiteboard", "database", "embed")
NAMES = ("Ada", "Bo", "Cleo", "Dan", "Eve", "Finn", "Gwen", "Hugo", "Iris", "Jon")
ACCESS = (("user",), ("admin",), ("user", "site-admin"), ())
WORDS = ("roadmap", "release", "onboarding", "incident", "budget", "search", "billing", "naïve")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there is of everything."""

    spaces: int = 5
    pages: int = 200
    blog_posts: int = 40
    attachments: int = 120
    custom_contents: int = 20
    nodes: int = 16
    footer_comments: int = 150
    inline_comments: int = 60
    tasks: int = 50
    labels: int = 20
    users: int = 30
    groups: int = 4
    audit: int = 60


class Generator:
    """Fills a site; the same seed, sizes and time give the same site."""

    def __init__(self, site: Site, seed: int, sizes: Sizes) -> None:
        self.site = site
        self.random = Random(seed)
        self.sizes = sizes
        self._last_moment = self.site.clock - 700 * DAY

    def generate(self) -> Site:
        """Return the site."""
        self._people()
        self._spaces()
        self._tree()
        self._content()
        self._comments()
        self._tasks()
        self._labels()
        self._extras()
        return self.site

    def _moment(self, after: int = 0) -> int:
        """Return a moment in the past; now and then one that was taken already, as a tie."""
        if self._last_moment >= after and self.random.random() < 0.1:
            return self._last_moment
        earliest = max(after, self.site.clock - 700 * DAY)
        self._last_moment = self.random.randint(earliest, self.site.clock)
        return self._last_moment

    def _somebody(self) -> str:
        return self.random.choice(self._accounts)

    def _history(self) -> tuple[int, list[Version]]:
        """Return the moment of creation, and the versions since."""
        created = moment = self._moment()
        versions = [Version(1, created, self._somebody())]
        for number in range(2, self.random.choice((1, 1, 1, 2, 3, 6)) + 1):
            moment = self._moment(moment)
            minor = self.random.random() < 0.2
            versions.append(Version(number, moment, self._somebody(), f"edit {number}", minor))
        return created, versions

    def _basics(self, title: str, space: Space, archived: str | None = "archived") -> Any:
        """Return what all content begins with."""
        created, versions = self._history()
        statuses = ("current",) * 18 + ("trashed", archived or "current")
        return {
            "number": self.site.number(),
            "space": space,
            "title": title,
            "author": versions[0].author,
            "created": created,
            "versions": versions,
            "status": self.random.choice(statuses),
            "text": f"<p>About {title}: {self.random.choice(WORDS)} &amp; more.</p>",
        }

    def _title(self, kind: str, number: int) -> str:
        return f"{kind} {number} {self.random.choice(WORDS)}"

    def _people(self) -> None:
        for number in range(self.sizes.users):
            account = f"712020:{number:08x}-{self.random.getrandbits(32):08x}"
            name = f"{NAMES[number % len(NAMES)]} {number}"
            self.site.users[account] = User(account, name, number % 9 != 8, number % 11 == 10)
        self._accounts = list(self.site.users)
        for number in range(self.sizes.groups):
            id_ = f"group-{number:04}"
            members = sorted(self.random.sample(self._accounts, k=len(self._accounts) // 2))
            group = Group(id_, f"team {number}", members, ACCESS[number % len(ACCESS)])
            self.site.groups[id_] = group

    def _spaces(self) -> None:
        for number in range(self.sizes.spaces):
            kind = "personal" if number % 4 == 3 else "global"
            key = f"~{number:06}" if kind == "personal" else f"SP{number}"
            created, author = self.site.clock - 720 * DAY + number, self._somebody()
            id_ = self.site.number()
            status = "archived" if number % 10 == 9 else "current"
            space = Space(id_, key, f"Space {number}", kind, author, created, status)
            home = Page(self.site.number(), space, f"Home of {key}", author, created, [])
            home.versions.append(Version(1, created, author))
            home.owner, home.text, space.homepage = author, "<p>Welcome.</p>", home.number
            self.site.pages.add(home)
            self.site.spaces.add(space)
            self._rights(space)
        self._all_spaces = list(self.site.spaces.items.values())

    def _rights(self, space: Space) -> None:
        for number, item in enumerate(catalog.SPACE_PERMISSIONS[:10]):
            operation, _, target = item["id"].partition("/")
            kind = ("user", "group", "role")[number % 3]
            who = {
                "user": self._somebody(),
                "group": self.random.choice(list(self.site.groups)),
                "role": "role-viewer",
            }[kind]
            id_ = str(space.number * 100 + number)
            space.permissions.append(Permission(id_, kind, who, operation, target))
        for number, role in enumerate(catalog.SPACE_ROLES):
            kind = ("USER", "GROUP")[number % 2]
            who = self._accounts[number] if kind == "USER" else next(iter(self.site.groups))
            space.assignments.append(Assignment(kind, who, role["id"]))
        space.assignments.append(Assignment("ACCESS_CLASS", "all-licensed-users", "role-viewer"))
        for key, value in (("colour", "teal"), ("settings", {"wide": True}), ("rank", 7)):
            versions = [Version(1, space.created, space.author)]
            space.properties.append(Property(self.site.number(), key, value, versions))

    def _tree(self) -> None:
        """Pages and nodes, below each other, in any mixture."""
        parents: dict[int, list[Content]] = {
            space.number: [self.site.pages.items[space.homepage]] for space in self._all_spaces
        }
        every = max(1, self.sizes.pages // max(1, self.sizes.nodes))
        for number in range(self.sizes.pages):
            space = self.random.choice(self._all_spaces)
            near = parents[space.number][-50:]
            if number % every == 0 and len(self.site.nodes.items) < self.sizes.nodes:
                kind = NODE_TYPES[len(self.site.nodes.items) % len(NODE_TYPES)]
                basics = self._basics(self._title(kind.capitalize(), number), space)
                basics |= {"parent": self.random.choice(near), "status": "current"}
                node = Node(**basics, type=kind, position=number)
                node.url = f"https://example.com/{number}" if kind == "embed" else ""
                parents[space.number].append(self.site.nodes.add(node))
                near = parents[space.number][-50:]
            basics = self._basics(self._title("Page", number), space)
            basics["parent"] = self.random.choice(near)
            owner = self._somebody() if number % 5 else None
            page = Page(**basics, position=number, owner=owner)
            page.subtype = "live" if number % 17 == 0 else "page"
            self.site.pages.add(page)
            if page.status == "current":
                parents[space.number].append(page)

    def _content(self) -> None:
        site, pick = self.site, self.random.choice
        for number in range(self.sizes.blog_posts):
            basics = self._basics(self._title("Post", number), pick(self._all_spaces), None)
            site.blog_posts.add(BlogPost(**basics))
        pages, posts = self._alive(site.pages), self._alive(site.blog_posts)
        for number in range(self.sizes.custom_contents):
            parent = pick((pages, posts or pages)[number % 2])
            basics = self._basics(self._title("Diagram", number), parent.space, None)
            basics |= {"status": "current", "parent": parent}
            site.custom_contents.add(CustomContent(**basics, type=CUSTOM_TYPES[number % 2]))
        customs = self._alive(site.custom_contents)
        for number in range(self.sizes.attachments):
            parent = pick((pages, pages, posts or pages, customs or pages)[number % 4])
            media, ending = pick((("image/png", "png"), ("application/pdf", "pdf")))
            basics = self._basics(f"file {number}.{ending}", parent.space) | {"parent": parent}
            attachment = Attachment(**basics, media_type=media, size=number * 1000)
            attachment.file_id = f"file-{attachment.number:08x}"
            site.attachments.add(attachment)
        self._commented: Sequence[Sequence[Content]] = (
            pages,
            posts or pages,
            self._alive(site.attachments) or pages,
            customs or pages,
        )

    def _alive(self, table: Any) -> list[Content]:
        return [item for item in table.items.values() if item.status == "current"]

    def _comments(self) -> None:
        """Comments, about a third of them replies, some to replies."""
        kinds: tuple[tuple[type[Comment], int, int], ...] = (
            (Comment, self.sizes.footer_comments, 4),
            (InlineComment, self.sizes.inline_comments, 2),
        )
        for kind, count, parents in kinds:
            known: list[Comment] = []
            for number in range(count):
                reply_to = self.random.choice(known) if known and number % 3 == 2 else None
                parent = reply_to.parent if reply_to else None
                parent = parent or self.random.choice(self._commented[number % parents])
                basics = self._basics(f"Re: {parent.title}", parent.space)
                basics |= {"parent": parent, "reply_to": reply_to, "status": "current"}
                comment = kind(**basics)
                if isinstance(comment, InlineComment):
                    comment.selection = self.random.choice(WORDS)
                    if number % 4 == 0:
                        comment.resolution, comment.resolver = "resolved", self._somebody()
                        comment.resolved = comment.modified
                known.append(comment)
                self.site.table(comment).add(comment)

    def _tasks(self) -> None:
        for number in range(self.sizes.tasks):
            parent = self.random.choice(self._commented[number % 2])
            created = self._moment()
            task = Task(
                self.site.number(), parent, f"<p>Task {number}</p>", self._somebody(), created, 0
            )
            task.updated = self._moment(created)
            if number % 3:
                task.assignee, task.due = self._somebody(), created + 14 * DAY
            if number % 2:
                task.completer, task.completed = self._somebody(), task.updated
            self.site.tasks.add(task)

    def _labels(self) -> None:
        site = self.site
        everything = [*site.pages.items, *site.blog_posts.items, *site.attachments.items]
        for number in range(self.sizes.labels):
            prefix = ("global", "global", "global", "my", "team")[number % 5]
            name = f"{WORDS[number % len(WORDS)]}-{number}"
            label = site.labels.add(Label(site.number(), name, prefix, self._moment()))
            share = self.random.randint(0, len(everything) // 10)
            site.labelled[label.number].update(self.random.sample(everything, share))
            if prefix in ("my", "team"):
                self.random.choice(self._all_spaces).labels.add(label.number)

    def _extras(self) -> None:
        """Likes, properties, restrictions and views of some content, and the audit log."""
        site = self.site
        some = [*list(site.pages.items)[::7], *list(site.blog_posts.items)[::3]]
        for number in some:
            site.likes[number] = self.random.sample(self._accounts, self.random.randint(0, 5))
            site.restrictions[number]["update"] = Restriction([self._somebody()], ["group-0000"])
            site.views[number] = self.random.randint(0, 900)
        for number in list(site.nodes.items)[::2]:
            site.restrictions[number]["read"] = Restriction(self._accounts[:2], ["group-0000"])
        values: tuple[Any, ...] = ("text", 3, 2.5, True, [1, "two"], {"deep": {"er": None}})
        for position, number in enumerate([*some, *list(site.attachments.items)[::5]]):
            versions = self._history()[1]
            value = values[position % len(values)]
            site.properties[number].append(Property(site.number(), "meta", value, versions))
        moments = sorted(self._moment() for _ in range(self.sizes.audit))
        for number, at in enumerate(moments):
            # Every fifth shares its millisecond with the one before it, and differs in little.
            site.audit.append(
                AuditEvent(
                    moments[number - 1] if number % 5 == 4 else at,
                    self._somebody(),
                    ("User added", "Space exported", "Token made")[number % 3],
                    "Users and groups",
                    f"thing {number}",
                )
            )
