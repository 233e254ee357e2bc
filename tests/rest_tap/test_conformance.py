"""Values are made what their columns say, or null where that cannot be."""

from __future__ import annotations

import pytest
from singer_sdk import typing as th

from rest_tap.conformance import Conformer

NOTHING = "00000000-0000-0000-0000-000000000000"
ID = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"


@pytest.fixture
def told():
    return []


@pytest.fixture
def mend(told):
    """Mend one value of a column."""

    def mend(kind, value, *, keys=(), key_defaults=None):
        schema = th.PropertiesList(th.Property("column", kind)).to_dict()
        conformer = Conformer(
            schema,
            keys,
            key_defaults or {},
            on_mended=lambda *what: told.append(what),
            on_left_out=told.append,
        )
        (row,) = conformer.conform([{"column": value}])
        return row["column"]

    return mend


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *[("", ""), ("a", "a"), (12, "12"), (12.0, "12"), (1.5, "1.5"), (True, "true")],
        *[({"a": [1, None]}, '{"a":[1,null]}'), ([1], "[1]"), (10**30, "1" + "0" * 30)],
    ],
)
def test_what_is_no_text_is_told_as_json(mend, value, text):
    assert mend(th.StringType, value) == text


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *[("1.25", 1.25), (" 12 ", 12), ("-1e3", -1000.0), ("", None), ("many", None)],
        *[(True, 1), ("NaN", None), ("1e400", None), ("1_000", None), (float("inf"), None)],
        *[(float("nan"), None), (10**400, None), ([], None), (2**70, 2**70)],
    ],
)
def test_numbers_are_read_in_texts(mend, value, number):
    assert mend(th.NumberType, value) == number


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *[("12", 12), (12.0, 12), ("12.0", 12), (False, 0), (1.5, None), ("", None)],
        *[(2**63 - 1, 2**63 - 1), (2**63, None), (-(2**63) - 1, None), ("9" * 20, None)],
    ],
)
def test_whole_numbers_have_64_bits(mend, value, number):
    found = mend(th.IntegerType, value)
    assert (found, type(found)) == (number, type(number))


@pytest.mark.parametrize(
    ("value", "truth"),
    [
        *[("true", True), ("Y", True), (1, True), ("0", False), ("FALSE", False), (0.0, False)],
        *[("", None), ("maybe", None), (2, None), ({}, None)],
    ],
)
def test_truth_has_many_words(mend, value, truth):
    assert mend(th.BooleanType, value) is truth


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2026-04-01T10:00:00+02:00", "2026-04-01T10:00:00+02:00"),
        ("2026-04-01T10:00:00.123456789Z", "2026-04-01T10:00:00.123456789Z"),
        ("2026-04-01t10:00:00z", "2026-04-01T10:00:00Z"),
        ("2026-04-01 10:00:00", "2026-04-01T10:00:00Z"),
        ("2026-04-01", "2026-04-01T00:00:00Z"),
        ("2026-04-01T10:00:00.5+0200", "2026-04-01T10:00:00.500000+02:00"),
        ("2026-04-01T24:00:00Z", "2026-04-02T00:00:00Z"),
        ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00Z"),
        ("Wed, 01 Apr 2026 10:00:00 +0200", "2026-04-01T10:00:00+02:00"),
        (1775037600, "2026-04-01T10:00:00Z"),
        (1775037600123, "2026-04-01T10:00:00.123000Z"),
        ("1775037600", "2026-04-01T10:00:00Z"),
        ("2026-04-01T10:00:00+23:59", "2026-03-31T10:01:00Z"),
        *[("+20260-04-01T00:00:00Z", None), ("-0001-04-01T00:00:00Z", None), ("", None)],
        *[("0001-01-01T00:00:00+14:00", None), ("9999-12-31T23:59:59-05:00", None)],
        *[("2026-02-30T00:00:00Z", None), ("soon", None), (True, None), (1e30, None)],
    ],
)
def test_dates_are_those_of_rfc_3339_in_the_years_1_to_9999(mend, value, at):
    assert mend(th.DateTimeType, value) == at


@pytest.mark.parametrize(
    ("value", "found"),
    [
        *[(ID, ID), (ID.upper(), ID.upper()), (ID.replace("-", ""), ID), (f"{{{ID}}}", ID)],
        *[(NOTHING, None), ("", None), ("x", None), (7, None)],
    ],
)
def test_a_uuid_of_zeros_is_none(mend, value, found):
    assert mend(th.UUIDType, value) == found


def test_a_uuid_of_zeros_is_one_where_it_is_the_key(mend, told):
    assert mend(th.UUIDType, NOTHING, keys=["column"]) == NOTHING
    assert told == []


def test_a_key_is_never_empty(mend, told):
    assert mend(th.StringType, "", keys=["column"]) == "-"
    assert len(told) == 1
    assert mend(th.StringType, None, keys=["column"]) is None
    defaults = {"column": "none"}
    assert mend(th.StringType, None, keys=["column"], key_defaults=defaults) == "none"
    assert mend(th.StringType, "", keys=["column"], key_defaults=defaults) == "none"
    assert len(told) == 1, "what is declared is nothing to tell"


@pytest.mark.parametrize(
    ("value", "items"),
    [
        *[("a", ["a"]), (["a", None, 1], ["a", "1"]), ("", None), ('["a"]', ["a"])],
        *[({"a": 1}, ['{"a":1}']), ([], [])],
    ],
)
def test_something_alone_is_a_list_of_it(mend, value, items):
    assert mend(th.ArrayType(th.StringType), value) == items


def test_parts_are_mended_at_all_depths_in_copies(mend):
    kind = th.ObjectType(
        th.Property("at", th.DateTimeType),
        th.Property("all", th.ArrayType(th.ObjectType(th.Property("n", th.IntegerType)))),
        additional_properties=True,
    )
    given = {"at": "", "all": [{"n": "1", "more": ""}, {"n": 2}, "x"], "more": ""}
    mended = mend(kind, given)
    assert mended == {"at": None, "all": [{"n": 1, "more": ""}, {"n": 2}], "more": ""}
    assert given["at"] == ""
    assert mend(kind, '{"at": "2026-04-01"}') == {"at": "2026-04-01T00:00:00Z"}
    assert mend(kind, "") is mend(kind, 5) is None


def test_translations_are_texts(mend):
    kind = th.ObjectType(additional_properties=th.StringType)
    assert mend(kind, {"de": "Wer", "fr": None, "en": 5}) == {"de": "Wer", "en": "5"}


def test_values_that_fit_are_the_same_objects(mend, told):
    parts = {"at": "2026-04-01T10:00:00Z"}
    kind = th.ObjectType(th.Property("at", th.DateTimeType))
    assert mend(kind, parts) is parts
    assert told == []


def test_what_was_mended_is_told_with_its_number(told):
    schema = th.PropertiesList(th.Property("n", th.IntegerType), th.Property("id", th.StringType))
    conformer = Conformer(
        schema.to_dict(),
        ["id"],
        {},
        on_mended=lambda *what: told.append(what[:2]),
        on_left_out=told.append,
    )
    rows = conformer.conform([{"id": str(n), "n": value} for n, value in enumerate(["1", "", 3])])
    assert [row["n"] for row in rows] == [1, None, 3]
    assert conformer.with_keys([*rows, {"n": 1}, {"id": None}]) == rows
    assert told == [("n", 2), "row without id", "row without id"]
