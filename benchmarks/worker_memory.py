"""Batch memory in a worker: peak resident memory of a process that scores files as under the host.

    python -m benchmarks.worker_memory [--mb 300] [--dates 72] [--runs 2] [--output FILE]

A file of many dates, with the columns of a release of 2014, in an Azurite; scored in ranges by
`benchmarks.worker`, which has the threads of a worker. A fresh one takes the file without history, with
history, and three such files in a row, of which each joins the ones before. All of that with
MALLOC_ARENA_MAX=2, as deployments set it, and without, as where a worker was started before the app's
settings reached it. The figure is the largest resident set, as the kernel accounts it; the larger one of the
runs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.fleet_files import fleet_days
from benchmarks.measuring.processes import ROOT
from benchmarks.measuring.tables import markdown, report
from benchmarks.quarter import quarter_of
from functions.storage import containers
from tests.support.running_app import RunningAzurite

LIMITS_MIB = {True: 360, False: 440}
"""Of a fresh worker without history, with MALLOC_ARENA_MAX=2 and without."""

LIMIT_MORE_MIB = 230
"""History, or further files, may add this to it."""

ARENAS = {"MALLOC_ARENA_MAX": "2"}
THREADS = "32"
"""PYTHON_THREADPOOL_THREAD_COUNT as deployments set it."""

ATTRIBUTES = (*range(1, 14), 15, 183, 184, *range(187, 202), 220, 222, 223, 224, 226, 240, 241, 242)
"""SMART attributes of the release."""

WAYS = {"no history": ("one",), "with history": ("two",), "three in a row": ("one", "two", "three")}
"""Files by name; each joins those before it, as far as they are there or have been scored before."""


def write_files(folder: Path, megabytes: int, dates: int) -> dict[str, Path]:
    """Write three files whose dates follow one another."""
    (day,) = fleet_days(folder / "fleet", 30_000, [0])
    wide = pl.read_csv(day, infer_schema=False)
    columns = [f"smart_{number}_{kind}" for number in ATTRIBUTES for kind in ("normalized", "raw")]
    kept = wide.select([*wide.columns[:5], *(name for name in columns if name in wide.columns)])
    row_bytes = len(kept.write_csv()) / len(kept)
    files = {}
    for number, name in enumerate(WAYS["three in a row"]):
        first = folder / f"{name}-first.csv"
        date = pl.col("date").str.to_date().dt.offset_by(f"{number * dates}d").cast(pl.String)
        kept.head(int(megabytes * 1e6 / dates / row_bytes)).with_columns(date).write_csv(first)
        files[name] = folder / f"{name}.csv"
        quarter_of(first, files[name], dates)
    return files


def score(connection: str, blobs: Sequence[str], environment: dict[str, str]) -> list[dict[str, Any]]:
    """Have a fresh worker score files; return its figures after each."""
    own = {name: value for name, value in os.environ.items() if name not in ARENAS}
    settings = {"AzureWebJobsStorage": connection, "PYTHON_THREADPOOL_THREAD_COUNT": THREADS}
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.worker", *blobs],
        cwd=ROOT,
        env=own | settings | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]


def measure_way(folder: Path, files: dict[str, Path], way: str, *, arenas: bool) -> dict[str, Any]:
    """Score the files of one way in an Azurite of its own."""
    environment = ARENAS if arenas else {}
    azurite = RunningAzurite(folder)
    try:
        containers.ensure(azurite.blobs, [containers.TELEMETRY, *containers.OUTPUTS])
        names = [f"{name}.csv" for name in WAYS[way]]
        before = ["one.csv"] if way == "with history" else []
        for name in {*names, *before}:
            with files[Path(name).stem].open("rb") as file:
                azurite.blobs.get_blob_client(containers.TELEMETRY, name).upload_blob(file)
        if before:
            score(azurite.connection_string, before, environment)
        return {"way": way, "arenas": arenas, **score(azurite.connection_string, names, environment)[-1]}
    finally:
        azurite.stop()


def measure(megabytes: int, dates: int, runs: int) -> dict[str, Any]:
    """Measure every way, with the variable and without; return the figures."""
    found = []
    with tempfile.TemporaryDirectory(prefix="worker-memory-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        files = write_files(folder, megabytes, dates)
        for arenas in (True, False):
            for way in WAYS:
                taken = [
                    measure_way(folder / f"azurite-{arenas}-{way}-{number}", files, way, arenas=arenas)
                    for number in range(runs)
                ]
                found.append({**max(taken, key=lambda each: int(each["peak_mib"])), "runs": runs})
        file_mb = files["one"].stat().st_size // 10**6
        with files["one"].open("rb") as lines:
            rows = sum(1 for _ in lines) - 1
    return {
        "file_mb": file_mb,
        "rows": rows,
        "dates": dates,
        "ways": found,
        "missed": misses(found),
    }


def misses(ways: Sequence[dict[str, Any]]) -> list[str]:
    """Return which limits are missed, in words."""
    first = {way["arenas"]: way["peak_mib"] for way in ways if way["way"] == "no history"}
    found = []
    for way in ways:
        limit = (
            LIMITS_MIB[way["arenas"]] if way["way"] == "no history" else first[way["arenas"]] + LIMIT_MORE_MIB
        )
        if way["peak_mib"] > limit:
            found.append(f"{way['way']}: {way['peak_mib']} MiB, limit {limit}")
    return found


def as_text(result: dict[str, Any]) -> str:
    """Return the result as Markdown."""
    header = ["MALLOC_ARENA_MAX=2", "", "peak MiB", "at rest", "seconds", "CPU seconds of all files"]
    rows = [
        [
            "yes" if way["arenas"] else "no",
            way["way"],
            way["peak_mib"],
            way["rest_mib"],
            way["seconds"],
            way["cpu_seconds"],
        ]
        for way in result["ways"]
    ]
    what = f"{result['file_mb']} MB, {result['rows']:,} rows of {result['dates']} dates"
    return "\n".join([what, "", markdown(header, rows), *(f"**missed** {line}" for line in result["missed"])])


def main() -> int:
    """Measure, print, and return 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worker_memory", description=__doc__)
    parser.add_argument("--mb", type=int, default=300)
    parser.add_argument("--dates", type=int, default=72)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--output", type=Path, help="also write the figures as JSON, and the table beside it")
    options = parser.parse_args()
    result = measure(options.mb, options.dates, options.runs)
    report(as_text(result), result, options.output)
    return int(bool(result["missed"]))


if __name__ == "__main__":
    sys.exit(main())
