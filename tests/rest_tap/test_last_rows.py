"""What has vanished between full reads is told by a last row, whatever a user selects or maps."""

import pytest

from tests.rest_tap.library import Books, Copies, Shelves, TapLibrary, config
from tests.support import selecting
from tests.values.loading import complaint

TAP = "tests.rest_tap.test_last_rows:TapOfLosses"


class Losses(Books):
    """Books, with one of each shelf that was lost."""

    tells_vanished = True

    def listing_for(self, row, keys, above):
        lost = self.last_row(id=f"{keys['shelf_id']}lost")
        return self.listing(keys=keys, known=[{"id": f"{keys['shelf_id']}b0"}, lost])

    def post_process_page(self, rows, listing):
        return [{**row, "is_out": not row["id"].isdigit()} for row in rows]

    def rows_to_write(self, rows, listing):
        return [row for row in rows if row["is_out"]]


class CopiesOfLosses(Copies):
    parent_stream_type = Losses


class TapOfLosses(TapLibrary):
    """The library's tap, where books get lost."""

    def discover_streams(self):
        return [kind(self) for kind in (Shelves, Losses, CopiesOfLosses)]


@pytest.fixture
def read(sandbox, run):
    def read(**options):
        catalog = selecting(TAP, config(sandbox.url), ["books", "copies"])
        for part in catalog["streams"]:
            part["metadata"] += options.pop(part["tap_stream_id"], [])
        return run(tap=TAP, catalog=catalog, **options)

    return read


def lost(run):
    return [row for row in run.records("books") if row["id"].endswith("lost")]


def test_a_last_row_has_its_key_and_the_moment_and_nothing_is_asked_below_it(read, sandbox):
    run = read()
    assert run.status == 0, run.stderr
    (schema,) = (each["schema"] for each in run.of("SCHEMA") if each["stream"] == "books")
    assert schema["properties"]["_sdc_deleted_at"]["format"] == "date-time"
    assert [row["id"] for row in lost(run)] == [f"s{n}lost" for n in range(10)]
    for row in lost(run):
        assert complaint(schema, row) is None
        assert {name for name in schema["properties"] if row[name] is not None} == {
            "id",
            "_sdc_deleted_at",
        }
    others = [row for row in run.records("books") if row not in lost(run)]
    assert {(row["is_out"], row.get("_sdc_deleted_at")) for row in others} == {(True, None)}
    assert not [each for each in sandbox.requests if "lost" in each.path]


def test_without_its_column_a_last_row_is_not_told_but_the_log_says_so(read):
    column = {"breadcrumb": ["properties", "_sdc_deleted_at"], "metadata": {"selected": False}}
    run = read(books=[column])
    assert run.records("books")
    assert lost(run) == []
    assert (
        "books: what has vanished is not told, for the catalog does not select _sdc_deleted_at"
    ) in run.stderr


def test_a_last_row_goes_through_stream_maps(read):
    maps = {"books": {"code": "f'book {id}'", "__filter__": "id != 's3lost'"}}
    run = read(more={"stream_maps": maps})
    assert len(lost(run)) == 9
    assert lost(run)[0]["code"] == "book s0lost"
    assert lost(run)[0]["_sdc_deleted_at"]


def test_a_map_that_cannot_take_its_nulls_ends_nothing(read):
    run = read(more={"stream_maps": {"books": {"code": "shelf_id + '/' + id"}}})
    assert run.status == 0, run.stderr
    assert len(run.records("books")) == 10
    assert lost(run) == []
    assert "books: stream_maps cannot take that something has vanished" in run.stderr
