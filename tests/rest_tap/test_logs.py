"""What is logged, and whether, whatever the environment says of it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.rest_tap.library import TOKEN, config
from tests.support import write


@pytest.mark.parametrize(
    ("variable", "value", "is_info", "is_told"),
    [
        ("LOGLEVEL", "", True, False),
        ("LOGLEVEL", "  ", True, False),
        ("LOGLEVEL", "info", True, False),
        ("LOGLEVEL", "Warning", False, False),
        ("LOGLEVEL", " warn ", False, False),
        ("LOGLEVEL", "error", False, False),
        ("LOGLEVEL", "loud", True, True),
        ("LOGLEVEL", "15", True, True),
        ("LOGLEVEL", "a\nb\x1b[31m", True, True),
        ("LOGLEVEL", "ö", True, True),
        ("TAP_LIBRARY_LOGLEVEL", "", True, False),
        ("TAP_LIBRARY_LOGLEVEL", "critical", False, False),
        ("TAP_LIBRARY_LOGLEVEL", "verbose", True, True),
    ],
)
def test_any_level_is_understood_or_told(run, variable, value, is_info, is_told):
    done = run(env={variable: value})
    assert done.status == 0
    assert ("Summary:" in done.stderr) == is_info
    told = [line for line in done.stderr.splitlines() if f"{variable}:" in line]
    assert [f"{value.strip().upper()!r} is no level" in line for line in told] == [True] * is_told
    assert "Traceback" not in done.stderr


def test_the_level_of_a_tap_goes_before_that_of_all_also_if_it_is_wrong(run):
    assert "Summary:" in run(env={"LOGLEVEL": "error", "TAP_LIBRARY_LOGLEVEL": "info"}).stderr
    assert "Summary:" not in run(env={"LOGLEVEL": "error", "TAP_LIBRARY_LOGLEVEL": "?"}).stderr


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", ""),
        ("just a text", ""),
        ("{", "ParserError"),
        ("version: 2", "Unsupported version"),
        ("version: 1\nroot: {level: loud}", "Unable to configure root logger"),
        ("version: 1\nroot: {handlers: [nobody]}", "Unable to configure root logger"),
        ("version: 1\nformatters: {a: {(): nobody.Knows}}", "Unable to configure"),
        ("a: \x00", "ReaderError"),
    ],
)
def test_a_configuration_of_logs_that_is_wrong_is_told_and_the_run_goes_on(
    run, tmp_path, content, why
):
    file = tmp_path / "logging.yml"
    file.write_text(content)
    done = run(env={"SINGER_SDK_LOG_CONFIG": str(file)})
    assert done.status == 0
    assert f"SINGER_SDK_LOG_CONFIG: {file} cannot be used, logs go to stderr" in done.stderr
    assert why in done.stderr
    assert "Summary:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_configuration_of_logs_that_is_no_file_is_told(run, tmp_path):
    assert run(env={"SINGER_SDK_LOG_CONFIG": ""}).status == 0
    folder = run(env={"SINGER_SDK_LOG_CONFIG": str(tmp_path)})
    missing = run(env={"SINGER_SDK_LOG_CONFIG": str(tmp_path / "none.yml")})
    assert (folder.status, missing.status) == (0, 0)
    assert "IsADirectoryError" in folder.stderr
    assert "not found" in missing.stderr


def test_a_secret_stays_out_of_logs_of_the_form_that_meltano_asks_for(run, sandbox, tmp_path):
    file = tmp_path / "logging.yml"
    file.write_text("""
version: 1
disable_existing_loggers: false
formatters: {structured: {(): singer_sdk.logging.StructuredFormatter}}
handlers: {console: {class: logging.StreamHandler, formatter: structured, stream: ext://sys.stderr}}
root: {level: DEBUG, handlers: [console]}
""")
    done = run(env={"SINGER_SDK_LOG_CONFIG": str(file)}, more={"token": f'{TOKEN}"\\'})
    assert done.status == 1
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert any("HTTP/1.1" in line["message"] for line in lines)
    assert TOKEN not in done.stderr


@pytest.mark.parametrize(
    "failing",
    [
        "import threading; threading.Thread(target=lambda: 1 / 0, name='x').start()",
        "import warnings; warnings.warn('an old way of ' + __import__('os').environ['WORD'])",
        "raise ValueError('line\\n' + __import__('os').environ['WORD'])",
    ],
)
def test_what_fails_elsewhere_is_told_in_one_line_without_secrets(tmp_path, failing):
    """On a thread, as a warning, and where nobody expects it."""
    program = f"""
from tests.rest_tap.library import TapLibrary
class TapFailing(TapLibrary):
    def check_config(self):
        {failing}
TapFailing.cli()"""
    settings = write(tmp_path / "config.json", config("http://127.0.0.1:9", max_wait=1))
    done = subprocess.run(
        [sys.executable, "-c", program, "--config", settings],
        capture_output=True,
        text=True,
        env={"WORD": TOKEN},
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert TOKEN not in done.stderr
    words = (
        "Unexpected ZeroDivisionError on a thread",
        "an old way of (hidden)",
        "line\\n(hidden)",
    )
    assert sum(word in done.stderr for word in words) == 1


def test_the_traceback_is_told_at_debug_without_secrets(tmp_path):
    program = """
from tests.rest_tap.library import TapLibrary
class TapFailing(TapLibrary):
    def check_config(self):
        raise ValueError(self.config["token"])
TapFailing.cli()"""
    settings = write(tmp_path / "config.json", config("http://127.0.0.1:9"))
    done = subprocess.run(
        [sys.executable, "-c", program, "--config", settings],
        capture_output=True,
        text=True,
        env={"LOGLEVEL": "debug"},
        check=False,
    )
    assert done.returncode == 1
    assert "ValueError: (hidden)" in done.stderr
    assert "in check_config" in done.stderr


def test_messages_have_one_line_each_whatever_the_vendor_says(run, sandbox, library):
    library.forbidden = {"s3"}
    library.staff_only = "staff\n2026 | ERROR | only \x1b[2J" + "x" * 500
    done = run()
    lines = [line for line in done.stderr.splitlines() if "skipped for" in line]
    assert lines
    assert r"staff 2026 | ERROR | only \x1b[2Jxxx" in lines[0]
    assert max(len(line.split(" | ", 3)[3]) for line in done.stderr.splitlines()) <= 300
    assert "\x1b" not in done.stderr
