"""Scale out: a large file through devhost and Azurite in ranges, scored by one worker process and by two.

    python -m benchmarks.batch_ranges [--drives 2500000] [--runs 5] [--output FILE]

The time runs from the moment the file is in the container telemetry to its summary: noticing it, planning,
scoring the ranges (CHUNK_BYTES as by default) and completing. Every worker scores with one thread, so that a
worker is a core. The two ways take turns on one Azurite, each with a devhost of its own and a fresh file
name.

Azurite is one process that shares the machine with the workers; a storage service does not. On two cores two
workers and Azurite cannot all run at once, so the CPU time it takes is reported with the ratio.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from azure.storage.blob import BlobServiceClient

from benchmarks.fleet_files import fleet_days
from benchmarks.processes import ROOT
from benchmarks.tables import markdown, report
from functions.storage import containers
from tests.support.running_app import RunningAzurite, running_app

LIMIT_RATIO = 1.6
"""Two workers must be at least so many times as fast as one."""

WORKERS = (1, 2)
KEPT = "benchmark"
"""Container the file is copied from: uploading it is not what is measured."""

PATIENCE = 900.0


def children_cpu() -> float:
    """Return the CPU seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds_to_summary(blobs: BlobServiceClient, name: str) -> float:
    """Put the file into telemetry and return how long its summary takes."""
    kept = blobs.get_blob_client(KEPT, "day.csv")
    summary = blobs.get_blob_client(containers.PREDICTIONS, f"{name}.summary.json")
    blobs.get_blob_client(containers.TELEMETRY, f"{name}.csv").start_copy_from_url(kept.url)
    started = time.perf_counter()
    while not summary.exists():
        if time.perf_counter() - started > PATIENCE:
            raise SystemExit(f"no summary of {name}.csv within {PATIENCE:g} s")
        time.sleep(0.1)
    return time.perf_counter() - started


def measure(drives: int, rounds: int) -> dict[str, Any]:
    """Score the file in turns and return seconds and CPU seconds, by number of workers."""
    seconds: dict[int, list[float]] = {workers: [] for workers in WORKERS}
    cpu: dict[int, list[float]] = {workers: [] for workers in WORKERS}
    with tempfile.TemporaryDirectory(prefix="batch-ranges-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (day,) = fleet_days(folder / "fleet", drives, [0])
        azurite = RunningAzurite(folder / "azurite")
        try:
            blobs = azurite.blobs
            containers.ensure(blobs, [containers.TELEMETRY, *containers.OUTPUTS, KEPT])
            with day.open("rb") as file:
                blobs.get_blob_client(KEPT, "day.csv").upload_blob(file, max_concurrency=2)
            for number in range(rounds):
                for workers in WORKERS:
                    before = children_cpu()
                    with running_app(
                        ROOT,
                        azurite.connection_string,
                        folder,
                        workers=workers,
                        settings={"SCORE_THREADS": "1", "BLOB_TRIGGER_SOURCE": "LogsAndContainerScan"},
                    ):
                        seconds[workers].append(seconds_to_summary(blobs, f"{number}-{workers}"))
                    cpu[workers].append(children_cpu() - before)
        finally:
            before = children_cpu()
            azurite.stop()
        azurite_cpu = (children_cpu() - before) / (rounds * len(WORKERS))
        file_mb = day.stat().st_size / 1e6
    ratios = [one / two for one, two in zip(*seconds.values(), strict=True)]
    return {
        "drives": drives,
        "file_mb": round(file_mb, 1),
        "runs": rounds,
        "seconds": {workers: round(statistics.median(found), 1) for workers, found in seconds.items()},
        "app_cpu_seconds": {workers: round(statistics.median(found), 1) for workers, found in cpu.items()},
        "azurite_cpu_seconds": round(azurite_cpu, 1),
        "ratio": round(statistics.median(ratios), 2),
        "limits": {"ratio": LIMIT_RATIO},
    }


def as_text(result: dict[str, Any]) -> str:
    """Return the result as Markdown."""
    rows = [[workers, result["seconds"][workers], result["app_cpu_seconds"][workers]] for workers in WORKERS]
    return (
        f"{result['drives']:,} drives, {result['file_mb']:.0f} MB, in ranges, SCORE_THREADS=1; "
        f"medians of {result['runs']} rounds\n\n"
        f"{markdown(['workers', 'seconds', 'CPU seconds of the app'], rows)}\n"
        f"Two workers are {result['ratio']} times as fast as one (limit {LIMIT_RATIO}); Azurite, on the same "
        f"cores, takes {result['azurite_cpu_seconds']} CPU seconds a run.\n"
    )


def main() -> int:
    """Measure, print, and return 1 when the limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch_ranges", description=__doc__)
    parser.add_argument("--drives", type=int, default=2_500_000)
    parser.add_argument("--runs", type=int, default=5, help="rounds of one worker and two")
    parser.add_argument("--output", type=Path, help="also write the figures as JSON, and the table beside it")
    options = parser.parse_args()
    result = measure(options.drives, options.runs)
    report(as_text(result), result, options.output)
    return int(result["ratio"] < LIMIT_RATIO)


if __name__ == "__main__":
    sys.exit(main())
