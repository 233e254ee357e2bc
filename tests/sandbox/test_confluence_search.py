"""The search of the played Confluence, and the index behind it, which may lag."""

from __future__ import annotations

import json
from urllib.parse import quote

from sandbox.confluence.expansions import LABELS_AT_ONCE
from tests.sandbox.confluence_client import V1

SEARCH = f"{V1}/content/search"


def found(client, cql, **more):
    query = "&".join(f"{name}={quote(str(value))}" for name, value in more.items())
    return client.rows(f"{SEARCH}?cql={quote(cql)}&{query}")


def current(table, count=1):
    return [item for item in table.items.values() if item.status == "current"][:count]


def test_content_is_found_by_type_space_label_and_id(site, client):
    pages = current(site.pages, 10_000)
    assert {row["id"] for row in found(client, "type=page", limit=7)} == {p.id for p in pages}
    space = pages[0].space
    here = {page.id for page in pages if page.space is space}
    assert {row["id"] for row in found(client, f'type=page and space="{space.key}"')} == here
    label = next(each for each in site.labels.items.values() if site.labelled[each.number])
    marked = {p.id for p in pages if p.number in site.labelled[label.number]}
    assert {row["id"] for row in found(client, f'type=page and label="{label.name}"')} == marked
    some = [page.id for page in pages[:3]]
    assert [row["id"] for row in found(client, f"id in ({','.join(some)})")] == some
    assert client.get(f"{SEARCH}?cql=label=x").status == 400
    assert client.get(f"{SEARCH}?cql=type=page&start=3").status == 400


def test_archived_content_is_found_where_the_context_asks_for_it(site, client):
    (page,) = current(site.pages)
    site.archive(page)
    assert page.id not in {row["id"] for row in found(client, "type=page")}
    context = json.dumps({"contentStatuses": ["archived"]})
    rows = found(client, "type=page", cqlcontext=context)
    assert page.id in {row["id"] for row in rows}
    assert {row["status"] for row in rows} == {"archived"}


def test_the_system_cuts_pages_whatever_is_asked_for(site, client):
    space = next(iter(site.spaces.items.values()))
    for _ in range(210):
        site.add_page(space)
    first = client.get(f"{SEARCH}?cql=type=page&limit=1000").body
    assert (first["limit"], len(first["results"])) == (200, 200)
    assert first["_links"]["next"].startswith("/rest/api/content/search?")
    with_bodies = client.get(f"{SEARCH}?cql=type=page&limit=1000&expand=body.storage").body
    assert len(with_bodies["results"]) == 50


def test_only_what_is_expanded_comes_along(site, client):
    (page,) = current(site.pages)
    for number in range(LABELS_AT_ONCE + 1):
        site.add_label(page, f"label-{number:03}")
    site.restrict(page, "read", list(site.users)[:2], list(site.groups)[:1])
    (bare,) = found(client, f"id={page.id}", expand="content.space,nonsense")
    assert not {"space", "metadata", "restrictions"} & bare.keys()
    (row,) = found(
        client,
        f"id={page.id}",
        expand="space,metadata.labels,restrictions.read.restrictions.user",
    )
    assert row["space"]["id"] == page.space.number
    told = row["metadata"]["labels"]
    assert {each["id"] for each in told["results"]} <= {label.id for label in site.labels_of(page)}
    assert (told["size"], "next" in told["_links"]) == (LABELS_AT_ONCE, True)
    users = row["restrictions"]["read"]["restrictions"]["user"]["results"]
    assert [user["accountId"] for user in users] == list(site.users)[:2]
    assert "group" not in row["restrictions"]["read"]["restrictions"]
    assert "update" not in row["restrictions"]


def test_the_container_of_a_file_is_what_it_is_attached_to(site, client):
    (file,) = current(site.attachments)
    (row,) = found(client, f"id={file.id}", expand="container")
    assert row["container"]["id"] == file.parent.id


def test_restrictions_of_ancestors_make_the_whole_page_fail_where_one_is_not_seen(site, client):
    page = site.add_page(next(iter(site.spaces.items.values())))
    below = site.add_page(page.space, page)
    asked = f"{SEARCH}?cql=id={below.id}&expand=ancestors.restrictions.read.restrictions.user"
    assert client.get(asked).status == 200
    site.trash(page)
    answer = client.get(asked)
    assert answer.status == 404
    assert "No content with id" in answer.body["message"]


def test_an_index_that_lags_finds_what_there_was_and_shows_what_there_is(site, client):
    kept, gone, moved = current(site.pages, 30)[-3:]
    site.let_index_lag()
    space = next(s for s in site.spaces.items.values() if s is not kept.space)
    new = site.add_page(space)
    site.purge(gone)
    site.trash(moved)
    site.change(kept, title="Another title")
    rows = {row["id"]: row for row in found(client, "type=page")}
    assert new.id not in rows
    assert gone.id not in rows
    assert rows[moved.id]["status"] == "trashed"
    assert rows[kept.id]["title"] == "Another title"
    site.let_index_catch_up()
    rows = {row["id"] for row in found(client, "type=page")}
    assert new.id in rows
    assert moved.id not in rows


def test_what_the_user_may_not_see_is_in_no_list(site, client):
    page = next(p for p in current(site.pages, 999) if site.children(p.number) and p.parent)
    below = site.children(page.number)[0]
    site.hide(page)
    for item in (page, below):
        assert found(client, f"id={item.id}") == []
        assert client.get(f"{V1}/content/{item.id}/restriction/byOperation").status == 404
    assert page.id not in site.truth()["pages"]
    site.show(page)
    assert [row["id"] for row in found(client, f"id={page.id}")] == [page.id]
