"""Failures against the time at risk, by drive model and by age."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import chi2

from training.exploration.part import DataPart

HOURS_PER_YEAR = 8766.0
"""Of 365.25 days."""

AGE_YEARS, OLDEST_YEARS = 0.5, 10.0
"""Width of an age group, and from where on drives are one group."""

POWER_ON_HOURS = 9

_DAYS_PER_YEAR = 365
"""As Backblaze reckons an annualised failure rate."""


@dataclass(frozen=True)
class FailureRate:
    """Failures of a group of drives.

    Attributes
    ----------
    drives : int or None
        None where a drive passes through several groups.
    """

    group: str
    drives: int | None
    drive_days: int
    failures: int

    @property
    def annualised(self) -> float:
        """Failures per drive and year."""
        return self.failures / self.drive_days * _DAYS_PER_YEAR

    @property
    def interval(self) -> tuple[float, float]:
        """The exact 95 % interval of the annualised rate for a Poisson count (Garwood 1936)."""
        low = chi2.ppf(0.025, 2 * self.failures) / 2 if self.failures else 0.0
        high = chi2.ppf(0.975, 2 * self.failures + 2) / 2
        scale = _DAYS_PER_YEAR / self.drive_days
        return float(low * scale), float(high * scale)


class FailureRates:
    """Counts time at risk and failures.

    A drive fails at most once in a period: on the day of its last failure row there.
    """

    def __init__(self) -> None:
        self._models = pl.DataFrame(
            schema={"model": pl.String, "drives": pl.Int64, "drive_days": pl.Int64, "failures": pl.Int64}
        )
        self._ages = pl.DataFrame(schema={"age": pl.Int64, "drive_days": pl.Int64, "failures": pl.Int64})

    def add(self, part: DataPart) -> None:
        """Count some drives."""
        date, serial = pl.col("date"), pl.col("serial_number")
        failure = pl.col("failure") == 1
        frame = part.frame.select(
            serial,
            "model",
            (failure & (date == date.filter(failure).max().over("period", "serial_number")))
            .fill_null(False)
            .alias("fails"),
            pl.Series("age", _ages(part)),
        )
        days, failures = pl.len().alias("drive_days"), pl.col("fails").sum().alias("failures")
        models = frame.group_by("model").agg(serial.n_unique().alias("drives"), days, failures)
        ages = frame.group_by("age").agg(days, failures)
        self._models = _sum(self._models, models, "model")
        self._ages = _sum(self._ages, ages, "age")

    def by_model(self) -> list[FailureRate]:
        """Return the rates of drive models, those with the most drive-days first."""
        table = self._models.sort(["drive_days", "model"], descending=[True, False])
        return [FailureRate(*row) for row in table.rows()]

    def by_age(self) -> list[FailureRate]:
        """Return the rates by power-on time, youngest first; drives that do not report it come last."""
        rows = {age: (days, failures) for age, days, failures in self._ages.rows()}
        ages = sorted(age for age in rows if age >= 0)
        found = [FailureRate(_age_group(age), None, *rows[age]) for age in ages]
        if -1 in rows:
            found.append(FailureRate("not reported", None, *rows[-1]))
        return found


def _ages(part: DataPart) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    if POWER_ON_HOURS not in part.attributes:
        return np.full(len(part.label), -1, dtype=np.int64)
    hours = part.values[:, part.attributes.index(POWER_ON_HOURS)]
    groups = np.minimum(hours / HOURS_PER_YEAR, OLDEST_YEARS) // AGE_YEARS
    return np.nan_to_num(groups, nan=-1.0).astype(np.int64)


def _age_group(number: int) -> str:
    low = number * AGE_YEARS
    return f"{low:g} years and more" if low >= OLDEST_YEARS else f"{low:g} to {low + AGE_YEARS:g} years"


def _sum(before: pl.DataFrame, more: pl.DataFrame, key: str) -> pl.DataFrame:
    return pl.concat([before, more.cast(dict(before.schema))]).group_by(key).sum()  # type: ignore[arg-type]
