"""The Confluence that is played: strict where the contract is, and true to its own model."""

from __future__ import annotations

import base64
import time
from datetime import timedelta
from random import Random
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox import Request, Sandbox
from sandbox.confluence import Confluence, Site, build, config

V2 = "/wiki/api/v2"
V1 = "/wiki/rest/api"
POLLS = "ac:com.example.polls:poll"


@pytest.fixture
def site():
    return Site.generate(7)


@pytest.fixture
def vendor(site):
    return Confluence(site)


class Client:
    """Asks a vendor without a network between, as the owner of a classic token."""

    def __init__(self, vendor):
        self.vendor = vendor
        known = vendor.credentials
        self.headers = {"Host": "site", "Authorization": basic(known.email, known.api_token)}

    def get(self, target):
        return self.vendor.handle(Request.parse("GET", target, self.headers))

    def rows(self, target, between=lambda: None):
        found, size = [], 0
        while target:
            answer = self.get(target)
            assert answer.status == 200, (target, answer.body)
            found += answer.body["results"]
            following = answer.body["_links"].get("next")
            target = f"/wiki{following}" if following and V1 in target else following
            size += 1
            between()
        return found


def basic(email, token):
    return "Basic " + base64.b64encode(f"{email}:{token}".encode()).decode()


@pytest.fixture
def client(vendor):
    return Client(vendor)


# Lists


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


# Edits


def test_a_change_moves_a_page_to_the_top_but_a_change_of_status_does_not(site, client):
    page = next(page for page in site.pages.items.values() if page.status == "current")
    newest = f"{V2}/pages?sort=-modified-date&limit=1&status=current,archived,trashed"
    site.now += timedelta(minutes=1)
    site.change(page, title="Brand new")
    row = client.get(newest).body["results"][0]
    assert (row["id"], row["title"]) == (page.id, "Brand new")
    site.now += timedelta(minutes=1)
    for change, status in ((site.trash, "trashed"), (site.restore, "current")):
        change(page)
        again = client.get(newest).body["results"][0]
        assert again == row | {"status": status}
    site.archive(page)
    assert client.rows(f"{V2}/pages?id={page.id}")[0]["status"] == "archived"
    site.purge(page)
    assert client.rows(f"{V2}/pages?id={page.id}&status=current,archived,trashed") == []
    assert client.get(f"{V2}/pages/{page.id}/versions").status == 404


def test_purging_takes_along_what_hangs_on_the_page(site, client):
    space = site.spaces.items[min(site.spaces.items)]
    page = site.add_page(space)
    child = site.add_page(space, page)
    file = site.add_attachment(page)
    comment = site.add_comment(file)
    reply = site.add_comment(file, reply_to=comment)
    task = site.add_task(page)
    label = site.add_label(page, "doomed")
    assert client.rows(f"{V2}/labels/{label.id}/pages")[0]["id"] == page.id
    site.purge(page)
    truth = site.truth()
    gone = ("attachments", file), ("footer_comments", comment), ("tasks", task)
    for stream, item in (*gone, ("footer_comments", reply), ("pages", page)):
        assert (item.id,) not in truth[stream]
    assert truth["pages"][child.id,]["parent_id"] == str(space.homepage)
    assert client.rows(f"{V2}/labels/{label.id}/pages") == []


def test_resolving_adds_a_version_unless_done_silently(site, client):
    comment = next(
        each for each in site.inline_comments.items.values() if each.resolution == "open"
    )
    version = comment.version.number
    site.resolve(comment, silently=True)
    row = next(row for row in client.rows(f"{V2}/inline-comments") if row["id"] == comment.id)
    assert (row["resolutionStatus"], row["version"]["number"]) == ("resolved", version)
    site.resolve(comment)
    row = next(row for row in client.rows(f"{V2}/inline-comments") if row["id"] == comment.id)
    assert (row["resolutionStatus"], row["version"]["number"]) == ("reopened", version + 1)


def test_tasks_are_found_by_status_and_moments(site, client):
    task = next(task for task in site.tasks.items.values() if task.status == "incomplete")
    site.now += timedelta(days=1)
    site.change_task(task, completed=True)
    since = f"{V2}/tasks?completed-at-from={site.clock}"
    assert [row["id"] for row in client.rows(since)] == [task.id]
    assert task.id in {row["id"] for row in client.rows(f"{V2}/tasks?status=complete")}
    site.change_task(task, completed=False)
    assert client.rows(since) == []
    created = f"created-at-from={task.created}&created-at-to={task.created}"
    assert task.id in {row["id"] for row in client.rows(f"{V2}/tasks?{created}")}


