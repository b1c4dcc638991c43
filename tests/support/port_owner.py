"""Which process has a connection: from the client's port to a process id, by Linux's /proc."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_LOCAL, _INODE = 1, 9
"""Columns of /proc/net/tcp."""


def port_owner(port: int, among: Iterable[int]) -> int | None:
    """Return the process among some that has a TCP connection from a local port.

    Parameters
    ----------
    port : int
    among : iterable of int
        Process ids.
    """
    inodes = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[_LOCAL].rpartition(":")[2], 16) == port:
            inodes.add(f"socket:[{fields[_INODE]}]")
    for pid in among:
        with suppress(OSError):
            for entry in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    if str(entry.readlink()) in inodes:
                        return pid
    return None
