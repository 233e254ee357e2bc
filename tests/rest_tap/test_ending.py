"""Runs that are stopped in the middle: nothing is lost when the next one goes on."""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from rest_tap.worker_pool import Result, Turn, WorkerPool
from sandbox import Fault
from tests.rest_tap.conftest import TAP
from tests.rest_tap.library import Library, config
from tests.support import Run, run_tap, start_tap, write

PROGRAM = "from tests.rest_tap.library import TapLibrary; TapLibrary.cli()"
STREAMS = ["shelves", "books", "copies", "keepers", "catalogue"]


@pytest.fixture
def library():
    library = Library(shelves=40, books=2, copies=1)
    library.moved = {shelf: n for n, shelf in enumerate(library.books)}
    return library


def whole_lines(output):
    """Cut off the line in which a killed process was stopped."""
    return output[: output.rfind(b"\n") + 1]


def killed(process, is_moment):
    """Kill a tap once it has written certain lines; return what it wrote in whole lines."""
    lines = []
    with process:
        for line in process.stdout:
            lines.append(line)
            if is_moment(lines):
                process.kill()
                break
        rest = process.stdout.read()
        stderr = process.stderr.read().decode()
    return Run(whole_lines(b"".join(lines) + rest), stderr, process.wait())


@pytest.mark.parametrize("moment", range(30))
def test_killed_at_any_moment_nothing_is_lost(sandbox, tmp_path, moment):
    sandbox.latency = 0.004
    rows = random.Random(moment).randrange(1, 240)
    first = killed(
        start_tap(TAP, config(sandbox.url), folder=tmp_path), lambda lines: len(lines) == rows
    )
    second = run_tap(TAP, config(sandbox.url), state=first.state)
    assert second.status == 0
    tables = second.load(first.load())
    assert [len(tables[name]) for name in STREAMS] == [40, 80, 80, 10, 40]


def test_sigterm_writes_the_last_true_state_and_exits_143(sandbox, tmp_path):
    sandbox.latency = 0.02
    with start_tap(TAP, config(sandbox.url), folder=tmp_path) as process:
        for line in process.stdout:
            if b'"RECORD"' in line:
                break
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        stdout, stderr = process.stdout.read(), process.stderr.read().decode()
        assert process.wait() == 143
    assert time.monotonic() - began < 5
    assert "Stopped by signal 15" in stderr
    assert "Traceback" not in stderr
    for line in stdout.splitlines():
        json.loads(line)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_sigterm_while_the_target_is_slow_tears_no_line(
    sandbox, library, tmp_path, monkeypatch, unbuffered
):
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    library.books, library.page = {f"s{n}": [] for n in range(2000)}, 2000
    library.moved = {shelf: n for n, shelf in enumerate(library.books)}
    with start_tap(TAP, config(sandbox.url), folder=tmp_path, select=["shelves"]) as process:
        until_it_waits(process)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        run = Run(process.stdout.read(), process.stderr.read().decode(), process.wait())
    assert run.status == 143
    assert run.messages[-1]["type"] == "STATE"


def test_a_first_read_that_is_interrupted_goes_on_where_it_stopped(sandbox, library, tmp_path):
    library.books = {f"s{n}": [] for n in range(3000)}
    library.moved = {shelf: n for n, shelf in enumerate(library.books)}
    library.page = 20
    sandbox.latency = 0.02
    first = killed(
        start_tap(TAP, config(sandbox.url), folder=tmp_path, select=["shelves"]),
        lambda lines: b'"STATE"' in lines[-1] and len(lines) > 500,
    )
    assert 0 < len(first.load()["shelves"]) < 3000
    sandbox.clear()
    second = run_tap(TAP, config(sandbox.url), state=first.state, select=["shelves"])
    assert len(second.load(first.load())["shelves"]) == 3000
    assert len(sandbox.requests) < 150  # The whole list has as many pages


def test_a_reader_that_goes_away_ends_the_run_quietly(sandbox, tmp_path):
    sandbox.latency = 0.01
    with start_tap(TAP, config(sandbox.url), folder=tmp_path) as process:
        process.stdout.readline()
        process.stdout.close()
        stderr = process.stderr.read().decode()
        assert process.wait() == 141
    assert "Traceback" not in stderr
    assert "Exception ignored" not in stderr


