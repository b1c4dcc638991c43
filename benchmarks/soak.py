"""Soak: POST predict for minutes at 80 % of the measured capacity; no error, flat memory, steady p99.

    python -m benchmarks.soak [--minutes 10] [--output FILE]

Capacity is measured first, at 16 connections; then wrk is paced (see `benchmarks.measuring.wrk`) in ten equal
windows. The worker's resident memory is read every second; its slope is that of a straight line through the
readings of the second half, with the standard error of block means, as neighbouring readings are not
independent.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import wrk
from benchmarks.measuring.process_tree import resident_mib
from benchmarks.measuring.tables import markdown, report
from benchmarks.online import CONNECTIONS, start_app
from benchmarks.online_bodies import drive_days

SHARE = 0.8
WINDOWS = 10
CAPACITY_SECONDS = 10
PATH = "/api/predict?reasons=none"

LIMIT_GROWTH_MIB = 4.0
"""Growth over the soak, beyond twice its standard error, that is no longer noise of the allocator."""

LIMIT_P99 = 2.0
"""Most median p99 of the later half, in times the earlier half's."""

BLOCKS = 6


class MemoryWatch:
    """Reads a process's resident memory every second."""

    def __init__(self, pid: int) -> None:
        self.readings: list[float] = []
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(1):
            self.readings.append(resident_mib(self._pid))

    def stop(self) -> list[float]:
        """Stop, and return the readings in MiB."""
        self._ended.set()
        self._thread.join()
        return self.readings


def growth(readings: list[float]) -> tuple[float, float]:
    """Return how much memory grows over the whole soak, in MiB, and the standard error of that."""
    later = np.array(readings[len(readings) // 2 :])
    means = np.array([block.mean() for block in np.array_split(later, BLOCKS)])
    times = (np.arange(BLOCKS) + 0.5) / BLOCKS / 2  # in soaks
    slope, start = np.polyfit(times, means, 1)
    rest = means - (slope * times + start)
    error = math.sqrt(float(rest @ rest) / (BLOCKS - 2) / float(((times - times.mean()) ** 2).sum()))
    return float(slope), error


def soak(minutes: float) -> dict[str, Any]:
    """Run the soak and return its figures."""
    bodies = [json.dumps(row) for row in drive_days()]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        app = start_app(stack, folder)
        (worker,) = app.worker_pids()
        script = wrk.write_script(folder / "capacity.lua", PATH, bodies)
        wrk.load(app.base_url, script, CONNECTIONS, CAPACITY_SECONDS)
        capacity = wrk.load(app.base_url, script, CONNECTIONS, CAPACITY_SECONDS)
        paced = wrk.write_script(folder / "paced.lua", PATH, bodies, capacity.rate * SHARE)
        watch = MemoryWatch(worker)
        seconds = max(1, round(minutes * 60 / WINDOWS))
        loads = [wrk.load(app.base_url, paced, CONNECTIONS, seconds) for _ in range(WINDOWS)]
        readings = watch.stop()
    p99 = [load.p99 for load in loads]
    rise, error = growth(readings)
    middle = WINDOWS // 2
    return {
        "minutes": minutes,
        "capacity": round(capacity.rate),
        "asked": round(capacity.rate * SHARE),
        "windows": [
            {"rate": round(load.rate), "p50_us": load.p50, "p99_us": load.p99, "errors": load.errors}
            for load in loads
        ],
        "requests": sum(load.requests for load in loads),
        "errors": sum(load.errors for load in loads),
        "first_mib": round(readings[0], 1),
        "last_mib": round(readings[-1], 1),
        "growth_mib": round(rise, 2),
        "growth_error_mib": round(error, 2),
        "p99_ratio": round(statistics.median(p99[middle:]) / statistics.median(p99[:middle]), 2),
        "limits": {"growth_mib": LIMIT_GROWTH_MIB, "p99_ratio": LIMIT_P99, "errors": 0},
    }


def as_text(found: dict[str, Any]) -> str:
    """Return the result as Markdown."""
    rows = [
        [number, window["rate"], f"{window['p50_us']:,}", f"{window['p99_us']:,}", window["errors"]]
        for number, window in enumerate(found["windows"], start=1)
    ]
    return (
        f"{found['minutes']:g} minutes at {found['asked']:,} requests/s asked, {SHARE:.0%} of the "
        f"{found['capacity']:,} measured; {found['requests']:,} answered, {found['errors']} errors\n\n"
        f"{markdown(['window', 'requests/s', 'p50 µs', 'p99 µs', 'errors'], rows)}\n"
        f"The worker's memory: {found['first_mib']} MiB at first, {found['last_mib']} at last; the slope "
        f"of the second half is {found['growth_mib']} ± {found['growth_error_mib']} MiB a soak (limit "
        f"{LIMIT_GROWTH_MIB:g} beyond twice that error). p99 of the later half is {found['p99_ratio']} times "
        f"the earlier's (limit {LIMIT_P99:g}).\n"
    )


def main() -> int:
    """Run, print, and return 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--output", type=Path, help="also write the figures as JSON, and the table beside it")
    options = parser.parse_args()
    wrk.require()
    found = soak(options.minutes)
    report(as_text(found), found, options.output)
    grown = found["growth_mib"] - 2 * found["growth_error_mib"]
    return int(found["errors"] > 0 or grown > LIMIT_GROWTH_MIB or found["p99_ratio"] > LIMIT_P99)


if __name__ == "__main__":
    sys.exit(main())
