from __future__ import annotations

import polars as pl

from tests.training.small_evaluation_json import scored
from training.metrics.horizons import by_horizon


def test_a_nearer_horizon_counts_the_drives_that_fail_by_then() -> None:
    rows, probability = scored(2.0)
    found = by_horizon(rows, probability, 30)
    assert list(found) == ["7", "14"]
    for days, figures in found.items():
        failing = rows.filter(pl.col("days_to_failure") <= int(days))["serial_number"].n_unique()
        assert figures["positives"] == failing
        assert figures["drives"] == rows["serial_number"].n_unique()
        assert figures["average_precision"] > figures["prevalence"]


def test_only_shorter_horizons_are_looked_at() -> None:
    rows, probability = scored(2.0)
    assert list(by_horizon(rows, probability, 14)) == ["7"]
    assert by_horizon(rows, probability, 7) == {}
