"""Print a version's card: data, protocol, results, limits."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.markdown import Markdown

from functions.scoring.model.manifest import CHAMPION
from training.commands.registry_options import add_place_arguments, place_of
from training.versions.assemble import CARD_FILE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``card``."""
    parser.add_argument(
        "version", nargs="?", default=CHAMPION, help="version or alias (default: %(default)s)"
    )
    add_place_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Print a card; return 0."""
    location = place_of(args)
    version = location.registry().resolve(args.version)
    card = location.file(version, CARD_FILE).decode()
    console = Console(highlight=False)
    # A person gets it laid out, a file or a pipe gets the Markdown.
    console.print(Markdown(card)) if console.is_terminal else console.out(card, end="")
    return 0
