"""Settings and states that are wrong in any way: one line that names what is wrong, no traceback.

Each setting of each tap gets each odd value, and each key of each stream's state.
"""

from __future__ import annotations

import importlib
from decimal import Decimal

import pytest
from singer_sdk.exceptions import ConfigValidationError, MappingError

from rest_tap.errors import ConfigError, TapError
from rest_tap.redaction import CONTROLS
from rest_tap.state import COMMON, check_state, kinds_of
from tests.rest_tap.library import config
from tests.support import secrets_of, tap_class

TAPS = ["circleci", "confluence", "gitbook"]
SHARED = "tests.rest_tap.library:TapLibrary"
NUMBERS = [0, -1, 2.5, 1e308, 1e-300, 10**30]
NO_NUMBERS = [float("nan"), float("-inf"), Decimal("NaN")]
TEXTS = ["", " ", "a\nb\x1b[31m", "ä漢🎉", "\ud800", "x" * 100_000, ".."]
ADDRESSES = ["//", "http://[::1", "http://h:99999999/", "https://u:p@h/", "https://[::1]:0/"]
DATES = ["2026-13-45", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
LISTS = [[], [None], [" "], ["\0"], ["x" * 100_000], [[]], ["a"] * 1000]
OBJECTS = [{}, {"a": {"b": []}}]
ODD = [
    *(None, True, *NUMBERS, *NO_NUMBERS, *TEXTS, *ADDRESSES, *DATES, *LISTS, *OBJECTS),
]


def settings_of(tap):
    cls = tap_class(tap)
    schema = cls.config_jsonschema
    cls.append_builtin_config(schema)
    return list(schema["properties"])


CASES = [(SHARED, name) for name in settings_of(SHARED)]
CASES += [(tap, name) for tap in TAPS for name in settings_of(tap) if (SHARED, name) not in CASES]
CASES += [(tap, name) for tap in TAPS for name in ("base_url", "lookback")]


def usual(tap):
    if tap == SHARED:
        return config("http://127.0.0.1:1")
    return importlib.import_module(f"sandbox.{tap}").config("http://127.0.0.1:1")


def complaints(tap, settings):
    """Make a tap and what it makes of its settings; return what it complains of."""
    try:
        made = tap_class(tap)(config=settings, state={})
        _ = made.streams, made.client, made.rate_limiter, made.start_date
        for stream in made.streams.values():
            _ = stream.url_base, stream.lookback
    except ConfigValidationError as error:
        return error.errors
    except (TapError, MappingError) as error:
        return [str(error)]
    return []


def is_readable(line):
    return len(line) <= 300 and not CONTROLS.search(line)


@pytest.mark.parametrize(("tap", "setting"), CASES)
def test_an_odd_value_is_told_in_one_line_that_names_its_setting(tap, setting):
    for odd in ODD:
        settings = {**usual(tap), setting: odd}
        secrets = [secret for secret in secrets_of(tap, settings) if secret.strip()]
        lines = complaints(tap, settings)
        assert len(lines) <= 1 or setting in {"email", "domain"}, (odd, lines)
        for line in lines:
            assert is_readable(line), (odd, line)
            assert not any(secret in line for secret in secrets), line
            if odd is not None:
                assert setting.partition("_")[0] in line, (odd, line)


@pytest.mark.parametrize("tap", TAPS)
@pytest.mark.parametrize("name", ["", "max concurency", "x" * 10_000, "\x1b[2J", "tokn", "a\nb"])
def test_a_setting_that_there_is_not_is_told_in_one_line(tap, name, caplog):
    assert complaints(tap, {**usual(tap), name: 1}) == []
    told = [record.getMessage() for record in caplog.records if "does nothing" in record.message]
    assert len(told) == 1
    assert is_readable(told[0])


def keys_of(tap):
    for name, stream in tap_class(tap)(config=usual(tap)).streams.items():
        for key, kind in {**COMMON, **kinds_of(type(stream))}.items():
            yield name, key, kind


@pytest.fixture(scope="module", params=TAPS)
def kinds(request):
    """For each stream of a tap, the keys that its state may have."""
    streams = tap_class(request.param)(config=usual(request.param)).streams
    return {name: kinds_of(type(stream)) for name, stream in streams.items()}


def complaint(kinds, name, entry):
    """What is said of a state: at its end, or while it is left out."""
    try:
        return next(check_state({"bookmarks": {name: entry}}, kinds), None)
    except ConfigError as error:
        return str(error)


def test_a_damaged_key_of_a_state_is_named_with_its_stream(kinds):
    odd = [True, 0, -1, 2.5, *TEXTS[1:], *DATES, *LISTS, *OBJECTS, {"a": "x"}, {"a": ["b"]}]
    refused = set()
    for name, own in kinds.items():
        for key, kind in {**COMMON, **own}.items():
            for value in odd:
                part = {"partitions": [{"context": {"a": "b"}, key: value}]}
                for line in (complaint(kinds, name, {key: value}), complaint(kinds, name, part)):
                    if line is None:
                        assert kind.fits(value), (name, key, value)
                        continue
                    refused.add((name, key))
                    assert not kind.fits(value) or "future" in line, (key, value)
                    assert line.startswith(f"--state: {key} of {name} "), line
                    assert is_readable(line), line
    assert len(refused) == sum(len({**COMMON, **own}) for own in kinds.values())


def test_a_key_of_a_state_that_is_null_is_as_good_as_absent(kinds):
    for name, own in kinds.items():
        assert complaint(kinds, name, dict.fromkeys([*COMMON, *own])) is None


def test_a_bookmark_of_the_future_is_told(kinds):
    for name in kinds:
        for key in ("last_run", "replication_key_value"):
            line = complaint(kinds, name, {key: "2999-01-01T00:00:00Z"})
            assert line.startswith(f"--state: {key} of {name} is in the future (2999-")
