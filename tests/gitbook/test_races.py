"""What changes while it is read is not missed, and found again where it must be."""

from sandbox.gitbook import truth
from tests.gitbook.tables import assert_tables_are_true


def ids(rows):
    return {row["id"] for row in rows}


def everything(reader, stream):
    return ids(truth(reader.vendor)[stream])


def test_change_requests_that_are_edited_while_they_are_listed_are_not_missed(reader):
    reader.vendor.most_rows, world = 2, reader.world

    def edit_the_last(request, _):
        if request.path.endswith("/change-requests") and "page" in request.query:
            world.tick(seconds=1)
            world.mark_ready(min(world.every("change_requests"), key=lambda r: r["updatedAt"]))

    reader.sandbox.fault = edit_the_last
    reader("change_requests")
    assert ids(reader.rows("change_requests")) == everything(reader, "change_requests")


def test_findings_that_are_settled_while_they_are_listed_are_not_missed(reader):
    reader.vendor.most_rows, world = 1, reader.world
    for site in world.every("sites"):
        world.tick(minutes=1)
        world.find_gap(site, "A newer one")

    def settle_the_last(request, _):
        if request.path.endswith("/findings") and "page" in request.query:
            site = request.path.split("/")[5]
            world.tick(seconds=1)
            last = min(world.rows("findings", site), key=lambda row: row["updatedAt"])
            world.settle_gap(last, "canceled")

    reader.sandbox.fault = settle_the_last
    reader("site_findings")
    assert ids(reader.rows("site_findings")) == everything(reader, "site_findings")


def test_drafts_that_go_live_between_the_two_lists_are_not_missed(reader):
    asked = set()

    def go_live(request, _):
        if request.path.endswith("/redirects"):
            if request.path in asked:
                for redirect in reader.world.rows("redirects", request.path.split("/")[5]):
                    redirect["draft"] = False
            asked.add(request.path)

    reader.sandbox.fault = go_live
    reader("site_redirects")
    assert_tables_are_true(reader)
