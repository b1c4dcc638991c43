"""Microsoft's runtime library with its own thread pool, as its worker starts it; devhost has its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import azure_functions_runtime
from azure_functions_runtime.utils import threadpool

from devhost.runtime import Function, HttpInput, InvocationOutcome, Runtime


class ThreadedRuntime(Runtime):
    """The library with an app, whose functions run on ``start_threadpool_executor``'s threads."""

    def __init__(self, app: Path) -> None:
        azure_functions_runtime.start_threadpool_executor()
        super().__init__(app)
        for module in (self._events, self._native):
            module.get_threadpool_executor = threadpool.get_threadpool_executor
        self.by_name: Mapping[str, Function] = {function.name: function for function in self.functions}

    async def ask(self, name: str, body: bytes = b"", query: Mapping[str, str] | None = None) -> int:
        """Call an HTTP function; return the status of its answer."""
        method = "POST" if body else "GET"
        request = HttpInput(method, "http://localhost/api/", {}, query or {}, {}, body)
        outcome: InvocationOutcome = await self.invoke_async(self.by_name[name], "1", {"req": request}, {})
        assert outcome.error is None, outcome.traceback
        return int(outcome.value.value["status_code"].value)


async def settled(tasks: list[asyncio.Task[int]], *, seconds: float = 2.0) -> list[int]:
    """Return the statuses of the tasks that end before nothing has ended for some time."""
    waiting = set(tasks)
    done: set[asyncio.Task[int]] = set()
    while waiting:
        ended, waiting = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if not ended:
            break
        done |= ended
    return [task.result() for task in done]
