"""Upload telemetry CSVs to the storage account of a running app, which scores them as they arrive."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from ops.app import storage_account, target
from ops.demo import fleet


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options and arguments."""
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a .csv or .csv.gz, oldest day first"
    )
    target.add_target_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Upload the files in the order given."""
    console = Console(soft_wrap=True, highlight=False)
    account = target.from_arguments(args).blobs
    for path in [fleet.read_day(path).today for path in args.files]:
        etag = storage_account.upload(account, path, lambda _sent, _total: None)
        console.print(f"{storage_account.TELEMETRY}/{path.name} uploaded, ETag {etag}")
    console.print(f"the outputs appear in the container {storage_account.PREDICTIONS}, the summary last")
