"""Print and plot the evaluations of two versions side by side.

Figures measured under other protocols (telemetry, days, horizon, drives) do not compare, and are refused
without --force.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from functions.html.numbers import number
from training.backtesting.report import console
from training.errors import TrainingError
from training.metrics.drive_scores import SCORES_FILE, DriveScores, paired_differences
from training.reporting.comparison import Row, caption, plot, rows
from training.reporting.evaluation_file import Evaluated, differences, read_evaluated
from training.reporting.window_rows import (
    WINDOWS_NOTE,
    alarm_cells,
    alarm_headings,
    parts_of,
    ranking_cells,
    ranking_headings,
)

_WIDEST = 400
"""Characters of a line, at most."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``compare``."""
    parser.add_argument("first", help="alias or version, such as v1")
    parser.add_argument("second", help="alias or version, such as v2")
    parser.add_argument(
        "--models",
        type=Path,
        default=Path("models"),
        metavar="DIR",
        help="folder of model versions (default: %(default)s)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("comparison-output"),
        metavar="DIR",
        help="folder for the plot (default: %(default)s)",
    )
    parser.add_argument(
        "--force", action="store_true", help="compare although the versions were tested under other protocols"
    )


def run(args: argparse.Namespace) -> int:
    """Compare, print, plot."""
    first, second = (read_evaluated(args.models, name) for name in (args.first, args.second))
    if args.output.exists() and not args.output.is_dir():
        raise TrainingError(f"--output {args.output} is a file; name a folder")
    apart = differences(first, second)
    if apart and not args.force:
        raise TrainingError(
            f"{first.version} and {second.version} were not tested under the same protocol, so their "
            f"figures do "
            f"not compare ({'; '.join(apart)}). Train both on the same data, or look at them with --force"
        )
    out = console()
    for difference in apart:
        out.print(f"not the same protocol: {difference}", style="yellow", markup=False)
    show(out, first, second)
    args.output.mkdir(parents=True, exist_ok=True)
    path = args.output / f"{first.version}_{second.version}.png"
    path.write_bytes(plot(first, second))
    out.print(f"plot written to {path}", soft_wrap=True, markup=False)
    return 0


def show(out: Console, first: Evaluated, second: Evaluated) -> None:
    """Print both versions' figures, and their paired differences where the scores of the drives are kept."""
    for version in (first, second):
        name = version.manifest.title or version.version
        out.print(f"{name}: {version.manifest.algorithm}", markup=False)
    out.print(_table(first, second))
    out.print(caption(first, second), style="dim", markup=False)
    _print_difference(out, first, second)
    _print_windows(out, first, second)


def _table(first: Evaluated, second: Evaluated) -> Table:
    table = Table()
    table.add_column("")
    for version in (first, second):
        table.add_column(version.version, justify="right")
        table.add_column("95 %", justify="right", style="dim")
    table.add_column("difference", justify="right")
    group = None
    for row in rows(first, second):
        if row.values == (None, None):
            continue
        if row.group != group:
            group = row.group
            table.add_section()
            table.add_row(group, style="bold")
        table.add_row(f"  {row.name}", *_cells(row))
    return table


def _cells(row: Row) -> list[str]:
    cells = []
    for value, interval in zip(row.values, row.intervals, strict=True):
        cells += [number(value, row.digits), f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else ""]
    before, after = row.values
    change = "" if before is None or after is None else f"{after - before:+.{row.digits}f}"
    return [*cells, change]


def _print_windows(out: Console, first: Evaluated, second: Evaluated) -> None:
    parts = parts_of(first, second)
    if not parts:
        out.print(
            f"no windows: {first.version} and {second.version} were not scored on the same ones", style="dim"
        )
        return
    versions = [first.version, second.version]
    for title, headings, cells in (
        ("windows and families: ranking", ranking_headings(versions), ranking_cells),
        ("windows and families: alarms at the thresholds served", alarm_headings(versions), alarm_cells),
    ):
        table = Table(title=title)
        for heading in headings:
            table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
        for part in parts:
            table.add_row(*cells(part), end_section=part["kind"] == "together")
        # Wider than most terminals: a line that wraps is better than a figure that is cut off.
        Console(file=out.file, highlight=False, width=_WIDEST).print(table, crop=False)
    out.print(WINDOWS_NOTE, style="dim", markup=False)


def _print_difference(out: Console, first: Evaluated, second: Evaluated) -> None:
    scores = [DriveScores.read(version.folder) for version in (first, second)]
    without = [
        version.version for version, found in zip((first, second), scores, strict=True) if found is None
    ]
    if scores[0] is None or scores[1] is None:
        out.print(
            f"no paired difference: {' and '.join(without)} keep no scores of the test's drives "
            f"({SCORES_FILE}); "
            "the intervals above are each version's own",
            style="yellow",
            markup=False,
        )
        return
    try:
        found = paired_differences(scores[0], scores[1])
    except ValueError as error:
        out.print(f"no paired difference: {error}", style="yellow", markup=False)
        return
    table = Table(title=f"{second.version} minus {first.version}, same drives resampled for both")
    for heading in ("", "difference", "95 %", ""):
        table.add_column(heading, justify="right" if heading else "left")
    for name, (difference, low, high) in found.items():
        clear = "better" if low > 0 else "worse" if high < 0 else "within the noise"
        table.add_row(name, f"{difference:+.3f}", f"{low:+.3f} to {high:+.3f}", clear)
    out.print(table)
