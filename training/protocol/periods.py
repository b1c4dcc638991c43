"""Periods of observation: stretches of days without a long gap, each with its own beginning and end.

Telemetry of 2013 and of 2018 may be read together. The end of the first is not a day on which 27,000 drives
failed to survive, so labels, splits and folds treat each contiguous period by itself.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import polars as pl

MAX_GAP_DAYS = 30
"""A longer stretch without any row at all ends a period: no label window of 30 days could reach across it."""


class Period(NamedTuple):
    """A stretch of days with a row on the first and on the last; *number* is 0 for the earliest."""

    number: int
    first: dt.date
    last: dt.date


def find_periods(dates: pl.Series, max_gap_days: int = MAX_GAP_DAYS) -> list[Period]:
    """Find the contiguous periods among some dates.

    Parameters
    ----------
    dates : polars.Series of Date
        In any order, repeated or not.
    max_gap_days : int
        Consecutive dates further apart than this belong to different periods.

    Returns
    -------
    list of Period
        In order of time; empty for no dates.
    """
    days = dates.unique().drop_nulls().sort().to_list()
    starts = [i for i in range(len(days)) if i == 0 or (days[i] - days[i - 1]).days > max_gap_days]
    ends = [i - 1 for i in starts[1:]] + [len(days) - 1]
    return [Period(number, days[a], days[b]) for number, (a, b) in enumerate(zip(starts, ends, strict=False))]


def assign_periods(
    frame: pl.DataFrame, max_gap_days: int = MAX_GAP_DAYS, days: pl.Series | None = None
) -> pl.DataFrame:
    """Add the column ``period`` (Int16) to a table with a column ``date``, order unchanged.

    The periods are those of ``days`` (Date), the table's own when not given; a part of a fleet needs the
    fleet's.
    """
    number = pl.lit(0, dtype=pl.Int16)
    for period in find_periods(frame["date"] if days is None else days, max_gap_days)[1:]:
        number = number + (pl.col("date") >= period.first).cast(pl.Int16)
    return frame.with_columns(number.alias("period"))
