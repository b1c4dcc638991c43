"""Reads telemetry once, in batches of bounded size, into day CSVs to score and outcomes to score against."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.progress import track

from training.backtesting.day_spool import DaySpool
from training.backtesting.outcomes import Outcomes
from training.errors import TelemetrySourceError
from training.telemetry.sources import find_files
from training.telemetry.tables import attributes_in, columns_of, read_batches


def gather(
    paths: Sequence[Path],
    folder: Path,
    attributes: Sequence[int],
    first: dt.date,
    last: dt.date,
    warm_up_days: int,
    *,
    progress: bool = True,
) -> tuple[DaySpool, Outcomes]:
    """Write the days of a period and of the warm-up before it as CSVs, and note what became of the drives.

    Parameters
    ----------
    paths : sequence of Path
        Telemetry, as for `training.telemetry.data.read_telemetry`.
    folder : Path
        An empty folder for the day CSVs.
    attributes : sequence of int
        SMART attributes that scoring uses; those that no file has get no column.
    first, last : datetime.date
        The period, both days included.
    warm_up_days : int
        Days before it that are wanted for history.

    Raises
    ------
    TelemetrySourceError
        A path holds no telemetry, or the period has no row.
    """
    files = find_files(paths)
    there = {attribute for file in files for attribute in attributes_in(columns_of(file))}
    used = [attribute for attribute in attributes if attribute in there]
    spool, outcomes = DaySpool(folder, used), Outcomes(first, last)
    start = first - dt.timedelta(days=warm_up_days)
    shown = track(
        files, "reading telemetry", console=Console(stderr=True), transient=True, disable=not progress
    )
    for file in shown:
        for batch in read_batches(file, used):
            rows = batch.drop_nulls(["date", "serial_number", "model", "failure"])
            spool.add(rows.filter(pl.col("date").is_between(start, last)))
            outcomes.add(rows)
    if not any(day >= first for day in spool.days):
        found = f"{min(outcomes.days)} to {max(outcomes.days)}" if outcomes.days else "no day"
        raise TelemetrySourceError(f"there is no telemetry of {first} to {last}; the data covers {found}")
    return spool, outcomes
