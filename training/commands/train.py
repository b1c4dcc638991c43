"""Train on telemetry, test forward in time, and register a baseline version and the best as champion.

Reads day CSVs, folders or zips of them, or Parquet; labels, splits, compares the candidates on a later period
that they were not fitted on, and writes the versions that pass the parity gate.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from training.errors import TrainingError
from training.options import Options, WeightedPath
from training.protocol.labels import HORIZON_DAYS
from training.run import Trained, train
from training.tracking.run import track_or_say

__all__ = ["Options", "Trained", "add_arguments", "run", "train"]

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_WEIGHTED = re.compile(r"(?P<path>.+)=(?P<weight>[^=/\\]+)")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``train``."""

    def add(name: str, text: str, **options: Any) -> None:
        shown = "" if options.get("default") in (None, []) else " (default: %(default)s)"
        parser.add_argument(name, help=text + shown, **options)

    yes_or_no = argparse.BooleanOptionalAction
    paths = {"type": Path, "nargs": "+", "metavar": "PATH"}
    add("--data", "telemetry: day CSVs, folders or zips of them, Parquet", required=True, **paths)
    add(
        "--extra-data",
        "telemetry of another fleet for the linear member alone, each of its rows weighing WEIGHT; it also "
        "calibrates the answers for drives of other models than those of --data",
        default=[],
        type=weighted_path,
        nargs="+",
        metavar="PATH=WEIGHT",
    )
    add("--version", "version to write, such as v2", type=version_name, required=True)
    add("--baseline-version", "baseline version, written unless it exists", type=version_name, default="v1")
    add("--also-evaluate", "telemetry of other fleets, scored but never trained on", default=[], **paths)
    add("--compare-with", "registered version to score on the same windows", type=version_name)
    add("--models", "folder of model versions", type=Path, default=Path("models"), metavar="DIR")
    add("--seed", "of every random choice", type=int, default=0)
    add(
        "--seeds",
        "how many seeds the forward test is repeated with, to show how far its figures move",
        type=seeds_count,
        default=5,
    )
    add(
        "--horizon",
        "how far ahead a failure is forecast",
        type=_horizon,
        default=HORIZON_DAYS,
        metavar="DAYS",
    )
    add("--search", "search the trees' hyperparameters", action=yes_or_no, default=True)
    add(
        "--refit",
        "after the test, fit the same recipe on all labelled days and ship that",
        action=yes_or_no,
        default=True,
    )
    add(
        "--tracking",
        "record the run in MLflow: mlflow.db, or MLFLOW_TRACKING_URI",
        action=yes_or_no,
        default=True,
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bars")


def options_of(args: argparse.Namespace) -> Options:
    """Return the options that the command line gives."""
    return Options(
        data=tuple(args.data),
        version=args.version,
        baseline_version=args.baseline_version,
        models=args.models,
        extra_data=tuple(args.extra_data),
        also_evaluate=tuple(args.also_evaluate),
        compare_with=args.compare_with,
        seed=args.seed,
        seeds=args.seeds,
        horizon=args.horizon,
        search=args.search,
        refit=args.refit,
        quiet=args.quiet,
    )


def run(args: argparse.Namespace) -> int:
    """Train, test and register; return 0."""
    options = options_of(args)
    if options.version == options.baseline_version:
        raise TrainingError(f"--version and --baseline-version are both {options.version}; name two versions")
    trained = train(options)
    _print_table(trained.evaluation)
    Console(highlight=False).print(f"{trained.version} is registered in {options.models} as {options.alias}")
    if args.tracking:
        track_or_say(trained.folder)
    return 0


def _print_table(evaluation: dict[str, Any]) -> None:
    test, horizon = evaluation["protocol"]["parts"]["test"], evaluation["protocol"]["horizon_days"]
    table = Table(
        title=f"forward test, one decision per drive: {test['drives']:,} drives, {test['failing_drives']:,} "
        f"failing within {horizon} days ({test['failing_drives'] / test['drives']:.2%})"
    )
    for heading in ("candidate", "AP", "recall, FPR 0.02 %", "0.1 %", "1 %", "ROC-AUC", "row ECE"):
        table.add_column(heading, justify="left" if heading == "candidate" else "right")
    for figures in evaluation["candidates"].values():
        drives, rows = figures["all_drives"]["drives"], figures["all_drives"]["rows"]
        numbers = [drives["average_precision"], *drives["recall_at_fpr"].values(), drives["roc_auc"]]
        table.add_row(figures["title"], *(f"{number:.3f}" for number in numbers), f"{rows['ece']:.5f}")
    Console(width=120).print(table)


def version_name(text: str) -> str:
    """Return a version's name as the command line gives it; argparse reports any other text."""
    if not _VERSION.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no version name; use letters, digits, '.', '_' and '-'"
        )
    return text


def weighted_path(text: str) -> WeightedPath:
    """Return PATH=WEIGHT as the command line gives it; argparse reports any other text."""
    found = _WEIGHTED.fullmatch(text)
    try:
        weight = float(found["weight"]) if found else 0.0
    except ValueError:
        weight = 0.0
    if found is None or not 0 < weight <= 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not PATH=WEIGHT with a weight above 0 and at most 1, such as fleet-2013.parquet=0.1"
        )
    return WeightedPath(Path(found["path"]), weight)


def seeds_count(text: str) -> int:
    """Return a number of seeds from 1 to 100; argparse reports any other text."""
    seeds = int(text)
    if not 1 <= seeds <= 100:  # noqa: PLR2004 - each is a forward test of every candidate
        raise argparse.ArgumentTypeError(f"must be between 1 and 100, not {text}")
    return seeds


def _horizon(text: str) -> int:
    days = int(text)
    if not 1 <= days <= HORIZON_DAYS:
        raise argparse.ArgumentTypeError(f"must be between 1 and {HORIZON_DAYS} days, not {text}")
    return days
