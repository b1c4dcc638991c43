"""The bounded pool on which plain HTTP functions run, off the event loop.

A thread takes one call after another as long as there are any. A second is woken only when no call has
ended for :data:`PATIENCE` seconds though some wait. So short functions run back to back on one thread
instead of several fighting for the interpreter lock (a third of the processor time per request otherwise),
and slow ones still run side by side.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import Callable

from devhost.errors import DevhostError

PATIENCE = 0.002
"""Seconds calls wait for a slow one before another thread takes them."""


def thread_count() -> int:
    """Read the pool's size: the app setting PYTHON_THREADPOOL_THREAD_COUNT, else processors + 4, at most 32.

    DevhostError if the setting is not a positive whole number.
    """
    text = os.environ.get("PYTHON_THREADPOOL_THREAD_COUNT")
    if text is None:
        return min(32, (os.cpu_count() or 1) + 4)
    if not text.isdecimal() or int(text) < 1:
        raise DevhostError(f"PYTHON_THREADPOOL_THREAD_COUNT is {text!r}; expected a whole number from 1")
    return int(text)


class HttpThreads:
    """Threads that run calls and give the results back to the event loop; one event loop per pool."""

    def __init__(self, count: int) -> None:
        """Start *count* threads."""
        self._lock = threading.Lock()
        self._calls: deque[tuple[asyncio.Future[object], Callable[[], object]]] = deque()
        self._done: deque[tuple[asyncio.Future[object], object, BaseException | None]] = deque()
        self._awake = 0
        self._ended = 0
        self._count = count
        self._wake = threading.Semaphore(0)
        self._giving_back = False
        self._watching = False
        for number in range(count):
            threading.Thread(target=self._work, daemon=True, name=f"http-{number}").start()

    async def run(self, call: Callable[[], object]) -> object:
        """Run a call on a thread; return or raise its outcome."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[object] = loop.create_future()
        with self._lock:
            self._calls.append((future, call))
            first = self._awake == 0
            if first:
                self._awake = 1
        if first:
            self._wake.release()
        elif not self._watching:
            self._watching = True
            loop.call_later(PATIENCE, self._look, loop, self._ended)
        return await future

    def _look(self, loop: asyncio.AbstractEventLoop, ended_before: int) -> None:
        """Wake another thread if calls wait and none has ended since the last look."""
        with self._lock:
            waiting = bool(self._calls)
            more = waiting and self._ended == ended_before and self._awake < self._count
            if more:
                self._awake += 1
        if more:
            self._wake.release()
        self._watching = waiting
        if waiting:
            loop.call_later(PATIENCE, self._look, loop, self._ended)

    def _work(self) -> None:
        while True:
            self._wake.acquire()
            while True:
                with self._lock:
                    if not self._calls:
                        self._awake -= 1
                        break
                    future, call = self._calls.popleft()
                try:
                    self._done.append((future, call(), None))
                except BaseException as error:  # noqa: BLE001 - the caller's, not this thread's
                    self._done.append((future, None, error))
                self._ended += 1
                if not self._giving_back:
                    self._giving_back = True
                    future.get_loop().call_soon_threadsafe(self._release)

    def _release(self) -> None:
        """Settle, on the event loop, what has ended."""
        self._giving_back = False  # first: what ends from here on asks for another round
        while self._done:
            future, result, error = self._done.popleft()
            if future.done():  # the request was given up
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)
