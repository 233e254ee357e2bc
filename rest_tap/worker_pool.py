"""Pages are fetched by threads, ahead of the main thread that writes them in a fixed order.

A walk is one stream's list for one context, page after page. Each piece of work has a key that
sorts as its rows will be written, and threads always take the smallest key. So they work on what
is needed next, every idle thread finds something to do (the next parents, the next stream), and
the order of the output is the same with any number of threads.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rest_tap.errors import TapError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from rest_tap.stream import RestStream

Row = dict[str, Any]
Key = tuple[int, ...]

BUFFER_BYTES = (
    3_000_000  # Bytes of answers that may wait to be written; their rows weigh six times that
)
PAGE_OVERHEAD = 2_000  # What a page weighs beside its answer
LAST_MOMENT = 0.5  # Seconds that threads have at the end to come out of what they do
TICK = 0.25  # Seconds between two looks at signals and progress while the main thread waits


@dataclass(slots=True)
class Page:
    """What one answer brought: rows, the walks of their children, and the way on."""

    rows: list[Row]
    size: int = 0
    newest: datetime | None = None
    children: list[tuple[RestStream, list[Walk]]] = field(default_factory=list)
    following: Task | None = None
    total: int | None = None
    """How many rows the whole list has, told with its first page."""


class Task:
    """One page to fetch."""

    __slots__ = ("future", "key", "run", "started")

    def __init__(self, key: Key, run: Callable[[], Page]) -> None:
        self.key = key
        self.run = run
        self.started = False
        self.future: Future[Page] = Future()

    def forget(self) -> None:
        """Let go of the page, and of the walk, once the page is written.

        A walk knows its first task as long as it lives: what that knows would live as long.
        """
        del self.future, self.run


class Walk:
    """One stream's list for one context.

    Args:
        stream: Whose rows these are.
        context: The parents' keys, or the partition of a top-level stream.
        key: Where the walk's rows stand in the output.
        parent: The row of the parent stream that the list belongs to, if any.
    """

    __slots__ = (
        *("stream", "context", "key", "parent"),
        *("first", "pages", "paginator", "restarted", "rows", "source", "tokens"),
    )

    def __init__(
        self, stream: RestStream, context: Mapping[str, Any], key: Key, parent: Row | None = None
    ) -> None:
        self.stream = stream
        self.context = context
        self.key = key
        self.parent = parent
        self.paginator = stream.get_new_paginator()
        self.source = stream.pages(context)
        self.pages = self.rows = 0
        self.restarted = False
        self.tokens: set[int] = set()
        self.first: Task | None = None


class WorkerPool:
    """Threads that fetch pages in the order of their keys, a bounded amount ahead.

    Args:
        threads: How many pages may be fetched at once.
        on_fatal: Is told what a thread raised, as soon as it is raised.

    Raises:
        TapError: If the system starts no thread at all.
    """

    def __init__(self, threads: int, on_fatal: Callable[[BaseException], None]) -> None:
        self.buffer_bytes = BUFFER_BYTES
        """How many bytes of answers may wait; 0 fetches only what is asked for."""
        self.current = 0  # The top-level stream that is being written
        self._size = threads
        self._changed = threading.Condition()
        self._queue: list[tuple[Key, int, Task]] = []
        self._order = itertools.count()
        self._on_fatal = on_fatal
        self._waiting: dict[Task, int] = {}  # Fetched and not yet written, with their bytes
        self._waiting_bytes = 0
        self._cancelled: list[Key] = []
        self._closed = False
        self._threads = list(self._started(threads))

    def _started(self, count: int) -> Iterator[threading.Thread]:
        """Start threads; fewer than were asked for where the system allows no more."""
        for number in range(count):
            thread = threading.Thread(target=self._work, name="fetch", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                if number == 0:
                    raise TapError(
                        f"The system starts no thread ({error}): look at the limits of processes "
                        "and of memory"
                    ) from error
                logging.getLogger(__name__).warning(
                    "max_concurrency: the system starts only %d threads of %d (%s); the run goes "
                    "on with these",
                    *(number, count, error),
                )
                return
            yield thread

    def submit(self, key: Key, run: Callable[[], Page], *, leads_on: bool = False) -> Task:
        """Queue one page; one that leads to more work overtakes as many siblings as threads."""
        task = Task(key, run)
        with self._changed:
            self._push((*key[:-1], key[-1] - self._size) if leads_on else key, task)
            self._changed.notify()
        return task

    def submit_next(self, key: Key, run: Callable[[], Page]) -> Task:
        """Queue the page after the one that this thread has; it is about to look for work itself.

        So a list is read by one thread, page after page, and none is woken for each of them.
        """
        task = Task(key, run)
        with self._changed:
            self._push(key, task)
        return task

    def pages(self, task: Task | None, tick: Callable[[], None]) -> Iterator[Page]:
        """Yield a walk's pages from a task on; `tick` is called while the next one is awaited."""
        while task:
            page = self._result(task, tick)
            try:
                yield page
            finally:
                self._release(task)
                task.forget()
            task = page.following

    def cancel(self, prefix: Key) -> None:
        """Fetch nothing more below a key, and forget what was fetched."""
        with self._changed:
            self._cancelled.append(prefix)
            waiting = [task for task in self._waiting if self._is_cancelled(task)]
        for task in waiting:
            self._release(task)

    def close(self) -> None:
        """Start nothing more, and wait a moment for what is under way.

        Threads are daemons, so that none holds the end up; but one that is inside of TLS when the
        process ends would crash it.
        """
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._changed.notify_all()
        until = time.monotonic() + LAST_MOMENT
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _push(self, key: Key, task: Task) -> None:
        heapq.heappush(self._queue, (key, next(self._order), task))

    def _result(self, task: Task, tick: Callable[[], None]) -> Page:
        if not task.started:
            with self._changed:
                if not task.started:
                    self._push((), task)  # The smallest of all, and taken however much waits
                    self._changed.notify()
        while True:
            tick()
            try:
                return task.future.result(TICK)
            except TimeoutError:
                if task.future.done():  # The task itself raised it
                    raise

    def _release(self, task: Task) -> None:
        with self._changed:
            self._waiting_bytes -= self._waiting.pop(task, 0)
            if self._queue:  # Else a thread would wake to find nothing to do
                self._changed.notify()

    def _is_cancelled(self, task: Task) -> bool:
        return any(task.key[: len(prefix)] == prefix for prefix in self._cancelled)

    def _next(self) -> Task | None:
        """Take the first task that may start now."""
        while self._queue:
            key, _, task = self._queue[0]
            if task.started or self._is_cancelled(task):  # Or it was queued again as the smallest
                heapq.heappop(self._queue)
                continue
            # Streams that are written later get half of the room, so that they never block this one
            room = self.buffer_bytes if key and key[0] <= self.current else self.buffer_bytes // 2
            if key and self._waiting_bytes >= room:
                return None
            heapq.heappop(self._queue)
            task.started = True
            if self._queue:
                self._changed.notify()  # For what was queued by `submit_next`, and is not taken now
            return task
        return None

    def _work(self) -> None:
        while True:
            with self._changed:
                while not (task := self._next()):
                    if self._closed:
                        return
                    self._changed.wait()
            self._run(task)

    def _run(self, task: Task) -> None:
        try:
            page = task.run()
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is awaited
            self._on_fatal(error)
            task.future.set_exception(error)
            return
        with self._changed:
            if not self._is_cancelled(task):
                self._waiting[task] = size = page.size + PAGE_OVERHEAD
                self._waiting_bytes += size
        task.future.set_result(page)
