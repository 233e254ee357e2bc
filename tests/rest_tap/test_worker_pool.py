"""What the threads fetch ahead is let go of as it is written."""

from __future__ import annotations

import gc
import weakref

import pytest

from rest_tap.list_reader import Page
from rest_tap.worker_pool import Turn, WorkerPool


class Value(str):
    """A value in a row that can be watched."""

    __slots__ = ("__weakref__",)


@pytest.fixture
def pool():
    pool = WorkerPool(2, on_fatal=lambda error: None)
    yield pool
    pool.close()


def list_of_pages(pool, count):
    """Begin a list of so many pages; return its first task, and its values as they are alive."""
    alive = weakref.WeakSet()

    def fetch(number):
        value = Value(f"row {number}")
        alive.add(value)
        page = Page(rows=[{"id": value}])
        if number + 1 < count:
            page.following = pool.submit((0, number), lambda: fetch(number + 1), Turn(0))
        return page

    return pool.submit((0,), lambda: fetch(0), Turn(0)), alive


def test_a_page_is_forgotten_when_it_is_written_though_its_reader_lives_on(pool):
    pool.buffer_bytes = 0  # Only what is asked for
    first, alive = list_of_pages(pool, 50)
    gc.disable()  # Nothing may need the collector either
    try:
        most = max(len(alive) for _ in pool.results(first, lambda: None))
    finally:
        gc.enable()
    assert most <= 3  # This page, the one before, and the next one
    assert first is not None


def test_pages_come_in_order_however_many_threads_fetch_them(pool):
    first, _ = list_of_pages(pool, 50)
    pages = list(pool.results(first, lambda: None))
    assert [page.rows[0]["id"] for page in pages] == [f"row {number}" for number in range(50)]
