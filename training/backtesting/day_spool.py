"""Telemetry of any release as one CSV a day, in the schema it is published in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from training.telemetry.tables import raw_column


class DaySpool:
    """A folder of day CSVs that is filled in any order.

    Parameters
    ----------
    folder : Path
        An empty folder.
    attributes : sequence of int
        SMART attributes written, each with the normalized and the raw column of the published schema. The
        normalized ones stay empty: nothing reads them.

    Attributes
    ----------
    rows : dict of datetime.date to int
        Drive-days written, by day.
    """

    def __init__(self, folder: Path, attributes: Sequence[int]) -> None:
        self._folder = folder
        identity = [pl.col(name) for name in ("date", "serial_number", "model", "capacity_bytes", "failure")]
        smart = [
            column
            for attribute in attributes
            for column in (
                pl.lit(None, dtype=pl.Int64).alias(f"smart_{attribute}_normalized"),
                pl.col(raw_column(attribute)),
            )
        ]
        self._columns = [*identity, *smart]
        self.rows: dict[dt.date, int] = {}

    def add(self, rows: pl.DataFrame) -> None:
        """Append drive-days to the files of their days.

        Parameters
        ----------
        rows : polars.DataFrame
            As `training.telemetry.tables.read_batches` yields them, without null dates.
        """
        parts = rows.partition_by("date", as_dict=True, maintain_order=True)
        for (day,), part in parts.items():
            with self.path(day).open("ab") as file:
                part.select(self._columns).write_csv(file, include_header=day not in self.rows)
            self.rows[day] = self.rows.get(day, 0) + part.height

    def path(self, day: dt.date) -> Path:
        """Return a day's file, named as it is published."""
        return self._folder / f"{day.isoformat()}.csv"

    @property
    def days(self) -> list[dt.date]:
        """The days that have a file, in order of time."""
        return sorted(self.rows)
