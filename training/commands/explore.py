"""Write a report of what telemetry holds.

Class balance, missing values, histograms, correlation, and failures by drive model and age, in one HTML file
without anything from outside: it opens in any browser, also without a network.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from training.errors import TelemetrySourceError
from training.exploration.report import report_html
from training.exploration.survey import survey


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``explore``."""
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        required=True,
        metavar="PATH",
        help="day CSVs, folders or zips of them, Parquet files",
    )
    parser.add_argument(
        "--output", type=Path, required=True, metavar="FILE", help="the report, an .html file"
    )


def run(args: argparse.Namespace) -> int:
    """Look at the telemetry and write the report."""
    if args.output.is_dir():
        raise TelemetrySourceError(f"--output {args.output} is a folder; name an .html file in it")
    args.output.parent.mkdir(parents=True, exist_ok=True)
    found = survey(args.data)
    args.output.write_text(report_html(found), encoding="utf-8")
    console = Console(soft_wrap=True, highlight=False)
    counts = found.lineage
    console.print(
        f"wrote {args.output}: {counts['rows']:,} drive-days of {counts['drives']:,} drives, "
        f"{counts['failures']:,} with a failure, {counts['first_date']} to {counts['last_date']}"
    )
    return 0
