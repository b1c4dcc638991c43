from __future__ import annotations

import polars as pl

from tests.training.drive_histories import day, history
from training.protocol.periods import Period, assign_periods, find_periods


def test_a_gap_longer_than_30_days_begins_a_period() -> None:
    dates = pl.Series([day(70), day(0), day(30), day(61), day(30), None], dtype=pl.Date)
    assert find_periods(dates) == [Period(0, day(0), day(30)), Period(1, day(61), day(70))]
    assert find_periods(dates, max_gap_days=31) == [Period(0, day(0), day(70))]
    assert find_periods(pl.Series([], dtype=pl.Date)) == []


def test_rows_get_their_period_in_their_order() -> None:
    frame = pl.concat([history("A", 100, 101), history("B", 0, 1), history("C", 200, 200)])
    assigned = assign_periods(frame)
    assert assigned["period"].to_list() == [1, 1, 0, 0, 2]
    assert assigned["period"].dtype == pl.Int16
    assert assigned.drop("period").equals(frame)
