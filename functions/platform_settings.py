"""Settings that the host and the worker read, not the app's code: set wherever the app's settings are set.

The worker hands a function to one of its threads. A call that finds none waits unseen by the host and the
app, so the app's own limit of requests in progress works only below the number of threads.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class PlatformSetting(NamedTuple):
    """An environment variable, its value in every deployment, and its meaning."""

    name: str
    value: str
    meaning: str


THREADS = PlatformSetting(
    "PYTHON_THREADPOOL_THREAD_COUNT",
    "32",
    "Threads of a worker on which functions run; more than MAX_REQUESTS_IN_PROGRESS, so that health, ready "
    "and refusals find one. Without it processors + 4, at most 32.",
)
ARENAS = PlatformSetting(
    "MALLOC_ARENA_MAX",
    "2",
    "Arenas of glibc's allocator: otherwise up to eight a processor, and a worker keeps memory in each.",
)
HOME_PAGE = PlatformSetting("AzureWebJobsDisableHomepage", "true", "The host's own page at / is off.")
PLATFORM_SETTINGS = (THREADS, ARENAS, HOME_PAGE)
"""Every one, in the order of the documentation."""


def thread_count(environment: Mapping[str, str]) -> int:
    """Return how many threads the worker runs functions on, as Microsoft's library settles it."""
    text = environment.get(THREADS.name, "")
    try:
        count = int(text)
    except ValueError:
        count = 0
    return count if count > 0 else min(32, (os.process_cpu_count() or 1) + 4)


def too_few_threads(limit: int, environment: Mapping[str, str]) -> str | None:
    """Return a sentence if MAX_REQUESTS_IN_PROGRESS (*limit*) can never be reached; else None."""
    threads = thread_count(environment)
    if limit < threads:
        return None
    found = environment.get(THREADS.name)
    why = f"{THREADS.name} is {found}" if found else f"{THREADS.name} is not set, which here makes {threads}"
    return (
        f"MAX_REQUESTS_IN_PROGRESS is {limit}, but {why}: requests wait unseen instead of being answered "
        f"429, health among them. Set {THREADS.name} to {max(limit + 8, int(THREADS.value))}, or "
        "MAX_REQUESTS_IN_PROGRESS below the number of threads."
    )
