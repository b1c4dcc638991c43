"""A whole quarter in one file: what it takes of time and memory, beside one day of the same fleet.

    python -m benchmarks.quarter [--drives 300000] [--days 91] [--output FILE]

One simulated day in the published schema (197 columns, 116 MB), and a file of its rows with each date of a
quarter (10.6 GB, 27 million rows), each scored by a process of its own with history snapshots written.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.fleet_files import fleet_days
from benchmarks.measuring.processes import run
from benchmarks.measuring.tables import markdown, report

PART_BYTES = 1 << 22

LIMIT_COST = 1.15
"""Most CPU time of a row of the quarter, in times that of a row of the day."""

LIMIT_MIB = 500
"""Largest resident set; the instances that the app is deployed on have 2,048 MB."""


def quarter_of(day: Path, path: Path, days: int) -> int:
    """Write a file with the rows of a day for each of some dates; return its number of rows."""
    count = 0
    with path.open("wb") as file:
        for number in range(days):
            with day.open("rb") as lines:
                header = lines.readline()
                if not number:
                    file.write(header)
                # In parts: what this process has taken at most counts as taken by those it starts.
                while part := lines.readlines(PART_BYTES):
                    first = part[0][:10]
                    date = (dt.date.fromisoformat(first.decode()) + dt.timedelta(days=number)).isoformat()
                    rows = b"\n" + b"".join(part)
                    file.write(rows.replace(b"\n" + first, b"\n" + date.encode())[1:])
                    count += len(part)
    return count


def measure(drives: int, days: int) -> dict[str, Any]:
    """Score a day and a quarter and return the figures."""
    found = []
    with tempfile.TemporaryDirectory(prefix="quarter-") as name:
        folder = Path(name)
        (day,) = fleet_days(folder / "fleet", drives, [0])
        for dates in (1, days):
            path = folder / f"{dates}.csv"
            rows = quarter_of(day, path, dates)
            options = ("--output", folder / "out", "--history", folder / f"history-{dates}")
            taken = run("functions.score", path, *options)
            found.append(
                {
                    "dates": dates,
                    "rows": rows,
                    "file_mb": path.stat().st_size // 10**6,
                    "seconds": round(taken.seconds, 1),
                    "cpu_seconds": round(taken.cpu_seconds, 1),
                    "us_a_row": round(taken.cpu_seconds * 1e6 / rows, 2),
                    "peak_mib": taken.peak_mib,
                }
            )
    return {
        "files": found,
        "cost": round(found[1]["us_a_row"] / found[0]["us_a_row"], 2),
        "limits": {"cost": LIMIT_COST, "peak_mib": LIMIT_MIB},
    }


def as_text(result: dict[str, Any]) -> str:
    """Return the result as Markdown."""
    header = ["dates", "rows", "MB", "seconds", "CPU seconds", "microseconds a row", "peak MiB"]
    rows = [[f"{value:,}" for value in found.values()] for found in result["files"]]
    return (
        f"{markdown(header, rows)}\n\na row of the longer file takes **{result['cost']}** times the CPU time "
        f"(limit {LIMIT_COST})"
    )


def main() -> int:
    """Measure, print, and return 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quarter", description=__doc__)
    parser.add_argument("--drives", type=int, default=300_000)
    parser.add_argument("--days", type=int, default=91)
    parser.add_argument("--output", type=Path, help="also write the figures as JSON, and the table beside it")
    options = parser.parse_args()
    result = measure(options.drives, options.days)
    report(as_text(result), result, options.output)
    return int(result["cost"] > LIMIT_COST or max(file["peak_mib"] for file in result["files"]) > LIMIT_MIB)


if __name__ == "__main__":
    sys.exit(main())
