"""Pages are fetched by threads, ahead of the main thread that writes them in a fixed order.

Each piece of work, a page of a list, has a turn in which its rows will be written and, in it, a key
that sorts as they will be. Threads always take what is smallest. So they work on what is needed
next, every idle thread finds something to do (the next parents, the next stream), and the order of
the output is the same with any number of threads.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from rest_tap.errors import TapError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Key = tuple[int, ...]


class Turn(NamedTuple):
    """When something is written: in a turn, the lists that take turns are first to be fetched."""

    number: int
    is_below: bool = False


Place = tuple[Turn, Key]
FIRST: Place = Turn(-2), ()

BUFFER_BYTES = 3_000_000  # Of answers that wait to be written; their rows weigh six times that
PAGE_OVERHEAD = 2_000  # What a page weighs beside its answer
LAST_MOMENT = 0.5  # Seconds that threads have at the end to come out of what they do
STACK = 8 * 1024 * 1024  # Bytes: JSON may be nested deeply, and some systems give threads little
TICK = 0.25  # Seconds between two looks at signals and progress while the main thread waits


@dataclass(slots=True, kw_only=True)
class Result:
    """What a task brought: how much that weighs until it is written, and what goes on from it."""

    size: int = 0
    following: Task[Any] | None = None


ResultT = TypeVar("ResultT", bound=Result)


class Task(Generic[ResultT]):
    """One page to fetch."""

    __slots__ = ("future", "key", "run", "started")

    def __init__(self, key: Key, run: Callable[[], ResultT]) -> None:
        self.key = key
        self.run = run
        self.started = False
        self.future: Future[ResultT] = Future()

    @classmethod
    def of(cls, key: Key, result: ResultT) -> Task[ResultT]:
        """Make a task of what needs no work."""
        task = cls(key, lambda: result)
        task.started = True
        task.future.set_result(result)
        return task

    def forget(self) -> None:
        """Let go of the page, and of what read it, once the page is written.

        A reader knows its first task as long as it lives: what that knows would live as long.
        """
        del self.future, self.run


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
        self.turn = 0
        """What is written now."""
        self._size = threads
        self._changed = threading.Condition()
        self._queue: list[tuple[Place, int, Task[Any]]] = []
        self._order = itertools.count()
        self._on_fatal = on_fatal
        self._waiting: dict[Task[Any], int] = {}  # Fetched and not yet written, with their bytes
        self._waiting_bytes = 0
        self._cancelled: set[Key] = set()
        self._closed = False
        self._threads = list(self._started(threads))

    def _started(self, count: int) -> Iterator[threading.Thread]:
        """Start threads; fewer than were asked for where the system allows no more."""
        threading.stack_size(STACK)
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

    def submit(
        self, key: Key, run: Callable[[], ResultT], turn: Turn, *, leads_on: bool = False
    ) -> Task[ResultT]:
        """Queue one page; one that leads to more work overtakes as many siblings as threads."""
        task = Task(key, run)
        with self._changed:
            self._push((turn, (*key[:-1], key[-1] - self._size) if leads_on else key), task)
            self._changed.notify()
        return task

    def submit_next(self, key: Key, run: Callable[[], ResultT], turn: Turn) -> Task[ResultT]:
        """Queue the page after the one that this thread has; it is about to look for work itself.

        So a list is read by one thread, page after page, and none is woken for each of them.
        """
        task = Task(key, run)
        with self._changed:
            self._push((turn, key), task)
        return task

    def results(self, task: Task[ResultT] | None, tick: Callable[[], None]) -> Iterator[ResultT]:
        """Yield what a task brings, and what follows it; `tick` is called while one is awaited."""
        while task:
            result = self._result(task, tick)
            try:
                yield result
            finally:
                self._release(task)
                task.forget()
            task = result.following

    def cancel(self, prefix: Key) -> None:
        """Fetch nothing more below a key, and forget what was fetched."""
        with self._changed:
            self._cancelled.add(prefix)
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

    def _push(self, place: Place, task: Task[Any]) -> None:
        heapq.heappush(self._queue, (place, next(self._order), task))

    def _result(self, task: Task[ResultT], tick: Callable[[], None]) -> ResultT:
        if not task.started:
            with self._changed:
                if not task.started:
                    self._push(FIRST, task)  # It is taken however much waits
                    self._changed.notify()
        while True:
            tick()
            try:
                return task.future.result(TICK)
            except TimeoutError:
                if task.future.done():  # The task itself raised it
                    raise

    def _release(self, task: Task[Any]) -> None:
        with self._changed:
            self._waiting_bytes -= self._waiting.pop(task, 0)
            if self._queue:  # Else a thread would wake to find nothing to do
                self._changed.notify()

    def _is_cancelled(self, task: Task[Any]) -> bool:
        return any(task.key[:length] in self._cancelled for length in range(len(task.key) + 1))

    def _next(self) -> Task[Any] | None:
        """Take the first task that may start now."""
        while self._queue:
            place, _, task = self._queue[0]
            if task.started or self._is_cancelled(task):  # Or it was queued again as the smallest
                heapq.heappop(self._queue)
                continue
            # What is written in a later turn gets half of the room, and so never blocks this one
            is_now = place[0].number <= self.turn
            room = self.buffer_bytes if is_now else self.buffer_bytes // 2
            if place is not FIRST and self._waiting_bytes >= room:
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

    def _run(self, task: Task[Any]) -> None:
        try:
            result = task.run()
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is awaited
            self._on_fatal(error)
            task.future.set_exception(error)
            return
        with self._changed:
            if not self._is_cancelled(task):
                self._waiting[task] = size = result.size + PAGE_OVERHEAD
                self._waiting_bytes += size
        task.future.set_result(result)