def everything(client, site):
    """Every stream's keys, read through the API."""
    pages = client.rows(f"{V2}/pages?limit=250&status=current,archived,trashed")
    posts = client.rows(f"{V2}/blogposts?limit=250&status=current,trashed")
    files = client.rows(f"{V2}/attachments?limit=250&status=current,archived,trashed")
    labels = client.rows(f"{V2}/labels?limit=250")
    spaces = client.rows(f"{V2}/spaces?limit=250")
    kinds = {"page": ("pages", pages), "blog_post": ("blogposts", posts)}
    kinds["attachment"] = ("attachments", files)
    types = {each.type for each in site.custom_contents.items.values()}
    found = {
        "pages": {(row["id"],) for row in pages},
        "blog_posts": {(row["id"],) for row in posts},
        "attachments": {(row["id"],) for row in files},
        "labels": {(row["id"],) for row in labels},
        "spaces": {(row["id"],) for row in spaces},
        "custom_content": {
            (row["id"],)
            for each in types
            for row in client.rows(f"{V2}/custom-content?type={each}")
        },
        "child_pages": {
            (page["id"], row["id"])
            for page in pages
            for row in client.rows(f"{V2}/pages/{page['id']}/direct-children")
        },
    }
    for stream in ("footer-comments", "inline-comments", "tasks"):
        rows = client.rows(f"{V2}/{stream}?limit=250")
        found[stream.replace("-", "_")] = {(row["id"],) for row in rows}
    for kind, (path, rows) in kinds.items():
        found[f"{kind}_labels"] = {
            (row["id"], label["id"])
            for label in labels
            for row in client.rows(f"{V2}/labels/{label['id']}/{path}?limit=250")
        }
        found[f"{kind}_versions"] = {
            (row["id"], version["number"])
            for row in rows
            for version in client.rows(f"{V2}/{path}/{row['id']}/versions?limit=2")
        }
        found[f"{kind}_content_properties"] = {
            (row["id"], each["id"])
            for row in rows
            for each in client.rows(f"{V2}/{path}/{row['id']}/properties")
        }
        if kind != "attachment":
            found[f"{kind}_likes"] = {
                (row["id"], like["accountId"])
                for row in rows
                for like in client.rows(f"{V2}/{path}/{row['id']}/likes/users?limit=2")
            }
    for stream in ("permissions", "properties", "labels"):
        found[f"space_{stream}"] = {
            (space["id"], row["id"])
            for space in spaces
            for row in client.rows(f"{V2}/spaces/{space['id']}/{stream}?limit=2")
        }
    found["space_role_assignments"] = {
        (space["id"], row["roleId"], *row["principal"].values())
        for space in spaces
        for row in client.rows(f"{V2}/spaces/{space['id']}/role-assignments?limit=1")
    }
    for kind in ("whiteboard", "database", "folder", "embed"):
        rows = client.rows(f"{V1}/search?cql=type={kind}&limit=2")
        found[f"{kind}s"] = {(row["content"]["id"],) for row in rows}
    found["groups"] = {(row["id"],) for row in client.rows(f"{V1}/group?limit=2")}
    found["group_members"] = {
        (group, row["accountId"])
        for (group,) in found["groups"]
        for row in client.rows(f"{V1}/group/{group}/membersByGroupId?limit=4")
    }
    return found


def test_the_truth_is_what_the_lists_tell_before_and_after_a_campaign(site, client):
    for campaign in range(3):
        truth = site.truth()
        for stream, keys in everything(client, site).items():
            assert keys, stream
            assert keys == set(truth[stream]), stream
        kinds = site.campaign(Random(campaign), 60)
        assert len(kinds) == 60
    everything(client, site)
    assert len(set(site.campaign(Random(9), 300))) == 13  # every kind of edit


def test_a_campaign_without_deletes_takes_nothing_away(site):
    before = site.truth()
    site.campaign(Random(3), 200, deletes=False)
    after = site.truth()
    for stream in ("pages", "attachments", "footer_comments", "inline_comments", "tasks"):
        assert set(before[stream]) <= set(after[stream])
    assert after["pages"] != before["pages"]


