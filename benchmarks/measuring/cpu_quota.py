"""Processes held to a share of a core by the kernel, as instances of a plan are; on Linux, as root."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

V1 = Path("/sys/fs/cgroup/cpu")
V2 = Path("/sys/fs/cgroup")
PERIOD_US = 20_000
"""Short, so that a process that has used its share is held up by milliseconds only."""


def can_hold() -> bool:
    """Tell whether this machine lets us hold processes."""
    root = _root()
    return root is not None and os.access(root, os.W_OK)


@contextmanager
def hold(pids: Sequence[int], cores: float) -> Iterator[None]:
    """Hold each of some processes, with all its threads, to a share of a core until the block ends.

    Parameters
    ----------
    pids : sequence of int
        They may end before the block does.

    Raises
    ------
    OSError
        The kernel refuses; see `can_hold`.
    """
    root = _root()
    if root is None:
        raise OSError("no control group for CPU time is mounted here")
    quota = int(cores * PERIOD_US)
    groups = []
    try:
        for pid in pids:
            group = root / f"drivecast-{uuid.uuid4().hex}"
            group.mkdir()
            groups.append(group)
            if root == V1:
                (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
                (group / "cpu.cfs_quota_us").write_text(str(quota))
            else:
                (group / "cpu.max").write_text(f"{quota} {PERIOD_US}")
            (group / "cgroup.procs").write_text(str(pid))
        yield
    finally:
        for group in groups:
            for left in (group / "cgroup.procs").read_text().split():
                (root / "cgroup.procs").write_text(left)
            group.rmdir()


def _root() -> Path | None:
    if (V1 / "cpu.cfs_quota_us").exists() or (V1 / "cgroup.procs").exists():
        return V1
    controllers = V2 / "cgroup.subtree_control"
    if controllers.exists() and "cpu" in controllers.read_text().split():
        return V2
    return None
