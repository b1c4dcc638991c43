"""A fleet's labelled drive-days, divided: what a training run starts from."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from training.errors import TrainingError
from training.fitting.drive_days import DriveDays, read_drive_days
from training.fitting.feature_sets import STAND_INS
from training.fitting.unique_values import DistinctValues
from training.options import WeightedPath
from training.protocol.splits import PeriodSplit, assign_splits, held_out, plan_splits, seen_in_training


@dataclass(frozen=True)
class ExtraFleet:
    """Another fleet that is trained on too.

    Attributes
    ----------
    name : str
        Of its telemetry, without directories.
    weight : float
        Of each of its rows.
    days : DriveDays
        Its rows with ``held_out``: the same serial numbers are held out as in the main fleet.
    values : DistinctValues
        Those of ``days``, with stand-ins.
    """

    name: str
    weight: float
    days: DriveDays
    values: DistinctValues

    @property
    def lineage(self) -> dict[str, Any]:
        """As `training.telemetry.sources.lineage` describes it, with the weight."""
        return {"weight": self.weight, **self.days.lineage}

    def trainable(self, before: dt.date | None = None) -> pl.DataFrame:
        """Return the rows of drives not held out, of the days before one when it is given."""
        rows = self.days.rows.filter(~pl.col("held_out"))
        return rows if before is None else rows.filter(pl.col("date") < before)


@dataclass(frozen=True)
class Fleet:
    """Telemetry, labelled and divided.

    Attributes
    ----------
    values : DistinctValues
        Values of the drive-days, by the number in their column ``row``, with stand-ins.
    reported : DistinctValues
        The same as the telemetry has them.
    labelled : polars.DataFrame
        Labelled drive-days of `training.fitting.drive_days.DriveDays` with split, held_out, drive_seen and
        model_seen.
    lineage : dict
        Of `training.telemetry.sources.lineage`; with ``beside`` when other fleets are trained on too.
    telemetry_ends : dict of int to datetime.date
        The last day of telemetry of every period, by number.
    extra : tuple of ExtraFleet
        Trained on too; never part of validation and test.
    """

    values: DistinctValues
    reported: DistinctValues
    labelled: pl.DataFrame
    plan: list[PeriodSplit]
    lineage: dict[str, Any]
    telemetry_ends: dict[int, dt.date]
    horizon_days: int
    extra: tuple[ExtraFleet, ...] = ()

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

    def trainable(self, before: dt.date | None = None) -> pl.DataFrame:
        """Return the rows of drives not held out, of the days before one when it is given."""
        rows = self.labelled.filter(~pl.col("held_out"))
        return rows if before is None else rows.filter(pl.col("date") < before)

    @property
    def drive_models(self) -> list[str]:
        """The drive models with a failing drive that is trained on, ascending."""
        failing = self.trainable().filter(pl.col("label") == 1)
        return sorted(failing["model"].cast(pl.String).unique().to_list())

    @property
    def data_digest(self) -> str:
        """sha256 over the digests of the files trained on; that of the main fleet when it is alone."""
        own = str(self.lineage["digest"])
        every = [own, *(f"{one.weight!r} {one.days.lineage['digest']}" for one in self.extra)]
        return hashlib.sha256("".join(every).encode()).hexdigest() if self.extra else own

    @property
    def known_before(self) -> dt.date:
        """The first day whose label would not be known when the first validation or test part begins."""
        return _known_before(self.plan, self.horizon_days)


def load(
    paths: Sequence[Path],
    *,
    seed: int,
    horizon_days: int,
    extra: Sequence[WeightedPath] = (),
    progress: bool = False,
) -> Fleet:
    """Read, label and split telemetry.

    Parameters
    ----------
    seed : int
        Chooses the drives that are held out.
    extra : sequence of WeightedPath
        Other fleets to train on too.

    Raises
    ------
    TelemetrySourceError, SplitError
        The telemetry cannot be read, or covers too few days.
    TrainingError
        Train, validation or test has no failing or no healthy drive-day, or nothing of another fleet was
        known early enough.
    """
    days = read_drive_days(paths, horizon_days, progress=progress)
    plan = plan_splits(days.rows, horizon_days)
    others = tuple(
        _extra(one, plan, seed=seed, horizon_days=horizon_days, progress=progress) for one in extra
    )
    known = _known_before(plan, horizon_days)
    labelled = seen_in_training(
        assign_splits(days.rows, plan, seed=seed, horizon_days=horizon_days),
        [one.trainable(known) for one in others],
    )
    lineage = {**days.lineage, **({"beside": [one.lineage for one in others]} if others else {})}
    values = days.values.standing_in(STAND_INS)
    fleet = Fleet(values, days.values, labelled, plan, lineage, days.telemetry_ends, horizon_days, others)
    for name in ("train", "validation", "test"):
        found = count(fleet.part(name))
        if not 0 < found["positive_rows"] < found["rows"]:
            raise TrainingError(
                f"the {name} period has {found['rows']:,} labelled drive-days, {found['positive_rows']:,} of "
                f"them followed by a failure within {horizon_days} days; both kinds are needed. Give more "
                "drives or more days."
            )
    return fleet


def _known_before(plan: Sequence[PeriodSplit], horizon_days: int) -> dt.date:
    starts = [days.first for split in plan for name, days in split.parts() if name != "train"]
    return min(starts) - dt.timedelta(days=horizon_days)


def _extra(
    one: WeightedPath, plan: Sequence[PeriodSplit], *, seed: int, horizon_days: int, progress: bool
) -> ExtraFleet:
    days = read_drive_days([one.path], horizon_days, progress=progress)
    apart = held_out(days.rows["serial_number"], seed)
    rows = replace(days, rows=days.rows.with_columns(apart))
    fleet = ExtraFleet(one.path.name, one.weight, rows, days.values.standing_in(STAND_INS))
    known = _known_before(plan, horizon_days)
    if not fleet.trainable(known)["label"].sum():
        raise TrainingError(
            f"{one.path.name} has no failing drive whose outcome is known before "
            f"{known + dt.timedelta(days=horizon_days)}, when validation begins; leave it out of "
            "--extra-data, or name it under --also-evaluate"
        )
    return fleet


def count(frame: pl.DataFrame) -> dict[str, int]:
    """Count labelled rows and drives, and those with a failure within the horizon."""
    failing = frame.filter(pl.col("label") == 1)
    return {
        "rows": frame.height,
        "positive_rows": failing.height,
        "drives": frame["serial_number"].n_unique(),
        "failing_drives": failing["serial_number"].n_unique(),
    }