def test_a_pipeline_of_a_shell_ends_with_its_reader(sandbox, tmp_path):
    settings = write(tmp_path / "config.json", config(sandbox.url))
    command = f'{sys.executable} -c "{PROGRAM}" --config {settings} | head -n 3'
    done = subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, timeout=60, check=True
    )
    assert len(done.stdout.splitlines()) == 3
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("select", [None, ["keepers"], ["books", "keepers"], ["catalogue"]])
def test_the_last_message_is_a_state(run, library, select):
    """Some targets forget the state that they were told when a record follows it."""
    first = run(select=select)
    assert first.messages[-1]["type"] == "STATE"
    library.moved["s3"] = 9
    assert run(select=select, state=first.state).messages[-1]["type"] == "STATE"


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_that_asks_to_stop_has_its_exit_status(sandbox, tmp_path, signum):
    sandbox.latency = 0.02
    with start_tap(TAP, config(sandbox.url), folder=tmp_path) as process:
        until_a_record(process)
        process.send_signal(signum)
        run = Run(process.stdout.read(), process.stderr.read().decode(), process.wait())
    assert run.status == 128 + signum
    assert f"Stopped by signal {signum}" in run.stderr
    assert run.messages[-1]["type"] == "STATE"
    assert "Traceback" not in run.stderr


def test_a_run_that_shall_outlive_its_terminal_does(sandbox, tmp_path):
    sandbox.latency = 0.02
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # As nohup does it
    try:
        process = start_tap(TAP, config(sandbox.url), folder=tmp_path)
    finally:
        signal.signal(signal.SIGHUP, before)
    with process:
        until_a_record(process)
        process.send_signal(signal.SIGHUP)
        process.stdout.read()
        assert process.wait() == 0


def until_a_record(process):
    for line in process.stdout:
        if b'"RECORD"' in line:
            return


def until_it_waits(process):
    """Wait until nothing more gets into the pipe that nobody reads."""
    before = -1
    while (now := waiting_in(process.stdout)) < 30_000 or now != before:
        before = now
        time.sleep(0.2)


def waiting_in(pipe):
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def many_shelves(library, page=500):
    library.books, library.page = {f"s{n}": [] for n in range(5000)}, page
    library.moved = {shelf: n for n, shelf in enumerate(library.books)}


@pytest.mark.parametrize("page", [20, 500, 5000])
def test_a_signal_ends_a_run_whose_output_nobody_reads(sandbox, library, tmp_path, page):
    many_shelves(library, page)
    state = {"bookmarks": {"books": {"last_run": "2026-01-01T00:00:00+00:00"}}}
    with start_tap(
        TAP, config(sandbox.url), folder=tmp_path, select=["shelves"], state=state
    ) as process:
        until_it_waits(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 143
        run = Run(process.stdout.read(), process.stderr.read().decode(), 0)  # No line is torn
    assert "Stopped by signal 15" in run.stderr
    assert run.messages[-1]["type"] == "STATE"
    rest = run_tap(TAP, config(sandbox.url), state=run.state, select=["shelves"])
    assert len(rest.load(run.load())["shelves"]) == 5000


def test_a_signal_ends_a_run_whose_log_nobody_reads(sandbox, library, tmp_path):
    many_shelves(library, 5)
    settings = write(tmp_path / "config.json", config(sandbox.url))
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "--config", settings],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "LOGLEVEL": "DEBUG"},
    )
    with process:
        while waiting_in(process.stderr) < 60_000:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 143


