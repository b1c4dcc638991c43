"""The options that say which registry a command is about: a folder's, or a storage account's."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from training.versions.folder_registry import FolderRegistry

if TYPE_CHECKING:
    from training.versions.aliases import RegistryPlace
    from training.versions.container_registry import ContainerRegistry

MODELS = Path("models")
STORAGE_HELP = (
    "storage account with the container models: a connection string, or an address such as "
    "https://<account>.blob.core.windows.net for the identity signed in"
)


def add_place_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``--models`` and ``--storage``, of which one counts."""
    places = parser.add_mutually_exclusive_group()
    places.add_argument(
        "--models", type=Path, default=MODELS, metavar="DIR", help="folder of versions (default: %(default)s)"
    )
    places.add_argument("--storage", metavar="TARGET", help=STORAGE_HELP)


def place_of(args: argparse.Namespace) -> RegistryPlace:
    """Return the registry that the options name."""
    return FolderRegistry(args.models) if args.storage is None else container_of(args.storage)


def container_of(target: str) -> ContainerRegistry:
    """Return the registry in an account's container `models`."""
    # Imported here: a folder is looked after without the storage client.
    from training.versions.container_registry import ContainerRegistry
    from training.versions.storage_target import connect

    return ContainerRegistry(connect(target))