def test_the_same_seed_gives_the_same_site_and_campaign():
    truths = []
    for _ in range(2):
        site = Site.generate(5, pages=30)
        site.campaign(Random(5), 40)
        truths.append(site.truth())
    assert truths[0] == truths[1]
    assert Site.generate(6, pages=30).truth() != truths[0]


def test_a_generated_site_is_varied(site):
    comments = [*site.footer_comments.items.values(), *site.inline_comments.items.values()]
    assert {each.parent.kind for each in comments} == {
        "page",
        "blogpost",
        "attachment",
        "custom_content",
    }
    assert any(each.reply_to and each.reply_to.reply_to for each in comments)
    below = {(node.type, node.parent.kind) for node in site.nodes.items.values()}
    assert {kind for kind, _ in below} == {"folder", "whiteboard", "database", "embed"}
    assert len({event.at for event in site.audit}) < len(site.audit)
    assert {label.prefix for label in site.labels.items.values()} >= {"global", "my", "team"}
    assert any(len(page.versions) > 1 for page in site.pages.items.values())
    assert {task.status for task in site.tasks.items.values()} == {"complete", "incomplete"}


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


# Access


def test_each_kind_of_credentials_opens_its_own_door(site):
    vendor = Confluence(site)
    known = vendor.credentials
    classic, scoped = basic(known.email, known.api_token), basic(known.email, known.scoped_token)
    bearer = f"Bearer {known.service_token}"
    with Sandbox(vendor) as sandbox:
        doors = (f"{sandbox.url}", f"{sandbox.url}/ex/confluence/{site.cloud_id}")

        def opened(authorization):
            headers = {"Authorization": authorization} if authorization else {}
            answers = [
                requests.get(f"{door}{V2}/spaces", headers=headers, timeout=5) for door in doors
            ]
            return [answer.status_code for answer in answers]

        assert opened(classic) == [200, 401]
        assert opened(scoped) == [401, 200]
        assert opened(bearer) == [401, 200]
        for wrong in (None, "Basic x", "Bearer x", basic(known.email, "x")):
            assert opened(wrong) == [401, 401]
        # Links of the gateway leave its own prefix out.
        headers = {"Authorization": bearer}
        answer = requests.get(f"{doors[1]}{V2}/pages", headers=headers, timeout=5)
        assert answer.json()["_links"]["next"].startswith(f"{V2}/pages?")
        assert answer.links["next"]["url"] == answer.json()["_links"]["next"]
        other = f"{sandbox.url}/ex/confluence/another{V2}/pages"
        assert requests.get(other, headers=headers, timeout=5).status_code == 404
        told = requests.get(f"{sandbox.url}/_edge/tenant_info", timeout=5).json()
        assert told["cloudId"] == site.cloud_id
        url = f"{sandbox.url}/oauth/token/accessible-resources"
        assert requests.get(url, headers=headers, timeout=5).json()[0]["id"] == site.cloud_id


def test_refresh_tokens_rotate_and_access_tokens_end(vendor, site):
    known, target = vendor.credentials, f"/ex/confluence/{site.cloud_id}{V2}/spaces"
    client = {"client_id": known.client_id, "client_secret": known.client_secret}
    with Sandbox(vendor) as sandbox:

        def grant(**asked):
            url = f"{sandbox.url}/oauth/token"
            answer = requests.post(url, json={**client, **asked}, timeout=5)
            return answer.status_code, answer.json()

        def status(token):
            headers = {"Authorization": f"Bearer {token}"}
            return requests.get(f"{sandbox.url}{target}", headers=headers, timeout=5).status_code

        first = vendor.authority.refresh_token
        code, tokens = grant(grant_type="refresh_token", refresh_token=first)
        assert (code, tokens["expires_in"]) == (200, 3600)
        assert tokens["refresh_token"] == vendor.authority.refresh_token != first
        assert status(tokens["access_token"]) == 200
        assert grant(grant_type="refresh_token", refresh_token=first)[0] == 403
        vendor.authority.expire()
        assert status(tokens["access_token"]) == 401
        vendor.authority.requests_per_token = 2
        _, tokens = grant(grant_type="client_credentials")
        assert "refresh_token" not in tokens
        assert [status(tokens["access_token"]) for _ in range(3)] == [200, 200, 401]
        form = {**client, "grant_type": "client_credentials"}
        assert requests.post(f"{sandbox.url}/oauth/token", data=form, timeout=5).status_code == 200
        assert grant(grant_type="password")[0] == 400
        assert grant(grant_type="client_credentials", client_secret="x")[0] == 401