def test_an_output_that_never_waits_gets_whole_lines(sandbox, library, tmp_path):
    many_shelves(library, 5000)
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    settings = write(tmp_path / "config.json", config(sandbox.url))
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "--config", settings],
        stdout=theirs,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    with process, os.fdopen(ours, "rb") as output:
        time.sleep(1)  # Until the pipe is full
        run = Run(output.read(), process.stderr.read().decode(), process.wait())
    assert run.status == 0, run.stderr
    assert len(run.records("shelves")) == 5000


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "2>/dev/null"])
@pytest.mark.parametrize("ends", ["well", "badly"])
def test_a_log_that_cannot_be_written_changes_no_exit_status(
    sandbox, library, tmp_path, redirection, ends
):
    if ends == "badly":
        library.forbidden = {"s3"}
        sandbox.fault = lambda request, number: (
            Fault.status(403) if request.path == "/shelves" else None
        )
    settings = write(tmp_path / "config.json", config(sandbox.url))
    command = f'{sys.executable} -c "{PROGRAM}" --config {settings} {redirection}'
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False)
    assert done.returncode == (0 if ends == "well" else 1)
    assert done.stderr == b""
    run = Run(done.stdout, "", 0)
    assert run.messages[-1]["type"] == "STATE"


def test_a_log_whose_reader_goes_away_changes_no_exit_status(sandbox, tmp_path):
    with start_tap(TAP, config(sandbox.url), folder=tmp_path) as process:
        process.stderr.close()
        assert Run(process.stdout.read(), "", 0).messages[-1]["type"] == "STATE"
        assert process.wait() == 0


def test_a_disk_that_is_full_ends_the_output_with_a_whole_line(sandbox, library, tmp_path):
    many_shelves(library)
    output = tmp_path / "output"
    settings = write(tmp_path / "config.json", config(sandbox.url))
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_001, 100_001)); "
    with output.open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-c", limit + PROGRAM, "--config", settings],
            stdout=file,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "The output cannot be written: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert 90_000 < output.stat().st_size < 100_000
    assert Run(output.read_bytes(), done.stderr, 0).of("RECORD")


@pytest.mark.parametrize("option", [[], ["--discover"], ["--about"], ["--version"]])
def test_an_output_that_is_full_ends_the_run_with_one_line(sandbox, tmp_path, option):
    settings = write(tmp_path / "config.json", config(sandbox.url))
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "--config", settings, *option],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "The output cannot be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_an_output_that_is_closed_is_told(sandbox, tmp_path):
    settings = write(tmp_path / "config.json", config(sandbox.url))
    command = f'{sys.executable} -c "{PROGRAM}" --config {settings} >&-'
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "There is no stdout to write to" in done.stderr


def test_threads_come_to_an_end_before_the_process_does():
    """One that is inside of TLS then would crash it."""
    done = []
    pool = WorkerPool(2, on_fatal=done.append)

    def fetch():
        time.sleep(0.2)
        done.append("fetched")
        return Result()

    pool.submit((0,), fetch, Turn(0))
    time.sleep(0.05)
    pool.close()
    assert done == ["fetched"]


def start_with_threads(allowed, sandbox, tmp_path):
    """Run the tap where the system starts only so many threads to fetch with."""
    program = f"""
import threading
start, left = threading.Thread.start, [None] * {allowed}
def limited(thread):
    if thread.name == "fetch" and not left:
        raise RuntimeError("can't start new thread")
    thread.name == "fetch" and left.pop()
    start(thread)
threading.Thread.start = limited
{PROGRAM}"""
    settings = write(tmp_path / "config.json", config(sandbox.url))
    command = [sys.executable, "-c", program, "--config", settings]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    return Run(done.stdout, done.stderr.decode(), done.returncode)


def test_a_system_that_starts_fewer_threads_gets_the_same_rows(sandbox, tmp_path):
    few = start_with_threads(3, sandbox, tmp_path)
    assert few.status == 0, few.stderr
    (line,) = [line for line in few.stderr.splitlines() if "max_concurrency" in line]
    assert "starts only 3 threads of 8 (can't start new thread)" in line
    assert few.load().keys() == run_tap(TAP, config(sandbox.url)).load().keys()
    assert len(few.records("books")) == 80


def test_a_system_that_starts_no_thread_ends_the_run_with_one_line(sandbox, tmp_path):
    run = start_with_threads(0, sandbox, tmp_path)
    assert run.status == 1
    (line,) = run.errors
    assert "The system starts no thread (can't start new thread)" in line
    assert "Traceback" not in run.stderr
