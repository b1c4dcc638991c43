"""Replay a period day by day through the scoring engine, with history, and hold it against what happened.

Every day is written as a published CSV and scored in order of date by a registered version; its history
snapshots are joined by later days, as in production. Nothing is fitted.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

import msgspec

from functions.scoring.model.manifest import CHAMPION
from functions.scoring.model.onnx_model import Model
from training.backtesting.report import console, show
from training.backtesting.run import backtest
from training.backtesting.scored_days import KEPT_DAYS
from training.errors import TelemetrySourceError

OUTPUT_FILE = "backtest.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``backtest``."""
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        required=True,
        metavar="PATH",
        help="telemetry: day CSVs, folders or zips of them, Parquet; reaching a horizon beyond --to",
    )
    parser.add_argument(
        "--from", dest="first", type=_date, required=True, metavar="YYYY-MM-DD", help="first day"
    )
    parser.add_argument(
        "--to", dest="last", type=_date, required=True, metavar="YYYY-MM-DD", help="last day, included"
    )
    parser.add_argument("--model", default=CHAMPION, help="alias or version (default: %(default)s)")
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
        default=Path("backtest-output"),
        metavar="DIR",
        help=f"folder for {OUTPUT_FILE} and the plots (default: %(default)s)",
    )
    parser.add_argument(
        "--warm-up",
        type=_days,
        default=KEPT_DAYS,
        metavar="DAYS",
        help="days before --from that only fill the history (default: %(default)s)",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bars")


def run(args: argparse.Namespace) -> int:
    """Replay, measure, print and write."""
    if args.last < args.first:
        raise TelemetrySourceError(f"--to {args.last} lies before --from {args.first}")
    if args.output.exists() and not args.output.is_dir():
        raise TelemetrySourceError(f"--output {args.output} is a file; name a folder")
    model = Model.load(args.models, args.model)
    document, figures = backtest(
        model, args.data, args.first, args.last, args.warm_up, progress=not args.quiet
    )
    out = console()
    show(out, document)
    args.output.mkdir(parents=True, exist_ok=True)
    figures[OUTPUT_FILE] = msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    for name, content in figures.items():
        (args.output / name).write_bytes(content)
    out.print(f"written to {args.output}: {', '.join(sorted(figures))}", soft_wrap=True, markup=False)
    return 0


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; expected YYYY-MM-DD") from None


def _days(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"must not be negative, not {text}")
    return number
