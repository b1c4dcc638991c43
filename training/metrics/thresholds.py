"""The probabilities at which risk levels start, chosen by how many alerts a person is ready to look at."""

from __future__ import annotations

import msgspec
import numpy as np
import polars as pl

from functions.scoring.model.manifest import Thresholds
from training.metrics.decisions import MONTH_DAYS, Drives, decide, drives_of, threshold_for_budget

BUDGETS = {"critical": 5.0, "high": 20.0, "medium": 100.0}
"""Most drives of 10,000 that may reach a level, or a higher one, within a month."""


_ROOM = 1 << 16
"""Room for periods, and for months of a period, in the key of a drive's month."""


def choose_thresholds(drives: Drives) -> Thresholds:
    """Return the threshold of every level by its budget.

    A threshold lies halfway, in log-odds, between the last score that reaches the level and the next below
    it, so that the rounding of float32 in serving moves no drive across. Levels whose budgets allow the same
    drives are kept apart by one step of float32.

    Parameters
    ----------
    drives : Drives
        Of a part at natural prevalence, of about a month (`in_months`).
    """
    chosen: dict[str, float] = {}
    above = 1.0
    for level, budget in BUDGETS.items():
        at = threshold_for_budget(drives, budget)
        threshold = min(_halfway(drives.score, at), float(np.nextafter(np.float32(above), np.float32(0))))
        chosen[level] = above = threshold
    found = Thresholds(medium=chosen["medium"], high=chosen["high"], critical=chosen["critical"])
    return measured_on(drives, found)


def measured_on(drives: Drives, thresholds: Thresholds) -> Thresholds:
    """Return thresholds with the alerts they give among some drives, of about a month (`in_months`)."""
    alerts = {
        level: round(decide(drives, getattr(thresholds, level)).alerts_per_10000_month, 2)
        for level in BUDGETS
    }
    return msgspec.structs.replace(thresholds, alerts_per_10000_a_month=alerts)


def in_months(frame: pl.DataFrame, probability: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Drives:
    """Gather scored rows of several months: a drive counts anew in every 30 days.

    Where every seventh day was kept, a row stands for seven days of a drive.

    Parameters
    ----------
    frame : polars.DataFrame
        Labelled rows: serial_number, date, period, label, days_to_failure.
    probability : (n,) array of float64
    """
    since = (pl.col("date") - pl.col("date").min().over("period")).dt.total_days()
    # Numbers take the place of serial numbers: a text for each of many million rows would fill the memory.
    drive = frame["serial_number"].cast(pl.Categorical).to_physical().cast(pl.UInt64)
    month = (drive * _ROOM + pl.col("period").cast(pl.UInt64)) * _ROOM + (since // MONTH_DAYS)
    keyed = frame.select(month.cast(pl.UInt64).alias("serial_number"), "date", "label", "days_to_failure")
    return drives_of(keyed, probability, _step(frame))


def _step(frame: pl.DataFrame) -> int:
    """Return the usual number of days from a drive's row to its next; 1 where no drive has two."""
    rows = frame.select("serial_number", "date").sort("serial_number", "date")
    same = pl.col("serial_number") == pl.col("serial_number").shift(1)
    gaps = rows.select((pl.col("date") - pl.col("date").shift(1)).filter(same).dt.total_days()).to_series()
    median = gaps.median()
    return round(median) if isinstance(median, float) else 1


def _halfway(scores: np.ndarray[tuple[int], np.dtype[np.float64]], threshold: float) -> float:
    below, reached = scores[scores < threshold], scores[scores >= threshold]
    high = float(reached.min()) if reached.size else 1.0 - 1e-9
    low = float(below.max()) if below.size else high / 2
    middle = (np.log(low / (1 - low)) + np.log(high / (1 - high))) / 2
    return float(1 / (1 + np.exp(-middle)))
