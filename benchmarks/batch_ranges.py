"""Scale out: a large file through devhost and Azurite in ranges, scored by one worker process and by two.

    python -m benchmarks.batch_ranges [--drives 2500000] [--runs 5] [--output FILE]

The time runs from the moment the file is in the container telemetry to its summary: noticing it, planning,
scoring the ranges (RANGE_BYTES as by default) and completing. Every worker scores with one thread, so that a
worker is a core. The ways take turns, each with a fresh file name and a devhost of its own, on an Azurite
that has just been started: one that has moved some gigabytes spends more time on garbage collection than on
them.

Azurite is a process that shares the machine with the workers, as a storage service does not. Where two
workers and Azurite have no core each, what is measured is the machine: on two cores they take turns. So the
same is measured with every worker held to half a core by the kernel, where that can be done: two of them
leave a core to Azurite then. The limit is on both; beside each stands the most that the machine's cores could
give, by the CPU seconds that two workers and Azurite have used.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

from azure.storage.blob import BlobServiceClient

from benchmarks.fleet_files import fleet_days
from benchmarks.measuring.cpu_quota import can_hold, hold
from benchmarks.measuring.processes import ROOT
from benchmarks.measuring.tables import markdown, report
from functions.storage import containers
from tests.support.running_app import RunningAzurite, running_app

LIMIT_RATIO = 1.6
"""Least speed of two workers, in times that of one."""

WORKERS = (1, 2)
HELD_CORES = 0.5
"""Of a worker that is held."""

KEPT = "benchmark"
"""Container the file is copied from: uploading it is not what is measured."""

PATIENCE = 900.0


class RangesRun(NamedTuple):
    """One file scored.

    Attributes
    ----------
    seconds : float
        To its summary.
    app, azurite : float
        CPU seconds meanwhile: of devhost and its workers, and of Azurite.
    """

    seconds: float
    app: float
    azurite: float


def cpu_seconds(pid: int) -> float:
    """Return what a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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


def score(azurite: RunningAzurite, folder: Path, name: str, workers: int, cores: float | None) -> RangesRun:
    """Score the file once, with workers of a core each or held to less."""
    azurite.stop()
    azurite.start()
    settings = {"SCORE_THREADS": "1", "BLOB_TRIGGER_SOURCE": "LogsAndContainerScan"}
    with (
        running_app(ROOT, azurite.connection_string, folder, workers=workers, settings=settings) as app,
        hold(app.worker_pids(), cores) if cores else nullcontext(),
    ):
        pids = [app.process.pid, *app.worker_pids()]
        app_before, azurite_before = sum(map(cpu_seconds, pids)), cpu_seconds(azurite.pid)
        seconds = seconds_to_summary(azurite.blobs, name)
        return RangesRun(
            seconds, sum(map(cpu_seconds, pids)) - app_before, cpu_seconds(azurite.pid) - azurite_before
        )


def measure(drives: int, rounds: int) -> dict[str, Any]:
    """Score the file in turns and return the figures, by cores of a worker and number of workers."""
    ways = [1.0, HELD_CORES] if can_hold() else [1.0]
    runs: dict[tuple[float, int], list[RangesRun]] = {
        (cores, workers): [] for cores in ways for workers in WORKERS
    }
    with tempfile.TemporaryDirectory(prefix="batch-ranges-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        (day,) = fleet_days(folder / "fleet", drives, [0])
        azurite = RunningAzurite(folder / "azurite")
        try:
            containers.ensure(azurite.blobs, [containers.TELEMETRY, *containers.OUTPUTS, KEPT])
            with day.open("rb") as file:
                azurite.blobs.get_blob_client(KEPT, "day.csv").upload_blob(file, validate_content=True)
            for number in range(rounds):
                for (cores, workers), found in runs.items():
                    name = f"{number}-{cores}-{workers}"
                    found.append(score(azurite, folder, name, workers, cores if cores < 1 else None))
        finally:
            azurite.stop()
        file_mb = day.stat().st_size / 1e6
    return {
        "drives": drives,
        "file_mb": round(file_mb, 1),
        "runs": rounds,
        "cores": os.cpu_count(),
        "ways": [_way(cores, runs[cores, 1], runs[cores, 2], os.cpu_count() or 1) for cores in ways],
        "limits": {"ratio": LIMIT_RATIO},
    }


def _way(cores: float, one: list[RangesRun], two: list[RangesRun], machine: int) -> dict[str, Any]:
    def median(runs: list[RangesRun], field: str) -> float:
        values: list[float] = [getattr(run, field) for run in runs]
        return round(statistics.median(values), 1)

    return {
        "cores_of_a_worker": cores,
        "workers": {
            workers: {field: median(runs, field) for field in RangesRun._fields}
            for workers, runs in zip(WORKERS, (one, two), strict=True)
        },
        "ratio": round(statistics.median(a.seconds / b.seconds for a, b in zip(one, two, strict=True)), 2),
        "at_most": round(
            min(
                max(WORKERS),
                statistics.median(
                    a.seconds * machine / (b.app + b.azurite) for a, b in zip(one, two, strict=True)
                ),
            ),
            2,
        ),
    }


def as_text(result: dict[str, Any]) -> str:
    """Return the result as Markdown."""
    rows = [
        [
            f"{way['cores_of_a_worker']:g}",
            workers,
            *(found[field] for field in RangesRun._fields),
            f"**{way['ratio']}** (limit {LIMIT_RATIO})" if workers > 1 else "",
            way["at_most"] if workers > 1 else "",
        ]
        for way in result["ways"]
        for workers, found in way["workers"].items()
    ]
    header = [
        "cores a worker",
        "workers",
        "seconds",
        "CPU seconds, app",
        "CPU seconds, Azurite",
        "times as fast",
        "at most",
    ]
    return (
        f"{result['drives']:,} drives, {result['file_mb']:.0f} MB, in ranges, SCORE_THREADS=1, on "
        f"{result['cores']} cores; medians of {result['runs']} rounds\n\n{markdown(header, rows)}"
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
    return int(min(way["ratio"] for way in result["ways"]) < LIMIT_RATIO)


if __name__ == "__main__":
    sys.exit(main())
