"""Whatever is logged, by whom and by which handler: no secret, one line, nothing that acts."""

from __future__ import annotations

import base64
import io
import json
import logging
import traceback
import warnings
from urllib.parse import quote, quote_plus

import pytest
from singer_sdk.logging import ConsoleFormatter, StructuredFormatter

from rest_tap import redaction
from rest_tap.redaction import keep_secret, redacted, shown

SECRET = 'pa"ss/w\\örd+7301=='


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    """A process that knows one secret and whose loggers redact."""
    monkeypatch.setattr(redaction, "_forms", set())
    monkeypatch.setattr(redaction, "_pattern", None)
    before = logging.getLogRecordFactory()
    redaction.install()
    keep_secret(SECRET)
    yield
    logging.setLogRecordFactory(before)


@pytest.fixture(params=[ConsoleFormatter, StructuredFormatter, logging.Formatter])
def log(request):
    """A logger whose handler writes into a text, as each of the formatters that are in use."""
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(request.param())
    logger = logging.getLogger("test-redaction")
    logger.propagate = False
    logger.addHandler(handler)
    logger.setLevel("DEBUG")
    logger.text = output.getvalue
    yield logger
    logger.removeHandler(handler)


def is_hidden(text):
    forms = (SECRET, json.dumps(SECRET)[1:-1], repr(SECRET)[1:-1], quote(SECRET, safe=""))
    return "(hidden)" in text and not any(form in text for form in forms)


def failure():
    try:
        try:
            raise ValueError(f"{SECRET} is what broke it")  # noqa: TRY301
        except ValueError as cause:
            raise RuntimeError(f"refused: {SECRET}") from cause
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").replace("%2F", "%2f"),
        quote_plus(SECRET),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        repr(SECRET),
        repr({"token": SECRET}),
    ],
)
def test_a_secret_is_hidden_in_each_way_of_writing_it(written):
    text = redacted(f"the vendor says {written} of you")
    assert "(hidden)" in text
    assert "7301" not in text


@pytest.mark.parametrize("user", ["", "a", "ab", "abc", "ada@acme.example"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_is_hidden_in_a_basic_header_whatever_the_user_is_called(user, encode):
    text = encode(f"{user}:{SECRET}".encode()).decode()
    left = redacted(f"Authorization: Basic {text}").removeprefix("Authorization: Basic ")
    assert "(hidden)" in left
    start, _, end = left.partition("(hidden)")
    kept = start + "A" * (-len(start) % 4)
    assert SECRET[:2].encode() not in base64.b64decode(kept)
    assert len(end.rstrip("=")) <= 1


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error", "critical"])
def test_it_is_hidden_at_every_level_and_in_arguments(log, level):
    getattr(log, level)("told %s of %r", SECRET, {"header": SECRET})
    assert is_hidden(log.text())


def test_it_is_hidden_in_a_message_without_arguments(log):
    log.warning(f"told {SECRET}")  # noqa: G004
    assert is_hidden(log.text())


def test_it_is_hidden_in_arguments_that_do_not_fit(log):
    log.warning("told %d of %d", SECRET)  # noqa: PLE1206
    assert is_hidden(log.text())


def test_it_is_hidden_in_tracebacks_and_in_what_led_to_them(log):
    log.error("failed", exc_info=failure())
    assert is_hidden(log.text())
    assert "ValueError" in log.text()
    assert "RuntimeError" in log.text()
    assert "failure" in log.text()


def test_it_is_hidden_in_the_stack(log):
    def tell(secret):
        log.warning("here", stack_info=True)

    tell(SECRET)
    assert SECRET not in log.text()


def test_no_handler_gets_to_see_it():
    """Some send a record's own parts elsewhere."""
    seen = []

    class Sender(logging.Handler):
        def emit(self, record):
            seen.extend((record.msg, record.args, *traceback.format_exception(*record.exc_info)))

    logger = logging.getLogger("test-redaction-sender")
    logger.addHandler(handler := Sender())
    logger.error("told %s", SECRET, exc_info=failure())
    logger.removeHandler(handler)
    assert is_hidden(repr(seen))


def test_it_is_hidden_in_warnings(log):
    logging.captureWarnings(capture=True)
    try:
        logging.getLogger("py.warnings").addHandler(log.handlers[0])
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(capture=True)
            warnings.warn(f"old {SECRET}", UserWarning, stacklevel=1)
    finally:
        logging.captureWarnings(capture=False)
        logging.getLogger("py.warnings").removeHandler(log.handlers[0])
    assert is_hidden(log.text())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "GET https://files.example/a.csv?X-Sig=9&b=1 failed",
            "GET https://files.example/a.csv?(hidden) failed",
        ),
        (
            'https://h.example:443 "GET /wiki/api?cursor=abc HTTP/1.1" 200 None',
            'https://h.example:443 "GET /wiki/api?(hidden) HTTP/1.1" 200 None',
        ),
        (
            "Max retries exceeded with url: /a/b?token=1 (Caused by X)",
            "Max retries exceeded with url: /a/b?(hidden) (Caused by X)",
        ),
        (
            "cannot connect to proxy http://ada:s3cr/et@proxy.example:3128",
            "cannot connect to proxy http://(hidden)@proxy.example:3128",
        ),
        ("see https://token@host.example/x", "see https://(hidden)@host.example/x"),
        ("sent X-Amz-Signature=abcdef&x=1", "sent X-Amz-Signature=(hidden)&x=1"),
        ("is it /wiki? no", "is it /wiki? no"),
        ("see https://acme.example/manage/tokens", "see https://acme.example/manage/tokens"),
        ("ada@acme.example has no access", "ada@acme.example has no access"),
        ("state: a/b has 3 = 4?", "state: a/b has 3 = 4?"),
    ],
)
def test_an_address_shows_neither_its_query_nor_credentials(text, left):
    assert redacted(text) == left


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\x1b[31mred\x1b[0m", r"a\x1b[31mred\x1b[0m"),
        ("a\nERROR b\r\n", r"a\nERROR b"),
        ("a\u202eb\u2028c\x85d\x00e", r"a\u202eb\u2028c\x85d\x00e"),
        ("half \ud83d of one", r"half \ud83d of one"),
        ("tab\there", r"tab\there"),
        ("Grüße 漢字 🎉", "Grüße 漢字 🎉"),
    ],
)
def test_what_acts_on_a_terminal_is_shown_instead(text, line):
    assert shown(text) == line


def test_a_message_is_one_line_of_300_characters(log):
    log.warning("%s says %s", "vendor", "x\n" * 1000)
    log.warning("short")
    record = log.makeRecord("a", logging.ERROR, "", 1, "y" * 1000 + "do this", (), None)
    assert len(record.getMessage()) == 300
    assert "y...y" in record.getMessage()
    assert record.getMessage().endswith("do this")
    assert len(log.text().splitlines()) == 2


def test_at_debug_all_is_told(log):
    log.debug("y" * 1000)
    assert "y" * 1000 in log.text()


def test_metrics_are_left_to_the_formatters_of_the_sdk():
    record = logging.getLogger("a").makeRecord("a", 20, "", 1, "METRIC: %s", ({"x": 1},), None)
    assert record.args == {"x": 1}


def test_short_values_and_other_things_hide_nothing():
    keep_secret("abc", None, 8)
    assert redacted("abcdef 8") == "abcdef 8"
