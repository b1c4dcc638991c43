from __future__ import annotations

import polars as pl
import pytest

from tests.training.drive_histories import history
from tests.training.exploration.parts import part_of
from training.exploration.failure_rates import FailureRate, FailureRates


@pytest.mark.parametrize(
    ("failures", "low", "high"),
    # Exact limits of a Poisson mean, as tabulated by Garwood (1936) and in every table since.
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.390), (100, 81.36, 121.63)],
)
def test_the_interval_is_exact(failures: int, low: float, high: float) -> None:
    assert FailureRate("M", 1, 365, failures).interval == pytest.approx((low, high), rel=1e-3)


def test_a_drive_reported_as_failed_twice_fails_once_and_at_the_end() -> None:
    frame = history("A", 0, 9, fails_on={3, 9}).with_columns(
        smart_9_raw=pl.col("date").rank().cast(int) * 2000
    )
    rates = FailureRates()
    rates.add(part_of(frame, [9]))
    assert [(r.drives, r.drive_days, r.failures) for r in rates.by_model()] == [(1, 10, 1)]
    by_age = [(rate.group, rate.drive_days, rate.failures) for rate in rates.by_age()]
    assert by_age[-1] == ("2 to 2.5 years", 2, 1)
    assert sum(failures for _, _, failures in by_age) == 1


def test_the_oldest_and_those_without_age_have_groups_of_their_own() -> None:
    ages = pl.Series([0, 4382, 4383, 90_000, 200_000, None], dtype=pl.Int64)
    frame = history("A", 0, 5).with_columns(smart_9_raw=ages)
    rates = FailureRates()
    rates.add(part_of(frame, [9]))
    assert [(rate.group, rate.drive_days) for rate in rates.by_age()] == [
        ("0 to 0.5 years", 2),
        ("0.5 to 1 years", 1),
        ("10 years and more", 2),
        ("not reported", 1),
    ]
    without = FailureRates()
    without.add(part_of(history("A", 0, 5), []))
    assert [rate.group for rate in without.by_age()] == ["not reported"]


def test_models_with_the_most_drive_days_come_first_over_parts() -> None:
    rates = FailureRates()
    for serial, model, days in (("A", "X", 3), ("B", "Y", 9), ("C", "X", 4)):
        rates.add(part_of(history(serial, 0, days - 1).with_columns(model=pl.lit(model)), []))
    assert [(r.group, r.drives, r.drive_days) for r in rates.by_model()] == [("Y", 1, 9), ("X", 2, 7)]
