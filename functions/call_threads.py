"""Threads that work for a call until it ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, override

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future


class CallThreads(ThreadPoolExecutor):
    """A pool whose work runs in the context of the caller.

    The worker library keeps the id of the invocation in a context variable, and the host drops a line logged
    without one. A new thread has none, so its lines would never be seen.
    """

    @override
    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have work done; see `concurrent.futures.Executor.submit`."""
        return super().submit(copy_context().run, partial(fn, *args, **kwargs))
