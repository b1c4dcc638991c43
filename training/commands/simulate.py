"""Write day CSVs of a simulated fleet, in the schema Backblaze published in 2025.

For demos, load and format tests. The fleet is made up: how well a model forecasts on it says nothing about
real drives.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track

from training.errors import SimulationError
from training.simulation.day_csv import DayCount, write_day
from training.simulation.fleet import BLOCK, SimulatedDrives, blocks

FAILURE_RATE_PERCENT = 1.4
"""Annualised failure rate, near Backblaze's 1.36 % for 2025."""

_KEPT_BLOCKS = 8
"""Blocks kept in memory between days, about 15 MB each; a larger fleet is made anew for every day."""

_LAST_SEED = 2**63 - 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``simulate``."""
    parser.add_argument(
        "--drives", type=_positive, default=5000, help="number of drives (default: %(default)s)"
    )
    parser.add_argument("--days", type=_positive, default=1, help="number of days (default: %(default)s)")
    parser.add_argument(
        "--seed", type=_seed, default=1, help="another seed, another fleet (default: %(default)s)"
    )
    parser.add_argument(
        "--start",
        type=_date,
        default=dt.date(2025, 6, 1),
        metavar="YYYY-MM-DD",
        help="first day (default: %(default)s)",
    )
    parser.add_argument(
        "--failure-rate",
        type=_percent,
        default=FAILURE_RATE_PERCENT,
        metavar="PERCENT",
        help="annualised failure rate of the fleet in percent (default: %(default)s)",
    )
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder for the day CSVs")


def run(args: argparse.Namespace) -> int:
    """Write the day CSVs and say what was written."""
    started = time.perf_counter()
    written = simulate(
        args.output,
        drives=args.drives,
        days=args.days,
        seed=args.seed,
        start=args.start,
        failure_rate=args.failure_rate / 100,
        progress=True,
    )
    rows, failures = sum(count.rows for count in written.values()), sum(c.failures for c in written.values())
    files = f"{len(written)} file{'s' if len(written) > 1 else ''}"
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"simulated {args.drives:,} drives (seed {args.seed}): {rows:,} drive-days, {failures:,} failures, "
        f"{files} in {args.output} ({time.perf_counter() - started:.1f} s)",
        markup=False,
    )
    console.print(
        "This fleet is simulated: for demos and load tests, never evidence of how well a model forecasts."
    )
    return 0


def simulate(
    output: Path,
    *,
    drives: int,
    days: int,
    seed: int,
    start: dt.date,
    failure_rate: float = FAILURE_RATE_PERCENT / 100,
    progress: bool = False,
) -> dict[Path, DayCount]:
    """Write ``<output>/<YYYY-MM-DD>.csv`` for every day.

    Parameters
    ----------
    output : Path
        Folder, made when missing. Files of the same days are replaced, others left alone.
    drives, days : int
        At least 1 each. On the first day every drive has a row.
    seed : int
        The same seed and arguments give the same bytes, and more days do not change earlier ones.
    failure_rate : float
        Annualised, a fraction.

    Returns
    -------
    dict of Path to DayCount
        Rows and failures of every file written, in order of date.

    Raises
    ------
    SimulationError
        When the days run past the calendar, or the output is a file.
    """
    if (dt.date.max - start).days < days - 1:
        raise SimulationError(
            f"{days:,} days from {start} run past {dt.date.max}; start earlier or ask for fewer days"
        )
    if output.exists() and not output.is_dir():
        raise SimulationError(f"--output {output} is a file; name a folder")
    output.mkdir(parents=True, exist_ok=True)
    kept: Sequence[SimulatedDrives] | None = None
    if drives <= _KEPT_BLOCKS * BLOCK:
        kept = list(blocks(drives, seed, failure_rate))
    numbers: Sequence[int] | Iterator[int] = range(days)
    if progress:
        console = Console(stderr=True)
        numbers = iter(track(range(days), "writing simulated days", console=console, transient=True))
    written = {}
    for day in numbers:
        date = start + dt.timedelta(days=day)
        path = output / f"{date.isoformat()}.csv"
        fleet = kept if kept is not None else blocks(drives, seed, failure_rate)
        written[path] = write_day(path, date, day, fleet, seed)
    return written


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return number


def _seed(text: str) -> int:
    number = int(text)
    if not 0 <= number <= _LAST_SEED:
        raise argparse.ArgumentTypeError(f"must be between 0 and {_LAST_SEED}, not {text}")
    return number


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; expected YYYY-MM-DD") from None


def _percent(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1000:  # noqa: PLR2004 - ten failures per drive and year: a fleet worse than any
        raise argparse.ArgumentTypeError(f"must be between 0 and 1000 percent, not {text}")
    return number
