"""Batch speed: `python -m functions.score` against pandas with scikit-learn, and against the least it takes.

    python -m benchmarks.batch_speed [--drives N] [--runs 5] [--output FILE]

One simulated day in the published schema of 2025 (197 columns). Every run is a process of its own, from start
to exit; the ways take turns, so that a busy machine slows all of them, and ratios are taken within a round.

A  `benchmarks.plain_pandas`, the program most people write; it has no history in either comparison.
B  `functions.score` with rejects, summary, report and reasons, and a history snapshot written.
   With history, two snapshots are joined as well.
F  `benchmarks.floor`: the needed columns parsed and the bare ONNX session, on two threads.

Then B scores files of other sizes, for the cost of a further row: CPU seconds, because wall time of one
process on a busy machine says little about another's a minute later.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.fleet_files import fleet_days
from benchmarks.measuring.processes import Run, median_ratio, medians, run
from benchmarks.measuring.tables import markdown, report

TIMES_FASTER, TIMES_FASTER_WITH_HISTORY = 3.0, 2.5
"""Least speed of B, in times that of A."""

LIMIT_OF_FLOOR = 1.5
"""Most time of B, in times that of F."""

SIZES = (30_000, 300_000, 2_500_000)
LIMIT_FLAT = 0.15
"""Share by which a further row may cost more or less between the larger sizes than between the smaller."""

WAYS = {
    "A": "pandas, scikit-learn",
    "F": "the floor: parse and bare model",
    "B": "ours, snapshot written",
    "joined": "ours, two snapshots joined, one written",
}
FIELDS = ("seconds", "cpu_seconds")


def score(day: Path, folder: Path, history: str) -> Run:
    """Run B."""
    return run("functions.score", day, "--output", folder / "out", "--history", folder / history)


def ways(folder: Path, drives: int, rounds: int) -> tuple[dict[str, list[Run]], float]:
    """Return the runs of each way, round by round, and the size of the file in MB."""
    *earlier, day = fleet_days(folder / "fleet", drives)
    for path in earlier:
        score(path, folder, "joined")
    runs: dict[str, list[Run]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        # OpenMP threads that wait spinning would count against A on a busy machine.
        runs["A"].append(run("benchmarks.plain_pandas", day, folder / "plain.csv", OMP_WAIT_POLICY="passive"))
        runs["F"].append(run("benchmarks.floor", day))
        runs["B"].append(score(day, folder, "written"))
        runs["joined"].append(score(day, folder, "joined"))
    return runs, day.stat().st_size / 1e6


def cost_of_rows(folder: Path, rounds: int) -> dict[str, Any]:
    """Return CPU microseconds of a further row, between the sizes, in turn; and peaks in MiB."""
    days = [fleet_days(folder / str(size), size, [0])[0] for size in SIZES]
    rows = [sum(1 for _ in day.open("rb")) - 1 for day in days]
    runs = [[score(day, folder, f"history-{index}") for index, day in enumerate(days)] for _ in range(rounds)]
    steps = []
    for small in range(len(SIZES) - 1):
        costs = [
            (each[small + 1].cpu_seconds - each[small].cpu_seconds) / (rows[small + 1] - rows[small])
            for each in runs
        ]
        steps.append(statistics.median(costs) * 1e6)
    return {
        "rows": rows,
        "file_mb": [round(day.stat().st_size / 1e6) for day in days],
        "cpu_seconds": [
            round(statistics.median(each[index].cpu_seconds for each in runs), 2)
            for index in range(len(days))
        ],
        "seconds": [
            round(statistics.median(each[index].seconds for each in runs), 2) for index in range(len(days))
        ],
        "peak_mib": [max(each[index].peak_mib for each in runs) for index in range(len(days))],
        "microseconds_a_further_row": [round(step, 2) for step in steps],
        "larger_over_smaller": round(steps[-1] / steps[0], 3),
    }


def compare(runs: dict[str, list[Run]]) -> dict[str, Any]:
    """Return the ratios the limits are of, in wall and CPU seconds."""
    return {
        "times_faster": {field: round(median_ratio(runs["A"], runs["B"], field), 2) for field in FIELDS},
        "times_faster_with_history": {
            field: round(median_ratio(runs["A"], runs["joined"], field), 2) for field in FIELDS
        },
        "of_floor": {field: round(median_ratio(runs["B"], runs["F"], field), 2) for field in FIELDS},
    }


def as_text(result: dict[str, Any]) -> str:
    """Return the result as Markdown."""
    header = ["", "seconds", "CPU seconds", "peak MiB", "A over it", "its CPU", "over the floor", "its CPU"]
    table = markdown(header, [[WAYS[way], *figures.values()] for way, figures in result["ways"].items()])
    ratios, flat = result["ratios"], result["rows"]
    lines = [
        f"{result['drives']:,} drives, {result['file_mb']:.0f} MB; medians of {result['runs']} rounds\n",
        table,
        (
            f"B is {ratios['times_faster']['seconds']} times as fast as A (limit {TIMES_FASTER}), "
            f"with history {ratios['times_faster_with_history']['seconds']} "
            f"(limit {TIMES_FASTER_WITH_HISTORY}); it takes {ratios['of_floor']['seconds']} "
            f"times the floor (limit {LIMIT_OF_FLOOR})."
        ),
    ]
    if flat:
        sizes = zip(
            flat["rows"], flat["file_mb"], flat["seconds"], flat["cpu_seconds"], flat["peak_mib"], strict=True
        )
        lines += [
            "",
            markdown(
                ["rows", "MB", "seconds", "CPU seconds", "peak MiB", "µs a further row"],
                [
                    [f"{count:,}", *rest, cost]
                    for (count, *rest), cost in zip(
                        sizes, ["", *flat["microseconds_a_further_row"]], strict=True
                    )
                ],
            ),
            (
                f"A further row costs {flat['larger_over_smaller']} times as much up to "
                f"{flat['rows'][-1]:,} rows as up to {flat['rows'][-2]:,} (limit 1 ± {LIMIT_FLAT})."
            ),
        ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure, print, and return 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch_speed", description=__doc__)
    parser.add_argument("--drives", type=int, default=300_000)
    parser.add_argument("--runs", type=int, default=5, help="rounds of the ways")
    parser.add_argument("--size-runs", type=int, default=3, help="rounds of the sizes; 0 leaves them out")
    parser.add_argument("--output", type=Path, help="also write the figures as JSON, and the table beside it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="batch-speed-") as name:
        runs, file_mb = ways(Path(name), options.drives, options.runs)
        rows = cost_of_rows(Path(name), options.size_runs) if options.size_runs else {}
    result: dict[str, Any] = {
        "drives": options.drives,
        "runs": options.runs,
        "file_mb": round(file_mb, 1),
        "ways": {
            way: medians(found)
            | {f"a_over_it_{field}": round(median_ratio(runs["A"], found, field), 2) for field in FIELDS}
            | {f"over_floor_{field}": round(median_ratio(found, runs["F"], field), 2) for field in FIELDS}
            for way, found in runs.items()
        },
        "ratios": compare(runs),
        "rows": rows,
        "limits": {
            "times_faster": TIMES_FASTER,
            "times_faster_with_history": TIMES_FASTER_WITH_HISTORY,
            "of_floor": LIMIT_OF_FLOOR,
            "flat": LIMIT_FLAT,
        },
    }
    report(as_text(result), result, options.output)
    ratios = result["ratios"]
    missed = (
        ratios["times_faster"]["seconds"] < TIMES_FASTER
        or ratios["times_faster_with_history"]["seconds"] < TIMES_FASTER_WITH_HISTORY
        or ratios["of_floor"]["seconds"] > LIMIT_OF_FLOOR
        or bool(rows and abs(rows["larger_over_smaller"] - 1) > LIMIT_FLAT)
    )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