def test_single_parents_and_whole_lists_can_be_denied(vendor, client, site):
    page, other = list(site.pages.items.values())[:2]
    vendor.denied = {page.id: 403, f"{V1}/audit": 403, f"{V2}/pages/{other.id}/versions": 404}
    assert client.get(f"{V2}/pages/{page.id}/versions").status == 403
    assert client.get(f"{V2}/pages/{page.id}/direct-children").status == 403
    assert client.get(f"{V2}/pages/{other.id}/versions").body["errors"][0]["status"] == 404
    assert client.get(f"{V2}/pages/{other.id}/properties").status == 200
    assert client.get(f"{V1}/audit").body["statusCode"] == 403
    assert client.get(f"{V2}/pages").status == 200


def test_users_are_looked_up_in_bulk(vendor, site, client):
    def ask(content):
        headers = {**client.headers, "Content-Type": "application/json"}
        return vendor.handle(Request.parse("POST", f"{V2}/users-bulk", headers, content))

    known = list(site.users)[:2]
    answer = ask(f'{{"accountIds": ["{known[1]}", "nobody", "{known[0]}"]}}'.encode())
    assert [row["accountId"] for row in answer.body["results"]] == known[::-1]
    too_many = ",".join(['"a"'] * 251)
    for wrong in (b"", b"[]", b'{"accountIds": []}', f'{{"accountIds": [{too_many}]}}'.encode()):
        assert ask(wrong).status == 400


def test_too_many_requests_are_told_in_the_vendors_way(vendor):
    with Sandbox(vendor, requests_per_second=0) as sandbox:
        answer = requests.get(f"{sandbox.url}{V2}/pages", timeout=5)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["X-RateLimit-Reset"].endswith("Z")  # without seconds, as seen live
    assert answer.headers["RateLimit-Reason"] == "confluence-burst-based"


def test_the_clock_of_answers_is_the_sites(client, site):
    assert client.get(f"{V2}/spaces").headers["Date"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    site.now += timedelta(hours=1)
    assert client.get(f"{V2}/spaces").headers["Date"] == "Sun, 01 Mar 2026 13:00:00 GMT"


def test_bodies_come_in_the_form_that_is_asked_for(client):
    assert client.get(f"{V2}/pages").body["results"][0]["body"] == {}
    for form in ("storage", "atlas_doc_format"):
        row = client.get(f"{V2}/pages?body-format={form}").body["results"][0]
        assert row["body"][form]["representation"] == form
        assert row["body"][form]["value"]


def test_a_live_site_deviates_when_asked_to(site, client):
    site.as_seen_live = True
    rows = client.rows(f"{V2}/pages?limit=250")
    assert None in {row["parentId"] for row in rows}
    folder = next(node for node in site.nodes.items.values() if node.type == "folder")
    assert client.get(f"{V2}/folders/{folder.id}").body["createdAt"] == folder.created
    assert client.get(f"{V2}/whiteboards/{folder.id}").status == 404


def test_remembered_answers_are_the_same_until_an_edit(vendor, client, site):
    fresh = client.get(f"{V2}/pages").encoded()
    vendor.remember_answers = True
    assert client.get(f"{V2}/pages").body == client.get(f"{V2}/pages").body == fresh
    site.change(site.pages.items[min(site.pages.items)])
    assert client.get(f"{V2}/pages").body != fresh


def test_a_large_site_is_sorted_once_not_for_each_request():
    client = Client(Confluence(Site.generate(1, pages=20_000, labels=2)))
    target = f"{V2}/pages?limit=1&sort=-modified-date"
    client.get(target)
    started = time.process_time()
    for _ in range(200):
        target = client.get(target).body["_links"]["next"]
    assert time.process_time() - started < 1  # 5 ms a request: sorting takes longer than that


def test_the_command_line_gets_a_site_and_a_configuration():
    settings = config("http://127.0.0.1:1")
    assert settings["base_url"] == "http://127.0.0.1:1/wiki"
    answer = Client(build(pages=3)).get(f"{V2}/pages")
    assert answer.status == 200
