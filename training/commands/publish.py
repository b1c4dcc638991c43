"""Upload a version into a storage account, for apps that take their model from there.

The model that answers does not change, unless ``--alias champion`` says so; ``promote`` does it later.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from functions.scoring.model.manifest import MANIFEST_FILE, read_registry
from training.commands.registry_options import MODELS, STORAGE_HELP, container_of
from training.versions.aliases import point
from training.versions.folder_registry import verified_files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``publish``."""
    parser.add_argument("version", help="a version of the folder, or an alias that points to one")
    parser.add_argument(
        "--models", type=Path, default=MODELS, metavar="DIR", help="folder of versions (default: %(default)s)"
    )
    parser.add_argument("--storage", required=True, metavar="TARGET", help=STORAGE_HELP)
    parser.add_argument("--alias", help="alias to point to it there, such as champion (default: none)")


def run(args: argparse.Namespace) -> int:
    """Publish; return 0."""
    version = read_registry(args.models).resolve(args.version)
    files = verified_files(args.models, version)
    location = container_of(args.storage)
    location.prepare()
    # The manifest first: who has written it has the name, and nobody's files mix with another's. The registry
    # last: nobody looks at a version before all of it is there.
    uploaded = sum(
        location.upload(version, name, files[name])
        for name in sorted(files, key=lambda n: (n != MANIFEST_FILE, n))
    )
    digest = location.verify(version)
    registry = location.change(lambda found: point(found, version, digest, args.alias), create=True)
    named = sorted(alias for alias, pointed_to in registry.aliases.items() if pointed_to == version)
    Console(highlight=False, soft_wrap=True).print(
        f"{version} is in {location.where}: {uploaded} files uploaded, "
        f"{len(files) - uploaded} there already; "
        + (f"it is {', '.join(named)}" if named else "no alias points to it yet")
    )
    return 0
