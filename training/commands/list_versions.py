"""List the registered versions: aliases, what they are, how well they did in the forward test."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.table import Table

from training.commands.registry_options import add_place_arguments, place_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``list``."""
    add_place_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """List the versions; return 0."""
    location = place_of(args)
    registry = location.registry()
    table = Table("version", "aliases", "model", "average precision per drive", "prevalence")
    for version in registry.versions:
        manifest = location.manifest(version)
        named = sorted(alias for alias, pointed in registry.aliases.items() if pointed == version)
        figures = [manifest.metrics.get(name) for name in ("average_precision", "prevalence")]
        shown = ["" if figure is None else f"{figure:.4f}" for figure in figures]
        table.add_row(version, ", ".join(named), manifest.algorithm, *shown)
    Console(highlight=False).print(table)
    return 0
