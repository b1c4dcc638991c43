"""Rows sorted by drive: what joining history costs where every block has all dates.

    python -m benchmarks.history_order [--drives 5000] [--runs 3] [--output FILE]

A month of 5,000 drives in the published schema of 2025 (150,000 rows, 58 MB), once sorted by date and once by
drive, with a history of sixty days of 300,000 drives each. By date a block is joined with two or four days;
by drive with all sixty, more than are held in memory (see `functions.scoring.history.day_cache`). Every run
is a process of its own, start to exit, with the same history; the two take turns. Both must give the same
rows.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.fleet_files import fleet_days
from benchmarks.measuring.processes import Run, median_ratio, medians, run
from benchmarks.measuring.tables import markdown, report

LIMIT_RATIO = 3.0
"""CPU seconds sorted by drive, to those sorted by date, may be at most this."""

FLEET = 300_000
DATES = 30
EARLIER = 30
"""Days before the first of those dates that history begins."""

ORDERS = ("date", "drive")


def write_history(folder: Path, snapshot: Path, first: dt.date) -> None:
    """Let one snapshot stand for every day from `EARLIER` days before the first date on."""
    for number in range(-EARLIER, DATES):
        location = folder / (first + dt.timedelta(days=number)).isoformat()
        location.mkdir(parents=True)
        os.link(snapshot, location / "fleet.arrow")


def write_month(folder: Path, day: Path, drives: int, first: dt.date) -> dict[str, Path]:
    """Write the first drives of a day with each of the dates, in both orders."""
    with day.open("rb") as file:
        header = file.readline()
        rows = [file.readline().partition(b",")[2] for _ in range(drives)]
    dates = [(first + dt.timedelta(days=number)).isoformat().encode() + b"," for number in range(DATES)]
    lines = {
        "date": (date + row for date in dates for row in rows),
        "drive": (date + row for row in rows for date in dates),
    }
    found = {}
    for order in ORDERS:
        found[order] = folder / f"{order}.csv"
        with found[order].open("wb") as file:
            file.write(header)
            file.writelines(lines[order])
    return found


def scored_rows(path: Path) -> list[str]:
    """Return the lines of a scored CSV, sorted, without their line numbers."""
    return sorted(line.partition(",")[2] for line in path.read_text().splitlines())


def measure(drives: int, rounds: int) -> dict[str, list[Run]]:
    """Return the runs of both orders, round by round."""
    with tempfile.TemporaryDirectory(prefix="history-order-") as name:
        folder = Path(name)
        (day,) = fleet_days(folder / "fleet", FLEET, [0])
        run("functions.score", day, "--output", folder / "out", "--history", folder / "one")
        (snapshot,) = (folder / "one" / day.stem).rglob(f"{day.stem}.arrow")
        first = dt.date.fromisoformat(day.stem) + dt.timedelta(days=EARLIER)
        files = write_month(folder, day, drives, first)
        runs: dict[str, list[Run]] = {order: [] for order in ORDERS}
        for _ in range(rounds):
            for order, found in runs.items():
                history = folder / "history"
                write_history(history, snapshot, first)
                found.append(
                    run("functions.score", files[order], "--output", folder / "out", "--history", history)
                )
                shutil.rmtree(history)
        by_date, by_drive = (scored_rows(folder / "out" / f"{order}.csv") for order in ORDERS)
        if by_date != by_drive:
            raise SystemExit("the two orders were not scored alike")
        return runs


def main() -> int:
    """Measure, print, and return 1 when the limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history_order", description=__doc__)
    parser.add_argument("--drives", type=int, default=5_000)
    parser.add_argument("--runs", type=int, default=3, help="rounds of both orders")
    parser.add_argument("--output", type=Path, help="also write the figures as JSON, and the table beside it")
    options = parser.parse_args()
    runs = measure(options.drives, options.runs)
    ratio = round(median_ratio(runs["drive"], runs["date"], "cpu_seconds"), 2)
    result = {
        "rows": options.drives * DATES,
        "runs": options.runs,
        "orders": {order: medians(found) for order, found in runs.items()},
        "cpu_ratio": ratio,
        "limits": {"cpu_ratio": LIMIT_RATIO},
    }
    header = ["sorted by", "seconds", "CPU seconds", "peak MiB"]
    rows = [[order, *medians(found).values()] for order, found in runs.items()]
    text = (
        f"{options.drives * DATES:,} rows of {DATES} dates, {EARLIER + DATES} days of {FLEET:,} drives; "
        f"medians of {options.runs} rounds\n\n{markdown(header, rows)}\n"
        f"Sorted by drive it takes {ratio} times the CPU seconds (limit {LIMIT_RATIO}).\n"
    )
    report(text, result, options.output)
    return int(ratio > LIMIT_RATIO)


if __name__ == "__main__":
    sys.exit(main())
