"""Telemetry of made-up drives, small enough to label by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import polars as pl

START = dt.date(2020, 1, 1)


def day(number: int) -> dt.date:
    """Return the date of a day number; day 0 is 2020-01-01."""
    return START + dt.timedelta(days=number)


def history(
    serial: str, first: int, last: int, *, fails_on: Collection[int] = (), missing: Collection[int] = ()
) -> pl.DataFrame:
    """Return a drive's rows from day first to day last, without the missing days."""
    days = [number for number in range(first, last + 1) if number not in missing]
    return pl.DataFrame(
        {
            "date": [day(number) for number in days],
            "serial_number": [serial] * len(days),
            "model": ["ST4000DM000"] * len(days),
            "failure": [int(number in fails_on) for number in days],
        },
        schema={"date": pl.Date, "serial_number": pl.String, "model": pl.String, "failure": pl.Int8},
    )


def fleet(drives: int, days: int, *, failing: int = 0, first: int = 0) -> pl.DataFrame:
    """Return healthy drives over some days; the first ``failing`` of them fail on evenly spread days."""
    parts = []
    for number in range(drives):
        if number < failing:
            end = first + (number + 1) * (days - 1) // failing
            parts.append(history(f"D{number:04}", first, end, fails_on={end}))
        else:
            parts.append(history(f"D{number:04}", first, first + days - 1))
    return pl.concat(parts)
