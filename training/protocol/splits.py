"""Forward in time, with an embargo, and with drives the model never sees: train, validation and test.

Each period's labelable days are laid out as::

    train | H days unused | validation | H days unused | test

A label of day t looks at (t, t + H]. With H days unused between two parts, what the earlier part's labels
know ends before the later part's first row. Beside the cut in time, a share of all serial numbers is held out
of train and validation altogether and shows up in test only.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from training.errors import SplitError
from training.protocol.labels import HORIZON_DAYS
from training.protocol.periods import Period
from training.protocol.stable_hash import serial_hash, unit_interval

TRAIN_FRACTION, VALIDATION_FRACTION, TEST_FRACTION = 0.5, 0.2, 0.3
"""Shares of a period's usable days (labelable days less two embargoes).

Half a year of data leaves 90 usable days, thus 45, 18 and 27: the test part has to hold enough failures for
an interval, and validation only sets thresholds.
"""

HELD_OUT_FRACTION = 0.15
"""Share of serial numbers kept out of train and validation."""

SPLITS = ("train", "validation", "test", "unused")


class Days(NamedTuple):
    """A range of days, both ends included."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class PeriodSplit:
    """Which days of one period are for what. A part that is None is not used."""

    period: int
    train: Days | None
    validation: Days | None = None
    test: Days | None = None

    def parts(self) -> list[tuple[str, Days]]:
        """Return the parts that are used, as (name, days), in order of time."""
        named = (("train", self.train), ("validation", self.validation), ("test", self.test))
        return [(name, days) for name, days in named if days is not None]


def plan_splits(
    labelled: pl.DataFrame,
    horizon_days: int = HORIZON_DAYS,
    fractions: tuple[float, float, float] = (TRAIN_FRACTION, VALIDATION_FRACTION, TEST_FRACTION),
) -> list[PeriodSplit]:
    """Lay out train, validation and test over every period.

    Parameters
    ----------
    labelled : polars.DataFrame
        Labelled drive-days, of `training.protocol.labels.label_drive_days`.
    horizon_days : int
        H, the length of each embargo in days.
    fractions : tuple of float
        Shares of train, validation and test; they sum to 1.

    Returns
    -------
    list of PeriodSplit
        One per period. An earlier period too short for two embargoes and three parts is used for training as
        a whole, as long as a later period follows it.

    Raises
    ------
    SplitError
        When the last period is too short, or there are no labelled rows.
    ValueError
        When the fractions are not positive or do not sum to 1.
    """
    if min(fractions) <= 0 or not math.isclose(sum(fractions), 1.0):
        raise ValueError(f"the fractions must be positive and sum to 1, not {fractions}")
    periods = _labelable_periods(labelled)
    plan = []
    for period in periods:
        laid_out = _lay_out(period, horizon_days, fractions)
        if laid_out is None and period is periods[-1]:
            days = (period.last - period.first).days + 1
            raise SplitError(
                f"{period.first} to {period.last} are {days} labelable days; train, validation and test with "
                f"two embargoes of {horizon_days} days need at least {2 * horizon_days + 3}. "
                "Give more days of telemetry."
            )
        plan.append(laid_out or PeriodSplit(period.number, Days(period.first, period.last)))
    return plan


def check_splits(plan: Sequence[PeriodSplit], horizon_days: int = HORIZON_DAYS) -> None:
    """Refuse a layout whose parts overlap or follow each other without the embargo.

    Parameters
    ----------
    plan : sequence of PeriodSplit
        Explicit dates as well as those of `plan_splits`.
    horizon_days : int
        H: a later part starts more than H days after an earlier one ends.

    Raises
    ------
    SplitError
        Naming the two parts and their dates.
    """
    for split in plan:
        parts = split.parts()
        for name, days in parts:
            if days.last < days.first:
                raise SplitError(
                    f"{name} of period {split.period} ends on {days.last}, before it starts on {days.first}"
                )
        for (name, days), (next_name, next_days) in itertools.pairwise(parts):
            if (next_days.first - days.last).days <= horizon_days:
                raise SplitError(
                    f"{next_name} starts on {next_days.first}, but labels of {name} look until "
                    f"{days.last + dt.timedelta(days=horizon_days)}; leave {horizon_days} days between them"
                )


