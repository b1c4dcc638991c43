from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from sklearn import metrics as sk

from tests.training.drive_histories import fleet
from training.metrics.evaluate import evaluate
from training.protocol.labels import label_drive_days


def test_every_figure_of_a_part() -> None:
    frame = label_drive_days(fleet(120, 90, failing=12))
    random = np.random.default_rng(0)
    logit = random.normal(size=frame.height) + 3 * frame["label"].to_numpy() - 4
    probability = 1 / (1 + np.exp(-logit))
    found = evaluate(frame, probability, {"5": 0.6, "20": 0.3}, resamples=50)
    assert json.loads(json.dumps(found, allow_nan=False))["decisions"].keys() == {"5", "20"}
    rows, drives = found["rows"], found["drives"]
    label = frame["label"].to_numpy()
    assert rows["count"] == frame.height
    assert rows["prevalence"] == label.mean()
    assert rows["average_precision"] == pytest.approx(sk.average_precision_score(label, probability))
    assert rows["brier"] == pytest.approx(sk.brier_score_loss(label, probability))
    by_drive = (
        frame.with_columns(p=probability)
        .group_by("serial_number")
        .agg(pl.col("p").max(), pl.col("label").max())
    )
    assert drives["count"] == by_drive.height
    assert drives["positives"] == by_drive["label"].sum()
    assert drives["average_precision"] == pytest.approx(
        sk.average_precision_score(by_drive["label"], by_drive["p"])
    )
    assert drives["roc_auc"] == pytest.approx(sk.roc_auc_score(by_drive["label"], by_drive["p"]))
    assert list(drives["recall_at_fpr"]) == ["0.0002", "0.001", "0.01"]
    low, high = found["intervals"]["average_precision"]
    assert low <= drives["average_precision"] <= high
    assert found == evaluate(frame, probability, {"5": 0.6, "20": 0.3}, resamples=50)


def test_a_part_without_failures_is_evaluated_without_made_up_figures() -> None:
    frame = label_drive_days(fleet(5, 40))
    found = evaluate(frame, np.full(frame.height, 0.01), {"20": 0.5}, resamples=0)
    assert found["drives"]["average_precision"] is None
    assert found["decisions"]["20"]["recall"] is None
    assert found["intervals"] == {}
    json.dumps(found, allow_nan=False)
