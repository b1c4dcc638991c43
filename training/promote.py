"""Point an alias, the champion's unless told otherwise, to a registered version."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from functions.scoring.manifest import CHAMPION
from training.versions.registry import promote


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``promote``."""
    parser.add_argument("version", help="a version, or an alias that points to one")
    parser.add_argument("--alias", default=CHAMPION, help="alias to point to it (default: %(default)s)")
    parser.add_argument(
        "--models", type=Path, default=Path("models"), metavar="DIR", help="folder of versions"
    )


def run(args: argparse.Namespace) -> int:
    """Promote; return 0."""
    aliases = promote(args.models, args.version, args.alias).aliases
    Console(highlight=False).print(f"{args.alias} is {aliases[args.alias]}")
    return 0
