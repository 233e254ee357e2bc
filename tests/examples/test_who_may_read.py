"""examples/sql/who_may_read.sql: the view says of every account and page what the site says."""

import json
from random import Random

import pytest
from psycopg import connect, sql

from demo.pipeline import Database
from sandbox import Sandbox
from sandbox.confluence import Confluence, Site, config
from sandbox.confluence.access import ANONYMOUS
from tests.support import ROOT, run_tap

FILE = ROOT / "examples" / "sql" / "who_may_read.sql"
CONTAINERS = ("folders", "whiteboards", "databases", "embeds")
STREAMS = (
    *(
        "pages",
        "page_ancestors",
        "page_restriction_subjects",
        "space_permissions",
        "space_role_assignments",
    ),
    *("groups", "group_members", "users"),
    *CONTAINERS,
    *(f"{name.removesuffix('s')}_restriction_subjects" for name in CONTAINERS),
)
CLASSES = ("ALL_LICENSED_USERS", "ALL_PRODUCT_ADMINS")
ROLE_CLASSES = (
    *("anonymous-users", "authenticated-users", "all-licensed-users", "all-product-admins"),
    "jsm-project-admins",
)


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with Database(tmp_path_factory.mktemp("postgres")) as database:
        yield database


SCHEMA = "tap_confluence"


def load(database, run):
    """Load a run as target-postgres would: objects and arrays as jsonb, the rest as text."""
    tables = run.load()
    database.drop(SCHEMA)
    with connect(database.uri, autocommit=True) as connection:
        connection.execute(sql.SQL("create schema {}").format(sql.Identifier(SCHEMA)))
        for stream, told in {m["stream"]: m["schema"] for m in run.of("SCHEMA")}.items():
            table = sql.Identifier(SCHEMA, stream)
            columns = {
                name: "jsonb" if {"object", "array"} & {*column["type"]} else "text"
                for name, column in told["properties"].items()
            }
            columns["_sdc_deleted_at"] = "text"
            described = [
                sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
                for name, kind in columns.items()
            ]
            connection.execute(
                sql.SQL("create table {} ({})").format(table, sql.SQL(", ").join(described))
            )
            with connection.cursor().copy(sql.SQL("copy {} from stdin").format(table)) as copy:
                for row in tables[stream].values():
                    copy.write_row([as_column(row.get(name), columns[name]) for name in columns])


def as_column(value, kind):
    return value if value is None or kind == "text" else json.dumps(value)


def what_the_view_says(database, site):
    """Load a site, and read the whole view."""
    with Sandbox(Confluence(site)) as sandbox:
        run = run_tap("confluence", config(sandbox.url), select=[*STREAMS])
    assert run.status == 0, run.stderr
    load(database, run)
    with connect(database.uri, options=f"-c search_path={SCHEMA}") as connection:
        connection.execute(FILE.read_text())
        rows = connection.execute("select page_id, account_id, is_complete from who_may_read")
        found = rows.fetchall()
    assert len({row[:2] for row in found}) == len(found)
    return found


def what_the_site_says(site):
    return {
        (page.id, account)
        for page in site.pages.items.values()
        if page.status in {"current", "archived"}
        for account in (*site.users, ANONYMOUS)
        if site.may_read(account, page)
    }


def entangle(site, random):
    """Open spaces to all kinds of principals, and restrict a third of the tree at all depths."""
    people, groups = list(site.users), list(site.groups)
    for space in site.spaces.items.values():
        space.permissions.clear()
        space.assignments.clear()
        site.permit(space, "user", random.choice(people))
        site.permit(space, "user", random.choice(people), "create/page")
        site.permit(space, "group", random.choice(groups))
        if random.random() < 0.5:
            site.permit(space, "access-class", random.choice(CLASSES))
        site.assign(space, "USER", random.choice(people), "role-admin")
        site.assign(space, "GROUP", random.choice(groups), "role-translator")
        if random.random() < 0.5:
            site.assign(space, "ACCESS_CLASS", random.choice(ROLE_CLASSES), "role-viewer")
    tree = [*site.pages.items.values(), *site.nodes.items.values()]
    for item in random.sample(tree, len(tree) // 3):
        operation = random.choice(["read", "read", "read", "update"])
        users = random.sample(people, random.randrange(len(people) // 2))
        site.restrict(item, operation, users, random.sample(groups, random.randrange(3)))


@pytest.mark.parametrize("seed", range(4))
def test_the_view_says_of_every_account_and_page_what_the_site_says(database, seed):
    site = Site.generate(seed, spaces=8, pages=120, nodes=30, users=40, groups=7)
    entangle(site, Random(seed))
    named = {
        group for each in site.restrictions.values() for r in each.values() for group in r.groups
    }
    site.remove_group(site.groups[min(named)])
    found = what_the_view_says(database, site)
    assert {row[:2] for row in found} == what_the_site_says(site)
    assert all(is_complete for *_, is_complete in found)


def test_a_page_below_something_that_was_not_loaded_is_not_complete(database):
    site = Site.generate(1, pages=5, nodes=0)
    home = next(iter(site.pages.items.values()))
    above = site.add_node("folder", home)
    below = site.add_page(home.space, site.add_page(home.space, above))
    with_folders = what_the_view_says(database, site)
    site.nodes.items.clear()  # As if search had not found the folder yet
    without = what_the_view_says(database, site)
    assert all(is_complete for *_, is_complete in with_folders)
    assert {page for page, _, is_complete in without if not is_complete} == {
        below.id,
        below.parent.id,
    }
