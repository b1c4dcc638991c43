"""Make the previous champion the champion again."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from functions.scoring.manifest import CHAMPION
from training.versions.registry import PREVIOUS, rollback


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``rollback``."""
    parser.add_argument(
        "--models", type=Path, default=Path("models"), metavar="DIR", help="folder of versions"
    )


def run(args: argparse.Namespace) -> int:
    """Roll back; return 0."""
    aliases = rollback(args.models).aliases
    Console(highlight=False).print(
        f"{CHAMPION} is {aliases[CHAMPION]} again, {PREVIOUS} is {aliases[PREVIOUS]}"
    )
    return 0
