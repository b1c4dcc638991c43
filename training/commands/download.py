"""Fetch Backblaze's published telemetry of a quarter: one zip of day CSVs, checked before it gets its name.

Run it again after an interruption: it goes on where it stopped. Backblaze's terms: free to use, name them as
the source, do not sell the data itself.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from training.downloading.archive_check import check_bytes, days_in, missing_days
from training.downloading.errors import DownloadError
from training.downloading.partial import Partial
from training.downloading.quarter import BASE_URL, PublishedQuarter, release_of
from training.downloading.transfer import fetch

_SHOWN_DAYS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``download``."""
    parser.add_argument(
        "--quarter",
        required=True,
        metavar="YYYY-QN",
        help="such as 2025-Q2; 2013 to 2015 come as whole years",
    )
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder for the zip")
    parser.add_argument(
        "--base-url", default=BASE_URL, metavar="URL", help="folder of the zips (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> int:
    """Fetch, check and say what there is."""
    release = release_of(args.quarter, dt.datetime.now(dt.UTC).date())
    if args.output.exists() and not args.output.is_dir():
        raise DownloadError(f"--output {args.output} is a file; name a folder")
    args.output.mkdir(parents=True, exist_ok=True)
    path = args.output / release.name
    there = path.exists()
    if there:
        try:
            days = days_in(path, release)
        except DownloadError as error:
            raise DownloadError(f"{error.detail}; delete it to fetch it again") from error
    else:
        days = download(release, path, args.base_url)
    console = Console(soft_wrap=True, highlight=False)
    size = f"{path.stat().st_size / 1e6:,.1f} MB, {len(days)} of {release.days} days"
    console.print(f"{path} is complete already ({size})" if there else f"fetched and checked {path} ({size})")
    missing = missing_days(release, days)
    if missing:
        more = ", …" if len(missing) > _SHOWN_DAYS else ""
        console.print(f"note: it has no CSV of {', '.join(map(str, missing[:_SHOWN_DAYS]))}{more}")
    console.print(f"Next: python -m training explore --data {path} --output report.html")
    return 0


def download(release: PublishedQuarter, path: Path, base_url: str = BASE_URL) -> list[dt.date]:
    """Fetch a release and check it.

    Parameters
    ----------
    path : Path
        The final file; it appears whole and checked, or not at all.
    base_url : str
        The folder that the zip is published in.

    Returns
    -------
    list of datetime.date
        The days it holds.

    Raises
    ------
    DownloadError
        See `training.downloading.transfer.fetch`; also when what came is damaged: it is deleted then.
    """
    partial = Partial(path)
    url = f"{base_url.rstrip('/')}/{release.name}"
    with _bar(f"fetching {release.name}") as (progress, tell):
        fetch(url, partial, progress=progress, tell=tell)
    try:
        with _bar(f"checking {release.name}") as (progress, _):
            days = days_in(partial.path, release)
            check_bytes(partial.path, progress)
    except DownloadError as error:
        partial.discard()
        detail = error.detail.replace(str(partial.path), f"what came from {url}")
        raise DownloadError(f"{detail}; it was deleted, run the command again") from error
    partial.finish()
    return days


@contextmanager
def _bar(description: str) -> Iterator[tuple[Callable[[int, int | None], None], Callable[[str], None]]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True, highlight=False)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(description, total=None)
        yield (
            lambda done, size: bar.update(task, completed=done, total=size),
            lambda sentence: console.print(f"note: {sentence}"),
        )
