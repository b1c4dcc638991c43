"""Batch memory: peak resident memory of `python -m functions.score` as files grow.

    python -m benchmarks.batch_memory [--drives N ...] [--output FILE]

Each file is one simulated day in the published schema (197 columns, about 400 bytes a row), scored in a
process of its own with history snapshots written. The figure is the largest resident set of that process, as
the kernel accounts it. Beside it stands what `benchmarks.plain_pandas` takes for the same file, where the
machine has the memory.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks.fleet_files import fleet_days
from benchmarks.measuring.processes import run

LIMIT_MIB = 300
"""Most memory that scoring the largest file may take."""

LIMIT_GROWTH = 1.1
"""Most memory of a file, as a multiple of that of the file before it."""


PANDAS_TIMES = 14
"""Times the size of the file that must be free to let pandas read it: it takes 10 or 11."""


def free_bytes() -> int:
    """Return the memory of the machine that nobody uses, on Linux."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


class Peaks(NamedTuple):
    """Largest resident sets for one file, in MiB; of plain pandas None where it was not tried."""

    drives: int
    file_mb: int
    peak_mib: int
    plain_pandas_peak_mib: int | None


def measure(drives: int) -> Peaks:
    """Simulate a day of *drives* drives, score it both ways, and return sizes and peaks."""
    with tempfile.TemporaryDirectory(prefix="batch-memory-") as name:
        folder = Path(name)
        (day,) = fleet_days(folder / "fleet", drives, [0])
        peak = run("functions.score", day, "--output", folder, "--history", folder / "history").peak_mib
        size = day.stat().st_size
        pandas = None
        if free_bytes() > PANDAS_TIMES * size:
            pandas = run("benchmarks.plain_pandas", day, folder / "pandas.csv").peak_mib
        return Peaks(drives, size // 10**6, peak, pandas)


def main() -> int:
    """Measure, print, and return 1 when the limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch_memory", description=__doc__)
    parser.add_argument("--drives", type=int, nargs="+", default=[30_000, 300_000, 2_500_000])
    parser.add_argument("--output", type=Path, help="also write the figures as JSON")
    options = parser.parse_args()
    results = [measure(drives) for drives in options.drives]
    largest, before = results[-1].peak_mib, results[-2 if len(results) > 1 else -1].peak_mib
    limits = {"peak_mib": LIMIT_MIB, "growth": LIMIT_GROWTH}
    text = json.dumps(
        {
            "files": [each._asdict() for each in results],
            "growth": round(largest / before, 3),
            "limits": limits,
        },
        indent=2,
    )
    print(text)
    if options.output:
        options.output.write_text(text + "\n")
    return int(largest > LIMIT_MIB or largest / before > LIMIT_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