def assign_splits(
    labelled: pl.DataFrame,
    plan: Sequence[PeriodSplit] | None = None,
    *,
    seed: int,
    horizon_days: int = HORIZON_DAYS,
    held_out_fraction: float = HELD_OUT_FRACTION,
) -> pl.DataFrame:
    """Say of every labelled row what it is for.

    Parameters
    ----------
    labelled : polars.DataFrame
        Labelled drive-days with a column ``period``.
    plan : sequence of PeriodSplit, optional
        Explicit dates; `plan_splits` when not given.
    seed : int
        Chooses the held-out serial numbers (sha256 of serial number and seed).
    horizon_days : int
        H, for the embargo.
    held_out_fraction : float
        Share of serial numbers held out; 0 to hold out none.

    Returns
    -------
    polars.DataFrame
        The rows in their given order with ``split`` (Enum of `SPLITS`; "unused" for embargo days and for
        held-out drives before the test) and ``held_out`` (Boolean, the same for all rows of a drive).

    Raises
    ------
    SplitError
        When the plan leaves too little between its parts, or the period is too short to plan one.
    """
    plan = plan_splits(labelled, horizon_days) if plan is None else plan
    check_splits(plan, horizon_days)
    frame = labelled.with_columns(held_out(labelled["serial_number"], seed, held_out_fraction))
    kind = pl.Enum(SPLITS)
    part = pl.lit("unused", dtype=kind)
    for split in plan:
        for name, days in split.parts():
            inside = (pl.col("period") == split.period) & pl.col("date").is_between(days.first, days.last)
            if name != "test":
                inside = inside & ~pl.col("held_out")
            part = pl.when(inside).then(pl.lit(name, dtype=kind)).otherwise(part)
    return frame.with_columns(part.alias("split"))


def held_out(serials: pl.Series, seed: int, fraction: float = HELD_OUT_FRACTION) -> pl.Series:
    """Return for every serial number whether it is held out (Boolean ``held_out``), decided by its hash."""
    return pl.Series("held_out", unit_interval(serial_hash(serials, seed, "held-out")) < fraction)


def seen_in_training(frame: pl.DataFrame, also: Sequence[pl.DataFrame] = ()) -> pl.DataFrame:
    """Add ``drive_seen`` and ``model_seen`` (Boolean): whether drive and drive model occur in train.

    The test part is reported separately for the drives and drive models a model was trained on and for the
    others; a drive installed after the training days is unseen without being held out. ``also`` are rows of
    other fleets that are trained on too (serial_number, model).
    """
    train = frame.filter(pl.col("split") == "train")
    return frame.with_columns(
        _among(frame[name], [train, *also]).alias(seen)
        for name, seen in (("serial_number", "drive_seen"), ("model", "model_seen"))
    )


def _among(names: pl.Series, frames: Sequence[pl.DataFrame]) -> pl.Series:
    known = set().union(*(frame[names.name].unique().to_list() for frame in frames))
    distinct = names.unique()
    table = pl.DataFrame({"name": distinct, "seen": [name in known for name in distinct.to_list()]})
    return names.alias("name").to_frame().join(table, on="name", how="left", maintain_order="left")["seen"]


def _labelable_periods(labelled: pl.DataFrame) -> list[Period]:
    if labelled.is_empty():
        raise SplitError(
            "there is no labelled drive-day: a row needs telemetry of its drive for a whole horizon after it"
        )
    # Numbers come from the whole telemetry; a period too short to label leaves no rows.
    ends = labelled.group_by("period").agg(
        pl.col("date").min().alias("first"), pl.col("date").max().alias("last")
    )
    return [Period(*row) for row in ends.sort("period").rows()]


def _lay_out(period: Period, horizon_days: int, fractions: tuple[float, float, float]) -> PeriodSplit | None:
    usable = (period.last - period.first).days + 1 - 2 * horizon_days
    if usable < len(fractions):
        return None
    train = min(max(round(usable * fractions[0]), 1), usable - 2)
    validation = min(max(round(usable * fractions[1]), 1), usable - train - 1)
    starts = [0, train + horizon_days, train + validation + 2 * horizon_days]
    lengths = [train, validation, usable - train - validation]
    days = [
        Days(period.first + dt.timedelta(days=start), period.first + dt.timedelta(days=start + length - 1))
        for start, length in zip(starts, lengths, strict=True)
    ]
    return PeriodSplit(period.number, *days)
