"""Print a version's card: data, protocol, results, limits."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from functions.scoring.manifest import CHAMPION, read_registry
from training.versions.version import CARD_FILE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``card``."""
    parser.add_argument(
        "version", nargs="?", default=CHAMPION, help="version or alias (default: %(default)s)"
    )
    parser.add_argument(
        "--models", type=Path, default=Path("models"), metavar="DIR", help="folder of versions"
    )


def run(args: argparse.Namespace) -> int:
    """Print a card; return 0."""
    version = read_registry(args.models).resolve(args.version)
    card = (args.models / version / CARD_FILE).read_text(encoding="utf-8")
    console = Console(highlight=False)
    # A person gets it laid out, a file or a pipe gets the Markdown.
    console.print(Markdown(card)) if console.is_terminal else console.out(card, end="")
    return 0
