"""The played site answers who may read a page as the vendor documents it."""

from __future__ import annotations

import json

import pytest

from sandbox import Request
from sandbox.confluence import Confluence, Site
from sandbox.confluence.access import ANONYMOUS
from sandbox.confluence.model import Space, User
from tests.sandbox.confluence_client import V1, Client


class Small:
    """A space that nobody may view yet, with a page below a folder, and some people."""

    def __init__(self):
        self.site = site = Site()
        for name in ("ada", "bo", "cleo", "guest"):
            site.users[name] = User(name, name)
        site.users["left"] = User("left", "left", active=False)
        self.staff = site.add_group("staff")
        self.admins = site.add_group("admins", ("user", "admin"))
        self.outside = site.add_group("outside", ())
        for group, names in (
            (self.staff, ("ada", "bo", "left")),
            (self.admins, ("cleo",)),
            (self.outside, ("guest",)),
        ):
            for name in names:
                site.join(group, name)
        self.space = site.spaces.add(Space(site.number(), "S", "S", "global", "ada", 0))
        self.home = site.add_page(self.space)
        self.folder = site.add_node("folder", self.home)
        self.page = site.add_page(self.space, self.folder)

    def readers(self, page=None):
        """Ask the site's API for everybody who may read the page."""
        vendor = Confluence(self.site)
        number = (page or self.page).number
        found = set()
        for name in (*self.site.users, ANONYMOUS):
            subject = {"type": "user", "identifier": name}
            content = json.dumps({"subject": subject, "operation": "read"}).encode()
            target = f"{V1}/content/{number}/permission/check"
            request = Request.parse("POST", target, Client(vendor).headers, content)
            answer = vendor.handle(request)
            assert answer.status == 200, answer.body
            assert answer.body["hasPermission"] == self.site.may_read(name, page or self.page)
            found |= {name} if answer.body["hasPermission"] else set()
        return found


@pytest.fixture
def small():
    return Small()


def test_nobody_reads_in_a_space_that_is_open_to_nobody(small):
    assert small.readers() == set()


def test_a_permission_opens_a_space_to_a_user_and_to_the_active_members_of_a_group(small):
    small.site.permit(small.space, "user", "cleo")
    assert small.readers() == {"cleo"}
    small.site.permit(small.space, "group", small.staff.id)
    assert small.readers() == {"ada", "bo", "cleo"}


def test_other_permissions_than_to_view_do_not_open_it(small):
    small.site.permit(small.space, "user", "ada", "create/page")
    assert small.readers() == set()


def test_who_has_no_access_to_the_site_reads_only_what_is_open_to_all(small):
    small.site.permit(small.space, "user", "guest")
    small.site.permit(small.space, "group", small.outside.id)
    assert small.readers() == set()
    small.site.assign(small.space, "ACCESS_CLASS", "authenticated-users", "role-viewer")
    assert small.readers() == {"ada", "bo", "cleo", "guest"}


@pytest.mark.parametrize(
    ("kind", "name", "readers"),
    [
        ("permission", "ALL_LICENSED_USERS", {"ada", "bo", "cleo"}),
        ("permission", "ALL_PRODUCT_ADMINS", {"cleo"}),
        ("role", "all-licensed-users", {"ada", "bo", "cleo"}),
        ("role", "all-product-admins", {"cleo"}),
        ("role", "jsm-project-admins", set()),
        ("role", "anonymous-users", {"ada", "bo", "cleo", "guest", ANONYMOUS}),
    ],
)
def test_a_class_opens_it_to_those_who_are_of_it(small, kind, name, readers):
    if kind == "permission":
        small.site.permit(small.space, "access-class", name)
    else:
        small.site.assign(small.space, "ACCESS_CLASS", name, "role-viewer")
    assert small.readers() == readers


def test_every_read_restriction_on_the_way_up_must_name_one_in_any_manner(small):
    site = small.site
    site.assign(small.space, "ACCESS_CLASS", "anonymous-users", "role-viewer")
    site.restrict(small.home, "read", ["ada"], [small.admins.id])
    assert small.readers() == {"ada", "cleo"}
    site.restrict(small.folder, "read", ["cleo"], [small.staff.id])
    assert small.readers() == {"ada", "cleo"}
    site.restrict(small.page, "read", [], [small.staff.id])
    assert small.readers() == {"ada"}
    assert small.readers(small.home) == {"ada", "cleo"}


def test_edit_restrictions_and_empty_ones_leave_reading_alone(small):
    small.site.permit(small.space, "group", small.staff.id)
    small.site.restrict(small.home, "update", ["cleo"])
    small.site.restrict(small.folder, "read")
    assert small.readers() == {"ada", "bo"}


def test_a_group_that_is_deleted_keeps_its_restriction_closed(small):
    small.site.permit(small.space, "group", small.staff.id)
    small.site.restrict(small.page, "read", [], [small.admins.id])
    small.site.remove_group(small.admins)
    assert small.readers() == set()
    client = Client(Confluence(small.site))
    answer = client.get(f"{V1}/content/{small.page.id}/restriction/byOperation")
    groups = answer.body["read"]["restrictions"]["group"]["results"]
    assert [group["id"] for group in groups] == [small.admins.id]


def test_groups_are_listed_by_what_they_may_on_the_site(small):
    client = Client(Confluence(small.site))
    found = {
        kind: [row["name"] for row in client.rows(f"{V1}/group?accessType={kind}")]
        for kind in ("user", "admin", "site-admin")
    }
    assert found == {"user": ["staff", "admins"], "admin": ["admins"], "site-admin": []}
    assert len(client.rows(f"{V1}/group")) == 3
