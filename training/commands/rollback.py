"""Make the previous champion the champion again."""

from __future__ import annotations

import argparse

from rich.console import Console

from functions.scoring.model.manifest import CHAMPION
from training.commands.registry_options import add_place_arguments, place_of
from training.versions.aliases import PREVIOUS, rollback


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``rollback``."""
    add_place_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Roll back; return 0."""
    aliases = rollback(place_of(args)).aliases
    Console(highlight=False).print(
        f"{CHAMPION} is {aliases[CHAMPION]} again, {PREVIOUS} is {aliases[PREVIOUS]}"
    )
    return 0
