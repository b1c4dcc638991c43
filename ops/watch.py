"""Follow the files that are being scored; with a PATH that file, until it is done, refused or given up."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from azure.storage.blob import BlobServiceClient
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from functions.batch.progress import Progress as RunProgress
from functions.log_records import one_line
from functions.scoring.telemetry import file_stem
from ops.app import target
from ops.app.storage_account import TELEMETRY
from ops.app.target import Target
from ops.console import console, plain
from ops.errors import OpsError
from ops.outputs import run_progress, telemetry_files
from ops.outputs.run_summary import RunSummary
from ops.outputs.telemetry_files import TelemetryBlob
from ops.poison.records import GivenUpFiles


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options and the argument."""
    parser.add_argument(
        "path", nargs="?", metavar="PATH", help="a file of the container telemetry (default: all that run)"
    )
    parser.add_argument(
        "--interval", type=float, default=1.0, metavar="SECONDS", help="how often to look (%(default)s)"
    )
    target.add_target_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Show bars until the file is done; without a PATH until Ctrl-C.

    Raises
    ------
    OpsError
        There is no such file, it was refused or given up, or the interval is no time.
    """
    if not args.interval > 0:
        raise OpsError(f"--interval is {args.interval}; expected more than 0 seconds")
    chosen = target.from_arguments(args)
    out = console()
    with Bars(out) as bars:
        if args.path is None:
            out.print("Files that take more than 2 seconds are shown; Ctrl-C ends this.")
            while True:
                bars.show(run_progress.running(chosen.blobs, datetime.now(UTC)))
                time.sleep(args.interval)
        follow(chosen, args.path.removeprefix(f"{TELEMETRY}/"), bars, args.interval)


def follow(chosen: Target, name: str, bars: Bars, interval: float) -> None:
    """Follow one file until its summary is there, or nobody tries to write it any more.

    Raises
    ------
    OpsError
        There is no such file, or it was refused or given up.
    """
    blobs, stem = chosen.blobs, file_stem(name)
    while True:
        file = _file(blobs, name)
        if progress := run_progress.of_version(blobs, name, file.etag):
            bars.show({stem: progress})
        # Asked before the summary: a record is older than a result that came after all.
        given_up = GivenUpFiles(blobs).has(name, file.etag)
        summary = telemetry_files.summary_of(blobs, file)
        detail = "" if summary is None or summary.error is None else summary.error.detail
        match telemetry_files.progress(summary, given_up=given_up):
            case "scored":
                bars.say(f"{name} is done{_counts(summary)}")
                return
            case "refused":
                raise OpsError(f"{name} was refused: {detail}")
            case "given up":
                raise OpsError(f"{name} was given up after too many tries. {_remedy(blobs, file, detail)}")
            case "failed":
                bars.say(f"{name} failed and is tried again: {detail}")
        time.sleep(interval)


def _counts(summary: RunSummary | None) -> str:
    lines = summary.lines if summary else None
    return f": {lines.accepted:,} rows scored, {lines.rejected:,} rejected" if lines else ""


def _remedy(blobs: BlobServiceClient, file: TelemetryBlob, detail: str) -> str:
    """Return what to do about a file that was given up; *detail* is its summary's, if it has one."""
    if other := telemetry_files.name_taken_by(blobs, file):
        return f"Its outputs would be called as those of {other}: rename one of the two, and upload it again."
    why = detail or "The log says why (python -m ops logs)."
    return f"{why} When the cause is gone, replay it: python -m ops poison replay"


def _file(blobs: BlobServiceClient, name: str) -> TelemetryBlob:
    file = telemetry_files.current(blobs, name)
    if file is None:
        raise OpsError(
            f"there is no {name} in the container {TELEMETRY}; `python -m ops status` lists the newest files"
        )
    return file


class Bars:
    """A bar for every run; where the output is no terminal, a line whenever something is new."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._tasks: dict[str, TaskID] = {}
        self._shown: dict[str, str] = {}
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[words]}", markup=False),
            console=out,
            disable=not out.is_terminal,
        )

    def __enter__(self) -> Bars:
        """Begin to draw."""
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the bars as they are."""
        self._bars.stop()

    def show(self, runs: Mapping[str, RunProgress]) -> None:
        """Draw what is known of the runs; those that are gone lose their bar."""
        for stem in self._tasks.keys() - runs.keys():
            self._bars.remove_task(self._tasks.pop(stem))
        for stem, progress in runs.items():
            words = in_words(progress)
            if stem not in self._tasks:
                self._tasks[stem] = self._bars.add_task(
                    one_line(stem), total=max(progress.bytes, 1), words=words
                )
            self._bars.update(
                self._tasks[stem], completed=progress.bytes_done, total=max(progress.bytes, 1), words=words
            )
            if not self._out.is_terminal:
                percent = 100 * progress.bytes_done / max(progress.bytes, 1)
                self._once(stem, f"{stem}: {percent:.0f} %, {words}")

    def say(self, line: str) -> None:
        """Print a line above the bars, unless it was the last one said."""
        self._once("", line)

    def _once(self, about: str, line: str) -> None:
        if self._shown.get(about) != line:
            self._shown[about] = line
            self._out.print(plain(line))


def in_words(progress: RunProgress) -> str:
    """Return what a bar cannot show."""
    parts = [f"{progress.ranges_done} of {progress.ranges} ranges"] if progress.ranges > 1 else []
    return ", ".join([*parts, f"{progress.rows:,} rows", f"{progress.seconds:.0f} s"])
