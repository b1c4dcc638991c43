"""The outcomes of the drives of a replayed period: as little as the labels need."""

from __future__ import annotations

import datetime as dt

import polars as pl

from training.errors import TelemetrySourceError
from training.protocol.labels import label_drive_days
from training.protocol.periods import MAX_GAP_DAYS
from training.telemetry.drive_names import name_drives

_KEPT = ("date", "serial_number", "model", "failure")


class Outcomes:
    """Drive-days of a period and, of the days after it, when each drive failed and was last seen.

    A label of `training.protocol.labels` asks of the days after a row only for the drive's failure and for
    its last row. Of the rows after the period, those with a failure and the last one of every drive in every
    30 days are kept: as two periods of observation lie more than 30 days apart, no drive's last row in one is
    lost.

    Parameters
    ----------
    first, last : datetime.date
        The period, both days included.

    Attributes
    ----------
    days : set of datetime.date
        Every day with any row, before the period and after it too.
    """

    def __init__(self, first: dt.date, last: dt.date) -> None:
        self.first, self.last = first, last
        self.days: set[dt.date] = set()
        self._inside: list[pl.DataFrame] = []
        self._failures: list[pl.DataFrame] = []
        self._last_rows = pl.DataFrame(
            schema={
                "date": pl.Date,
                "serial_number": pl.String,
                "model": pl.String,
                "failure": pl.Int8,
                "window": pl.Int32,
            }
        )

    def add(self, rows: pl.DataFrame) -> None:
        """Add drive-days (date, serial_number, model, failure), in any order."""
        self.days.update(rows["date"].unique().to_list())
        rows = rows.select(_KEPT)
        inside = rows.filter(pl.col("date").is_between(self.first, self.last))
        after = rows.filter(pl.col("date") > self.last)
        if inside.height:
            self._inside.append(inside)
        if not after.height:
            return
        self._failures.append(after.filter(pl.col("failure") == 1))
        window = ((pl.col("date") - self.last).dt.total_days() // MAX_GAP_DAYS).cast(pl.Int32)
        healthy = after.with_columns(window.alias("window"), pl.lit(0, pl.Int8).alias("failure"))
        self._last_rows = (
            pl.concat([self._last_rows, healthy])
            .group_by("serial_number", "model", "window")
            .agg(pl.col("date").max(), pl.col("failure").first())
            .select(*_KEPT, "window")
        )

    def label(self, horizon_days: int) -> pl.DataFrame:
        """Return the period's drive-days whose outcome is known.

        Returns
        -------
        polars.DataFrame
            date, serial_number, model, drive (see `training.telemetry.drive_names`), label, days_to_failure;
            one row per drive and day, the last one read.

        Raises
        ------
        TelemetrySourceError
            The outcome of no drive-day is known.
        """
        kept = pl.concat([*self._inside, *self._failures, self._last_rows.select(_KEPT)])
        kept = name_drives(
            kept.with_columns(pl.col("serial_number").alias("serial")).sort(
                "serial_number", "date", maintain_order=True
            )
        )
        days = pl.Series("date", sorted(self.days), dtype=pl.Date)
        labelled = (
            label_drive_days(kept, horizon_days, days)
            .filter(pl.col("date") <= self.last)
            .unique(["serial_number", "date"], keep="last", maintain_order=True)
            .select(
                "date",
                pl.col("serial").alias("serial_number"),
                "model",
                pl.col("serial_number").alias("drive"),
                "label",
                "days_to_failure",
            )
        )
        if labelled.is_empty():
            raise TelemetrySourceError(
                f"the outcome of the drives of {self.first} to {self.last} is not known: the telemetry ends "
                f"on {max(self.days)}, and a forecast of {horizon_days} days needs as many days after it. "
                "Give later telemetry too, or an earlier period"
            )
        return labelled
