from __future__ import annotations

import numpy as np
import polars as pl

from tests.training.drive_histories import fleet
from training.metrics.decisions import drives_of
from training.metrics.thresholds import choose_thresholds, in_months
from training.protocol.labels import label_drive_days


def month(drives: int) -> pl.DataFrame:
    return label_drive_days(fleet(drives, 61, failing=3)).filter(pl.col("date") < pl.date(2020, 1, 31))


def test_levels_ascend_and_keep_to_their_budgets() -> None:
    frame = month(4000)
    probability = np.random.default_rng(0).random(frame.height) * 0.5
    thresholds = choose_thresholds(drives_of(frame, probability))
    assert thresholds.medium < thresholds.high < thresholds.critical
    alerts = thresholds.alerts_per_10000_a_month
    assert 0 < alerts["critical"] <= 5.1
    assert alerts["critical"] < alerts["high"] <= 20.1
    assert alerts["high"] < alerts["medium"] <= 100.1


def test_levels_ascend_even_where_every_drive_scores_the_same() -> None:
    frame = month(50)
    for same in (0.0015, 0.9999999):
        thresholds = choose_thresholds(drives_of(frame, np.full(frame.height, same)))
        assert np.float32(thresholds.medium) < np.float32(thresholds.high) < np.float32(thresholds.critical)
        assert thresholds.critical > same, "one alarm is over the budget, and all drives alarm together"


def test_a_threshold_keeps_away_from_the_scores_on_both_sides() -> None:
    frame = month(3000)
    probability = np.full(frame.height, 0.001)
    probability[frame["serial_number"].to_numpy() == "D0100"] = 0.6
    thresholds = choose_thresholds(drives_of(frame, probability))
    assert 0.002 < thresholds.critical < 0.5


def test_a_drive_counts_once_in_every_month() -> None:
    frame = label_drive_days(fleet(10, 121)).filter(pl.col("date") <= pl.date(2020, 3, 30))
    drives = in_months(frame.with_columns(pl.lit(0).alias("period")), np.full(frame.height, 0.1))
    assert drives.table.height == 30


def test_a_row_of_every_seventh_day_stands_for_a_week() -> None:
    rows = label_drive_days(fleet(400, 121, failing=40)).with_columns(period=pl.lit(0, dtype=pl.Int16))
    weekly = rows.filter((pl.col("date") - pl.col("date").min()).dt.total_days() % 7 == 0)
    months, some = (in_months(part, np.full(part.height, 0.1)) for part in (rows, weekly))
    assert (months.step, some.step) == (1, 7)
    assert some.drive_months == weekly.height * 7 / 30
    assert abs(some.drive_months / months.drive_months - 1) < 0.1
