"""Edits of the played Confluence, which stays true to its own model."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from sandbox.confluence import Site
from sandbox.confluence.hidden_edits import FAMILIES
from tests.sandbox.confluence_client import V1, V2


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


def test_the_truth_is_what_the_lists_tell_whatever_no_date_shows(site, client):
    kinds = set()
    for number in range(6):
        kinds |= {*site.campaign(Random(number), 80, also=FAMILIES)}
        truth = site.truth()
        for stream, keys in everything(client, site).items():
            assert keys == set(truth[stream]), stream
    assert {name for names in FAMILIES.values() for name in names} <= kinds


def test_moves_take_a_branch_along_and_leave_versions_alone(site):
    page = next(p for p in site.pages.items.values() if p.status == "current" and p.parent)
    below, file = site.add_page(page.space, page), site.add_attachment(page)
    elsewhere = next(s for s in site.spaces.items.values() if s is not page.space)
    home, before = site.content(elsewhere.homepage), len(page.versions)
    assert site.may_move(page, home)
    assert not site.may_move(page, below)
    site.move(page, home)
    assert page.parent is home
    assert all(item.space is elsewhere for item in (page, below, file))
    assert len(page.versions) == before


def test_what_is_below_trashed_content_moves_up_where_that_is_asked_for(site):
    parent = next(p for p in site.pages.items.values() if p.status == "current" and p.parent)
    first, second = site.add_page(parent.space, parent), site.add_page(parent.space, parent)
    site.trash(first)
    site.lifts_children = True
    site.trash(parent)
    assert first.parent is second.parent is parent.parent


def test_a_deleted_space_takes_all_that_is_in_it(site, client):
    space = next(iter(site.spaces.items.values()))
    site.remove_space(space)
    assert client.get(f"{V2}/spaces/{space.id}/labels").status == 404
    assert space.id not in {row["spaceId"] for row in client.rows(f"{V2}/pages?limit=250")}
    everything(client, site)


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
