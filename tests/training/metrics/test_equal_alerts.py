from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tests.training.drive_histories import fleet
from training.metrics.curves import Ranking
from training.metrics.decisions import Drives, drives_of
from training.metrics.equal_alerts import found_with, lead_over_rule
from training.protocol.labels import label_drive_days


def test_drives_with_the_highest_scores_are_looked_at_and_ties_share() -> None:
    ranking = Ranking.of([1, 0, 1, 1, 0, 0], [0.9, 0.8, 0.5, 0.5, 0.5, 0.1])
    assert found_with(ranking, [0, 1, 2, 3, 5, 6]).tolist() == pytest.approx([0, 1, 1, 1 + 2 / 3, 3, 3])


def test_weights_count_drives_as_often_as_they_were_drawn() -> None:
    ranking = Ranking.of([1, 0, 1], [0.9, 0.8, 0.5])
    weights = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 2.0]])
    assert found_with(ranking, [2, 2], weights).tolist() == [2.0, 1.0]


def scored(skill: float) -> Drives:
    rows = label_drive_days(fleet(120, 70, failing=40))
    noise = np.random.default_rng(2).normal(size=rows.height)
    return drives_of(rows, 1 / (1 + np.exp(-(noise + skill * rows["label"].to_numpy()))))


def rule() -> Drives:
    rows = label_drive_days(fleet(120, 70, failing=40))
    flagged = rows["serial_number"].str.slice(-1).is_in(["1", "2", "3"])
    return drives_of(rows, flagged.cast(pl.Float64).to_numpy())


def test_the_lead_over_the_rule_is_counted_at_its_own_alerts() -> None:
    difference, (low, high) = lead_over_rule(scored(6.0), rule(), resamples=200, seed=0)
    flagged = int((rule().score > 0).sum())
    hits = int(rule().label[rule().score > 0].sum())
    assert difference == min(flagged, int(rule().label.sum())) - hits
    assert 0 < low <= difference <= high
    assert lead_over_rule(rule(), rule(), resamples=20, seed=0) == (0.0, (0.0, 0.0))
