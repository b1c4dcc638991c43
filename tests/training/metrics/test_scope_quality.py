from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from functions.scoring.model.manifest import Thresholds
from training.metrics.scope_quality import drive_months, level_quality, scope_quality

FIRST = dt.date(2020, 1, 1)
THRESHOLD = 0.5


def frame() -> tuple[pl.DataFrame, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Return three drives over two months: A alarms from the first day on, B within a month, C never."""
    rows = [
        ("A", 0, 0, 0.9), ("A", 7, 0, 0.9), ("A", 30, 1, 0.9), ("A", 37, 1, 0.2),
        ("B", 0, 0, 0.1), ("B", 7, 1, 0.7), ("B", 30, 0, 0.1),
        ("C", 0, 1, 0.1), ("C", 30, 0, 0.1),
    ]  # fmt: skip
    table = pl.DataFrame(
        [(serial, FIRST + dt.timedelta(days=day), 0, label, score) for serial, day, label, score in rows],
        schema={
            "serial_number": pl.String,
            "date": pl.Date,
            "period": pl.Int16,
            "label": pl.Int8,
            "p": pl.Float64,
        },
        orient="row",
    )
    return table.drop("p"), table["p"].to_numpy()


def test_a_drive_counts_anew_in_every_month() -> None:
    months = drive_months(*frame())
    assert months.select("drive", "month", "label", "score", "first").rows() == [
        (0, 0, 0, 0.9, 0.9),
        (0, 1, 1, 0.9, 0.9),
        (1, 0, 1, 0.7, 0.1),
        (1, 1, 0, 0.1, 0.1),
        (2, 0, 1, 0.1, 0.1),
        (2, 1, 0, 0.1, 0.1),
    ]


def test_standing_alarms_are_told_from_new_ones() -> None:
    """Worked by hand: of six drive-months three are flagged, two of them from the first day, two rightly."""
    found = level_quality(drive_months(*frame()), {"high": THRESHOLD}, resamples=200, seed=0)["high"]
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(2 / 3)
    assert found.standing_per_10000 == pytest.approx(2 / 6 * 10_000, abs=0.01)
    assert found.new_per_10000 == pytest.approx(1 / 6 * 10_000, abs=0.01)
    # Of A alone one in two alarms is right, of B alone each; no resample is below or above.
    assert found.precision_95 is not None
    assert 0.5 <= found.precision_95[0] < found.precision_95[1] <= 1.0


def test_a_level_that_nothing_reaches_has_no_precision() -> None:
    found = level_quality(drive_months(*frame()), {"critical": 0.95}, resamples=20, seed=0)["critical"]
    assert (found.precision, found.precision_95, found.recall) == (None, None, 0.0)


def test_a_scope_is_measured_at_the_thresholds_served() -> None:
    rows, probability = frame()
    served = Thresholds(medium=0.05, high=0.5, critical=0.8)
    quality, above = scope_quality(rows, probability, served, "whose", resamples=20, seed=0)
    assert (quality.protocol, quality.drives, quality.failing, quality.prevalence) == ("whose", 6, 3, 0.5)
    assert {level: found.threshold for level, found in quality.levels.items()} == {
        "critical": 0.8,
        "high": 0.5,
        "medium": 0.05,
    }
    assert quality.levels["medium"].precision == 0.5
    assert above.observed == int(rows["label"].sum())
