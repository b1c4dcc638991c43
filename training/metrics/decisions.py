"""One decision per drive: whether it is flagged, whether that is right, how long before the failure.

Everything here looks at the labelled rows of one part (validation or test) as an operator would: the first
row of a drive at or above the threshold raises its alarm, later rows add nothing.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from training.metrics.curves import Floats, check
from training.protocol.labels import HORIZON_DAYS

ALERT_BUDGETS = (5, 20, 100)
"""Alarms per 10,000 drives a month that a person is ready to look at."""

MONTH_DAYS = 30
FLEET = 10_000


@dataclass(frozen=True)
class Drives:
    """Scored rows of one part, and the drives they belong to.

    Attributes
    ----------
    rows : polars.DataFrame
        serial_number, date, probability, label, days_to_failure; sorted by (serial_number, date).
    table : polars.DataFrame
        One row per drive, sorted: serial_number, score (highest probability of its rows), label (1 if any of
        its rows is positive), rows (drive-days).
    step : int
        Days from a drive's row to its next: 1, or 7 where every seventh day was kept.
    """

    rows: pl.DataFrame
    table: pl.DataFrame
    step: int = 1

    @property
    def score(self) -> Floats:
        """Highest probability of every drive, shape (drives,)."""
        return self.table["score"].to_numpy()

    @property
    def label(self) -> npt.NDArray[np.int8]:
        """1 for drives with a positive row, shape (drives,)."""
        return self.table["label"].to_numpy()

    @property
    def prevalence(self) -> float:
        """Share of drives with a positive row."""
        return float(self.label.mean())

    @property
    def drive_months(self) -> float:
        """Time observed: days that rows stand for, over 30."""
        return self.rows.height * self.step / MONTH_DAYS


@dataclass(frozen=True)
class DecisionMetrics:
    """How alarms at one threshold turned out, by drive.

    Attributes
    ----------
    threshold : float
        A drive is flagged by its first row with a probability at or above it.
    drives, failing : int
        Drives, and those with a positive row.
    alerts : int
        Drives flagged.
    alerts_per_10000_month : float
        Alerts per 10,000 drives a month of 30 days, by drive-days observed.
    true_positives, false_positives, false_negatives, true_negatives : int
        The confusion matrix: flagged or not, with a positive row or without.
    accuracy, precision, recall, f1, lift : float
        Lift is precision over prevalence. Precision and lift are NaN without alerts, recall without failing
        drives.
    on_time_rate : float
        Of the flagged drives with a positive row, the share whose first alarm came 1 to H days before the
        failure; the others were flagged earlier still. NaN when none was flagged.
    median_lead_days : float
        Median days from first alarm to failure over the same drives; NaN when there is none.
    lead_quartiles_days : tuple of float
        Its lower and upper quartile.
    """

    threshold: float
    drives: int
    failing: int
    alerts: int
    alerts_per_10000_month: float
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    accuracy: float
    precision: float
    recall: float
    f1: float
    lift: float
    on_time_rate: float
    median_lead_days: float
    lead_quartiles_days: tuple[float, float] = (math.nan, math.nan)

    def as_json(self) -> dict[str, Any]:
        """Return the fields, with None for NaN and infinity, which JSON has not."""
        found = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in asdict(self).items()
        }
        if not all(map(math.isfinite, self.lead_quartiles_days)):
            found["lead_quartiles_days"] = None
        return found


def drives_of(frame: pl.DataFrame, probability: npt.ArrayLike, step: int = 1) -> Drives:
    """Gather scored rows by drive.

    Parameters
    ----------
    frame : polars.DataFrame
        Labelled rows of one part: serial_number, date, label, days_to_failure.
    probability : array-like of float, shape (frame.height,)
        In the same order.
    step : int
        Days that a row stands for.

    Raises
    ------
    ValueError
        When the lengths differ, there are no rows, or a probability is NaN.
    """
    _, scores = check(frame["label"].to_numpy(), probability)
    rows = (
        frame.select("serial_number", "date", "label", "days_to_failure")
        .with_columns(pl.Series("probability", scores))
        .sort("serial_number", "date")
    )
    table = (
        rows.group_by("serial_number")
        .agg(
            pl.col("probability").max().alias("score"),
            pl.col("label").max(),
            pl.len().alias("rows"),
        )
        .sort("serial_number")
    )
    return Drives(rows, table, step)


def threshold_for_budget(drives: Drives, budget: float) -> float:
    """Return the lowest threshold whose alarms stay within a budget.

    Parameters
    ----------
    drives : Drives
        Of the validation part.
    budget : float
        Most alarms (drives flagged for the first time) per 10,000 drives a month of 30 days.

    Returns
    -------
    float
        A score that occurs, or the next number above the highest when even one alarm is over the budget.
        Drives with equal scores are flagged together or not at all.
    """
    if not budget > 0:
        raise ValueError(f"the budget must be above 0, not {budget}")
    # A hair above, so that a budget that means a whole number of drives is not lost to rounding.
    allowed = math.floor(budget * drives.drive_months / FLEET + 1e-9)
    falling = np.sort(drives.score)[::-1]
    if allowed >= len(falling):
        return float(falling[-1])
    above = falling[falling > falling[allowed]]
    return float(above[-1]) if above.size else float(np.nextafter(falling[0], np.inf))


def decide(drives: Drives, threshold: float, horizon_days: int = HORIZON_DAYS) -> DecisionMetrics:
    """Flag drives at a threshold and say how that turned out."""
    flagged = drives.score >= threshold
    failing = drives.label == 1
    hits, alerts = int((flagged & failing).sum()), int(flagged.sum())
    lead = _first_alarm_leads(drives, threshold)
    precision, recall = _ratio(hits, alerts), _ratio(hits, int(failing.sum()))
    return DecisionMetrics(
        threshold=float(threshold),
        drives=len(flagged),
        failing=int(failing.sum()),
        alerts=alerts,
        alerts_per_10000_month=alerts / drives.drive_months * FLEET,
        true_positives=hits,
        false_positives=alerts - hits,
        false_negatives=int((~flagged & failing).sum()),
        true_negatives=int((~flagged & ~failing).sum()),
        accuracy=float((flagged == failing).mean()),
        precision=precision,
        recall=recall,
        f1=_ratio(2 * hits, alerts + int(failing.sum())),
        lift=_ratio(precision, drives.prevalence),
        on_time_rate=float((lead <= horizon_days).mean()) if lead.size else math.nan,
        median_lead_days=float(np.median(lead)) if lead.size else math.nan,
        lead_quartiles_days=_quartiles(lead),
    )


def _first_alarm_leads(drives: Drives, threshold: float) -> npt.NDArray[np.int64]:
    """Days from first alarm to failure, of the flagged drives that have a positive row."""
    failing = drives.table.filter(pl.col("label") == 1).select("serial_number")
    first = (
        drives.rows.filter(pl.col("probability") >= threshold)
        .join(failing, on="serial_number", how="semi")
        .group_by("serial_number")
        .agg(pl.col("days_to_failure").sort_by("date").first())
    )
    return first["days_to_failure"].cast(pl.Int64).to_numpy()


def _quartiles(lead: npt.NDArray[np.int64]) -> tuple[float, float]:
    if not lead.size:
        return math.nan, math.nan
    low, high = np.quantile(lead, [0.25, 0.75])
    return float(low), float(high)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
