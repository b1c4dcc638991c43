"""How rare failures are: drives, drive-days, failures and prevalence, period by period."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from training.exploration.part import UNKNOWN, DataPart
from training.protocol.periods import find_periods

_SCHEMA = {
    "period": pl.Int16,
    "drives": pl.UInt32,
    "drive_days": pl.UInt32,
    "failures": pl.UInt32,
    "labelled": pl.UInt32,
    "positives": pl.UInt32,
}


@dataclass(frozen=True)
class PeriodBalance:
    """The classes of one period.

    Attributes
    ----------
    first, last : str
        ISO 8601 dates.
    days : int
        Days on which there is any row.
    span : int
        Days from first to last.
    failures : int
        Drives with a failure row in the period.
    labelled : int
        Drive-days whose outcome within the horizon is known.
    positives : int
        Those followed by a failure within the horizon.
    """

    first: str
    last: str
    days: int
    span: int
    drives: int
    drive_days: int
    failures: int
    labelled: int
    positives: int

    @property
    def prevalence(self) -> float | None:
        """Share of positives; None when no outcome is known."""
        return self.positives / self.labelled if self.labelled else None


class Balance:
    """Counts the classes of every period."""

    def __init__(self) -> None:
        self._table = pl.DataFrame(schema=_SCHEMA)

    def add(self, part: DataPart) -> None:
        """Count some drives."""
        counted = (
            part.frame.select("period", "serial_number", "failure")
            .with_columns(pl.Series("label", part.label))
            .group_by("period")
            .agg(
                pl.col("serial_number").n_unique().alias("drives"),
                pl.len().alias("drive_days"),
                pl.col("serial_number").filter(pl.col("failure") == 1).n_unique().alias("failures"),
                (pl.col("label") != UNKNOWN).sum().alias("labelled"),
                (pl.col("label") == 1).sum().alias("positives"),
            )
            .cast(_SCHEMA)  # type: ignore[arg-type]
        )
        self._table = pl.concat([self._table, counted.select(list(_SCHEMA))]).group_by("period").sum()

    def periods(self, days: pl.Series) -> list[PeriodBalance]:
        """Return the counts in order of time, given every day of the fleet."""
        counts = {row["period"]: row for row in self._table.rows(named=True)}
        found = []
        for period in find_periods(days):
            count = {name: number for name, number in counts[period.number].items() if name != "period"}
            found.append(
                PeriodBalance(
                    first=period.first.isoformat(),
                    last=period.last.isoformat(),
                    days=int(days.is_between(period.first, period.last).sum()),
                    span=(period.last - period.first).days + 1,
                    **count,
                )
            )
        return found
