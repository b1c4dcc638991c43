"""The label of a drive-day: followed by a failure within the horizon, not followed, or unknown.

The rules, per period (`training.protocol.periods`) and drive, for a row of day t and a horizon of H days:

1. A drive's failure day F is that of its LAST row with ``failure = 1`` in the period. Old releases have
   rows after a first ``failure = 1``: the drive came back and was reported again, or was reported by mistake.
2. Rows with ``failure = 1`` and rows after F are dropped: there is nothing left to forecast.
3. Rows after the last labelable day, E - H with E the last day of the period, are dropped whatever happens
   to their drive. Keeping the failures seen there and dropping the rest would raise their share.
4. label = 1 when F lies in (t, t + H].
5. label = 0 when the drive does not fail in (t, t + H] and is observed through t + H: it has a row, healthy
   or failed, on or after day t + H. Days missing in between do not matter.
6. Any other row is censored and dropped: the drive left without failing (migrated, retired) or its telemetry
   ended before t + H.

Rule 5 looks at the drive's own rows, not at the end of the data, so a drive that was not reported on day E
itself loses its last labelable days. That costs under one row in a thousand and never makes an unknown a 0.

The files of one period must cover the same days; a file that ends early would make its drives look migrated.
"""

from __future__ import annotations

import polars as pl

from training.protocol.periods import assign_periods, find_periods

HORIZON_DAYS = 30
"""H: how far ahead a failure is forecast, in days."""


def label_drive_days(
    frame: pl.DataFrame, horizon_days: int = HORIZON_DAYS, days: pl.Series | None = None
) -> pl.DataFrame:
    """Label every drive-day whose outcome is known, and drop the others.

    Parameters
    ----------
    frame : polars.DataFrame
        Telemetry as `training.telemetry.data.read_telemetry` returns it; any row order. Needs date,
        serial_number, failure.
    horizon_days : int
        H, at least 1.
    days : polars.Series of Date, optional
        The days on which the fleet has any row, when ``frame`` is a part of it; else those of ``frame``.

    Returns
    -------
    polars.DataFrame
        The labelable rows in their given order with three columns more: ``period`` (Int16), ``label`` (Int8,
        0 or 1) and ``days_to_failure`` (Int16, days until the drive's failure in this period, at least 1,
        beyond H as well; null when it does not fail).

    Raises
    ------
    ValueError
        When the horizon is shorter than a day.
    """
    if horizon_days < 1:
        raise ValueError(f"the horizon must be at least 1 day, not {horizon_days}")
    days = frame["date"] if days is None else days
    frame = assign_periods(frame, days=days)
    drives = frame.group_by("period", "serial_number").agg(
        pl.col("date").max().alias("_last"),
        pl.col("date").filter(pl.col("failure") == 1).max().alias("_failed"),
    )
    ends = pl.DataFrame(
        [(period.number, period.last) for period in find_periods(days)],
        schema={"period": pl.Int16, "_end": pl.Date},
        orient="row",
    )
    date, failed = pl.col("date"), pl.col("_failed")
    horizon = pl.duration(days=horizon_days)
    fails = failed.is_not_null() & (failed <= date + horizon)
    return (
        frame.join(
            drives.join(ends, on="period"), on=["period", "serial_number"], how="left", maintain_order="left"
        )
        .filter(
            pl.col("failure") == 0,
            failed.is_null() | (date < failed),
            date + horizon <= pl.col("_end"),
            fails | (pl.col("_last") >= date + horizon),
        )
        .with_columns(
            fails.cast(pl.Int8).alias("label"),
            (failed - date).dt.total_days().cast(pl.Int16).alias("days_to_failure"),
        )
        .drop("_last", "_failed", "_end")
    )
