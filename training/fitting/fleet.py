"""A fleet's telemetry read, labelled and divided: what a training run starts from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from functions.scoring.smart import ERROR_ATTRIBUTES
from training.errors import TrainingError
from training.fitting.matrix import FleetHistory
from training.protocol.labels import label_drive_days
from training.protocol.periods import find_periods
from training.protocol.splits import PeriodSplit, assign_splits, plan_splits, seen_in_training
from training.telemetry.data import read_telemetry
from training.telemetry.sources import lineage
from training.telemetry.tables import raw_column

POWER_ON_HOURS = 9
"""The SMART attribute that is a drive's age; no feature, but what a leak probe needs."""


@dataclass(frozen=True)
class Fleet:
    """Telemetry, labelled and divided.

    Attributes
    ----------
    history : FleetHistory
    labelled : polars.DataFrame
        Labelled drive-days with ``row`` (their position in the history), period, split, held_out, drive_seen
        and model_seen; capacity_bytes and smart_9_raw, for the leak probes only.
    plan : list of PeriodSplit
    lineage : dict
        Of `training.telemetry.sources.lineage`.
    telemetry_ends : dict of int to datetime.date
        The last day of telemetry of every period, by number.
    """

    history: FleetHistory
    labelled: pl.DataFrame
    plan: list[PeriodSplit]
    lineage: dict[str, Any]
    telemetry_ends: dict[int, dt.date]

    def part(self, split: str) -> pl.DataFrame:
        """Return the rows of train, validation or test."""
        return self.labelled.filter(pl.col("split") == split)

    def development(self) -> pl.DataFrame:
        """Return the rows before each period's test, without the held-out drives."""
        ends = [(split.period, (split.validation or split.train)) for split in self.plan]
        before = [
            (pl.col("period") == period) & (pl.col("date") <= days.last) for period, days in ends if days
        ]
        return self.labelled.filter(~pl.col("held_out"), pl.any_horizontal(before))


def load(paths: Sequence[Path], *, seed: int, horizon_days: int, progress: bool = False) -> Fleet:
    """Read, label and split telemetry.

    Parameters
    ----------
    paths : sequence of Path
    seed : int
        Chooses the drives that are held out.
    horizon_days : int
    progress : bool
        Whether to show a progress bar on stderr.

    Raises
    ------
    TelemetrySourceError, SplitError
        The telemetry cannot be read, or covers too few days.
    TrainingError
        Train, validation or test has no failing or no healthy drive-day.
    """
    frame = read_telemetry(paths, (*ERROR_ATTRIBUTES, POWER_ON_HOURS), progress)
    source = lineage(paths, frame)
    history = FleetHistory(frame, ERROR_ATTRIBUTES)
    identity = ("date", "serial_number", "model", "failure", "capacity_bytes", raw_column(POWER_ON_HOURS))
    ends = {period.number: period.last for period in find_periods(frame["date"])}
    labelled = label_drive_days(frame.select(identity).with_row_index("row"), horizon_days)
    del frame
    plan = plan_splits(labelled, horizon_days)
    labelled = seen_in_training(assign_splits(labelled, plan, seed=seed, horizon_days=horizon_days))
    fleet = Fleet(history, labelled, plan, source, ends)
    for name in ("train", "validation", "test"):
        found = counted(fleet.part(name))
        if not 0 < found["positive_rows"] < found["rows"]:
            raise TrainingError(
                f"the {name} period has {found['rows']:,} labelled drive-days, {found['positive_rows']:,} of "
                f"them followed by a failure within {horizon_days} days; both kinds are needed. Give more "
                "drives or more days."
            )
    return fleet


def counted(frame: pl.DataFrame) -> dict[str, int]:
    """Count labelled rows and drives, and those with a failure within the horizon."""
    failing = frame.filter(pl.col("label") == 1)
    return {
        "rows": frame.height,
        "positive_rows": failing.height,
        "drives": frame["serial_number"].n_unique(),
        "failing_drives": failing["serial_number"].n_unique(),
    }
