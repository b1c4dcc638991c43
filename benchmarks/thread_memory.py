"""The cost of threads in memory: the peak of a worker's process by how many threads its functions run on.

    python -m benchmarks.thread_memory [--output FILE]

The app runs in Microsoft's runtime library on the library's own threads, without a host; 64 requests are in
flight until all are answered: forecasts of one drive, then, in a process of its own, batches of 1,000 drives
with reasons. Once with MALLOC_ARENA_MAX=2, as every deployment sets it, and once without.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
from pathlib import Path

from benchmarks.measuring.processes import ROOT, run
from benchmarks.measuring.tables import markdown, report
from functions.platform_settings import ARENAS, THREADS
from functions.settings import MAX_REQUESTS_IN_PROGRESS
from tests.support.drives import WORN, record
from tests.support.worker_threads import ThreadedRuntime

IN_FLIGHT = 64
LOADS = {"predict": 4_000, "predict_batch": 128}
"""Function and how often it is asked."""

COUNTS = (1, 6, 32, 80)
"""Threads: fewest, the default on two cores, as deployed, and more."""

NO_LIMIT = "10000"


def answer(name: str) -> None:
    """Ask a function of the app as often as its load says."""
    drive = record(**WORN)
    body = json.dumps(drive if name == "predict" else {"drives": [drive] * 1000}).encode()
    logging.disable(logging.WARNING)  # that there is no limit here
    runtime = ThreadedRuntime(ROOT)

    async def ask_all() -> set[int]:
        places = asyncio.Semaphore(IN_FLIGHT)

        async def ask() -> int:
            async with places:
                return await runtime.ask(name, body, {"reasons": "all"})

        return set(await asyncio.gather(*(ask() for _ in range(LOADS[name]))))

    statuses = asyncio.run(ask_all())
    if statuses - {200, 429}:
        raise SystemExit(f"{name} answered {sorted(statuses)}")


def peaks(threads: int, arenas: str, limit: str) -> dict[str, int]:
    """Return the largest resident set in MiB by function."""
    settings = {
        THREADS.name: str(threads),
        ARENAS.name: arenas,
        MAX_REQUESTS_IN_PROGRESS.name: limit,
    }
    given = {name: value for name, value in settings.items() if value}
    return {name: run("benchmarks.thread_memory", "--answer", name, **given).peak_mib for name in LOADS}


def main() -> None:
    """Measure and print, or answer in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.thread_memory", description=__doc__)
    parser.add_argument("--output", type=Path, help="also write the figures as JSON")
    parser.add_argument("--answer", choices=LOADS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.answer:
        answer(options.answer)
        return
    rows = [(count, NO_LIMIT) for count in COUNTS]
    rows.insert(-1, (int(THREADS.value), MAX_REQUESTS_IN_PROGRESS.default))
    found = [
        {
            "threads": threads,
            "limit": limit if limit != NO_LIMIT else "none",
            "arenas": peaks(threads, ARENAS.value, limit),
            "unset": peaks(threads, "", limit),
        }
        for threads, limit in rows
    ]
    header = ["threads", "limit", *(f"{name}, MiB" for name in LOADS), *(f"{name}, unset" for name in LOADS)]
    table = markdown(
        header,
        [
            [row["threads"], row["limit"], *row["arenas"].values(), *row["unset"].values()]  # type: ignore[attr-defined]
            for row in found
        ],
    )
    report(table, {"rows": found}, options.output)


if __name__ == "__main__":
    main()
