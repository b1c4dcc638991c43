"""Upload telemetry files to the storage account of a running app, which scores them as they arrive."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from functions.scoring.telemetry import FILE_ENDINGS
from ops.app import storage_account, target
from ops.errors import OpsError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options and arguments."""
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help=f"a telemetry file ({', '.join(FILE_ENDINGS)}), oldest day first",
    )
    target.add_target_arguments(parser)


def _telemetry_file(path: Path) -> Path:
    """Return the path of a file to upload; its content is the app's to judge."""
    if not path.is_file():
        raise OpsError(f"there is no file {path}")
    if not path.name.lower().endswith(FILE_ENDINGS):
        endings = ", ".join(FILE_ENDINGS)
        raise OpsError(
            f"{path.name} ends in none of {endings}: unpack it, or rename it if it is one of these"
        )
    return path


def run(args: argparse.Namespace) -> None:
    """Upload the files in the order given."""
    console = Console(soft_wrap=True, highlight=False)
    account = target.from_arguments(args).blobs
    for path in [_telemetry_file(path) for path in args.files]:
        etag = storage_account.upload(account, path, lambda _sent, _total: None)
        console.print(f"{storage_account.TELEMETRY}/{path.name} uploaded, ETag {etag}")
    console.print(f"the outputs appear in the container {storage_account.PREDICTIONS}, the summary last")
