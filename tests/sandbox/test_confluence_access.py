"""Who may read the played Confluence, and how it answers."""

from __future__ import annotations

import time
from datetime import timedelta

import requests

from sandbox import Request, Sandbox
from sandbox.confluence import Confluence, Site, build, config
from tests.sandbox.confluence_client import V1, V2, Client, basic


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
        assert grant(grant_type="refresh_token", refresh_token="unknown")[0] == 403
        code, tokens = grant(grant_type="refresh_token", refresh_token=first)
        assert code == 200, (
            "an answer may have been lost: for ten minutes it can be asked for again"
        )
        vendor.authority.leeway = 0
        second = vendor.authority.refresh_token
        _, third = grant(grant_type="refresh_token", refresh_token=second)
        assert grant(grant_type="refresh_token", refresh_token=second)[0] == 403
        again = grant(grant_type="refresh_token", refresh_token=third["refresh_token"])
        assert again[0] == 403, "a token that is used again too late ends the whole chain"
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
