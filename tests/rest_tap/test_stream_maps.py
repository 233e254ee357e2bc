"""Stream maps and selection together, and what maps need."""

import importlib.util

import pytest

from tests.rest_tap.library import config
from tests.support import selecting

TAP = "tests.rest_tap.library:TapLibrary"


@pytest.mark.parametrize("pattern", ["*", "[bn]o*"])
def test_a_map_for_all_streams_fits_those_that_are_selected_by_default(run, pattern):
    written = run(more={"stream_maps": {pattern: {"origin": "'library'"}}})
    assert written.status == 0, written.stderr
    assert {row["origin"] for row in written.records("books")} == {"library"}
    assert written.records("notes") == []


def test_the_filter_of_a_parent_that_is_not_selected_counts_for_its_children(run, sandbox):
    catalog = selecting(TAP, config(sandbox.url), ["books"])
    written = run(more={"stream_maps": {"shelves": {"__filter__": "id == 's3'"}}}, catalog=catalog)
    assert {row["shelf_id"] for row in written.records("books")} == {"s3"}
    assert written.records("shelves") == []


@pytest.mark.parametrize("expression", ["fake.name()", "id + fake.word()"])
def test_a_missing_faker_is_told_before_anything_is_read(run, sandbox, expression):
    if importlib.util.find_spec("faker"):
        pytest.skip("Faker is installed here")
    written = run(more={"stream_maps": {"keepers": {"id": expression}}})
    assert written.status == 1
    assert written.stderr.rstrip().endswith(
        "stream_maps: keepers uses `fake`, which the package faker provides; "
        "install it with the taps: pip install 'devdocs-taps[faker]'"
    )
    assert sandbox.requests == []


def test_a_text_that_says_fake_needs_nothing(run):
    assert run(more={"stream_maps": {"keepers": {"origin": "'fake'"}}}).status == 0
