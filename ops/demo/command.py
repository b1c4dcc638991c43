"""Run the whole thing once: start the app, score a fleet, ask about one of its drives, show it all, stop."""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Set
from pathlib import Path

from azure.storage.blob import BlobServiceClient
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from devhost import azurite
from functions.scoring.telemetry import file_stem
from functions.storage.output_names import REJECTS
from ops.app import drive_record, ports, predict_client, storage_account
from ops.app.predict_client import Prediction
from ops.app.process import AppProcess, devhost_command
from ops.demo import fleet, report
from ops.demo.fleet import DemoFleet
from ops.demo.report import DemoResult
from ops.errors import OpsError
from ops.outputs import run_summary
from ops.outputs.run_summary import RunSummary
from ops.outputs.worst_drives import ScoredDrive, worst

START_SECONDS = 60.0
WORST = 10
SAME_PROBABILITY = 1e-6
"""How far HTTP and batch may differ: the scored CSV rounds, the model does not."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--data", type=Path, metavar="FILE", help="a Backblaze day CSV (default: a simulated fleet)"
    )
    parser.add_argument(
        "--output", type=Path, default=Path("demo-output"), help="folder for files (%(default)s)"
    )
    parser.add_argument("--picture", type=Path, metavar="FILE", help="also save what is shown as SVG")
    parser.add_argument(
        "--timeout",
        type=float,
        default=300.0,
        metavar="SECONDS",
        help="longest wait for one file's scores (%(default)s)",
    )


def run(args: argparse.Namespace) -> None:
    """Do it all, and stop what was started whatever happens."""
    out = report.console()
    given = fleet.read_day(args.data) if args.data else None
    args.output.mkdir(parents=True, exist_ok=True)
    http_port, *storage_ports = ports.free_ports(4)
    connection = azurite.connection_string(*storage_ports)
    with (
        tempfile.TemporaryDirectory(prefix="drivecast-demo-", ignore_cleanup_errors=True) as azurite_dir,
        AppProcess(
            devhost_command(http_port, Path(azurite_dir)),
            log=args.output / "devhost.log",
            port=http_port,
            environment={storage_account.SETTING: connection},
        ) as app,
        _progress(out) as progress,
    ):
        # The app starts while the fleet is simulated.
        task = progress.add_task(
            "starting the app, simulating a fleet" if given is None else "starting the app", total=None
        )
        drives = given or fleet.simulate(args.output / "fleet")
        app.wait_until_healthy(START_SECONDS)
        progress.update(task, total=1, completed=1)
        account = storage_account.connect(connection)
        for day in drives.days:
            began = time.monotonic()
            summary = _score(account, day, app, progress, args.timeout)
        seconds = time.monotonic() - began
        stem = file_stem(drives.today.name)
        outputs = storage_account.download_outputs(account, stem, args.output)
        drives_by_risk = worst(args.output / f"{stem}.csv", WORST)
        rejected = drive_record.rejected_lines(args.output / f"{stem}{REJECTS}")
        prediction = _ask(app.url, drives, drives_by_risk[0], rejected) if drives_by_risk else None
    result = DemoResult(drives, summary, seconds, drives_by_risk, prediction, outputs)
    report.show(out, result)
    if args.picture:
        report.save_picture(args.picture, result)


def _progress(out: Console) -> Progress:
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=20), TimeElapsedColumn()
    return Progress(*columns, console=out)


def _score(
    account: BlobServiceClient, day: Path, app: AppProcess, progress: Progress, seconds: float
) -> RunSummary:
    """Upload a day and wait for the summary of exactly that upload."""
    task = progress.add_task(f"uploading {day.name}", total=day.stat().st_size)
    etag = storage_account.upload(account, day, lambda sent, _total: progress.update(task, completed=sent))
    progress.update(task, description=f"scoring {day.name}", total=None)

    def accept(content: bytes) -> bool:
        return run_summary.read(content).source.etag.strip('"') == etag

    try:
        content = storage_account.wait_for(
            account, f"{file_stem(day.name)}.summary.json", accept=accept, check=app.check, seconds=seconds
        )
    except OpsError as error:
        raise OpsError(str(error), error.log or app.tail()) from None
    progress.update(task, description=f"scored {day.name}", total=1, completed=1)
    summary = run_summary.read(content)
    if summary.status != "scored":
        why = (
            f"{summary.error.title}: {summary.error.detail}"
            if summary.error
            else f"status {summary.status!r}"
        )
        raise OpsError(f"{day.name} was not scored. {why}")
    return summary


def _ask(url: str, drives: DemoFleet, drive: ScoredDrive, rejected: Set[int]) -> Prediction:
    """POST the drive's telemetry, earlier days included, and compare the answer with the scored CSV."""
    record = drive_record.find(drives.today, drive.serial_number, drive.model, drive.date, rejected)
    if record is None:
        raise OpsError(f"{drive.serial_number} is in the scored CSV but not in {drives.today}")
    earlier = [drive_record.find(day, drive.serial_number, drive.model) for day in drives.earlier]
    prediction = predict_client.predict(url, record, [each for each in earlier if each is not None])
    if not math.isclose(prediction.probability or 0.0, drive.probability, abs_tol=SAME_PROBABILITY):
        raise OpsError(
            f"POST /api/predict gave {drive.serial_number} the probability {prediction.probability}, "
            f"the scored CSV {drive.probability}: they are to agree"
        )
    return prediction
