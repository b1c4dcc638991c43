from __future__ import annotations

import json
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from tests.training.drive_histories import day
from training.metrics.decisions import (
    Drives,
    decide,
    drives_of,
    threshold_for_budget,
)


def scored(drives: dict[str, list[tuple[int, float, int, int | None]]]) -> Drives:
    """Gather drives given as serial -> rows of (day, probability, label, days to failure)."""
    rows = [(serial, day(d), p, label, left) for serial, life in drives.items() for d, p, label, left in life]
    schema = {
        "serial_number": pl.String,
        "date": pl.Date,
        "p": pl.Float64,
        "label": pl.Int8,
        "days_to_failure": pl.Int16,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return drives_of(frame, frame["p"].to_numpy())


FOUR = scored(
    {
        # Rows in no order: the first alarm is by date. Flagged 40 days ahead and again later.
        "EARLY": [(20, 0.9, 1, 20), (0, 0.6, 0, 40), (10, 0.2, 1, 30)],
        "ONTIME": [(0, 0.1, 0, 35), (5, 0.4, 1, 30), (25, 0.5, 1, 10)],
        "MISSED": [(0, 0.1, 1, 4)],
        "FALSE": [(0, 0.1, 0, None), (1, 0.7, 0, None)],
        "QUIET": [(0, 0.3, 0, None), (1, 0.2, 0, 90)],
    }
)


def test_a_drive_is_as_risky_as_its_worst_day() -> None:
    assert FOUR.table.select("serial_number", "score", "label", "rows").rows() == [
        ("EARLY", 0.9, 1, 3),
        ("FALSE", 0.7, 0, 2),
        ("MISSED", 0.1, 1, 1),
        ("ONTIME", 0.5, 1, 3),
        ("QUIET", 0.3, 0, 2),
    ]
    assert FOUR.prevalence == 0.6
    assert FOUR.drive_months == 11 / 30


def test_decisions_at_a_threshold() -> None:
    found = decide(FOUR, 0.5)
    assert (found.drives, found.failing, found.alerts) == (5, 3, 3)
    assert (found.true_positives, found.false_positives, found.false_negatives, found.true_negatives) == (
        2,
        1,
        1,
        1,
    )
    assert (found.precision, found.recall, found.f1, found.accuracy) == pytest.approx(
        (2 / 3, 2 / 3, 2 / 3, 3 / 5)
    )
    assert found.lift == pytest.approx((2 / 3) / 0.6)
    assert found.alerts_per_10000_month == pytest.approx(3 / (11 / 30) * 10_000)
    # First alarms 40 and 10 days before the failure.
    assert (found.on_time_rate, found.median_lead_days) == (0.5, 25.0)


def test_without_alerts_there_is_no_precision() -> None:
    found = decide(FOUR, 0.95)
    assert (found.alerts, found.recall) == (0, 0.0)
    assert math.isnan(found.precision)
    shown = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert shown["precision"] is shown["median_lead_days"] is shown["lift"] is None
    assert shown["recall"] == 0.0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 4)), min_size=1, max_size=30), st.integers(1, 4))
def test_decisions_agree_with_scikit_learn(rows: list[tuple[int, int]], threshold: int) -> None:
    drives = scored(
        {f"D{i:02}": [(0, p / 4, label, 5 if label else None)] for i, (label, p) in enumerate(rows)}
    )
    found = decide(drives, threshold / 4)
    label, flagged = drives.label, drives.score >= threshold / 4
    matrix = sk.confusion_matrix(label, flagged, labels=[0, 1]).ravel().tolist()
    assert [
        found.true_negatives,
        found.false_positives,
        found.false_negatives,
        found.true_positives,
    ] == matrix
    assert found.accuracy == pytest.approx(sk.accuracy_score(label, flagged))
    for ours, theirs in [
        (found.precision, sk.precision_score(label, flagged, zero_division=np.nan)),
        (found.recall, sk.recall_score(label, flagged, zero_division=np.nan)),
        (found.f1, sk.f1_score(label, flagged, zero_division=np.nan)),
    ]:
        assert ours == pytest.approx(theirs, nan_ok=True)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=40), st.integers(1, 12_000))
def test_the_threshold_is_the_lowest_within_the_budget(scores: list[int], budget: int) -> None:
    # 30 rows per drive: one drive-month each.
    drives = scored({f"D{i:02}": [(d, s / 5, 0, None) for d in range(30)] for i, s in enumerate(scores)})
    threshold = threshold_for_budget(drives, budget)
    allowed = budget * len(scores) / 10_000
    assert decide(drives, threshold).alerts <= allowed + 1e-6
    lower = drives.score[drives.score < threshold]
    if lower.size:
        assert decide(drives, float(lower.max())).alerts > allowed


def test_budgets_by_name() -> None:
    drives = scored({f"D{i:03}": [(d, i / 1000, 0, None) for d in range(30)] for i in range(500)})
    expected = {20: 0.499, 100: 0.495, 10: math.nextafter(0.499, math.inf)}
    assert {budget: threshold_for_budget(drives, budget) for budget in expected} == expected
    with pytest.raises(ValueError, match=r"\b0\b"):
        threshold_for_budget(drives, 0)
