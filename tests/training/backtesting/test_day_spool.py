from __future__ import annotations

from pathlib import Path

import polars as pl

from tests.training.drive_histories import day, fleet
from training.backtesting.day_spool import DaySpool


def telemetry(first: int, days: int) -> pl.DataFrame:
    return fleet(3, days, first=first).with_columns(
        pl.lit(4_000_787_030_016).alias("capacity_bytes"),
        pl.lit(2**47 + 1).alias("smart_5_raw"),
        pl.lit(None, dtype=pl.Int64).alias("smart_197_raw"),
    )


def test_days_are_written_as_they_are_published(tmp_path: Path) -> None:
    spool = DaySpool(tmp_path, [5, 197])
    spool.add(telemetry(1, 2))
    spool.add(telemetry(0, 2))  # the same day again, from another file
    assert spool.days == [day(0), day(1), day(2)]
    assert [spool.rows[one] for one in spool.days] == [3, 6, 3]
    lines = spool.path(day(1)).read_text().splitlines()
    assert spool.path(day(1)).name == "2020-01-02.csv"
    assert lines[0] == (
        "date,serial_number,model,capacity_bytes,failure,"
        "smart_5_normalized,smart_5_raw,smart_197_normalized,smart_197_raw"
    )
    assert lines[1] == "2020-01-02,D0000,ST4000DM000,4000787030016,0,,140737488355329,,"
    assert len(lines) == 7


def test_no_rows_make_no_file(tmp_path: Path) -> None:
    spool = DaySpool(tmp_path, [5])
    spool.add(telemetry(0, 1).clear())
    assert spool.days == []
    assert not list(tmp_path.iterdir())
