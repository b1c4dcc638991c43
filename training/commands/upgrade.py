"""Bring versions of an earlier release up to this one: golden telemetry, digests of manifests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from training.commands.registry_options import add_place_arguments, place_of
from training.versions.upgrade import upgrade

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``upgrade``."""
    add_place_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Upgrade; return 0."""
    location = place_of(args)
    upgraded = upgrade(location)
    said = f"{', '.join(upgraded)} upgraded" if upgraded else "nothing to upgrade"
    Console(highlight=False, soft_wrap=True).print(f"{said} in {location.where}")
    return 0
