"""The pool of HTTP functions."""

import asyncio
import threading
import time

import pytest

from devhost.errors import DevhostError
from devhost.http.threads import HttpThreads, thread_count


def test_every_call_gets_its_own_result() -> None:
    async def ask() -> list[object]:
        threads = HttpThreads(4)
        return list(await asyncio.gather(*[threads.run(lambda n=n: n * n) for n in range(500)]))  # type: ignore[misc]

    assert asyncio.run(ask()) == [n * n for n in range(500)]


def test_short_calls_share_a_thread() -> None:
    async def ask() -> set[object]:
        threads = HttpThreads(4)
        return {await threads.run(threading.get_ident) for _ in range(50)} - {threading.get_ident()}

    assert len(asyncio.run(ask())) <= 4


def test_slow_calls_run_side_by_side_and_do_not_hold_up_short_ones() -> None:
    async def ask() -> tuple[float, float]:
        threads = HttpThreads(4)
        started = time.monotonic()
        slow = [asyncio.ensure_future(threads.run(lambda: time.sleep(0.4))) for _ in range(3)]
        await threads.run(lambda: None)
        short = time.monotonic() - started
        await asyncio.gather(*slow)
        return short, time.monotonic() - started

    short, whole = asyncio.run(ask())
    assert short < 0.3
    assert whole < 0.9  # one after the other: 1.2


def test_no_more_than_the_count_run_at_once() -> None:
    running, most = 0, 0
    lock = threading.Lock()

    def call() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1

    async def ask() -> None:
        threads = HttpThreads(3)
        await asyncio.gather(*[threads.run(call) for _ in range(30)])

    asyncio.run(ask())
    assert most == 3


def test_what_a_call_raises_reaches_its_caller() -> None:
    async def ask() -> None:
        threads = HttpThreads(1)
        with pytest.raises(ZeroDivisionError):
            await threads.run(lambda: 1 / 0)
        assert await threads.run(lambda: "alive") == "alive"

    asyncio.run(ask())


def test_the_size_is_the_workers_own_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_THREADPOOL_THREAD_COUNT", "7")
    assert thread_count() == 7
    monkeypatch.setenv("PYTHON_THREADPOOL_THREAD_COUNT", "many")
    with pytest.raises(DevhostError, match=r"PYTHON_THREADPOOL_THREAD_COUNT.*'many'"):
        thread_count()
