"""Memory that scoring a file has taken goes back to the system, as far as the C library can be asked.

glibc keeps what is freed in an arena for each thread, in case it is wanted again, and raises by itself the
size above which it does not. A worker has many threads, and chunks of 16 MiB pass through them: most of its
resident set would be holes. MALLOC_ARENA_MAX in the app settings keeps arenas few where the worker was
started with it; what is set here works in a process that runs already. Other C libraries are left alone.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MAPPED_BYTES = 4 * 1024 * 1024
"""From this size on memory is mapped, and given back when it is freed: chunks, blocks of outputs, snapshots.
The memory of a block of lines stays below: mapping it anew each time would cost a third of the CPU time."""

TOP_BYTES = 2 * 1024 * 1024
"""Free at the end of an arena, from which on it is given back."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Parameters of ``mallopt``, from glibc's malloc.h."""


@contextmanager
def bounded_memory() -> Iterator[None]:
    """Score one message; what is free afterwards is given back."""
    libc = _glibc()
    try:
        yield
    finally:
        if libc is not None:
            libc.malloc_trim(0)


@cache
def _glibc() -> Any | None:
    """Return the C library, its thresholds set; None if it is not glibc."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "malloc_trim"):
        return None
    libc.mallopt(_M_MMAP_THRESHOLD, MAPPED_BYTES)
    libc.mallopt(_M_TRIM_THRESHOLD, TOP_BYTES)
    return libc
