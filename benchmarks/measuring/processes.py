"""A program run as a process of its own, from start to exit, and what the kernel says it took."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Run(NamedTuple):
    """One process.

    Attributes
    ----------
    seconds : float
        Start to exit.
    cpu_seconds : float
        Of all its threads, as the kernel accounts them.
    peak_mib : int
        Largest resident set.
    """

    seconds: float
    cpu_seconds: float
    peak_mib: int


def run(module: str, *arguments: Path | str, **environment: str) -> Run:
    """Run a module of this project to its end, with more environment variables, and account for it."""
    return run_command([sys.executable, "-m", module, *map(str, arguments)], **environment)


def run_failing(module: str, *arguments: Path | str) -> Run:
    """Run a module that has to exit with 1, and account for it."""
    return _account([sys.executable, "-m", module, *map(str, arguments)], {}, status=1)


def run_command(command: Sequence[str], **environment: str) -> Run:
    """Run a command to its end and account for it, as `run` does."""
    return _account(command, environment, status=0)


def _account(command: Sequence[str], environment: Mapping[str, str], status: int) -> Run:
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, env={**os.environ, **environment}
    )
    _, ended, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(ended)
    if process.returncode != status:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024)


def median_ratio(runs: Sequence[Run], base: Sequence[Run], field: str) -> float:
    """Return the median over rounds of one program's time to another's of the same round."""
    pairs = zip(runs, base, strict=True)
    ratios: list[float] = [getattr(a, field) / getattr(b, field) for a, b in pairs]
    return statistics.median(ratios)


def medians(runs: Sequence[Run]) -> dict[str, float]:
    """Return median times in seconds and the largest peak in MiB."""
    return {
        "seconds": round(statistics.median(run.seconds for run in runs), 2),
        "cpu_seconds": round(statistics.median(run.cpu_seconds for run in runs), 2),
        "peak_mib": max(run.peak_mib for run in runs),
    }
