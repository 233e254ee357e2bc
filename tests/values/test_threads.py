"""Threads share a stream's checker from its first page on; msgspec must be ready for it."""

from __future__ import annotations

import random
import subprocess
import sys
import threading

from rest_tap.conformance import Conformer
from tap_gitbook.streams import STREAMS
from tests.support import ROOT
from tests.values import odd


def conform_at_once(stream, number):
    """Let eight threads use a checker that none has used before."""
    chance = random.Random(number)
    shared = Conformer(
        stream.schema, stream.primary_keys, {}, on_mended=lambda *_: None, on_left_out=print
    )
    properties = stream.schema["properties"].items()
    pages = [
        [{column: odd.nearly(chance, part) for column, part in properties} for _ in range(3)]
        for _ in range(8)
    ]
    ready = threading.Barrier(len(pages))

    def conform(page):
        ready.wait()
        shared.conform(page)

    threads = [threading.Thread(target=conform, args=(page,)) for page in pages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_threads_share_a_checker_from_the_first_page_on():
    done = subprocess.run([sys.executable, "-m", __name__], cwd=ROOT, check=False)
    assert done.returncode == 0, "a thread met a type that another was still preparing"


if __name__ == "__main__":
    sys.setswitchinterval(1e-6)
    for number in range(3):
        for stream in STREAMS[:30]:
            conform_at_once(stream, number)
