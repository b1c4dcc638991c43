"""One run: the drives are read, their rows written or sent, and what did not succeed is told."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Callable, NamedTuple, Sequence

from collector.drives.collection import Asking, ReadDrive, collect
from collector.drives.reading import Row
from collector.drives.scan import find_devices
from collector.drives.smartctl_run import find_smartctl
from collector.drives.unreadable import NO_ANSWER, UnreadableError
from collector.errors import CollectError
from collector.exit_codes import NOTHING_READ, SOME_UNREADABLE, ExitCode, gravest
from collector.outbox import post
from collector.prometheus.exporter_metrics import exported_drives
from collector.prometheus.query import PrometheusError, PrometheusServer
from collector.sending.forecast_app import parcels_of
from collector.sending.parcel import BLOB, Parcel
from collector.sending.retries import RetryBudget
from collector.settings import CollectSettings
from collector.telemetry.day_file import append_day, csv_of, write_day
from collector.telemetry.day_folder import csv_so_far, json_so_far


class HostReadings(NamedTuple):
    """The readings of a run: rows by host, smartctl's own output, drives that were not read, remarks."""

    rows: dict[str, list[Row]]
    drives: list[ReadDrive]
    unreadable: list[tuple[str, UnreadableError]]
    remarks: list[str]


def run(settings: CollectSettings, warn: Callable[[str], None], tell: Callable[[str], None]) -> ExitCode:
    """Read and deliver once; *warn* is handed what somebody should look at, *tell* the rest.

    Raises
    ------
    CollectError
    """
    # The day begins everywhere at the same time: a fleet's files of a date are of one day.
    date = dt.datetime.now(dt.timezone.utc).date().isoformat()
    codes: set[ExitCode] = set()
    readings = _of_prometheus(settings, date) if settings.prometheus else _of_smartctl(settings, date)
    for name, error in readings.unreadable:
        (warn if error.cause.counts else tell)(error.line(name))
    for remark in readings.remarks:
        tell(remark)
    rows = [row for host in sorted(readings.rows) for row in readings.rows[host]]
    missed = [error for _, error in readings.unreadable if error.cause.counts]
    if not rows and (missed or not readings.unreadable):
        codes.add(NOTHING_READ)
        if not missed:
            warn("no drive was found; name drives with --device, and run as root")
    elif missed:
        codes.add(SOME_UNREADABLE)
    unwritten: CollectError | None = None
    try:
        if rows:
            _write(settings, date, rows, tell)
    except CollectError as error:  # sent all the same
        unwritten = error
    sent = ""
    if settings.upload or settings.send:
        posted = post(settings, lambda state: _parcels(settings, state, date, readings), warn)
        for line in posted.lines:
            warn(line)
        codes.update(posted.codes)
        sent = "; {} sent".format(_count(posted.taken, "parcel"))
    if unwritten is not None:
        raise unwritten
    tell("{} read, {} not{}".format(_count(len(rows), "drive"), len(readings.unreadable), sent))
    return gravest(codes)


def _of_smartctl(settings: CollectSettings, date: str) -> HostReadings:
    program = find_smartctl(settings.smartctl)
    asking = Asking(program, settings.power_mode, settings.timeout, settings.parallel)
    try:
        devices, unopened = find_devices(program, settings.scan, settings.device, settings.exclude)
    except UnreadableError as error:
        return HostReadings({}, [], [("the scan", error)], [])
    collected = collect(devices, asking, date)
    rows = [drive.row for drive in collected.drives]
    return HostReadings(
        {settings.host: rows} if rows else {},
        collected.drives,
        [(device.path, error) for device, error in [*unopened, *collected.unreadable]],
        [f"{device}: the same drive as {first}" for device, first in collected.repeated],
    )


def _of_prometheus(settings: CollectSettings, date: str) -> HostReadings:
    patience = RetryBudget(settings.attempts, settings.patience)
    server = PrometheusServer(settings.prometheus, settings.prometheus_token, patience, settings.http_timeout)
    try:
        found = exported_drives(server, settings.prometheus_match, date)
    except PrometheusError as error:
        return HostReadings({}, [], [("Prometheus", UnreadableError(NO_ANSWER, [str(error)]))], [])
    remarks = []
    if found.inexact:
        remarks.append(
            "{} of 2^53 and above left out: Prometheus has them rounded".format(
                _count(found.inexact, "raw value")
            )
        )
    return HostReadings(found.rows, [], found.unreadable, remarks)


def _write(settings: CollectSettings, date: str, rows: Sequence[Row], tell: Callable[[str], None]) -> None:
    """Write what is asked for on disk; on standard output where nothing is asked for at all."""
    for named, store in ((settings.csv, write_day), (settings.append, append_day)):
        if named is not None:
            path = Path(str(named).replace("{date}", date).replace("{host}", settings.host))
            store(path, rows)
            tell(f"{path} written")
    if not (settings.csv or settings.append or settings.upload or settings.send):
        sys.stdout.buffer.write(csv_of(rows))


def _parcels(settings: CollectSettings, state: Path, date: str, readings: HostReadings) -> list[Parcel]:
    parcels: list[Parcel] = []
    if settings.upload:
        for host, rows in sorted(readings.rows.items()):
            folder = state / "days" / host
            if settings.upload_as == "json":
                content = json_so_far(folder, date, [drive.document for drive in readings.drives])
            else:
                content = csv_so_far(folder, date, rows)
            parcels.append(Parcel(BLOB, f"{host}/{date}.{settings.upload_as}", content))
    if settings.send:
        parcels.extend(parcels_of(readings.drives, settings.send_as, settings.host))
    return parcels


def _count(number: int, noun: str) -> str:
    return "{} {}{}".format(number, noun, "" if number == 1 else "s")
