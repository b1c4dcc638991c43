from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from tests.training.made_fleet import random_matrix, training_rows
from training.fitting.feature_sets import WITH_CHANGES
from training.fitting.members import (
    TreeSettings,
    decision,
    fit_blend,
    fit_linear,
    fit_members,
    fit_trees,
)
from training.fitting.training_rows import TrainingRows
from training.log_odds_model import LogOddsModel


def test_it_averages_in_log_odds_and_calibrates_there() -> None:
    rows = training_rows()
    trees, linear = fit_trees(rows, WITH_CHANGES, TreeSettings(trees=5), 0), fit_linear(rows, WITH_CHANGES)
    matrix = random_matrix(WITH_CHANGES)
    model = LogOddsModel([trees, linear], [0.7, 0.3]).calibrate(0.8, -0.5)
    expected = 0.8 * (0.7 * trees.decision_function(matrix) + 0.3 * linear.decision_function(matrix)) - 0.5
    np.testing.assert_allclose(model.decision_function(matrix), expected, rtol=1e-12)
    np.testing.assert_allclose(model.predict_proba(matrix)[:, 1], expit(expected), rtol=1e-12)
    np.testing.assert_allclose(model.predict_proba(matrix).sum(axis=1), 1.0)


def test_members_weigh_the_same_unless_told_otherwise() -> None:
    rows = training_rows()
    one, two = (fit_trees(rows, WITH_CHANGES, TreeSettings(trees=n), 0) for n in (1, 3))
    matrix = random_matrix(WITH_CHANGES)
    mean = (one.decision_function(matrix) + two.decision_function(matrix)) / 2
    np.testing.assert_allclose(LogOddsModel([one, two]).average(matrix), mean)


def test_extreme_log_odds_are_probabilities_without_a_warning() -> None:
    model = LogOddsModel([fit_linear(training_rows(), WITH_CHANGES)]).calibrate(1e4, 0.0)
    probability = model.predict_proba(random_matrix(WITH_CHANGES))
    assert ((probability >= 0) & (probability <= 1)).all()


def test_more_errors_never_lower_the_risk() -> None:
    model = LogOddsModel([fit_trees(training_rows(), WITH_CHANGES, TreeSettings(), 0)])
    matrix = np.nan_to_num(random_matrix(WITH_CHANGES, 100))
    before = model.average(matrix)
    for column in range(matrix.shape[1]):
        worse = matrix.copy()
        worse[:, column] += 1.0
        assert (model.average(worse) >= before - 1e-12).all()


def test_thresholds_fit_float32_and_no_row_changed_sides() -> None:
    model = fit_trees(training_rows(), WITH_CHANGES, TreeSettings(trees=20), 0)
    for (predictor,) in model._predictors:
        held = predictor.nodes["num_threshold"]
        np.testing.assert_array_equal(held, held.astype(np.float32).astype(np.float64))


def test_scoring_each_distinct_row_once_gives_what_scoring_all_gives() -> None:
    model = LogOddsModel([fit_trees(training_rows(), WITH_CHANGES, TreeSettings(trees=10), 0)])
    matrix = random_matrix(WITH_CHANGES, 60)
    repeated = np.concatenate([matrix, matrix[::-1], matrix[:7]])
    np.testing.assert_allclose(decision(model, repeated), model.average(repeated), rtol=1e-12)


def test_a_blend_is_the_same_for_the_same_seed() -> None:
    def draw(seed: int) -> TrainingRows:
        return training_rows(seed % 7, drives=60)

    matrix = random_matrix(WITH_CHANGES, 50)

    def blend() -> LogOddsModel:
        members = fit_members(draw, WITH_CHANGES, TreeSettings(trees=5), 1)
        return fit_blend(draw(1), WITH_CHANGES, members, 0.3)

    first, second = blend(), blend()
    np.testing.assert_array_equal(first.average(matrix), second.average(matrix))
    assert sum(weight for _, weight in first.weighted_members()) == pytest.approx(1.0)
