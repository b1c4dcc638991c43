"""Point an alias, the champion's unless told otherwise, to a registered version."""

from __future__ import annotations

import argparse

from rich.console import Console

from functions.scoring.model.manifest import CHAMPION
from training.commands.registry_options import add_place_arguments, place_of
from training.versions.aliases import promote


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``promote``."""
    parser.add_argument("version", help="a version, or an alias that points to one")
    parser.add_argument("--alias", default=CHAMPION, help="alias to point to it (default: %(default)s)")
    add_place_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Promote; return 0."""
    aliases = promote(place_of(args), args.version, args.alias).aliases
    Console(highlight=False).print(f"{args.alias} is {aliases[args.alias]}")
    return 0
