from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from functions.scoring.model.features import WINDOWS
from tests.training.drive_histories import day, history
from training.fitting.feature_sets import WITH_CHANGES
from training.fitting.observations import FleetHistory


def counted(serial: str, first: int, last: int, missing: tuple[int, ...] = ()) -> pl.DataFrame:
    """A drive whose attribute 5 is its day number."""
    frame = history(serial, first, last, missing=missing)
    number = (pl.col("date") - day(0)).dt.total_days()
    return frame.with_columns(number.alias("smart_5_raw"))


def observed(frame: pl.DataFrame, serial: str, number: int) -> tuple[float, dict[int, float]]:
    numbered = frame.with_row_index("row")
    rows = numbered.filter(pl.col("serial_number") == serial, pl.col("date") == day(number))["row"].to_numpy()
    seen = FleetHistory(frame, (5,)).observe(rows)
    return float(seen.now[0, 0]), {days: float(values[0, 0]) for days, values in seen.earlier.items()}


def test_values_a_week_and_four_weeks_earlier_are_the_drives_own() -> None:
    frame = pl.concat([counted("A", 0, 60), counted("B", 0, 60)])
    assert observed(frame, "B", 50) == (50.0, {7: 43.0, 28: 22.0})


def test_without_the_day_itself_the_nearest_day_of_the_fleet_serves_the_younger_first() -> None:
    frame = counted("A", 0, 60, missing=(43, 22, 23))
    assert observed(frame, "A", 50)[1] == {7: 44.0, 28: 21.0}


def test_a_drive_missing_on_the_fleets_day_has_no_history_there_as_in_serving() -> None:
    frame = pl.concat([counted("A", 0, 60), counted("B", 0, 60, missing=(43,))])
    _, earlier = observed(frame, "B", 50)
    assert np.isnan(earlier[7])
    assert earlier[28] == 22.0


def test_the_first_days_have_no_history_and_no_drive_borrows_from_the_one_before() -> None:
    frame = pl.concat([counted("A", 0, 60), counted("B", 55, 60)])
    _, earlier = observed(frame, "B", 58)
    assert all(np.isnan(value) for value in earlier.values())


def test_history_does_not_reach_beyond_the_windows() -> None:
    frame = pl.concat([counted("A", 0, 2), counted("A", 50, 60)]).sort("date")
    assert all(np.isnan(v) for v in observed(frame, "A", 54)[1].values())


def test_packed_seagate_values_are_decoded_before_the_cast() -> None:
    frame = counted("A", 0, 0).with_columns(
        smart_188_raw=pl.lit(4295032833), smart_197_raw=pl.lit(2**53), smart_187_raw=pl.lit(-1)
    )
    seen = FleetHistory(frame, (187, 188, 197)).observe(np.array([0]))
    assert seen.now[0, 1] == 1.0
    assert np.isnan(seen.now[0, [0, 2]]).all(), "what float64 does not count is missing"


def test_an_absent_attribute_is_missing_everywhere() -> None:
    frame = counted("A", 0, 40)
    matrix = FleetHistory(frame, (5, 187, 188, 197)).observe(np.arange(41)).matrix(WITH_CHANGES)
    names = [feature.name for feature in WITH_CHANGES]
    assert np.isnan(matrix[:, names.index("smart_187")]).all()
    np.testing.assert_allclose(matrix[40, names.index("smart_5_change_28")], np.log1p(28), rtol=1e-6)
    assert matrix.dtype == np.float32


def test_without_history_hides_changes_and_nothing_else() -> None:
    seen = FleetHistory(counted("A", 0, 40), (5, 187, 188, 197)).observe(np.array([40]))
    alone = seen.without_history().matrix(WITH_CHANGES)[0]
    for value, feature in zip(alone, WITH_CHANGES, strict=True):
        if feature.attribute == 5:
            assert np.isnan(value) == (feature.kind == "change")


def test_the_windows_are_those_of_serving() -> None:
    seen = FleetHistory(counted("A", 0, 40), (5,)).observe(np.array([3]))
    assert set(seen.earlier) == {window.days for window in WINDOWS}
    assert dt.date(2020, 1, 1) == day(0)
