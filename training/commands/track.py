"""Record versions in MLflow that were trained without: in mlflow.db, or where MLFLOW_TRACKING_URI says."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from functions.scoring.model.manifest import read_registry
from training.tracking.run import track
from training.tracking.store import where


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``track``."""
    parser.add_argument("version", nargs="+", help="alias or version, such as v2")
    parser.add_argument(
        "--models",
        type=Path,
        default=Path("models"),
        metavar="DIR",
        help="folder of model versions (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Track each version; return 0."""
    registry = read_registry(args.models)
    for version in [registry.resolve(name) for name in args.version]:
        run_id = track(args.models / version)
        Console(highlight=False).print(f"{version} is tracked in {where()} as run {run_id}", soft_wrap=True)
    return 0
