"""The cost of history: `python -m functions.score` without it, with snapshots written, and with two joined.

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
import sys
import tempfile
from pathlib import Path

from benchmarks.fleet_files import fleet_days
from benchmarks.measuring.processes import Run, median_ratio, medians, run
from benchmarks.measuring.tables import markdown, report

LIMIT_RATIO = 1.3
"""CPU seconds with two snapshots joined and one written, to those without history, may be at most this."""

LIMIT_SNAPSHOT_MB = 20

WAYS = {
    "no history": "without",
    "snapshot written": "written",
    "two snapshots joined, one written": "joined",
}


def score(*arguments: Path | str) -> Run:
    """Run `python -m functions.score` and account for it."""
    return run("functions.score", *arguments)


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
        (snapshot,) = (folder / "joined" / day.stem).rglob(f"{day.stem}.arrow")
        sizes = {path.suffix[1:]: path.stat().st_size / 1e6 for path in (day, snapshot)}
        return runs, sizes


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
            **medians(runs[way]),
            "ratio": round(median_ratio(runs[way], runs["without"], "seconds"), 3),
            "cpu_ratio": round(median_ratio(runs[way], runs["without"], "cpu_seconds"), 3),
        }
        rows.append([title, *ways[way].values()])
    join = {
        field: round(median_ratio(runs["joined"], runs["written"], field), 3)
        for field in ("seconds", "cpu_seconds")
    }
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
