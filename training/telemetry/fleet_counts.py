"""How much telemetry there is: counts that add up over parts of a fleet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import polars as pl


@dataclass(frozen=True)
class FleetCounts:
    """Counts of some drives' telemetry.

    Attributes
    ----------
    rows : int
        Drive-days.
    failures : int
        Drives with a failure row.
    first_date, last_date : datetime.date or None
        None for no rows.
    """

    rows: int = 0
    drives: int = 0
    drive_models: frozenset[str] = field(default_factory=frozenset)
    failures: int = 0
    failure_rows: int = 0
    first_date: dt.date | None = None
    last_date: dt.date | None = None

    @classmethod
    def of(cls, frame: pl.DataFrame) -> FleetCounts:
        """Count a table as `training.telemetry.data.read_telemetry` returns it."""
        failed = frame.filter(pl.col("failure") == 1)
        first, last = frame.select(
            pl.col("date").min().alias("first"), pl.col("date").max().alias("last")
        ).row(0)
        return cls(
            rows=frame.height,
            drives=frame["serial_number"].n_unique(),
            drive_models=frozenset(frame["model"].unique().to_list()),
            failures=failed["serial_number"].n_unique(),
            failure_rows=failed.height,
            first_date=first,
            last_date=last,
        )

    def __add__(self, other: FleetCounts) -> FleetCounts:
        """Return the counts of both parts; no drive may be in both."""
        firsts = [date for date in (self.first_date, other.first_date) if date]
        lasts = [date for date in (self.last_date, other.last_date) if date]
        return FleetCounts(
            rows=self.rows + other.rows,
            drives=self.drives + other.drives,
            drive_models=self.drive_models | other.drive_models,
            failures=self.failures + other.failures,
            failure_rows=self.failure_rows + other.failure_rows,
            first_date=min(firsts, default=None),
            last_date=max(lasts, default=None),
        )

    def document(self) -> dict[str, Any]:
        """Return the counts JSON-ready: drive models as their number, dates as ISO 8601."""
        return {
            "rows": self.rows,
            "drives": self.drives,
            "drive_models": len(self.drive_models),
            "failures": self.failures,
            "failure_rows": self.failure_rows,
            "first_date": self.first_date.isoformat() if self.first_date else None,
            "last_date": self.last_date.isoformat() if self.last_date else None,
        }
