"""Memory that is free after a message is the system's again, in a process that runs already."""

from __future__ import annotations

import ctypes
import os
import platform
import subprocess
import sys

import pytest

from functions.batch import memory
from functions.batch.memory import bounded_memory
from tests.support.running_app import PROJECT

on_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="what is asked is glibc")

CODE = """
import ctypes, re, sys, threading
from pathlib import Path
from functions.batch import memory

MIB = 1 << 20

def resident():
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmRSS:\\s+(\\d+)", status)[1]) // 1024

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]

def work():
    # A chunk that is freed: glibc takes that size from its arenas from then on, unless it is told.
    libc.free(libc.malloc(30 * MIB))
    blocks = []
    for _ in range(200):
        blocks.append(libc.malloc(MIB))
        ctypes.memset(blocks[-1], 1, MIB)
    # Something small lives on at the end: what is below it is not given back by itself.
    libc.malloc(64)
    for block in blocks:
        libc.free(block)

def call():
    before = resident()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return before

if sys.argv[1] == "bounded":
    with memory.bounded_memory():
        before = call()
else:
    before = call()
print(resident() - before)
"""


def left_over(how: str) -> int:
    """Return how many MiB stay of 200 that were freed."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    done = subprocess.run(
        [sys.executable, "-c", CODE, how], cwd=PROJECT, env=own, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@on_glibc
def test_what_is_free_is_given_back() -> None:
    assert left_over("as it is") > 100, "why it is needed"
    assert left_over("bounded") < 50


MAPPED = """
import ctypes
from functions.batch import memory

with memory.bounded_memory():
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    libc.free(libc.malloc(30 << 20))
    chunk = libc.malloc(memory.MAPPED_BYTES)
    print(ctypes.c_size_t.from_address(chunk - ctypes.sizeof(ctypes.c_size_t)).value)
"""
"""Prints the header of a chunk; in a process of its own, as other tests leave free memory to take it from."""


@on_glibc
def test_a_chunk_is_mapped_whatever_was_freed_before() -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    done = subprocess.run(
        [sys.executable, "-c", MAPPED], cwd=PROJECT, env=own, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) & 2, "IS_MMAPPED of malloc.c"


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    memory._glibc.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    with bounded_memory():
        pass
    assert memory._glibc() is None
    memory._glibc.cache_clear()
