"""What history costs: `python -m functions.score` without it, with snapshots written, and with two joined.

    python -m benchmarks.history_join [--drives 300000] [--runs 5] [--output FILE]

One simulated day in the published schema of 2025 (197 columns), and the days a week and four weeks before it
as snapshots. Every run is a process of its own, start to exit; the three ways alternate, so that a busy
machine slows all of them, and ratios are taken within a round. The limit is one of CPU seconds, because wall
time measures who else is using the machine.

This command never joins snapshots without writing one, so the join is the third way over the second. It
includes what a model does with history once it is there: more features that are not missing, more drives at
risk to explain.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.tables import markdown, report
from training.simulation.day_csv import write_day
from training.simulation.fleet import blocks

ROOT = Path(__file__).resolve().parent.parent

FIRST = dt.date(2025, 6, 1)
AGES = (28, 7, 0)
"""Days before the day that is scored: what is joined, and that day itself."""

SEED, FAILURE_RATE = 1, 0.014
"""Of the simulated fleet; the defaults of ``python -m training simulate``."""

LIMIT_RATIO = 1.3
"""CPU seconds with two snapshots joined and one written, to those without history, may be at most this."""

LIMIT_SNAPSHOT_MB = 20

WAYS = {
    "no history": "without",
    "snapshot written": "written",
    "two snapshots joined, one written": "joined",
}


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


def score(*arguments: Path | str) -> Run:
    """Run `python -m functions.score` and account for it."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "functions.score", *map(str, arguments)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024)


def fleet_days(folder: Path, drives: int) -> list[Path]:
    """Write the day CSVs of `AGES`, of one fleet."""
    paths = []
    for age in AGES:
        number = max(AGES) - age
        date = FIRST + dt.timedelta(days=number)
        paths.append(folder / f"{date}.csv")
        write_day(paths[-1], date, number, blocks(drives, SEED, FAILURE_RATE), SEED)
    return paths


def measure(drives: int, rounds: int) -> tuple[dict[str, list[Run]], dict[str, float]]:
    """Return the runs of each way, round by round, and the sizes of the day's file and snapshot in MB."""
    with tempfile.TemporaryDirectory(prefix="history-join-") as name:
        folder = Path(name)
        *earlier, day = fleet_days(folder, drives)
        score(*earlier, "--output", folder / "out", "--history", folder / "joined")
        runs: dict[str, list[Run]] = {way: [] for way in WAYS.values()}
        for _ in range(rounds):
            for way, found in runs.items():
                history: list[Path | str] = [] if way == "without" else ["--history", folder / way]
                found.append(score(day, "--output", folder / "out", *history))
        snapshot = folder / "joined" / day.stem / f"{day.stem}.arrow"
        sizes = {path.suffix[1:]: path.stat().st_size / 1e6 for path in (day, snapshot)}
        return runs, sizes


def ratio(runs: dict[str, list[Run]], way: str, base: str, field: str) -> float:
    """Return the median over rounds of one way's time over another's."""
    pairs = zip(runs[way], runs[base], strict=True)
    ratios: list[float] = [getattr(a, field) / getattr(b, field) for a, b in pairs]
    return statistics.median(ratios)


def main() -> int:
    """Measure, print, and return 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history_join", description=__doc__)
    parser.add_argument("--drives", type=int, default=300_000)
    parser.add_argument("--runs", type=int, default=5, help="rounds of the three ways")
    parser.add_argument("--output", type=Path, help="also write the figures as JSON, and the table beside it")
    options = parser.parse_args()
    runs, sizes = measure(options.drives, options.runs)
    rows, ways = [], {}
    for title, way in WAYS.items():
        ways[way] = {
            "seconds": round(statistics.median(run.seconds for run in runs[way]), 2),
            "cpu_seconds": round(statistics.median(run.cpu_seconds for run in runs[way]), 2),
            "peak_mib": max(run.peak_mib for run in runs[way]),
            "ratio": round(ratio(runs, way, "without", "seconds"), 3),
            "cpu_ratio": round(ratio(runs, way, "without", "cpu_seconds"), 3),
        }
        rows.append([title, *ways[way].values()])
    join = {field: round(ratio(runs, "joined", "written", field), 3) for field in ("seconds", "cpu_seconds")}
    rows.append(["the join alone: third way over second", "", "", "", *join.values()])
    result = {
        "drives": options.drives,
        "runs": options.runs,
        "file_mb": round(sizes["csv"], 1),
        "snapshot_mb": round(sizes["arrow"], 2),
        "ways": ways,
        "join_alone_ratio": join["seconds"],
        "join_alone_cpu_ratio": join["cpu_seconds"],
        "limits": {"cpu_ratio": LIMIT_RATIO, "snapshot_mb": LIMIT_SNAPSHOT_MB},
    }
    title = (
        f"{options.drives:,} drives, file {result['file_mb']} MB, snapshot {result['snapshot_mb']} MB "
        f"(limit {LIMIT_SNAPSHOT_MB}); medians of {options.runs} rounds; "
        f"limit of the CPU ratio {LIMIT_RATIO}\n\n"
    )
    header = ["", "seconds", "CPU seconds", "peak MiB", "ratio", "CPU ratio"]
    report(title + markdown(header, rows), result, options.output)
    missed = ways["joined"]["cpu_ratio"] > LIMIT_RATIO or sizes["arrow"] > LIMIT_SNAPSHOT_MB
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
