from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.training.made_fleet import training_rows
from training.fitting.feature_sets import SNAPSHOT
from training.fitting.members import fit_linear
from training.fitting.training_rows import Draws, TrainingRows
from training.log_odds_model import LogOddsModel
from training.versions.export import to_onnx


def failing_more(rows: TrainingRows) -> TrainingRows:
    """Return the rows of a fleet that fails ten times as often, for no reason that a counter shows."""
    return replace(rows, weight=rows.weight * np.where(rows.label == 1, 10.0, 1.0))


def test_another_fleets_own_rate_of_failure_is_not_taken_over() -> None:
    own = training_rows(0, drives=60)
    alone = fit_linear(own, SNAPSHOT)
    pooled = fit_linear(Draws(lambda _: own, ((lambda _: failing_more(own), 1.0),)).pooled(0), SNAPSHOT)
    mixed = Draws(lambda _: own, ((lambda _: failing_more(own), 1.0),)).pooled(0)
    unmarked = fit_linear(replace(mixed, fleet=np.zeros(len(mixed.label), dtype=np.int8)), SNAPSHOT)
    matrix = own.observed.matrix(SNAPSHOT)
    log_odds = [one.decision_function(matrix) for one in (alone, pooled, unmarked)]
    rates = [float((1 / (1 + np.exp(-one))).mean()) for one in log_odds]
    assert abs(rates[1] - rates[0]) < abs(rates[2] - rates[0]) / 2


def test_the_intercepts_are_no_features_of_the_model() -> None:
    own = training_rows(0, drives=60)
    pooled = fit_linear(Draws(lambda _: own, ((lambda _: own, 0.5),)).pooled(0), SNAPSHOT)
    assert pooled[-1].coef_.shape == (1, len(SNAPSHOT))
    assert to_onnx(LogOddsModel([pooled]).calibrate(1.0, 0.0), len(SNAPSHOT))
