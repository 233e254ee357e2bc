"""The lists of the played Confluence: strict where the contract is."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.confluence_client import POLLS, V1, V2


def test_pages_are_listed_whole_in_any_order_and_page_size(site, client):
    current = {key[0] for key, row in site.truth()["pages"].items() if row["status"] != "trashed"}
    for sort in ("id", "-id", "created-date", "-modified-date", "title", "-title"):
        rows = client.rows(f"{V2}/pages?limit=7&sort={sort}")
        assert [row["id"] for row in rows] == list(dict.fromkeys(row["id"] for row in rows))
        assert {row["id"] for row in rows} == current
    modified = [
        row["version"]["createdAt"] for row in client.rows(f"{V2}/pages?sort=-modified-date")
    ]
    assert modified == sorted(modified, reverse=True)
    assert len(set(modified)) < len(modified)  # ties across a page's end are the hard case


def test_statuses_default_as_the_contract_says(client):
    def statuses(path):
        return {row["status"] for row in client.rows(f"{V2}/{path}")}

    assert statuses("pages") == {"current", "archived"}
    assert statuses("pages?status=trashed") == {"trashed"}
    assert statuses("blogposts") == {"current"}
    assert statuses("blogposts?status=current,trashed") == {"current", "trashed"}
    assert statuses("attachments") == {"current", "archived"}
    assert statuses("attachments?status=archived&status=trashed") == {"archived", "trashed"}
    assert len(client.get(f"{V2}/attachments").body["results"]) == 50
    assert len(client.get(f"{V2}/pages").body["results"]) == 25


def test_filters_narrow_a_list(site, client):
    space = next(iter(site.spaces.items.values()))
    rows = client.rows(f"{V2}/pages?space-id={space.id}&limit=250")
    assert rows
    assert {row["spaceId"] for row in rows} == {space.id}
    ids = ",".join(row["id"] for row in rows[:3])
    assert client.rows(f"{V2}/pages?id={ids}&limit=2") == rows[:3]
    assert [row["key"] for row in client.rows(f"{V2}/spaces?keys=SP1,NOSUCH")] == ["SP1"]
    assert {row["type"] for row in client.rows(f"{V2}/custom-content?type={POLLS}")} == {POLLS}
    images = client.rows(f"{V2}/attachments?mediaType=image/png")
    assert {row["mediaType"] for row in images} == {"image/png"}


@pytest.mark.parametrize(
    "target",
    [
        "/pages?limit=0",
        "/pages?limit=251",
        "/pages?limit=many",
        "/pages?sort=position",
        "/pages?sort=-modified-date,title",
        "/pages?status=live",
        "/pages?modifiedAfter=2026-01-01",
        "/pages?body-format=view",
        "/pages?cursor=",
        "/pages?cursor=eyJpZCI6IjEifQ==",
        "/pages?cursor=https://site/wiki/api/v2/pages%3Fcursor%3D1",
        "/pages?id=" + ",".join(["1"] * 251),
        "/pages?space-id=" + ",".join(["1"] * 101),
        "/pages?id=one",
        "/blogposts?sort=title",
        "/blogposts?status=archived",
        "/attachments?sort=id",
        "/attachments?id=1",
        "/footer-comments?status=current",
        "/inline-comments?sort=id",
        "/custom-content",
        "/tasks?sort=id",
        "/tasks?status=done",
        "/tasks?created-at-from=2026-01-01",
        "/spaces?sort=created-date",
        "/spaces?ids=" + ",".join(["1"] * 251),
        "/labels?sort=prefix",
        "/classification-levels?limit=5",
        "/pages/home/versions",
    ],
)
def test_what_the_contract_does_not_know_is_refused(client, target):
    answer = client.get(V2 + target)
    assert answer.status == 400
    assert answer.body["errors"][0]["code"] == "INVALID_REQUEST_PARAMETER"


# Cursors


def test_a_cursor_must_be_encoded_and_is_good_for_its_own_list_only(client):
    answer = client.get(f"{V2}/pages?limit=5&sort=title")
    following = answer.body["_links"]["next"]
    assert following.startswith(f"{V2}/pages?")
    cursor = parse_qs(urlsplit(following).query)["cursor"][0]
    assert "+" in cursor
    assert cursor.endswith("=")
    link = answer.headers["Link"]
    assert f'<{following}>; rel="next"' in link
    assert '<http://site/wiki>; rel="base"' in link
    assert client.get(f"{V2}/pages?limit=5&sort=title&cursor={cursor}").status == 400
    encoded = cursor.replace("+", "%2B")
    assert client.get(f"{V2}/pages?limit=9&sort=title&cursor={encoded}").status == 200
    assert client.get(f"{V2}/pages?limit=5&sort=-title&cursor={encoded}").status == 400
    assert client.get(f"{V2}/blogposts?cursor={encoded}").status == 400
    places = {urlsplit(target).query.index("cursor=") == 0 for target in next_links(client)}
    assert places == {True, False}


def next_links(client):
    target = f"{V2}/pages?limit=3"
    while target := client.get(target).body["_links"].get("next"):
        yield target


def test_the_last_page_has_no_next_link(site, client):
    total = len(site.spaces.items)
    for limit in (total, total + 1):
        answer = client.get(f"{V2}/spaces?limit={limit}")
        assert "next" not in answer.body["_links"]
        assert 'rel="next"' not in answer.headers["Link"]


def test_edits_during_paging_neither_lose_nor_double_what_was_not_edited(site, client):
    before = set(site.truth()["pages"])
    random, edited = Random(1), set()

    def edit_one():
        site.now += timedelta(seconds=1)
        page = random.choice(list(site.pages.items.values()))
        edited.add((page.id,))
        site.change(page)
        site.add_page(page.space)

    target = f"{V2}/pages?limit=10&sort=-modified-date&status=current,archived,trashed"
    rows = client.rows(target, edit_one)
    seen = [(row["id"],) for row in rows if (row["id"],) not in edited]
    assert len(seen) == len(set(seen))
    assert before - edited <= set(seen)


# API v1


def test_v1_lists_go_by_offset_and_their_links_lack_the_context_path(site, client):
    answer = client.get(f"{V1}/group?limit=3")
    assert answer.body["_links"]["next"] == "/rest/api/group?limit=3&start=3"
    assert answer.body["_links"]["base"] == "http://site/wiki"
    assert (answer.body["start"], answer.body["limit"], answer.body["size"]) == (0, 3, 3)
    assert client.get(f"{V1}/group?limit=5000").body["limit"] == 200
    assert client.get(f"{V1}/group?cursor=1").status == 400
    assert client.get(f"{V1}/group/none/membersByGroupId").body["statusCode"] == 404


def test_v1_pages_come_out_short_where_rows_are_hidden(site, client):
    whole = client.rows(f"{V1}/group")
    site.hides_rows = True
    answer = client.get(f"{V1}/group?limit=3")
    assert answer.body["size"] < answer.body["limit"]
    assert "next" in answer.body["_links"]
    assert client.rows(f"{V1}/group?limit=1") == whole


def test_the_audit_log_takes_a_window_with_both_ends(site, client):
    moments = sorted(event.at for event in site.audit)
    window = f"startDate={moments[10]}&endDate={moments[40]}"
    rows = client.rows(f"{V1}/audit?limit=10&{window}")
    dates = [row["creationDate"] for row in rows]
    assert dates == sorted((at for at in moments if moments[10] <= at <= moments[40]), reverse=True)
    site.log("Now")
    assert client.get(f"{V1}/audit?limit=1").body["results"][0]["summary"] == "Now"


def test_search_understands_lists_by_type(site, client):
    rows = client.rows(f"{V1}/search?limit=3&cql=type+in+(whiteboard,+folder)+and+space=SP0")
    assert {row["content"]["type"] for row in rows} <= {"whiteboard", "folder"}
    pages = client.rows(f'{V1}/search?cql=type="page"&limit=50')
    current = {key[0] for key, row in site.truth()["pages"].items() if row["status"] == "current"}
    assert {row["content"]["id"] for row in pages} == current
    for cql in ("", "text~hello", "space=SP0"):
        assert client.get(f"{V1}/search?cql={cql}").status == 400


def test_restrictions_and_views_belong_to_a_page(site, client):
    number = next(iter(site.restrictions))
    answer = client.get(f"{V1}/content/{number}/restriction/byOperation").body
    limited = site.restrictions[number]["update"]
    users = answer["update"]["restrictions"]["user"]["results"]
    assert [user["accountId"] for user in users] == limited.users
    assert answer["read"]["restrictions"]["user"]["results"] == []
    views = client.get(f"{V1}/analytics/content/{number}/views").body
    assert views == {"id": number, "count": site.views[number]}
